/*
 * Members that differ only in leading zeros, in case, or in a domain that identity strips:
 * most likely one machine, which then has two floors and belongs half to each.
 */
#include "check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_NAMES = 200000 }; /* larger fleets are not looked through name by name */

struct spelling {
	const char *key, *name;
	const struct subsystem *subsystem;
};

struct spellings {
	struct arena *arena;
	const struct fleet *fleet;
	const struct subsystem *subsystem; /* whose members are being added */
	struct spelling *items;
	size_t count, capacity;
};

/* The length of `name` without a domain that identity strips. */
static size_t bare_length(const struct fleet *fleet, const char *name, size_t length)
{
	const char *const *domain = fleet->identity.domains;

	for (; domain && *domain; domain++) {
		size_t tail = strlen(*domain);

		if (length > tail + 1 && name[length - tail - 1] == '.' &&
		    strncasecmp(name + length - tail, *domain, tail) == 0)
			return length - tail - 1;
	}
	return length;
}

/* Lower case, digits without leading zeros. */
static char *key_of(struct arena *arena, const char *name, size_t length)
{
	char *key = arena_strndup(arena, name, length), *to = key;
	bool started = false; /* a digit of this number has been kept */

	if (!key)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		bool more = i + 1 < length && isdigit((unsigned char)name[i + 1]);

		if (name[i] == '0' && !started && more)
			continue;
		started = isdigit((unsigned char)name[i]) != 0;
		*to++ = (char)tolower((unsigned char)name[i]);
	}
	*to = '\0';
	return key;
}

static int add_name(void *context, const char *name, size_t length)
{
	struct spellings *all = context;
	struct spelling *grown = arena_grow(all->arena, all->items, all->count,
					    &all->capacity, sizeof(*grown));

	if (!grown)
		return -1;
	all->items = grown;
	grown[all->count].name = arena_strndup(all->arena, name, length);
	grown[all->count].key =
		key_of(all->arena, name, bare_length(all->fleet, name, length));
	grown[all->count].subsystem = all->subsystem;
	if (!grown[all->count].name || !grown[all->count].key)
		return -1;
	all->count++;
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct spelling *left = a, *right = b;
	int order = strcmp(left->key, right->key);

	return order ? order : strcmp(left->name, right->name);
}

/* A name with a domain that is stripped from what commands name is never hit by them. */
static void check_domain(const struct spellings *all, const struct spelling *item,
			 struct findings *findings)
{
	size_t length = strlen(item->name);

	if (bare_length(all->fleet, item->name, length) == length)
		return;
	finding_add(findings, FINDING_WARNING, item->subsystem->file,
		    item->subsystem->line,
		    "%s: the member %s has a domain that `identity` strips from what "
		    "commands name: write it without",
		    item->subsystem->name, item->name);
}

/* One warning for all of them: a fleet of thousands has one such mistake, not thousands. */
static void report(const struct spellings *all, struct findings *findings)
{
	const struct hostset *first = hostset_empty(all->arena),
			     *second = hostset_empty(all->arena);
	const struct spelling *where = NULL;

	for (size_t i = 1; first && second && i < all->count; i++) {
		const struct spelling *a = &all->items[i - 1], *b = &all->items[i];

		if (strcmp(a->key, b->key) != 0 || strcmp(a->name, b->name) == 0)
			continue;
		where = where ? where : b;
		first = hostset_union(all->arena, first,
				      hostset_name(all->arena, a->name, strlen(a->name)));
		second =
			hostset_union(all->arena, second,
				      hostset_name(all->arena, b->name, strlen(b->name)));
	}
	if (!first || !second)
		findings->exhausted = true;
	else if (where)
		finding_add(findings, FINDING_WARNING, where->subsystem->file,
			    where->subsystem->line,
			    "%s: %.200s and %.200s may be the same machines in two "
			    "spellings; write them the same way, or tell so in "
			    "identity.aliases",
			    where->subsystem->name, hostset_fold(all->arena, first),
			    hostset_fold(all->arena, second));
}

void check_spellings(const struct fleet *fleet, struct findings *findings)
{
	struct spellings all = {.arena = findings->arena, .fleet = fleet};
	const char *last = NULL;

	if (hostset_count(fleet->members) > MOST_NAMES)
		return;
	for (size_t i = 0; i < fleet->count; i++) {
		all.subsystem = &fleet->subsystems[i];
		if (all.subsystem->unit)
			continue;
		if (hostset_each(all.subsystem->members, add_name, &all)) {
			findings->exhausted = true;
			return;
		}
	}
	if (all.count)
		qsort(all.items, all.count, sizeof(*all.items), by_key);
	for (size_t i = 0; i < all.count; i++) {
		if (!last || strcmp(last, all.items[i].name) != 0)
			check_domain(&all, &all.items[i], findings);
		last = all.items[i].name;
	}
	report(&all, findings);
}
