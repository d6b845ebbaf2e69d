/* rules/policy/ *.cfg -> struct policy. */
#include "policy.h"

#include <string.h>

#include "digest.h"
#include "finding.h"
#include "limit.h"
#include "load.h"
#include "load_limit.h"

static const char *const file_keys[] = {"limits",      "observe", "restart_duration",
					"ledger_down", "tests",	  NULL};

struct policy_files {
	struct arena *arena;
	const struct fleet *fleet;
	struct policy *policy;
	size_t capacity;
	const char *restart_file; /* that gave restart_duration */
	bool ledger_down;	  /* has been said */
	struct digest digest;
	struct findings *findings; /* NULL: the first fault ends it */
};

static int check_name(const struct policy *policy, const config_setting_t *group,
		      const struct limit *limit, struct fault *fault)
{
	for (size_t i = 0; limit->name && i < policy->count; i++) {
		const struct limit *other = &policy->limits[i];

		if (other->name && strcmp(other->name, limit->name) == 0)
			return load_expected(config_setting_get_member(group, "name"),
					     fault,
					     "a name of its own; %s:%d has it already",
					     other->file, other->line);
	}
	return 0;
}

static int add_limit(struct policy_files *files, const config_setting_t *group,
		     struct fault *fault)
{
	struct policy *policy = files->policy;
	struct limit *grown, limit;

	if (load_limit(files->arena, group, files->fleet, &limit, fault) ||
	    check_name(policy, group, &limit, fault))
		return -1;
	grown = arena_grow(files->arena, policy->limits, policy->count, &files->capacity,
			   sizeof(*grown));
	if (!grown)
		return load_fault(group, fault, "out of memory");
	policy->limits = grown;
	grown[policy->count++] = limit;
	return 0;
}

/* Where two files differ, the one that holds more back is right, in any order. */
static int add_ledger_down(struct policy_files *files, const config_setting_t *root,
			   struct fault *fault)
{
	static const char *const choices[] = {"deny", "allow", NULL};
	int choice = 0, found;

	found = load_choice(root, "ledger_down", false, choices, &choice, fault);
	if (found <= 0)
		return found;
	files->policy->ledger_down_allows =
		choice == 1 && (!files->ledger_down || files->policy->ledger_down_allows);
	files->ledger_down = true;
	return 0;
}

static int add_settings(struct policy_files *files, const config_setting_t *root,
			struct fault *fault)
{
	struct policy *policy = files->policy;
	int64_t before = policy->restart_duration;
	bool observe = false;
	int found;

	if (load_bool(root, "observe", false, &observe, fault) < 0 ||
	    add_ledger_down(files, root, fault) < 0)
		return -1;
	/* One file that says so is enough, whatever the order of the files. */
	policy->observe |= observe;
	found = load_duration(root, "restart_duration", false, &policy->restart_duration,
			      fault);
	if (found <= 0)
		return found;
	if (files->restart_file && before != policy->restart_duration)
		return load_expected(config_setting_get_member(root, "restart_duration"),
				     fault, "the same as in %s, or one of the two gone",
				     files->restart_file);
	files->restart_file = load_source(root)->path;
	return 0;
}

static int add_file(struct policy_files *files, const char *path, struct fault *fault)
{
	config_setting_t *list = NULL, *root;
	config_t config;
	int result;

	if (load_open_rules(files->arena, path, &config, fault))
		return -1;
	root = config_root_setting(&config);
	digest_add(&files->digest, load_source(root)->text, load_source(root)->length);
	result = finding_goes_on(files->findings, load_check_keys(root, file_keys, fault),
				 fault);
	if (result == 0)
		result = finding_goes_on(files->findings,
					 add_settings(files, root, fault), fault);
	if (result >= 0)
		result = finding_goes_on(files->findings,
					 load_groups(root, "limits", false, &list, fault),
					 fault);
	for (int i = 0; result >= 0 && list && i < config_setting_length(list); i++)
		result = finding_goes_on(
			files->findings,
			add_limit(files, config_setting_get_elem(list, (unsigned)i),
				  fault),
			fault);
	config_destroy(&config);
	return result < 0 ? -1 : 0;
}

int policy_load(struct arena *arena, const char *const *rules, const struct fleet *fleet,
		struct policy **policy, struct fault *fault)
{
	const char *const *paths;

	if (load_files(arena, rules, "policy", &paths, fault))
		return -1;
	/* A policy that has gone is not a policy that allows everything. */
	if (!*paths)
		return fault_at(
			fault, rules[0], 0,
			"no policy: expected a file policy/*.cfg here or in another "
			"rule directory; one with `limits = ();` says that nothing "
			"but the floors is to be held");
	return policy_load_files(arena, paths, fleet, NULL, policy, fault);
}

int policy_load_files(struct arena *arena, const char *const *paths,
		      const struct fleet *fleet, struct findings *findings,
		      struct policy **policy, struct fault *fault)
{
	struct policy_files files = {
		.arena = arena, .fleet = fleet, .findings = findings};
	char hex[DIGEST_HEX];

	files.policy = arena_alloc(arena, sizeof(*files.policy));
	if (!files.policy)
		return fault_set(fault, "out of memory");
	files.policy->restart_duration = SETTLE_SECONDS;
	digest_start(&files.digest);
	digest_add(&files.digest, fleet->digest, strlen(fleet->digest));
	for (; *paths; paths++) {
		if (finding_goes_on(findings, add_file(&files, *paths, fault), fault))
			return -1;
	}
	digest_end(&files.digest, hex);
	files.policy->digest = arena_strdup(arena, hex);
	if (!files.policy->digest)
		return fault_set(fault, "out of memory");
	*policy = files.policy;
	return 0;
}
