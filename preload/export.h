/*
 * The functions that stand in front of libc's, each under libc's name; libtally.map lists
 * the same names. They are declared anew, because libc's headers promise the compiler that
 * no argument is NULL, and it would then leave out the tests for it.
 */
#ifndef TALLY_EXPORT_H
#define TALLY_EXPORT_H

#include <spawn.h>
#include <stdio.h>
#include <wordexp.h>

#define EXPORT(name) __asm__(name) __attribute__((visibility("default")))

/* libtally.c */
int tally_execve(const char *path, char *const argv[], char *const envp[])
	EXPORT("execve");
int tally_execv(const char *path, char *const argv[]) EXPORT("execv");
int tally_execvp(const char *file, char *const argv[]) EXPORT("execvp");
int tally_execvpe(const char *file, char *const argv[], char *const envp[])
	EXPORT("execvpe");
int tally_execl(const char *path, const char *arg, ...) EXPORT("execl");
int tally_execlp(const char *file, const char *arg, ...) EXPORT("execlp");
int tally_execle(const char *path, const char *arg, ...) EXPORT("execle");

/* libtally_at.c */
int tally_execveat(int fd, const char *path, char *const argv[], char *const envp[],
		   int flags) EXPORT("execveat");
int tally_fexecve(int fd, char *const argv[], char *const envp[]) EXPORT("fexecve");

/* libtally_spawn.c */
int tally_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attributes, char *const argv[],
		char *const envp[]) EXPORT("posix_spawn");
int tally_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *attributes, char *const argv[],
		 char *const envp[]) EXPORT("posix_spawnp");
/* Only where libc has them: programs ask by dlsym() whether they are there. */
#if __GLIBC_PREREQ(2, 39)
int tally_pidfd_spawn(int *pidfd, const char *path,
		      const posix_spawn_file_actions_t *actions,
		      const posix_spawnattr_t *attributes, char *const argv[],
		      char *const envp[]) EXPORT("pidfd_spawn");
int tally_pidfd_spawnp(int *pidfd, const char *file,
		       const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const argv[],
		       char *const envp[]) EXPORT("pidfd_spawnp");
#endif

/* libtally_shell.c */
int tally_system(const char *command) EXPORT("system");
FILE *tally_popen(const char *command, const char *mode) EXPORT("popen");
int tally_wordexp(const char *words, wordexp_t *result, int flags) EXPORT("wordexp");

#endif
