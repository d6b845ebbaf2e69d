#include "policy_vet.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"
#include "limit.h"
#include "rule_tests.h"

enum { VET_BYTES = 256 << 20 };

static const char note_name[] = "policy.vetted"; /* session_remove() knows it too */

static bool note_path(const struct session *session, const char *suffix,
		      char path[PATH_MAX])
{
	int length = session->directory ? snprintf(path, PATH_MAX, "%s/%s%s",
						   session->directory, note_name, suffix)
					: -1;

	return length > 0 && length < PATH_MAX;
}

static bool is_noted(const struct session *session, const char *digest)
{
	char path[PATH_MAX], text[DIGEST_HEX];
	ssize_t length;
	int fd;

	if (!note_path(session, "", path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	return strcmp(text, digest) == 0;
}

/* Without the note the tests run again the next time: nothing else depends on it. */
static void note(const struct session *session, const char *digest)
{
	char path[PATH_MAX], fresh[PATH_MAX], suffix[32];
	ssize_t length = (ssize_t)strlen(digest);
	int fd;

	snprintf(suffix, sizeof(suffix), ".%d", (int)getpid());
	if (!note_path(session, "", path) || !note_path(session, suffix, fresh))
		return;
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return;
	if (write(fd, digest, (size_t)length) != length || rename(fresh, path) < 0)
		unlink(fresh);
	close(fd);
}

static int look(void *context, const struct rule_test_outcome *outcome)
{
	const struct scene *scene = outcome->scene;

	if (outcome->passed)
		return 0;
	fault_at(
		context, scene->file, scene->line,
		"the policy is not used, because its own test \"%.120s\" fails: expected "
		"%.200s, found %.400s. Correct the rule or the test; `tally test` shows "
		"them all",
		scene->name ? scene->name : scene->text, outcome->expected,
		outcome->found);
	return 1;
}

static int run_tests(struct arena *arena, const struct session *session,
		     struct rulebook *book, struct fault *fault)
{
	struct rule_tests tests = {0};
	int result;

	if (rule_tests_load_policy(arena, session->rules, book, &tests, fault))
		return -1;
	/* The caller may have opened the description of one tool only. */
	if (rule_tests_count(&tests) == 0)
		return 0;
	if (rules_open(arena, session->rules, &book->rules, fault))
		return -1;
	result = rule_tests_run(&tests, book, session->rules, look, fault, fault);
	return result ? -1 : 0;
}

int policy_vet(const struct session *session, struct policy *policy,
	       const struct fleet *fleet, struct fault *fault)
{
	struct rulebook book = {.policy = policy, .fleet = *fleet};
	struct arena *arena;
	int result;

	/* The rules of tallyd have passed before they came into force. */
	if (session->installed || is_noted(session, policy->digest))
		return 0;
	arena = arena_new(VET_BYTES);
	if (!arena)
		return fault_set(fault, "out of memory");
	result = run_tests(arena, session, &book, fault);
	arena_free(arena);
	if (result == 0)
		note(session, policy->digest);
	return result;
}
