/* A very small TAP producer for unit tests: ok(), is_text(), done(). */
#ifndef TALLY_TAP_H
#define TALLY_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3), unused)) static bool ok(bool good,
							     const char *format, ...)
{
	va_list args;

	tap_count++;
	if (!good)
		tap_failed++;
	printf("%sok %d - ", good ? "" : "not ", tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	return good;
}

__attribute__((unused)) static bool is_text(const char *found, const char *wanted,
					    const char *name)
{
	bool good = found && wanted ? strcmp(found, wanted) == 0 : found == wanted;

	ok(good, "%s", name);
	if (!good)
		printf("#   found:    %s\n#   expected: %s\n", found ? found : "(null)",
		       wanted ? wanted : "(null)");
	return good;
}

/* Prints the plan; the exit status of main(). */
__attribute__((unused)) static int done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed ? 1 : 0;
}

#endif
