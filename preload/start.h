/*
 * How this process was started, as the kernel laid it on the stack: a program may have
 * emptied or replaced its environment since (env -i does, and then executes).
 */
#ifndef TALLY_START_H
#define TALLY_START_H

#include <link.h>
#include <stdbool.h>

/* A variable of the environment this process has now: getenv(3) without its locks. */
const char *now_variable(const char *name);

/* A variable of the environment this process was started with, whatever became of it. */
const char *start_variable(const char *name);

/* Started with more rights than its caller (setuid, file capabilities): AT_SECURE. */
bool start_secure(void);

/* The objects of this process, the program first, without the lock of their list; NULL. */
const struct link_map *start_objects(void);

/* Whether that one is this library. */
bool start_is_own(const struct link_map *map);

/* The path this library was loaded by, as the loader wrote it down; NULL. */
const char *start_library(void);

#endif
