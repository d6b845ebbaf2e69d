/* The environment that a process was started with, whatever the loader took out of it. */
#ifndef TALLY_INITIAL_ENVIRONMENT_H
#define TALLY_INITIAL_ENVIRONMENT_H

/*
 * In a program that was started in secure mode (file capabilities, setuid, or by tallyd)
 * ld.so(8) removes what could act in it (LD_*, TMPDIR, LOCPATH ...). The strings are still
 * where the kernel put them: this is all of them, in order, NULL-terminated, for the program
 * that is executed next. The strings lie on the stack, the array is the caller's to free().
 *
 * Elsewhere, or when the kernel's layout is not as expected, a copy of `envp`. NULL when
 * memory is short.
 */
char **initial_environment(char **argv, char **envp);

#endif
