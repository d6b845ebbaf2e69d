#include "start.h"

#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

#include "text.h"

extern char **environ __attribute__((weak));
extern struct r_debug _r_debug __attribute__((weak));
/* Of this library. */
extern ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));

const char *now_variable(const char *name)
{
	for (char **entry = &environ ? environ : NULL; entry && *entry; entry++) {
		const char *value = text_after(*entry, name);

		if (value && *value == '=')
			return value + 1;
	}
	return NULL;
}

/*
 * The kernel lays the strings of a new process at the top of its stack: some random bytes,
 * the arguments, the environment, the program's file name, and nothing between them. The
 * auxiliary vector says where the first and the last of them are. unsetenv(3) moves the
 * pointers of the environment about, and leaves the strings.
 */
const char *start_variable(const char *name)
{
	const char *bottom = (const char *)getauxval(AT_RANDOM);
	const char *end = (const char *)getauxval(AT_EXECFN), *start;

	if (!bottom || !end || bottom >= end)
		return NULL;
	for (; end > bottom && end[-1] == '\0'; end = start) {
		const char *value;

		for (start = end - 1; start > bottom && start[-1]; start--)
			;
		value = text_after(start, name);
		if (value && *value == '=')
			return value + 1;
	}
	return NULL;
}

bool start_secure(void)
{
	return getauxval(AT_SECURE) != 0;
}

const char *start_library(void)
{
	const struct link_map *map = &_r_debug ? _r_debug.r_map : NULL;

	/*
	 * The list without its lock: what was loaded at the start stands in front and is
	 * never taken out.
	 */
	for (; map; map = map->l_next)
		if (map->l_ld == _DYNAMIC)
			return map->l_name && *map->l_name ? map->l_name : NULL;
	return NULL;
}
