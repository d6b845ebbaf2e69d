#include "enable_system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load.h"
#include "preload_list.h"
#include "program_run.h"
#include "start_trial.h"

enum { CHECK_SECONDS = 20 };

/* What stands there now, and behind it the shim. */
static const char *new_list(const struct enable_call *call, struct fault *fault)
{
	struct load_source old = {.text = ""};
	const char *text;

	if (access(PRELOAD_LIST, F_OK) == 0 &&
	    load_read(call->arena, PRELOAD_LIST, &old, fault) < 0)
		return NULL;
	if (old.length >= PRELOAD_LIST_BYTES / 2) {
		fault_set(fault, PRELOAD_LIST " is larger than it can be");
		return NULL;
	}
	text = arena_printf(call->arena, "%s%s%s/$LIB/libtally.so\n", old.text,
			    old.length && old.text[old.length - 1] != '\n' ? "\n" : "",
			    call->installed.library);
	if (!text)
		fault_set(fault, "out of memory");
	return text;
}

static int is_there(const struct enable_call *call, struct fault *fault)
{
	struct load_source now;

	if (access(PRELOAD_LIST, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (load_read(call->arena, PRELOAD_LIST, &now, fault) < 0)
		return -1;
	return preload_list_has(now.text, now.length);
}

static int write_text(const char *path, const char *text, struct fault *fault)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	size_t length = strlen(text);
	int error = 0;

	if (fd < 0)
		return fault_set(fault, "%s cannot be written: %s", path,
				 strerror(errno));
	errno = 0;
	if (write(fd, text, length) != (ssize_t)length || fchmod(fd, 0644) < 0 ||
	    fsync(fd) < 0)
		error = errno ? errno : ENOSPC;
	if (close(fd) < 0 && !error)
		error = errno;
	if (!error)
		return 0;
	unlink(path);
	return fault_set(fault, "%s cannot be written: %s", path, strerror(error));
}

/* A mount needs a file to be mounted over; an empty list is as good as none. */
static int make_place(bool *made, struct fault *fault)
{
	int fd = open(PRELOAD_LIST, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	*made = fd >= 0;
	if (fd >= 0)
		close(fd);
	else if (errno != EEXIST)
		return fault_set(fault, PRELOAD_LIST " cannot be made: %s",
				 strerror(errno));
	return 0;
}

static int try_list(const struct enable_call *call, const char *list, struct fault *fault)
{
	struct start_trial trial;

	puts("Starting this machine's programs with it, where nobody else sees it ...");
	fflush(stdout);
	if (start_trial(call->arena, list, &trial, fault) < 0)
		return -1;
	printf("Tried in a mount namespace: %zu programs run and %zu more loaded with it "
	       "as "
	       "without it;\n%zu static or of another libc never meet it, %zu do not "
	       "start "
	       "here anyway.\n",
	       trial.started, trial.loaded, trial.apart, trial.without);
	return 0;
}

/* The same once more in earnest; this process runs already and can undo it. */
static int check_now(const struct enable_call *call, struct fault *fault)
{
	static const char *const argv[] = {"/bin/sh", "-c", "ls / >/dev/null; exit 7",
					   NULL};
	struct program_output output;
	struct fault second = {0};
	int status = program_run(argv, CHECK_SECONDS, &output, fault);

	if (status == 7 && output.length == 0)
		return 0;
	if (status >= 0)
		fault_set(fault, "with it in place sh ended with status %d (%s)", status,
			  program_first_line(call->arena, &output));
	if (system_disable(call, &second) < 0)
		fprintf(stderr, "%s: %s; run /usr/sbin/tally-unpreload\n", call->command,
			second.text);
	return -1;
}

static int put_in_place(const struct enable_call *call, const char *list,
			struct fault *fault)
{
	if (rename(list, PRELOAD_LIST) < 0)
		return fault_set(fault, PRELOAD_LIST " cannot be written: %s",
				 strerror(errno));
	if (check_now(call, fault) < 0)
		return -1;
	printf("%s/$LIB/libtally.so is in " PRELOAD_LIST
	       ": programs that are started from now on have it.\n"
	       "Undo: tally disable --system. Where programs no longer start: "
	       "/usr/sbin/tally-unpreload from a\n"
	       "shell that runs, or init=/usr/sbin/tally-unpreload on the kernel's "
	       "command "
	       "line.\n",
	       call->installed.library);
	return 0;
}

int system_enable(const struct enable_call *call, struct fault *fault)
{
	static const char fresh[] = PRELOAD_LIST ".tallygate";
	const char *text;
	bool made = false;
	int result = is_there(call, fault);

	if (result != 0) {
		if (result > 0)
			puts("libtally.so is in " PRELOAD_LIST " already");
		return result < 0 ? -1 : 0;
	}
	text = new_list(call, fault);
	if (!text || write_text(fresh, text, fault) < 0)
		return -1;
	result = make_place(&made, fault);
	if (result == 0)
		result = try_list(call, fresh, fault);
	if (result == 0 && !call->only_say)
		result = put_in_place(call, fresh, fault);
	else if (made)
		unlink(PRELOAD_LIST);
	unlink(fresh);
	return result;
}

int system_disable(const struct enable_call *call, struct fault *fault)
{
	const char *argv[] = {
		arena_printf(call->arena, "%s/tally-unpreload", call->installed.library),
		NULL};
	struct program_output output;
	int status = is_there(call, fault);

	if (status <= 0)
		return status;
	if (call->only_say) {
		puts("libtally.so would be taken out of " PRELOAD_LIST);
		return 1;
	}
	if (!argv[0])
		return fault_set(fault, "out of memory");
	status = program_run(argv, CHECK_SECONDS, &output, fault);
	if (status < 0)
		return -1;
	if (status != 0)
		return fault_set(fault, "%s", program_first_line(call->arena, &output));
	puts("libtally.so is taken out of " PRELOAD_LIST);
	return 1;
}
