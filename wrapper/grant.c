#include "grant.h"

#include <string.h>

#include "digest.h"
#include "process.h"

enum { FAR = 64 };

void grant_digest(const char *const *argv, size_t argc, char digest[GRANT_DIGEST])
{
	struct digest sum;

	_Static_assert((int)DIGEST_HEX == (int)GRANT_DIGEST,
		       "a grant's digest is a digest");
	digest_start(&sum);
	for (size_t i = 1; i < argc; i++)
		digest_add(&sum, argv[i], strlen(argv[i]));
	digest_end(&sum, digest);
}

static bool covers(const struct grant *grant, const char *tool, const char *digest)
{
	if (strcmp(grant->tool, tool) == 0 && strcmp(grant->digest, digest) == 0)
		return true;
	for (const char *const *name = grant->transports; *name; name++)
		if (strcmp(*name, tool) == 0 || strcmp(*name, "*") == 0)
			return true;
	return false;
}

int grant_find(struct ledger *ledger, struct arena *arena, pid_t pid, const char *tool,
	       const char *digest, struct grant *grant, struct fault *fault)
{
	struct process process;

	for (int i = 0; i < FAR && pid > 1 && process_look(pid, &process); i++) {
		int found =
			ledger_grant_of(ledger, arena, pid, process.start, grant, fault);

		if (found < 0)
			return -1;
		/*
		 * A grant that does not cover this command hides those above it: what an
		 * approved playbook starts is not the business of who started the playbook.
		 */
		if (found)
			return covers(grant, tool, digest);
		pid = process.parent;
	}
	return 0;
}
