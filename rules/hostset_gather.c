#include "hostset_gather.h"

bool gather_name(struct gather *gather, const char *name, size_t length)
{
	struct span *names = arena_grow(gather->arena, gather->names, gather->name_count,
					&gather->name_capacity, sizeof(*names));

	if (!names)
		return false;
	gather->names = names;
	names[gather->name_count++] = (struct span){name, length};
	return true;
}

bool gather_set(struct gather *gather, const struct hostset *set)
{
	size_t i = 0;

	while (set && gather->sets[i]) {
		set = hostset_union(gather->arena, gather->sets[i], set);
		gather->sets[i++] = NULL;
	}
	gather->sets[i] = set;
	return set != NULL;
}

const struct hostset *gather_finish(struct gather *gather)
{
	const struct hostset *all = NULL;

	all = gather->name_count
		      ? hostset_spans(gather->arena, gather->names, gather->name_count)
		      : hostset_empty(gather->arena);
	for (size_t i = 0; i < sizeof(gather->sets) / sizeof(gather->sets[0]); i++)
		if (gather->sets[i])
			all = hostset_union(gather->arena, gather->sets[i], all);
	return all;
}
