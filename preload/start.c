#include "start.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <sys/auxv.h>

#include "text.h"

enum { AT_LARGEST = 1023 }; /* they end at about 50 */

/* The loader's, since glibc 2.2.5: argc, argv, the environment and the auxiliary vector. */
extern const uintptr_t *__libc_stack_end __attribute__((weak));
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
 * The auxiliary vector behind the environment's pointers. getauxval(3) knows it too, but
 * binding a symbol in a child that was just forked touches a dozen pages anew, which is
 * dearer than all else that happens here.
 */
static unsigned long auxiliary(unsigned long type)
{
	const uintptr_t *word = &__libc_stack_end ? __libc_stack_end : NULL;

	if (!word)
		return getauxval(type);
	word += 1 + word[0] + 1;
	while (*word)
		word++;
	/* unsetenv(3) moves the pointers together and leaves a NULL for each. */
	while (!*word)
		word++;
	/* Types are small numbers: else somebody wrote into the environment's vector. */
	if (*word > AT_LARGEST)
		return getauxval(type);
	for (; *word != AT_NULL; word += 2)
		if (*word == type)
			return word[1];
	return 0;
}

/*
 * The kernel lays the strings of a new process at the top of its stack: some random bytes,
 * the arguments, the environment, the program's file name, and nothing between them. The
 * auxiliary vector says where the first and the last of them are. unsetenv(3) moves the
 * pointers of the environment about, and leaves the strings.
 */
const char *start_variable(const char *name)
{
	const char *bottom = (const char *)auxiliary(AT_RANDOM);
	const char *end = (const char *)auxiliary(AT_EXECFN), *start;

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
	return auxiliary(AT_SECURE) != 0;
}

/* Of a loader that exports no _r_debug (musl): the program's DT_DEBUG says where it is. */
static const struct r_debug *debug_entry(void)
{
	const ElfW(Phdr) *header = (const ElfW(Phdr) *)auxiliary(AT_PHDR);
	unsigned long count = auxiliary(AT_PHNUM);
	const ElfW(Phdr) *dynamic = NULL;
	ElfW(Addr) base = 0;

	for (unsigned long i = 0; header && i < count; i++) {
		if (header[i].p_type == PT_PHDR)
			base = (ElfW(Addr))header - header[i].p_vaddr;
		if (header[i].p_type == PT_DYNAMIC)
			dynamic = &header[i];
	}
	if (!dynamic)
		return NULL;
	for (const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(base + dynamic->p_vaddr);
	     entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_DEBUG)
			return (const struct r_debug *)entry->d_un.d_ptr;
	return NULL;
}

const struct link_map *start_objects(void)
{
	const struct r_debug *debug = &_r_debug ? &_r_debug : debug_entry();

	return debug ? debug->r_map : NULL;
}

bool start_is_own(const struct link_map *map)
{
	return map->l_ld == _DYNAMIC;
}

const char *start_library(void)
{
	/* What was loaded at the start stands in front of the list and is never taken out. */
	for (const struct link_map *map = start_objects(); map; map = map->l_next)
		if (start_is_own(map))
			return map->l_name && *map->l_name ? map->l_name : NULL;
	return NULL;
}
