/*
 * The exec family as the programs of a session call it. Each of these is what glibc 2.36
 * does (posix/exec*.c), on top of one exec that puts the gate in a guarded program's place
 * and keeps this library in the environment of every other.
 *
 * Rules of this library: nothing of it runs before the first call; between fork and exec it
 * uses its stack and system calls only; of libc it calls what it stands in front of, and
 * errno. syscall(2) is left alone: it is the way of every futex, and who starts a program by
 * the number of a system call is the supervisor's business.
 */
#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "exec.h"
#include "export.h"

static int failed(int error)
{
	errno = error;
	return -1;
}

static int execute(const char *path, char *const *argv, char *const *envp)
{
	struct wish wish = {.path = path, .argv = argv, .envp = envp};

	return failed(exec_start(&wish, NULL));
}

int tally_execve(const char *path, char *const argv[], char *const envp[])
{
	return execute(path, argv, envp);
}

int tally_execv(const char *path, char *const argv[])
{
	return execute(path, argv, environ);
}

int tally_execvp(const char *file, char *const argv[])
{
	return failed(exec_search(file, argv, environ));
}

int tally_execvpe(const char *file, char *const argv[], char *const envp[])
{
	return failed(exec_search(file, argv, envp));
}

/* How many words stand between `first` and the NULL, which moves `words` behind it. */
static size_t count_words(const char *first, va_list *words)
{
	size_t count = 0;

	for (const char *word = first; word; word = va_arg(*words, const char *))
		count++;
	return count;
}

static void fill_words(char **argv, const char *first, size_t count, va_list *words)
{
	for (size_t i = 0; i < count; i++)
		argv[i] = i ? va_arg(*words, char *) : (char *)(size_t)first;
	argv[count] = NULL;
}

int tally_execl(const char *path, const char *arg, ...)
{
	va_list words;
	size_t count;
	char **argv;

	va_start(words, arg);
	count = count_words(arg, &words);
	va_end(words);
	argv = alloca((count + 1) * sizeof(*argv));
	va_start(words, arg);
	fill_words(argv, arg, count, &words);
	va_end(words);
	return execute(path, argv, environ);
}

int tally_execlp(const char *file, const char *arg, ...)
{
	va_list words;
	size_t count;
	char **argv;

	va_start(words, arg);
	count = count_words(arg, &words);
	va_end(words);
	argv = alloca((count + 1) * sizeof(*argv));
	va_start(words, arg);
	fill_words(argv, arg, count, &words);
	va_end(words);
	return failed(exec_search(file, argv, environ));
}

int tally_execle(const char *path, const char *arg, ...)
{
	va_list words;
	size_t count;
	char **argv, *const *envp;

	va_start(words, arg);
	count = count_words(arg, &words);
	envp = va_arg(words, char *const *);
	va_end(words);
	argv = alloca((count + 1) * sizeof(*argv));
	va_start(words, arg);
	fill_words(argv, arg, count, &words);
	va_end(words);
	return execute(path, argv, envp);
}
