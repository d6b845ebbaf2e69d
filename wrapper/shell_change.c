#include "shell_change.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kept_shells.h"
#include "program_run.h"

enum { TEST_STATUS = 7, TEST_SECONDS = 15, CHANGE_SECONDS = 60 };

bool shell_is_tallysh(const struct installed *installed, const char *shell)
{
	struct stat one, other;

	return strcmp(shell, installed->tallysh) == 0 ||
	       (stat(shell, &one) == 0 && stat(installed->tallysh, &other) == 0 &&
		one.st_dev == other.st_dev && one.st_ino == other.st_ino);
}

int shell_change_possible(const struct installed *installed, struct fault *fault)
{
	if (!shell_is_there(installed->tallysh))
		return fault_set(fault,
				 "%s is not there, or not everybody may execute it: "
				 "install tallygate again",
				 installed->tallysh);
	if (!shell_is_listed(installed->tallysh))
		return fault_set(fault,
				 "%s is not in /etc/shells, so nobody could log in with "
				 "it: add-shell %s",
				 installed->tallysh, installed->tallysh);
	return 0;
}

/* ---- the test ---- */

static int test_once(struct arena *arena, const char *user, const char *shell, bool login,
		     struct fault *fault)
{
	const char *argv[] = {"su", "-s", shell, "-c", "exit 7", NULL, NULL, NULL};
	struct program_output output;
	int status;

	argv[5] = login ? "-l" : user;
	argv[6] = login ? user : NULL;
	status = program_run(argv, TEST_SECONDS, &output, fault);
	if (status < 0)
		return -1;
	if (status != TEST_STATUS)
		return fault_set(fault,
				 "`%s%s -c \"exit 7\"` as %s ended with status %d, not 7 "
				 "(%s)",
				 login ? "-" : "", shell, user, status,
				 program_first_line(arena, &output));
	if (strstr(output.text, "tallygate:"))
		return fault_set(fault, "%s as %s: %s", shell, user,
				 program_first_line(arena, &output));
	return 0;
}

int shell_test(struct arena *arena, const char *user, const char *shell,
	       struct fault *fault)
{
	return test_once(arena, user, shell, false, fault) < 0 ||
			       test_once(arena, user, shell, true, fault) < 0
		       ? -1
		       : 0;
}

/* A user whose own files keep even their present shell from it is told so. */
static int test_tallysh(const struct shell_change_call *call,
			const struct account *account, struct fault *fault)
{
	struct fault own = {0};

	if (shell_test(call->arena, account->name, call->installed->tallysh, fault) == 0)
		return 0;
	if (shell_test(call->arena, account->name, account->shell, &own) < 0)
		*fault = own;
	return -1;
}

/* ---- the change ---- */

static int usermod(struct arena *arena, const char *user, const char *shell,
		   struct fault *fault)
{
	const char *argv[] = {"usermod", "-s", shell, "--", user, NULL};
	struct program_output output;
	int status = program_run(argv, CHANGE_SECONDS, &output, fault);

	if (status < 0)
		return -1;
	if (status != 0)
		return fault_set(fault, "usermod ended with status %d: %s", status,
				 program_first_line(arena, &output));
	return 0;
}

/* usermod says nothing of a database that it does not write: look. */
static int set_shell(struct arena *arena, const char *user, const char *shell,
		     struct fault *fault)
{
	const struct account *account;
	struct accounts accounts;

	if (usermod(arena, user, shell, fault) < 0 ||
	    accounts_load(arena, &accounts, fault) < 0)
		return -1;
	account = account_find(&accounts, user);
	if (!account || strcmp(account->shell, shell) != 0)
		return fault_set(fault, "usermod has not changed the login shell");
	return 0;
}

static void undo(const struct shell_change_call *call, const struct account *account,
		 bool changed, struct fault *fault)
{
	struct fault second = {0};

	if (changed &&
	    set_shell(call->arena, account->name, account->shell, &second) < 0) {
		struct fault first = *fault;

		fault_set(fault,
			  "%.400s; and it could not be undone: %.300s. Run: usermod -s "
			  "%s %s",
			  first.text, second.text, account->shell, account->name);
		return;
	}
	(void)kept_shells_set(call->arena, KEPT_SHELLS, account->name, NULL, &second);
}

/* ---- who ---- */

static enum shell_change pass_over(struct shell_change_call *call, const char *reason)
{
	call->said = reason;
	return CHANGE_PASSED_OVER;
}

static enum shell_change may_enable(struct shell_change_call *call,
				    const struct account *account, struct fault *fault)
{
	const struct installed *installed = call->installed;
	const char *reason;

	if (account->uid == 0)
		reason = "root always keeps its own shell";
	else if (shell_is_tallysh(installed, account->shell))
		return CHANGE_NOT_NEEDED;
	else if (!call->by_group && !shell_is_there(account->shell))
		reason = arena_printf(call->arena,
				      "the login shell %s does not exist or is not "
				      "executable for everybody: give the user one that "
				      "works first",
				      account->shell);
	else if (!shell_is_listed(account->shell))
		reason = arena_printf(call->arena,
				      "%s is not in /etc/shells: this account is not for "
				      "logging in",
				      account->shell);
	else if (!shell_is_there(account->shell))
		reason = arena_printf(call->arena, "the login shell %s does not exist",
				      account->shell);
	else if (call->by_group && account_in_group(account, installed->break_glass))
		return pass_over(call, arena_printf(call->arena,
						    "in %s: keeps its own shell, unless "
						    "named by itself",
						    installed->break_glass));
	else
		return CHANGE_DONE;
	if (call->by_group)
		return pass_over(call, reason);
	fault_set(fault, "%s", reason ? reason : "out of memory");
	return CHANGE_FAILED;
}

enum shell_change shell_enable(struct shell_change_call *call,
			       const struct account *account, struct fault *fault)
{
	enum shell_change may = may_enable(call, account, fault);
	const char *tallysh = call->installed->tallysh;

	if (may == CHANGE_NOT_NEEDED)
		call->said = arena_printf(call->arena, "has %s already", tallysh);
	if (may != CHANGE_DONE)
		return may;
	if (test_tallysh(call, account, fault) < 0)
		return CHANGE_FAILED;
	call->said = arena_printf(
		call->arena, "the login shell %s %s; in it they get their %s",
		call->only_say ? "would be" : "is now", tallysh, account->shell);
	if (call->only_say)
		return CHANGE_DONE;
	if (kept_shells_set(call->arena, KEPT_SHELLS, account->name, account->shell,
			    fault) < 0)
		return CHANGE_FAILED;
	if (set_shell(call->arena, account->name, tallysh, fault) < 0) {
		undo(call, account, true, fault);
		return CHANGE_FAILED;
	}
	/* Now as they are: tallysh has to find the kept shell. */
	if (shell_test(call->arena, account->name, tallysh, fault) < 0) {
		undo(call, account, true, fault);
		return CHANGE_FAILED;
	}
	return CHANGE_DONE;
}

/* The kept one, unless it has gone meanwhile: then one in which they can work. */
static const char *shell_to_give(const struct shell_change_call *call, const char *kept)
{
	static const char *const others[] = {"/bin/bash", "/bin/sh"};

	if (kept && shell_is_there(kept) && !shell_is_tallysh(call->installed, kept))
		return kept;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (shell_is_there(others[i]))
			return others[i];
	return NULL;
}

enum shell_change shell_disable(struct shell_change_call *call,
				const struct account *account, struct fault *fault)
{
	struct kept_shells kept;
	const char *before, *shell;

	if (kept_shells_load(call->arena, KEPT_SHELLS, &kept, fault) < 0)
		return CHANGE_FAILED;
	before = kept_shell_of(&kept, account->name);
	if (!shell_is_tallysh(call->installed, account->shell)) {
		call->said =
			arena_printf(call->arena, "has %s, not tallysh; left as it is",
				     account->shell);
		if (before && !call->only_say &&
		    kept_shells_set(call->arena, KEPT_SHELLS, account->name, NULL,
				    fault) < 0)
			return CHANGE_FAILED;
		return CHANGE_NOT_NEEDED;
	}
	shell = shell_to_give(call, before);
	if (!shell) {
		fault_set(fault, "neither %s nor /bin/bash nor /bin/sh can be executed",
			  before ? before : "a kept shell");
		return CHANGE_FAILED;
	}
	call->said = arena_printf(call->arena, "the login shell %s %s%s%s%s",
				  call->only_say ? "would be" : "is", shell,
				  before && strcmp(before, shell) == 0 ? " again" : "",
				  before && strcmp(before, shell) != 0
					  ? "; the former one can no longer be "
					    "executed: "
					  : "",
				  before && strcmp(before, shell) != 0 ? before : "");
	if (call->only_say)
		return CHANGE_DONE;
	if (set_shell(call->arena, account->name, shell, fault) < 0 ||
	    kept_shells_set(call->arena, KEPT_SHELLS, account->name, NULL, fault) < 0)
		return CHANGE_FAILED;
	return CHANGE_DONE;
}
