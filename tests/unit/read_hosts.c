/*
 * Reads host expressions on stdin, one a line, and says what they come to: the program
 * that tests/nodeset_agreement compares with the tools themselves.
 *
 *   read_hosts folded|clustershell            a line is one expression
 *   read_hosts pdsh                           a line is the -w list, a tab, the -x list
 *
 * Prints `count<TAB>folded set` or `fault<TAB>text`; with -e after the notation the names
 * one by one instead of the folded set, blanks between them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "syntax.h"

static int print_name(void *context, const char *name, size_t length)
{
	(void)context;
	printf(" %.*s", (int)length, name);
	return 0;
}

static const struct hostset *read_pdsh(struct arena *arena, char *line,
				       struct fault *fault)
{
	struct pdsh_list list = {0}, out = {0};
	char *tab = strchr(line, '\t');
	const struct hostset *set;

	if (tab)
		*tab++ = '\0';
	if (syntax_pdsh_add(arena, &list, line, strlen(line), fault))
		return NULL;
	if (tab && (syntax_pdsh_add_excluded(arena, &out, tab, strlen(tab), fault) ||
		    syntax_pdsh_remove(arena, &list, &out, fault)))
		return NULL;
	set = syntax_pdsh_set(arena, &list);
	if (!set)
		fault_set(fault, "no memory");
	return set;
}

int main(int argc, char **argv)
{
	const char *notation = argc > 1 ? argv[1] : "folded";
	bool expand = argc > 2 && strcmp(argv[2], "-e") == 0;
	struct arena *arena = arena_new((size_t)1 << 30);
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	while (arena && (length = getline(&line, &size, stdin)) >= 0) {
		const struct hostset *set;
		struct fault fault = {0};

		if (length > 0 && line[length - 1] == '\n')
			line[length - 1] = '\0';
		if (strcmp(notation, "pdsh") == 0)
			set = read_pdsh(arena, line, &fault);
		else if (strcmp(notation, "clustershell") == 0)
			set = syntax_clustershell(arena, line, &fault);
		else
			set = syntax_folded(arena, line, &fault);
		if (!set) {
			printf("fault\t%s\n", fault.text);
		} else if (expand) {
			printf("%llu", (unsigned long long)hostset_count(set));
			hostset_each(set, print_name, NULL);
			putchar('\n');
		} else {
			const char *fold = hostset_fold(arena, set);

			printf("%llu\t%s\n", (unsigned long long)hostset_count(set),
			       fold ? fold : "(no memory)");
		}
		arena_reset(arena);
	}
	free(line);
	arena_free(arena);
	return 0;
}
