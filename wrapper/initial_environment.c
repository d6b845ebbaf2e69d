#include "initial_environment.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

static char **copy(char **envp)
{
	size_t count = 0;
	char **list;

	while (envp[count])
		count++;
	list = calloc(count + 1, sizeof(*list));
	if (list)
		memcpy(list, envp, count * sizeof(*list));
	return list;
}

/*
 * The kernel lays down arguments, environment and the program's file name, one behind the
 * other with nothing between them.
 */
static bool bounds(char **argv, char **start, char **end)
{
	char *last = NULL;

	for (char **word = argv; *word; word++)
		last = *word;
	*end = (char *)(uintptr_t)getauxval(AT_EXECFN);
	if (!last || !*end)
		return false;
	*start = last + strlen(last) + 1;
	return *start <= *end;
}

char **initial_environment(char **argv, char **envp)
{
	char *start, *end, **list;
	size_t count = 0;

	if (!getauxval(AT_SECURE) || !bounds(argv, &start, &end))
		return copy(envp);
	/* Whoever is not between the bounds was not put there by the kernel. */
	for (char **entry = envp; *entry; entry++)
		if (*entry < start || *entry >= end)
			return copy(envp);
	for (const char *text = start; text < end; text += strlen(text) + 1)
		count++;
	list = calloc(count + 1, sizeof(*list));
	if (!list)
		return NULL;
	count = 0;
	for (char *text = start; text < end; text += strlen(text) + 1)
		list[count++] = text;
	return list;
}
