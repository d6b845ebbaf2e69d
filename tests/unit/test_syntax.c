/* The readers of host notations: what they take, what they refuse, and with which words. */
#include <stdlib.h>

#include "hostset.h"
#include "syntax.h"
#include "tap.h"

typedef const struct hostset *reader(struct arena *arena, const char *text,
				     struct fault *fault);

static const struct hostset *read_lines(struct arena *arena, const char *text,
					struct fault *fault)
{
	return syntax_lines(arena, text, strlen(text), '#', fault);
}

static const struct hostset *read_pdsh(struct arena *arena, const char *text,
				       struct fault *fault)
{
	struct pdsh_list list = {0};

	if (syntax_pdsh_add(arena, &list, text, strlen(text), fault))
		return NULL;
	return syntax_pdsh_set(arena, &list);
}

/* `expected` is the folded set, or what the fault must say behind a leading '!'. */
static void reads(reader *read, const char *notation, const char *text,
		  const char *expected)
{
	struct arena *arena = arena_new((size_t)1 << 26);
	struct fault fault = {0};
	const struct hostset *set = read(arena, text, &fault);
	char name[200];
	const char *answer = set ? hostset_fold(arena, set) : fault.text;
	bool good = expected[0] == '!' ? !set && strstr(fault.text, expected + 1) != NULL
				       : set && strcmp(answer, expected) == 0;

	snprintf(name, sizeof(name), "%s: %.60s -> %.60s", notation, text, expected);
	for (char *byte = name; *byte; byte++)
		if (*byte < ' ')
			*byte = '|';
	ok(good, "%s", name);
	if (!good)
		printf("#   found: %.300s\n", answer ? answer : "(null)");
	arena_free(arena);
}

static void folded(const char *text, const char *expected)
{
	reads(syntax_folded, "folded", text, expected);
}

static void shell(const char *text, const char *expected)
{
	reads(syntax_clustershell, "clustershell", text, expected);
}

static void pdsh(const char *text, const char *expected)
{
	reads(read_pdsh, "pdsh", text, expected);
}

static void lines(const char *text, const char *expected)
{
	reads(read_lines, "lines", text, expected);
}

static void test_folded(void)
{
	folded("  n[1-3] , m ", "m,n[1-3]");
	folded("", "");
	folded("   ", "");
	folded("n[001-10]", "n[001-010]");
	folded("n[5-20/5]-ib", "n[5,10,15,20]-ib");
	folded("a\\,b", "a\\,b");
	folded("n[1-3", "!where , or ]");
	folded("n]", "!] without [");
	folded("n[]", "!number was expected");
	folded("n[1,]", "!number was expected");
	folded("n[3-1]", "!reversed");
	folded("n[1-010]", "!padded differently");
	folded("n[1-9/0]", "!step of a range");
	folded("n[1-9/]", "!number was expected");
	folded("n[ 1-3]", "!number was expected");
	folded("n[a-c]", "!number was expected");
	folded("n[1-2000000000]", "!larger than 1000000000");
	folded("n[1234567890123456789]", "!more than 18 digits");
	folded("a,,b", "!empty item");
	folded("a,", "!empty item");
	folded(",a", "!empty item");
	folded("a b", "!blank inside");
	folded("a\\", "!backslash at the end");
	folded("[1-1000000000][1-1000000000]", "!cannot be kept folded");
	folded("[1-2]-[1-2]-[1-2]-[1-2]-[1-2]-[1-2]-[1-2]-[1-2]-[1-1000000000]",
	       "!cannot be kept folded");
}

static void test_clustershell(void)
{
	shell("node[1-5]!node[2-3]&node[1-4],web", "node[1,4],web");
	shell("a,b^b,c", "a,c");
	shell("n[1-9/2]", "n[1,3,5,7,9]");
	/* The digits go to the bounds of the range: 95 nodes, not 5. */
	shell("n1[8-12]", "n[18-112]");
	shell("n[1-3]5", "n[15,25,35]");
	shell("n[-3]5", "n[5,15,25,35]");
	shell("n0[8-12]", "!differ in length");
	shell("n[01-3]", "!differ in length");
	shell("n[01-100]", "!differ in length");
	shell("n[1-2]5[1-2]", "!two brackets");
	shell("n[1-3/2]0", "!digits behind a bracket with steps");
	shell("n[1-3", "!open bracket");
	shell("n1]", "!] without [");
	shell("n1,", "!behind it");
	shell("!n1", "!before it");
	shell("n1,,n2", "!before it");
	shell("n[3-1]", "!reversed");
	shell("n[]", "!18 digits");
	shell("n[1-1000000000]", "!less than a billion");
	shell("n[1-999999999]", "n[1-999999999]");
	shell("@all", "!group");
	shell("n*", "!wildcard");
	shell("n[1-3]@x", "n[1-3]@x");
	shell("", "");
	shell("n\xc3\xa9", "!not ASCII");
	shell("[1-999999999]-[1-999999999]", "[1-999999999]-[1-999999999]");
	shell("n[0-999999998/7]&n[0-999999998/11]", "n[0,77-999999924/77]");
	shell("n[0-999999998/7]^n[0-999999998/11]", "!too scattered");
	shell("n[0-900000000/2],n[1-900000000/2]", "n[0-900000000]");
}

static void test_pdsh(void)
{
	pdsh("n[1-3],n2 m", "m,n[1-3]");
	pdsh("n[01-3]", "n[01-03]");
	pdsh("n[8-010]", "n[8-10]");
	pdsh("n[1-3", "n\\[1-3");
	pdsh("a[1-2]b[3-4]c[5-6]", "a[1-2]b[3-4]c\\[5-6\\]");
	pdsh("root@n[1-2],exec:m1", "m1,n[1-2]");
	pdsh("n[1-3/2]", "!bad range");
	pdsh("n[3-1]", "!bad range");
	pdsh("n[a-c]", "!bad range");
	pdsh("n[1-16384]", "n[1-16384]");
	pdsh("n[1-16385]", "!16384");
	pdsh("fe80::1", "!colon");
	pdsh("n1,-n2", "!exclusion");
	pdsh("^hosts", "!file");
	pdsh("n[000000000000001-2]", "!would cut");
	pdsh("exec:,n1", "n1");
	pdsh(" exec:u@n1, v@n2", "n[1-2]");
	pdsh("", "");
}

/* -w, then -x, then what is left. */
static void pdsh_without(const char *text, const char *out_text, const char *expected)
{
	struct arena *arena = arena_new((size_t)1 << 26);
	struct pdsh_list list = {0}, out = {0};
	struct fault fault = {0};
	const struct hostset *set = NULL;
	char name[200];

	if (!syntax_pdsh_add(arena, &list, text, strlen(text), &fault) &&
	    !syntax_pdsh_add_excluded(arena, &out, out_text, strlen(out_text), &fault) &&
	    !syntax_pdsh_remove(arena, &list, &out, &fault))
		set = syntax_pdsh_set(arena, &list);
	snprintf(name, sizeof(name), "pdsh: -w %.60s -x %.60s", text, out_text);
	is_text(set ? hostset_fold(arena, set) : fault.text, expected, name);
	arena_free(arena);
}

static void test_pdsh_excluded(void)
{
	pdsh_without("n[1-3],n2", "n2", "n[1-3]");
	pdsh_without("n[1-3],n2", "n2,n2", "n[1,3]");
	pdsh_without("n[1-3],n[1-3]", "n[1-3,2]", "n[1,3]");
	pdsh_without("n[01-10]", "n[1-5]", "n[01-10]");
	pdsh_without("u@n[1-2]", "u@n1", "n[1-2]");
	pdsh_without("n[1-2]a[1-2]", "n1a1", "n[1-2]a[1-2]");
	pdsh_without("n[1-2]a[1-2]", "n[1]a[1-2]", "n2a[1-2]");
	pdsh_without("n[1-2]a[1-2]", "n[1-2]a[1-2]", "");
	pdsh_without("n[33554431-33554434]", "n[33554432-33554434]",
		     "n[33554431,33554433-33554434]");
	pdsh_without("n33554433", "n[33554433-33554434]", "");
}

static void test_pdsh_copies(void)
{
	struct arena *arena = arena_new((size_t)1 << 26);
	struct pdsh_list list = {0};
	struct fault fault = {0};
	static char text[4 * 2000 + 1];

	ok(syntax_pdsh_add(arena, &list, "n[1-3],n2", 9, &fault) == 0 &&
		   syntax_pdsh_add(arena, &list, "n[2-4]", 6, &fault) == 0 &&
		   list.count == 3,
	   "the list keeps copies in layers");
	is_text(hostset_fold(arena, list.layers[0]), "n[1-4]", "one copy");
	is_text(hostset_fold(arena, list.layers[1]), "n[2-3]", "two copies");
	is_text(hostset_fold(arena, list.layers[2]), "n2", "three copies");
	for (int i = 0; i < 2000; i++)
		memcpy(text + 4L * i, "n12,", 5);
	ok(syntax_pdsh_add(arena, &list, text, strlen(text), &fault) == -1 &&
		   strstr(fault.text, "1000 times"),
	   "more than 1000 copies of a host are refused");
	arena_free(arena);
}

static void test_pdsh_items(void)
{
	const char text[] = ",n[1,2],-m a]b,c", *at = text, *end = at + strlen(at), *item;
	size_t length;

	ok(syntax_pdsh_item(&at, end, &item, &length) && length == 6 &&
		   memcmp(item, "n[1,2]", 6) == 0,
	   "items are cut at commas outside of brackets");
	ok(syntax_pdsh_item(&at, end, &item, &length) && length == 8 &&
		   memcmp(item, "-m a]b,c", 8) == 0,
	   "a bracket too many keeps the rest together");
	ok(!syntax_pdsh_item(&at, end, &item, &length), "then there are no more");
}

static void test_lines(void)
{
	struct arena *arena = arena_new(1 << 20);
	struct fault fault = {0};

	lines("n1\n  n2\t\r\n\n# no\nn3 # yes\nn#4", "n#4,n[1-3]");
	lines("n[1-3],x\n", "n\\[1-3\\]\\,x");
	lines("", "");
	lines("n1 n2\n", "!several words in line 1");
	ok(!syntax_lines(arena, "a\nb\0c\n", 6, 0, &fault) && fault.line == 2 &&
		   strstr(fault.text, "zero byte"),
	   "a zero byte is a fault with its line");
	arena_free(arena);
}

/* What would be huge if it were written out must be refused or kept at once. */
static void test_hostile(void)
{
	struct arena *arena = arena_new((size_t)1 << 28);
	static char text[600001];
	struct fault fault = {0};
	const struct hostset *set;

	for (size_t i = 0; i + 4 < sizeof(text); i += 4)
		memcpy(text + i, "[1]a", 5);
	set = syntax_folded(arena, text, &fault);
	ok(set && hostset_count(set) == 1, "a name of 150000 brackets is one name");
	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "[1]", 4);
	ok(!syntax_folded(arena, text, &fault), "a number of 200000 brackets is refused");
	for (size_t i = 0; i + 6 < sizeof(text); i += 6)
		memcpy(text + i, "[1-2]a", 7);
	ok(!syntax_folded(arena, text, &fault), "2^100000 names are refused");
	memset(text, '[', sizeof(text) - 1);
	ok(!syntax_folded(arena, text, &fault) &&
		   !syntax_clustershell(arena, text, &fault),
	   "open brackets are refused");
	memset(text, 'a', sizeof(text) - 1);
	ok(syntax_folded(arena, text, &fault) != NULL, "one long name is a name");
	arena_free(arena);
}

int main(void)
{
	test_folded();
	test_clustershell();
	test_pdsh();
	test_pdsh_excluded();
	test_pdsh_copies();
	test_pdsh_items();
	test_lines();
	test_hostile();
	return done();
}
