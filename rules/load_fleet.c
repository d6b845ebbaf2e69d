/* rules/fleet/ *.cfg -> struct fleet. The settings are described in docs/rules.md. */
#include "fleet.h"

#include <string.h>

#include "digest.h"
#include "finding.h"
#include "load.h"
#include "syntax.h"

/* What is being put together from all files. */
struct fleet_files {
	struct arena *arena;
	struct fleet *fleet;
	size_t capacity;
	char *aliases; /* the text of all of them, until the members are known */
	struct digest digest;
	struct findings *findings; /* NULL: the first fault ends it */
};

/* The same for one element of a list: what comes behind it is still read. */
static int goes_on(struct fleet_files *files, int result, struct fault *fault)
{
	if (files->findings && result < 0)
		files->fleet->incomplete = true;
	return finding_goes_on(files->findings, result, fault);
}

static const char *const file_keys[] = {"subsystems", "identity", "tests", NULL};
static const char *const subsystem_keys[] = {
	"name",	   "members",	  "unit",      "floor",	     "floor_verdict",
	"observe", "settle",	  "restarted", "depends_on", "cells",
	"pairs",   "environment", "capacity",  "unhealthy",  NULL};
static const char *const capacity_keys[] = {"probe", "syntax", "timeout", "max_age",
					    NULL};
static const char *const identity_keys[] = {"domains",	     "aliases", "aliases_file",
					    "aliases_probe", "self",	NULL};
static const char *const alias_probe_keys[] = {"run", "timeout", "max_age", NULL};
static const char *const syntaxes[] = {"lines", "folded", "count", NULL};
static const char *const unhealthies[] = {"free", "count", "allow", NULL};
static const char *const floor_verdicts[] = {"confirm", "approve", "deny", NULL};

enum { MAX_AGE = 366 * 86400, MAX_TIMEOUT = 600 };

static int load_seconds(const config_setting_t *group, const char *name, int64_t most,
			unsigned *value, struct fault *fault)
{
	int64_t seconds = 0;
	int found = load_duration(group, name, false, &seconds, fault);

	if (found <= 0)
		return found;
	if (seconds > most)
		return load_expected(config_setting_get_member(group, name), fault,
				     "at most %lld seconds", (long long)most);
	*value = (unsigned)seconds;
	return 1;
}

static int check_probe(const config_setting_t *group, const char *name,
		       const char *const *argv, struct fault *fault)
{
	const config_setting_t *setting = config_setting_get_member(group, name);

	if (!argv[0] || !argv[0][0])
		return load_fault(setting, fault,
				  "%s: expected a program and its arguments: "
				  "[ \"/usr/local/bin/in-service\", \"index\" ]",
				  name);
	return 0;
}

static int load_capacity(struct arena *arena, const config_setting_t *group,
			 struct subsystem *subsystem, struct fault *fault)
{
	struct capacity_source *capacity = &subsystem->capacity;
	config_setting_t *inner;
	int syntax = 0;
	int found = load_group(group, "capacity", false, &inner, fault);

	capacity->syntax = syntaxes[0];
	if (found <= 0)
		return found;
	if (load_check_keys(inner, capacity_keys, fault) ||
	    load_strings(arena, inner, "probe", true, &capacity->probe, fault) < 0 ||
	    check_probe(inner, "probe", capacity->probe, fault) ||
	    load_choice(inner, "syntax", false, syntaxes, &syntax, fault) < 0 ||
	    load_seconds(inner, "timeout", MAX_TIMEOUT, &capacity->timeout, fault) < 0 ||
	    load_seconds(inner, "max_age", MAX_AGE, &capacity->max_age, fault) < 0)
		return -1;
	capacity->syntax = syntaxes[syntax];
	return 0;
}

/*
 * `name` = [ "set", "set" ... ]: sets of members with at least `least` of them each. Cells
 * may not overlap; a redundancy group may.
 */
static int load_parts(struct arena *arena, const config_setting_t *group,
		      const char *name, const struct subsystem *subsystem, uint64_t least,
		      bool disjoint, const char *const **texts,
		      const struct hostset ***sets, size_t *count, struct fault *fault)
{
	const config_setting_t *setting = config_setting_get_member(group, name);
	const struct hostset **parts, *all = hostset_empty(arena);
	int found = load_strings(arena, group, name, false, texts, fault);

	if (found <= 0)
		return found;
	for (*count = 0; (*texts)[*count];)
		(*count)++;
	*sets = parts = arena_array(arena, *count + 1, sizeof(*parts));
	if (!parts || !all)
		return load_fault(setting, fault, "out of memory");
	for (size_t i = 0; i < *count; i++) {
		const char *text = (*texts)[i];
		const struct hostset *outside, *twice;
		struct fault why = {0};

		parts[i] = syntax_folded(arena, text, &why);
		if (!parts[i])
			return load_fault(setting, fault, "%s: \"%s\": %s", name, text,
					  why.text);
		outside = hostset_difference(arena, parts[i], subsystem->members);
		twice = hostset_intersection(arena, parts[i], all);
		all = hostset_union(arena, all, parts[i]);
		if (!outside || !twice || !all)
			return load_fault(setting, fault, "out of memory");
		if (!hostset_is_empty(outside))
			return load_fault(setting, fault,
					  "%s: %s: expected members of %s only", name,
					  hostset_fold(arena, outside), subsystem->name);
		if (hostset_count(parts[i]) < least)
			return load_fault(setting, fault,
					  "%s: \"%s\": expected at least %d members",
					  name, text, (int)least);
		if (disjoint && !hostset_is_empty(twice))
			return load_fault(setting, fault,
					  "%s: %s is in two of them: expected one", name,
					  hostset_fold(arena, twice));
	}
	return 1;
}

static int load_floor(const config_setting_t *group, struct subsystem *subsystem,
		      struct fault *fault)
{
	const config_setting_t *setting = config_setting_get_member(group, "floor");
	int verdict = 2, unhealthy = UNHEALTHY_FREE;
	bool observe = false;
	int found;

	if (load_amount(group, "floor", false, &subsystem->floor, fault) < 0 ||
	    load_choice(group, "floor_verdict", false, floor_verdicts, &verdict, fault) <
		    0 ||
	    load_choice(group, "unhealthy", false, unhealthies, &unhealthy, fault) < 0)
		return -1;
	if (setting &&
	    amount_floor(subsystem->floor, subsystem->declared) > subsystem->declared)
		return load_expected(setting, fault,
				     "at most %llu, the number of members",
				     (unsigned long long)subsystem->declared);
	found = load_bool(group, "observe", false, &observe, fault);
	if (found < 0)
		return -1;
	subsystem->observe = found ? observe : -1;
	subsystem->floor_verdict = (enum verdict)(VERDICT_CONFIRM + verdict);
	subsystem->unhealthy = (enum unhealthy)unhealthy;
	return 0;
}

static int load_subsystem(struct arena *arena, const config_setting_t *group,
			  struct subsystem *subsystem, struct fault *fault)
{
	const char *const *pairs;

	*subsystem = (struct subsystem){
		.settle = -1, .file = load_source(group)->path, .line = load_line(group)};
	if (load_check_keys(group, subsystem_keys, fault) ||
	    load_string(arena, group, "name", true, &subsystem->name, fault) < 0 ||
	    load_set(arena, group, "members", true, &subsystem->members, fault) < 0 ||
	    load_string(arena, group, "unit", false, &subsystem->unit, fault) < 0)
		return -1;
	if (fleet_unit_is_machine(subsystem->unit))
		subsystem->unit = NULL;
	subsystem->declared = hostset_count(subsystem->members);
	if (load_floor(group, subsystem, fault) ||
	    load_capacity(arena, group, subsystem, fault) < 0 ||
	    load_duration(group, "settle", false, &subsystem->settle, fault) < 0 ||
	    load_date(group, "restarted", false, &subsystem->restarted, fault) < 0 ||
	    load_strings(arena, group, "depends_on", false, &subsystem->depends_on,
			 fault) < 0 ||
	    load_string(arena, group, "environment", false, &subsystem->environment,
			fault) < 0 ||
	    load_parts(arena, group, "cells", subsystem, 1, true, &subsystem->cells,
		       &subsystem->cell_members, &subsystem->cell_count, fault) < 0 ||
	    load_parts(arena, group, "pairs", subsystem, 2, false, &pairs,
		       &subsystem->pairs, &subsystem->pair_count, fault) < 0)
		return -1;
	return 0;
}

static int add_subsystem(struct fleet_files *files, const config_setting_t *group,
			 struct fault *fault)
{
	struct fleet *fleet = files->fleet;
	struct subsystem *grown, subsystem;
	const struct subsystem *other;

	if (load_subsystem(files->arena, group, &subsystem, fault))
		return -1;
	other = fleet_subsystem(fleet, subsystem.name);
	if (other)
		return load_expected(config_setting_get_member(group, "name"), fault,
				     "a name of its own; %s:%d has it already",
				     other->file, other->line);
	grown = arena_grow(files->arena, fleet->subsystems, fleet->count,
			   &files->capacity, sizeof(*grown));
	if (!grown)
		return load_fault(group, fault, "out of memory");
	fleet->subsystems = grown;
	fleet->subsystems[fleet->count++] = subsystem;
	if (!subsystem.unit)
		fleet->members =
			hostset_union(files->arena, fleet->members, subsystem.members);
	return fleet->members ? 0 : load_fault(group, fault, "out of memory");
}

/* `more` behind what `*texts` (NULL: nothing) holds already. */
static int append_texts(struct arena *arena, const char *const **texts,
			const char *const *more)
{
	size_t have = 0, come = 0;
	const char **all;

	while (*texts && (*texts)[have])
		have++;
	while (more[come])
		come++;
	all = arena_array(arena, have + come + 1, sizeof(*all));
	if (!all)
		return -1;
	for (size_t i = 0; i < have; i++)
		all[i] = (*texts)[i];
	for (size_t i = 0; i < come; i++)
		all[have + i] = more[i];
	*texts = all;
	return 0;
}

static int add_text(struct fleet_files *files, const char *text)
{
	files->aliases = arena_printf(files->arena, "%s%s\n",
				      files->aliases ? files->aliases : "", text);
	return files->aliases ? 0 : -1;
}

/* The file of aliases is read as it stands: it need not be libconfig. */
static int add_alias_file(struct fleet_files *files, const config_setting_t *group,
			  struct fault *fault)
{
	const config_setting_t *setting =
		config_setting_get_member(group, "aliases_file");
	struct load_source source;
	const char *path = NULL, *slash;
	int found = load_string(files->arena, group, "aliases_file", false, &path, fault);
	struct fault why = {0};

	if (found <= 0)
		return found;
	slash = strrchr(load_source(group)->path, '/');
	if (*path != '/' && slash)
		path = arena_printf(files->arena, "%.*s/%s",
				    (int)(slash - load_source(group)->path),
				    load_source(group)->path, path);
	if (!path)
		return load_fault(setting, fault, "out of memory");
	if (load_read(files->arena, path, &source, &why))
		return load_expected(setting, fault, "a file that can be read; %s %s",
				     path, why.text);
	digest_add(&files->digest, source.text, source.length);
	return add_text(files, source.text) ? load_fault(setting, fault, "out of memory")
					    : 1;
}

static int load_alias_probe(struct fleet_files *files, const config_setting_t *group,
			    struct fault *fault)
{
	struct identity *identity = &files->fleet->identity;
	config_setting_t *inner;
	int found = load_group(group, "aliases_probe", false, &inner, fault);

	if (found <= 0)
		return found;
	if (identity->alias_probe)
		return load_fault(inner, fault,
				  "aliases_probe is given in another file already: "
				  "expected one");
	if (load_check_keys(inner, alias_probe_keys, fault) ||
	    load_strings(files->arena, inner, "run", true, &identity->alias_probe,
			 fault) < 0 ||
	    check_probe(inner, "run", identity->alias_probe, fault) ||
	    load_seconds(inner, "timeout", MAX_TIMEOUT, &identity->alias_timeout, fault) <
		    0 ||
	    load_seconds(inner, "max_age", MAX_AGE, &identity->alias_max_age, fault) < 0)
		return -1;
	return 1;
}

static int add_identity(struct fleet_files *files, const config_setting_t *root,
			struct fault *fault)
{
	static const char *const none[] = {NULL};
	struct identity *identity = &files->fleet->identity;
	const char *const *domains = none, *const *aliases = none, *const *self = none;
	config_setting_t *group;
	int found = load_group(root, "identity", false, &group, fault);

	if (found <= 0)
		return found;
	if (load_check_keys(group, identity_keys, fault) ||
	    load_strings(files->arena, group, "domains", false, &domains, fault) < 0 ||
	    load_strings(files->arena, group, "aliases", false, &aliases, fault) < 0 ||
	    load_strings(files->arena, group, "self", false, &self, fault) < 0 ||
	    add_alias_file(files, group, fault) < 0 ||
	    load_alias_probe(files, group, fault) < 0)
		return -1;
	for (size_t i = 0; aliases[i]; i++) {
		if (add_text(files, aliases[i]))
			return load_fault(group, fault, "out of memory");
	}
	if (append_texts(files->arena, &identity->domains, domains) ||
	    append_texts(files->arena, &identity->self, self))
		return load_fault(group, fault, "out of memory");
	return 0;
}

static int add_file(struct fleet_files *files, const char *path, struct fault *fault)
{
	config_setting_t *list = NULL, *root;
	config_t config;
	int result;

	if (load_open_rules(files->arena, path, &config, fault))
		return -1;
	root = config_root_setting(&config);
	digest_add(&files->digest, load_source(root)->text, load_source(root)->length);
	result = goes_on(files, load_check_keys(root, file_keys, fault), fault);
	if (result == 0 && load_groups(root, "subsystems", false, &list, fault) < 0)
		result = goes_on(files, -1, fault);
	for (int i = 0; result == 0 && list && i < config_setting_length(list); i++)
		result = goes_on(files,
				 add_subsystem(files,
					       config_setting_get_elem(list, (unsigned)i),
					       fault),
				 fault);
	if (result == 0)
		result = goes_on(files, add_identity(files, root, fault), fault);
	config_destroy(&config);
	return result;
}

/* What can only be checked when all files are read. */
static int check_fleet(struct fleet_files *files, struct fault *fault)
{
	const struct fleet *fleet = files->fleet;

	for (size_t i = 0; i < fleet->count && !fleet->incomplete; i++) {
		const struct subsystem *subsystem = &fleet->subsystems[i];
		const char *const *name = subsystem->depends_on;

		for (; name && *name; name++) {
			if (fleet_subsystem(fleet, *name))
				continue;
			fault_at(fault, subsystem->file, subsystem->line,
				 "%s: depends_on \"%s\": expected the name of a "
				 "subsystem",
				 subsystem->name, *name);
			if (finding_goes_on(files->findings, -1, fault))
				return -1;
		}
	}
	return 0;
}

int fleet_load(struct arena *arena, const char *const *rules, struct fleet *fleet,
	       struct fault *fault)
{
	const char *const *paths;

	if (load_files(arena, rules, "fleet", &paths, fault))
		return -1;
	return fleet_load_files(arena, paths, NULL, fleet, fault);
}

int fleet_load_files(struct arena *arena, const char *const *paths,
		     struct findings *findings, struct fleet *fleet, struct fault *fault)
{
	struct fleet_files files = {.arena = arena, .fleet = fleet, .findings = findings};
	char hex[DIGEST_HEX];

	*fleet = (struct fleet){.members = hostset_empty(arena)};
	if (!fleet->members)
		return fault_set(fault, "out of memory");
	digest_start(&files.digest);
	for (; *paths; paths++) {
		if (goes_on(&files, add_file(&files, *paths, fault), fault))
			return -1;
	}
	if (check_fleet(&files, fault))
		return -1;
	if (files.aliases && fleet_add_aliases(arena, fleet->members, files.aliases,
					       strlen(files.aliases), &fleet->identity))
		return fault_set(fault, "out of memory");
	digest_end(&files.digest, hex);
	fleet->digest = arena_strdup(arena, hex);
	return fleet->digest ? 0 : fault_set(fault, "out of memory");
}
