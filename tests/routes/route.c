/*
 * route [-e|-n] ROUTE PROGRAM ARG...: starts PROGRAM in one particular way.
 *   -e  with an empty environment   -n  with NULL for one (routes that take one)
 *   -l  lists the routes
 * The status is the program's; 127 when it could not be started, with "ROUTE: errno N" on
 * standard error.
 */
#include "route.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct route *const tables[] = {routes_exec, routes_raw, routes_spawn};

int route_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const struct route *find(const char *name)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct route *route = tables[t]; route->name; route++)
			if (strcmp(route->name, name) == 0)
				return route;
	return NULL;
}

static int list(void)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct route *route = tables[t]; route->name; route++)
			puts(route->name);
	return 0;
}

int main(int argc, char **argv)
{
	static char *const empty[] = {NULL};
	struct route_call call = {.envp = environ};
	const struct route *route;
	int option, result;

	while ((option = getopt(argc, argv, "+enl")) != -1) {
		if (option == 'l')
			return list();
		if (option != 'e' && option != 'n')
			return 2;
		call.envp = option == 'e' ? empty : NULL;
	}
	if (argc - optind < 2 || !(route = find(argv[optind]))) {
		fputs("usage: route [-e|-n] ROUTE PROGRAM ARG... | route -l\n", stderr);
		return 2;
	}
	call.path = argv[optind + 1];
	call.argv = argv + optind + 1;
	result = route->run(&call);
	if (result >= 0)
		return result;
	fprintf(stderr, "%s: errno %d\n", route->name, -result);
	return 127;
}
