/* The search along PATH, as posix/execvpe.c of glibc 2.36 does it. */
#include <alloca.h>
#include <errno.h>
#include <linux/limits.h>

#include "exec.h"
#include "scratch.h"
#include "start.h"
#include "text.h"

/* What confstr(_CS_PATH) says. */
static const char default_path[] = "/bin:/usr/bin";

static void fill_script_words(char **words, const char *file, char *const *argv)
{
	size_t at = 0;

	words[at++] = (char *)(size_t) "/bin/sh";
	words[at++] = (char *)(size_t)file;
	if (argv && argv[0])
		for (argv++; *argv; argv++)
			words[at++] = *argv;
	words[at] = NULL;
}

static int start_words(const char *file, char *const *argv, char *const *envp,
		       char **words)
{
	struct wish wish = {.path = "/bin/sh", .argv = words, .envp = envp};

	fill_script_words(words, file, argv);
	return exec_start(&wish, NULL);
}

/* A file the kernel does not know how to execute is a script for /bin/sh. */
static int start_script(const char *file, char *const *argv, char *const *envp)
{
	struct scratch scratch;
	size_t count = 0, bytes;
	int error;

	while (argv && argv[count])
		count++;
	bytes = (count + 3) * sizeof(char *);
	if (bytes <= EXEC_STACK_BYTES)
		return start_words(file, argv, envp, alloca(bytes));
	/* exec_start() may take one too: then this one is left to it, and is lost. */
	scratch = scratch_take(bytes);
	if (!scratch.memory)
		return ENOMEM;
	scratch_leave(scratch);
	error = start_words(file, argv, envp, scratch.memory);
	scratch_drop();
	return error;
}

static int start_file(const char *file, char *const *argv, char *const *envp)
{
	struct wish wish = {.path = file, .argv = argv, .envp = envp};
	int error = exec_start(&wish, NULL);

	return error == ENOEXEC ? start_script(file, argv, envp) : error;
}

/* The file is missing there, or cannot be executed by us: the next one may do. */
static bool goes_on(int error)
{
	return error == EACCES || error == ENOENT || error == ESTALE ||
	       error == ENOTDIR || error == ENODEV || error == ETIMEDOUT;
}

static size_t bounded_length(const char *text, size_t most)
{
	size_t length = 0;

	while (length < most && text[length])
		length++;
	return length;
}

int exec_search(const char *file, char *const *argv, char *const *envp)
{
	const char *path = now_variable("PATH"), *end;
	size_t file_length, path_length;
	bool denied = false;
	int error = errno; /* which stays as it is when there was nothing to try */
	char *buffer;

	if (*file == '\0')
		return ENOENT;
	if (text_has(file, '/'))
		return start_file(file, argv, envp);
	if (!path)
		path = default_path;
	file_length = bounded_length(file, NAME_MAX + 1);
	path_length = bounded_length(path, PATH_MAX - 1) + 1;
	if (file_length > NAME_MAX)
		return ENAMETOOLONG;
	buffer = alloca(path_length + file_length + 1);
	for (const char *p = path;; p = end) {
		char *to;

		for (end = p; *end && *end != ':'; end++)
			;
		if ((size_t)(end - p) >= path_length) {
			/* As there: what is too long counts as an empty element. */
			if (*end == '\0')
				break;
			continue;
		}
		to = text_put(buffer, p, (size_t)(end - p));
		if (p < end)
			*to++ = '/';
		text_put(to, file, file_length + 1);
		error = start_file(buffer, argv, envp);
		if (!goes_on(error))
			return error;
		denied |= error == EACCES;
		if (*end++ == '\0')
			break;
	}
	return denied ? EACCES : error;
}
