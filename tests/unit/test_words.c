/* words_split(): a typed line becomes the words that a shell would hand to the program. */
#include <string.h>

#include "tap.h"
#include "words.h"

static const struct {
	const char *text, *words; /* joined with |, NULL: a fault */
	const char *fault;
} cases[] = {
	{"pdsh -w idx[001-400] reboot", "pdsh|-w|idx[001-400]|reboot", NULL},
	{"  a\t b  ", "a|b", NULL},
	{"", "", NULL},
	{"a '' b", "a||b", NULL},
	{"a \"\"", "a|", NULL},
	{"salt '*' test.ping", "salt|*|test.ping", NULL},
	{"ls *.c ?", "ls|*.c|?", NULL},
	{"a 'b c'\"d e\"f", "a|b cd ef", NULL},
	{"a\\ b c\\'d", "a b|c'd", NULL},
	{"'it'\\''s'", "it's", NULL},
	{"\"a \\\"b\\\" \\$x \\\\ \\n\"", "a \"b\" $x \\ \\n", NULL},
	{"'$x `y` ; | & < > ( )'", "$x `y` ; | & < > ( )", NULL},
	{"\\;", ";", NULL},
	{"a 'b", NULL, "no closing '"},
	{"a \"b", NULL, "no closing \""},
	{"a \\", NULL, "last \\"},
	{"a; b", NULL, "; has a meaning"},
	{"a | b", NULL, "| has a meaning"},
	{"a $x", NULL, "$ has a meaning"},
	{"a \"$x\"", NULL, "not expanded"},
	{"a `b`", NULL, "` has a meaning"},
	{"a > b", NULL, "> has a meaning"},
	{"a (b)", NULL, "( has a meaning"},
	{"a\nb", NULL, "more than one line"},
};

static void joined(const char *const *words, size_t count, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? "|" : "",
					 words[i]);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int line = (int)strcspn(cases[i].text, "\n"); /* TAP is line by line */
		struct arena *arena = arena_new(1 << 20);
		struct fault fault = {0};
		size_t count = 0;
		const char *const *words =
			words_split(arena, cases[i].text, &count, &fault);
		char text[512];

		if (!cases[i].words) {
			if (!ok(!words && strstr(fault.text, cases[i].fault),
				"<%.*s> is a fault", line, cases[i].text))
				printf("# %s\n", fault.text);
		} else if (ok(words && !words[count], "<%.*s> is split", line,
			      cases[i].text)) {
			joined(words, count, text, sizeof(text));
			is_text(text, cases[i].words, "into the right words");
		}
		arena_free(arena);
	}
	return done();
}
