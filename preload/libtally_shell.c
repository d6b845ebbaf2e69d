/*
 * system(3), popen(3), wordexp(3): libc starts /bin/sh by itself, with the environment of
 * this process. The shell is a program like any other, and what it starts is gated in it,
 * as long as the shim is in that environment. So the real function does the work, with all
 * it does about signals, cancellation, descriptors and pclose(); only where the program has
 * taken the shim out of its environment is it handed back, in the command itself: the
 * shell that libc starts becomes one that has the shim.
 */
#include <alloca.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <wordexp.h>

#include "exec.h"
#include "export.h"
#include "next.h"
#include "scratch.h"
#include "text.h"

typedef int system_function(const char *);
typedef FILE *popen_function(const char *, const char *);
typedef int setenv_function(const char *, const char *, int);
typedef int wordexp_function(const char *, wordexp_t *, int);

/* Either the call itself, or with a command in place of the one that was given. */
struct shell_call {
	const char *mode; /* of popen() */
	int status;	  /* of system() */
	FILE *stream;
};

static void call(struct shell_call *shell, const char *command)
{
	if (shell->mode) {
		popen_function *next = (popen_function *)next_function("popen");

		if (next)
			shell->stream = next(command, shell->mode);
		else
			errno = ENOSYS;
	} else {
		system_function *next = (system_function *)next_function("system");

		if (next)
			shell->status = next(command);
		else
			errno = ENOSYS;
	}
}

/* A single-quoted word: all but the quote stands for itself. */
static char *quote(char *to, const char *word)
{
	*to++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			to = text_put(to, "'\\''", 4);
		else
			*to++ = *word;
	}
	*to++ = '\'';
	return to;
}

static char *put(char *to, const char *text)
{
	return text_put(to, text, text_length(text));
}

/*
 * `export 'LD_PRELOAD=...'; exec /bin/sh -c 'COMMAND' sh`: $0 stays what it was, "sh". A
 * command that starts with a sign is read as an option by the shell, which then lacks its
 * command; a word behind it would be taken for that.
 */
static void write_command(char *to, char *const *kept, const char *command)
{
	to = put(to, "export");
	for (; *kept; kept++) {
		*to++ = ' ';
		to = quote(to, *kept);
	}
	to = put(to, "; exec /bin/sh -c ");
	to = quote(to, command);
	if (*command != '-' && *command != '+')
		to = put(to, " sh");
	*to = '\0';
}

static void call_written(struct shell_call *shell, struct plan *plan, const char *command,
			 void *memory)
{
	char *text = (char *)memory + plan->bytes;

	plan_write(plan, memory);
	write_command(text, plan->kept, command);
	call(shell, text);
}

/* Memory for the vectors of the plan and for the command, every byte of it quoted. */
static size_t bytes_needed(const struct plan *plan, const char *command)
{
	return plan->bytes + 4 * plan->bytes + 4 * text_length(command) + 64;
}

static void start_shell(struct shell_call *shell, const char *command)
{
	struct wish wish = {.path = "", .envp = environ};
	struct scratch scratch;
	struct plan plan;
	size_t bytes;

	plan_make(&plan, &wish);
	if (plan.bytes == 0 || !command) {
		call(shell, command);
		return;
	}
	bytes = bytes_needed(&plan, command);
	if (bytes <= EXEC_STACK_BYTES) {
		call_written(shell, &plan, command, alloca(bytes));
		return;
	}
	scratch = scratch_take(bytes);
	if (!scratch.memory) {
		errno = ENOMEM;
		return;
	}
	call_written(shell, &plan, command, scratch.memory);
	scratch_leave(scratch);
	scratch_drop();
}

int tally_system(const char *command)
{
	struct shell_call shell = {.status = -1};

	start_shell(&shell, command);
	return shell.status;
}

FILE *tally_popen(const char *command, const char *mode)
{
	struct shell_call shell = {.mode = mode ? mode : ""};

	start_shell(&shell, command);
	return shell.stream;
}

/*
 * The command stands somewhere inside of the words, so here the environment itself is
 * mended. wordexp(3) changes it too, and is no function for several threads.
 */
static void mend_environment(const struct plan *plan)
{
	setenv_function *next = (setenv_function *)next_function("setenv");

	for (char *const *entry = plan->kept; next && *entry; entry++) {
		char *equals = *entry;

		while (*equals != '=')
			equals++;
		*equals = '\0';
		next(*entry, equals + 1, 1);
	}
}

int tally_wordexp(const char *words, wordexp_t *result, int flags)
{
	wordexp_function *next = (wordexp_function *)next_function("wordexp");
	struct wish wish = {.path = "", .envp = environ};
	struct plan plan;

	if (!next)
		return WRDE_NOSPACE;
	plan_make(&plan, &wish);
	if (plan.bytes) {
		struct scratch scratch = scratch_take(plan.bytes);

		if (!scratch.memory)
			return WRDE_NOSPACE;
		plan_write(&plan, scratch.memory);
		mend_environment(&plan);
		scratch_leave(scratch);
		scratch_drop();
	}
	return next(words, result, flags);
}
