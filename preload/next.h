/*
 * The definition of a libc function that comes after this library's own: libc's, or that of
 * a library which was preloaded as well. What dlsym(RTLD_NEXT) does, without its lock and
 * without a dependency; only exact names, only ELF objects with a GNU hash table.
 */
#ifndef TALLY_NEXT_H
#define TALLY_NEXT_H

/* To be converted to its own type; NULL when nothing behind this library has `name`. */
typedef void next_any(void);
next_any *next_function(const char *name);

/*
 * The same, but only in what stands between this library and libc: NULL also when libc's
 * definition is the next one. For system calls, which need no libc: its tables are many
 * pages for a child that was just forked.
 */
next_any *next_before_libc(const char *name);

#endif
