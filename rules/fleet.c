#include "fleet.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* p * n / 10000 and whether something remained; p <= 10000, so nothing overflows. */
static uint64_t share(uint64_t hundredths, uint64_t declared, bool *remainder)
{
	uint64_t rest = hundredths * (declared % 10000);

	*remainder = rest % 10000 != 0;
	return hundredths * (declared / 10000) + rest / 10000;
}

uint64_t amount_allowance(struct amount amount, uint64_t declared)
{
	bool remainder;

	return amount.percent ? share(amount.value, declared, &remainder) : amount.value;
}

uint64_t amount_floor(struct amount amount, uint64_t declared)
{
	bool remainder;
	uint64_t whole;

	if (!amount.percent)
		return amount.value;
	whole = share(amount.value, declared, &remainder);
	return whole + remainder;
}

bool fleet_unit_is_machine(const char *unit)
{
	static const char *const machines[] = {"host",	  "instance", "node",	"machine",
					       "server",  "minion",   "domain", "vm",
					       "droplet", "guest",    NULL};

	for (size_t i = 0; unit && machines[i]; i++) {
		if (strcmp(unit, machines[i]) == 0)
			return true;
	}
	return !unit;
}

const struct subsystem *fleet_subsystem(const struct fleet *fleet, const char *name)
{
	for (size_t i = 0; i < fleet->count; i++) {
		if (strcmp(fleet->subsystems[i].name, name) == 0)
			return &fleet->subsystems[i];
	}
	return NULL;
}

static int compare_aliases(const void *a, const void *b)
{
	const struct identity_alias *left = a, *right = b;

	return strcmp(left->alias, right->alias);
}

static bool is_member(const struct hostset *members, const char *name)
{
	return hostset_contains(members, name, strlen(name));
}

struct alias_list {
	struct identity_alias *items;
	size_t count, capacity;
};

/* The names of one machine: words[0..count). */
static int add_machine(struct arena *arena, const struct hostset *members, char **words,
		       size_t count, struct alias_list *list)
{
	size_t stands = 0;

	for (size_t i = 0; i < count; i++) {
		if (is_member(members, words[i])) {
			stands = i;
			break;
		}
	}
	for (size_t i = 0; i < count; i++) {
		struct identity_alias *grown;

		/* A second member on the line is a machine of its own: not hidden. */
		if (i == stands || is_member(members, words[i]))
			continue;
		grown = arena_grow(arena, list->items, list->count, &list->capacity,
				   sizeof(*grown));
		if (!grown)
			return -1;
		list->items = grown;
		grown[list->count++] = (struct identity_alias){words[i], words[stands]};
	}
	return 0;
}

enum { LINE_WORDS = 64 };

int fleet_add_aliases(struct arena *arena, const struct hostset *members,
		      const char *text, size_t length, struct identity *identity)
{
	struct alias_list list = {0};
	char *copy = arena_strndup(arena, text, length), *line, *rest;

	if (!copy)
		return -1;
	for (size_t i = 0; i < identity->alias_count; i++) {
		struct identity_alias *grown = arena_grow(arena, list.items, list.count,
							  &list.capacity, sizeof(*grown));

		if (!grown)
			return -1;
		list.items = grown;
		grown[list.count++] = identity->aliases[i];
	}
	for (rest = copy; (line = strsep(&rest, "\n"));) {
		char *words[LINE_WORDS], *word;
		size_t count = 0;

		line[strcspn(line, "#")] = '\0';
		while ((word = strsep(&line, " \t\r")) && count < LINE_WORDS) {
			if (*word)
				words[count++] = word;
		}
		if (add_machine(arena, members, words, count, &list))
			return -1;
	}
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), compare_aliases);
	identity->aliases = list.items;
	identity->alias_count = list.count;
	return 0;
}

int fleet_resolve(struct arena *arena, const struct fleet *fleet, struct facts *facts,
		  struct fleet *resolved, struct fault *fault)
{
	const struct identity *identity = &fleet->identity;
	const struct need need = {.kind = FACT_PROBE,
				  .argv = identity->alias_probe,
				  .timeout = identity->alias_timeout};
	const struct fact *fact;

	*resolved = *fleet;
	if (!identity->alias_probe)
		return 0;
	fact = facts_get(facts, &need);
	if (!fact)
		return 1;
	if (fact->state != FACT_OK || fact->status != 0)
		return fault_set(fault, "the aliases of machines are not known: %s: %s",
				 identity->alias_probe[0],
				 fact->error ? fact->error : "the probe failed");
	if (identity->alias_max_age && fact->age > (int64_t)identity->alias_max_age)
		return fault_set(fault,
				 "the aliases of machines are %lld s old, max_age is %u",
				 (long long)fact->age, identity->alias_max_age);
	if (fleet_add_aliases(arena, fleet->members, fact->data, fact->length,
			      &resolved->identity))
		return fault_set(fault, "out of memory");
	return 0;
}

static const char *find_alias(const struct identity *identity, const char *name)
{
	const struct identity_alias key = {.alias = name};
	const struct identity_alias *found = NULL;

	if (identity->alias_count)
		found = bsearch(&key, identity->aliases, identity->alias_count,
				sizeof(key), compare_aliases);
	return found ? found->member : NULL;
}

/* How many bytes of `name` stand in front of a domain that is to be stripped. */
static size_t without_domain(const struct identity *identity, const char *name,
			     size_t length)
{
	size_t shortest = length;

	if (length > 1 && name[length - 1] == '.') /* web01.example.com. */
		shortest = --length;
	for (const char *const *domain = identity->domains; domain && *domain; domain++) {
		const char *bare = **domain == '.' ? *domain + 1 : *domain;
		size_t size = strlen(bare);

		if (length > size + 1 && name[length - size - 1] == '.' &&
		    strncasecmp(name + length - size, bare, size) == 0 &&
		    length - size - 1 < shortest)
			shortest = length - size - 1;
	}
	return shortest;
}

struct mapping {
	struct arena *arena;
	const struct fleet *fleet;
	const char **names;
	size_t count, capacity;
};

static const char *member_of(const struct mapping *mapping, const char *name,
			     size_t length)
{
	const struct fleet *fleet = mapping->fleet;
	static const char nodes[] = "nodes/";
	const char *member = find_alias(&fleet->identity, name);
	char *lower, *bare;

	if (member)
		return member;
	/* How Kubernetes calls the machine itself. */
	if (strncmp(name, nodes, sizeof(nodes) - 1) == 0 && name[sizeof(nodes) - 1]) {
		name += sizeof(nodes) - 1;
		length -= sizeof(nodes) - 1;
		if ((member = find_alias(&fleet->identity, name)))
			return member;
	}
	bare = arena_strndup(mapping->arena, name,
			     without_domain(&fleet->identity, name, length));
	lower = bare ? arena_strdup(mapping->arena, bare) : NULL;
	if (!lower)
		return NULL;
	for (char *c = lower; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (is_member(fleet->members, bare))
		return bare;
	if ((member = find_alias(&fleet->identity, bare)) ||
	    (member = find_alias(&fleet->identity, lower)))
		return member;
	return is_member(fleet->members, lower) ? lower : bare;
}

static int map_name(void *context, const char *name, size_t length)
{
	struct mapping *mapping = context;
	const char **grown = arena_grow(mapping->arena, mapping->names, mapping->count,
					&mapping->capacity, sizeof(*grown));
	const char *member = member_of(mapping, name, length);

	if (!grown || !member)
		return -1;
	mapping->names = grown;
	mapping->names[mapping->count++] = member;
	return 0;
}

/* Beyond this, names are not looked at one by one: no fleet's list, but a mistyped range. */
enum { MAPPED_NAMES = 1 << 20 };

const struct hostset *fleet_identify(struct arena *arena, const struct fleet *fleet,
				     const struct hostset *targets)
{
	struct mapping mapping = {.arena = arena, .fleet = fleet};
	const struct hostset *as_is, *rest, *mapped;

	/* Members stand for themselves, folded as they are: the usual case costs nothing. */
	rest = hostset_difference(arena, targets, fleet->members);
	if (!rest)
		return NULL;
	if (hostset_is_empty(rest) || hostset_count(rest) > MAPPED_NAMES)
		return targets;
	as_is = hostset_intersection(arena, targets, fleet->members);
	if (!as_is || hostset_each(rest, map_name, &mapping))
		return NULL;
	mapped = hostset_names(arena, mapping.names, mapping.count);
	return mapped ? hostset_union(arena, as_is, mapped) : NULL;
}
