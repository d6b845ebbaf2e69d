#include "enable_sshd.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts.h"
#include "load.h"
#include "program_run.h"

#define SSHD "/usr/sbin/sshd"

static const char mark[] = "# Written by `tally enable --sshd`";

enum { SSHD_SECONDS = 20, TEST_STATUS = 7 };

/* ---- the file ---- */

static int write_file(struct arena *arena, const char *text, size_t length,
		      struct fault *fault)
{
	/* Not *.conf: sshd would include it. */
	const char *fresh = arena_printf(arena, "%s.new", SSHD_DROP_IN);
	int fd, error = 0;

	if (!fresh)
		return fault_set(fault, "out of memory");
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return fault_set(fault, "%s cannot be written: %s", fresh,
				 strerror(errno));
	if (write(fd, text, length) != (ssize_t)length || fchmod(fd, 0644) < 0 ||
	    fsync(fd) < 0)
		error = errno ? errno : ENOSPC;
	if (close(fd) < 0 && !error)
		error = errno;
	if (!error && rename(fresh, SSHD_DROP_IN) < 0)
		error = errno;
	if (!error)
		return 0;
	unlink(fresh);
	return fault_set(fault, "%s cannot be written: %s", SSHD_DROP_IN,
			 strerror(error));
}

/* What is there now; text NULL: nothing. Somebody else's file is left alone. */
static int read_file(struct arena *arena, struct load_source *old, struct fault *fault)
{
	*old = (struct load_source){0};
	if (access(SSHD_DROP_IN, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (load_read(arena, SSHD_DROP_IN, old, fault) < 0)
		return -1;
	if (strncmp(old->text, mark, sizeof(mark) - 1) != 0)
		return fault_set(fault,
				 "%s was not written by tally enable; move it away first",
				 SSHD_DROP_IN);
	return 0;
}

static int put_back(struct arena *arena, const struct load_source *old,
		    struct fault *fault)
{
	if (old->text)
		return write_file(arena, old->text, old->length, fault);
	if (unlink(SSHD_DROP_IN) < 0 && errno != ENOENT)
		return fault_set(fault, "%s cannot be removed: %s", SSHD_DROP_IN,
				 strerror(errno));
	return 0;
}

static const char *content(const struct enable_call *call, char **groups)
{
	const char *list = "";

	for (; *groups; groups++) {
		list = arena_printf(call->arena, "%s%s,", list, *groups + 1);
		if (!list)
			return NULL;
	}
	/* A negated name wins, wherever it stands: sshd_config(5), PATTERNS. */
	return arena_printf(call->arena,
			    "%s; `tally disable --sshd` takes it away.\n"
			    "# Root and the break-glass group keep what they have.\n"
			    "Match Group %s!%s User *,!root\n"
			    "\tForceCommand %s/ssh-command\n"
			    "Match all\n",
			    mark, list, call->installed.break_glass,
			    call->installed.library);
}

/* ---- who ---- */

static int check_group(const char *word, struct fault *fault)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	const char *name = word + 1;

	if (word[0] != '%' || !name[0])
		return fault_set(fault,
				 "--sshd takes groups, written %%GROUP; found \"%s\"",
				 word);
	if (name[strspn(name, allowed)])
		return fault_set(fault, "sshd's Match cannot name the group \"%s\"",
				 name);
	errno = 0;
	if (!getgrnam(name))
		return fault_set(fault, "there is no group \"%s\"", name);
	return 0;
}

/* Somebody whom the file would be for, or NULL. */
static const char *find_member(const struct enable_call *call,
			       const struct accounts *accounts, char **groups)
{
	for (size_t i = 0; i < accounts->count; i++) {
		const struct account *account = &accounts->list[i];

		if (account->uid == 0 || !shell_is_listed(account->shell) ||
		    account_in_group(account, call->installed.break_glass))
			continue;
		for (char **group = groups; *group; group++)
			if (account_in_group(account, *group + 1))
				return account->name;
	}
	return NULL;
}

/* ---- trying ---- */

static int try_command(const struct enable_call *call, const char *user,
		       struct fault *fault)
{
	const char *line = arena_printf(call->arena,
					"SSH_ORIGINAL_COMMAND='exit %d' exec "
					"%s/ssh-command",
					TEST_STATUS, call->installed.library);
	const char *argv[] = {"su", "-s", "/bin/sh", "-c", line, user, NULL};
	struct program_output output;
	int status = line ? program_run(argv, SSHD_SECONDS, &output, fault)
			  : fault_set(fault, "out of memory");

	if (status < 0)
		return -1;
	if (status != TEST_STATUS || strstr(output.text, "tallygate:"))
		return fault_set(fault,
				 "`exit %d` through tallysh as %s ended with status %d "
				 "(%s)",
				 TEST_STATUS, user, status,
				 program_first_line(call->arena, &output));
	return 0;
}

static int check_syntax(const struct enable_call *call, const char *when,
			struct fault *fault)
{
	static const char *const argv[] = {SSHD, "-t", NULL};
	struct program_output output;
	int status = program_run(argv, SSHD_SECONDS, &output, fault);

	if (status < 0)
		return -1;
	if (status != 0)
		return fault_set(fault, "%s sshd -t says: %s", when,
				 program_first_line(call->arena, &output));
	return 0;
}

/* Whether sshd would force our command on `user`: 1, 0, or -1 and `fault`. */
static int is_forced(const struct enable_call *call, const char *user,
		     struct fault *fault)
{
	const char *who =
		arena_printf(call->arena, "user=%s,host=localhost,addr=127.0.0.1", user);
	const char *line = arena_printf(call->arena, "\nforcecommand %s/ssh-command\n",
					call->installed.library);
	const char *argv[] = {SSHD, "-T", "-C", who, NULL};
	struct program_output output;
	int status;

	if (!who || !line)
		return fault_set(fault, "out of memory");
	status = program_run(argv, SSHD_SECONDS, &output, fault);
	if (status < 0)
		return -1;
	if (status != 0)
		return fault_set(fault, "sshd -T -C %s says: %s", who,
				 program_first_line(call->arena, &output));
	return strstr(output.text, line) != NULL;
}

static int check_effect(const struct enable_call *call, const char *member,
			struct fault *fault)
{
	int forced = is_forced(call, "root", fault);

	if (forced > 0)
		return fault_set(fault, "it would hold for root too; look for another "
					"Match in /etc/ssh");
	if (forced == 0 && member) {
		forced = is_forced(call, member, fault);
		if (forced == 0)
			return fault_set(fault,
					 "it would not hold for %s: /etc/ssh/sshd_config "
					 "needs the line `Include "
					 "/etc/ssh/sshd_config.d/*.conf` at its "
					 "beginning, and no ForceCommand before it",
					 member);
	}
	return forced < 0 ? -1 : 0;
}

int sshd_enable(const struct enable_call *call, char **groups, struct fault *fault)
{
	struct accounts accounts;
	struct load_source old;
	struct fault second = {0};
	const char *text, *member;

	for (char **group = groups; *group; group++)
		if (check_group(*group, fault) < 0)
			return -1;
	if (!shell_is_there(SSHD))
		return fault_set(fault, SSHD " is not there: install openssh-server");
	if (accounts_load(call->arena, &accounts, fault) < 0 ||
	    read_file(call->arena, &old, fault) < 0 ||
	    check_syntax(call, "as it is now,", fault) < 0)
		return -1;
	member = find_member(call, &accounts, groups);
	if (member && try_command(call, member, fault) < 0)
		return -1;
	text = content(call, groups);
	if (!text)
		return fault_set(fault, "out of memory");
	if (call->only_say) {
		printf("%s would be:\n%s", SSHD_DROP_IN, text);
		return 0;
	}
	if (mkdir("/etc/ssh/sshd_config.d", 0755) < 0 && errno != EEXIST)
		return fault_set(fault, "/etc/ssh/sshd_config.d: %s", strerror(errno));
	if (write_file(call->arena, text, strlen(text), fault) < 0)
		return -1;
	if (check_syntax(call, "with it,", fault) < 0 ||
	    check_effect(call, member, fault) < 0) {
		if (put_back(call->arena, &old, &second) < 0)
			fprintf(stderr, "%s: %s\n", call->command, second.text);
		return -1;
	}
	printf("%s is written%s.\n", SSHD_DROP_IN,
	       member ? ""
		      : "; it could not be tried, as the groups have no member in "
			"/etc/passwd");
	puts("It holds for new connections after: systemctl reload ssh\n"
	     "Keep a root shell open until one of them has logged in anew. Undo: tally "
	     "disable --sshd");
	return 0;
}

/* ---- taking it away ---- */

/* What runs already would go on forcing a program that may be about to be removed. */
static void tell_sshd(void)
{
	char text[32] = "", path[64], program[64];
	int fd = open("/run/sshd.pid", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	long pid = length > 0 ? strtol(text, NULL, 10) : 0;

	if (fd >= 0)
		close(fd);
	if (pid <= 1)
		return;
	snprintf(path, sizeof(path), "/proc/%ld/exe", pid);
	length = readlink(path, program, sizeof(program) - 1);
	if (length <= 0)
		return;
	program[length] = '\0';
	if (strncmp(program, SSHD, sizeof(SSHD) - 1) == 0 &&
	    kill((pid_t)pid, SIGHUP) == 0)
		puts("sshd was told to read its configuration anew");
}

int sshd_disable(const struct enable_call *call, struct fault *fault)
{
	struct load_source old;

	if (read_file(call->arena, &old, fault) < 0)
		return -1;
	if (!old.text)
		return 0;
	if (call->only_say) {
		printf("%s would be removed\n", SSHD_DROP_IN);
		return 1;
	}
	if (unlink(SSHD_DROP_IN) < 0)
		return fault_set(fault, "%s cannot be removed: %s", SSHD_DROP_IN,
				 strerror(errno));
	printf("%s is removed\n", SSHD_DROP_IN);
	/* An sshd whose configuration is broken would end instead of reading it. */
	if (check_syntax(call, "not told to sshd:", fault) < 0)
		return -1;
	tell_sshd();
	return 1;
}
