#include "enable_users.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "accounts.h"
#include "kept_shells.h"
#include "shell_change.h"

typedef enum shell_change (*change)(struct shell_change_call *call,
				    const struct account *account, struct fault *fault);

struct work {
	const struct enable_call *call;
	struct enable_result *result;
	struct accounts accounts;
	change change;
};

static void change_one(const struct work *work, const struct account *account,
		       bool by_group)
{
	struct shell_change_call call = {.arena = work->call->arena,
					 .installed = &work->call->installed,
					 .by_group = by_group,
					 .only_say = work->call->only_say};
	struct fault fault = {0};
	const char *said;

	switch (work->change(&call, account, &fault)) {
	case CHANGE_DONE:
		work->result->done++;
		break;
	case CHANGE_NOT_NEEDED:
		work->result->not_needed++;
		break;
	case CHANGE_PASSED_OVER:
		work->result->passed_over++;
		break;
	case CHANGE_FAILED:
		work->result->failed++;
		fprintf(stderr, "%s: %s: not changed: %s\n", work->call->command,
			account->name, fault.text);
		return;
	}
	said = call.said ? call.said : "out of memory";
	printf("%s: %s\n", account->name, said);
}

/* Why a name is none of /etc/passwd. */
static void say_unknown(const struct work *work, const char *name)
{
	work->result->failed++;
	if (getpwnam(name))
		fprintf(stderr,
			"%s: %s: not changed: the account is not in /etc/passwd but in a "
			"directory service, whose login shells this machine does not "
			"set; "
			"use `tally enable --sshd %%GROUP` instead\n",
			work->call->command, name);
	else
		fprintf(stderr, "%s: there is no user \"%s\"\n", work->call->command,
			name);
}

static void change_group(const struct work *work, const char *group)
{
	struct accounts members;
	struct fault fault = {0};

	if (accounts_in_group(work->call->arena, &work->accounts, group, &members,
			      &fault) < 0) {
		work->result->failed++;
		fprintf(stderr, "%s: %s\n", work->call->command, fault.text);
		return;
	}
	if (members.count == 0)
		printf("%%%s: has no members in /etc/passwd\n", group);
	for (size_t i = 0; i < members.count; i++)
		change_one(work, &members.list[i], true);
}

static void change_words(const struct work *work, char **words)
{
	const struct account *account;

	for (; *words; words++) {
		if (words[0][0] == '%') {
			change_group(work, *words + 1);
			continue;
		}
		account = account_find(&work->accounts, *words);
		if (account)
			change_one(work, account, false);
		else
			say_unknown(work, *words);
	}
}

int enable_users(const struct enable_call *call, char **words,
		 struct enable_result *result, struct fault *fault)
{
	struct work work = {.call = call, .result = result, .change = shell_enable};

	if (shell_change_possible(&call->installed, fault) < 0 ||
	    accounts_load(call->arena, &work.accounts, fault) < 0)
		return -1;
	change_words(&work, words);
	return 0;
}

int disable_users(const struct enable_call *call, char **words,
		  struct enable_result *result, struct fault *fault)
{
	struct work work = {.call = call, .result = result, .change = shell_disable};

	if (accounts_load(call->arena, &work.accounts, fault) < 0)
		return -1;
	change_words(&work, words);
	return 0;
}

int disable_everybody(const struct enable_call *call, struct enable_result *result,
		      struct fault *fault)
{
	struct work work = {.call = call, .result = result, .change = shell_disable};
	const char *path = KEPT_SHELLS;
	struct kept_shells kept;

	if (accounts_load(call->arena, &work.accounts, fault) < 0 ||
	    kept_shells_load(call->arena, path, &kept, fault) < 0)
		return -1;
	for (size_t i = 0; i < work.accounts.count; i++) {
		const struct account *account = &work.accounts.list[i];

		if (kept_shell_of(&kept, account->name) ||
		    shell_is_tallysh(&call->installed, account->shell))
			change_one(&work, account, false);
	}
	/* Accounts that are gone need nothing back. */
	for (size_t i = 0; i < kept.count && !call->only_say; i++)
		if (!account_find(&work.accounts, kept.list[i].user) &&
		    kept_shells_set(call->arena, path, kept.list[i].user, NULL, fault) <
			    0)
			return -1;
	return 0;
}
