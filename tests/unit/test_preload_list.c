/* /etc/ld.so.preload: what is taken out, and what stays as it is. */
#include <string.h>

#include "preload_list.h"
#include "tap.h"

struct expected {
	const char *before, *after;
	size_t count;
};

static void check(size_t number, const struct expected *expected)
{
	char text[256];
	size_t length = strlen(expected->before), count;

	memcpy(text, expected->before, length + 1);
	ok(preload_list_has(text, length) == (expected->count > 0),
	   "list %zu: in it or not", number);
	count = preload_list_blank(text, length);
	ok(count == expected->count && strcmp(text, expected->after) == 0,
	   "list %zu: %zu taken out, the rest in its place", number, expected->count);
	ok(!preload_list_has(text, length), "list %zu: it is out", number);
}

int main(void)
{
	static const struct expected all[] = {
		{"", "", 0},
		{"/a/$LIB/libtally.so\n", "                   \n", 1},
		{"/a/b.so\n/x/libtally.so", "/a/b.so\n              ", 1},
		{"libtally.so:/a/b.so libtally.so", "           :/a/b.so            ", 2},
		{"# /x/libtally.so\n/a/b.so\n", "# /x/libtally.so\n/a/b.so\n", 0},
		{"/x/libtally.so# mine\n", "              # mine\n", 1},
		{"/x/notlibtally.so /x/libtally.so.1\n",
		 "/x/notlibtally.so /x/libtally.so.1\n", 0},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		check(i + 1, &all[i]);
	ok(preload_list_empty(" \t\n:", 4), "blanks and colons are an empty list");
	ok(!preload_list_empty("# x\n", 4), "a comment is not thrown away");
	ok(!preload_list_empty(" /a\n", 4), "a name is not thrown away");
	return done();
}
