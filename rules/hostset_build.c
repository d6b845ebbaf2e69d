/* Many names into one set: sorted once, then folded from the last number to the first. */
#include "hostset_node.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	const uint64_t *keys;
	size_t pattern; /* index into builder.patterns */
};

/* One pattern and the names that have it. */
struct kind {
	const char *text; /* in the scratch memory */
	uint64_t hash;
	unsigned dims;
	size_t count;
	size_t first; /* where its entries begin, once they are grouped */
};

struct builder {
	struct work work;
	struct kind *kinds;
	size_t kind_count, kind_capacity;
	size_t *slots; /* 1 + index of a kind; 0: free */
	size_t slot_count;
	struct entry *entries, *grouped;
};

static uint64_t text_hash(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	return hash ^ (hash >> 31);
}

static void fill_slots(struct builder *builder)
{
	memset(builder->slots, 0, builder->slot_count * sizeof(*builder->slots));
	for (size_t i = 0; i < builder->kind_count; i++) {
		size_t slot = builder->kinds[i].hash % builder->slot_count;

		while (builder->slots[slot])
			slot = (slot + 1) % builder->slot_count;
		builder->slots[slot] = i + 1;
	}
}

static bool grow_slots(struct builder *builder)
{
	size_t wanted = builder->slot_count ? builder->slot_count * 4 : 64;

	builder->slots =
		arena_array(builder->work.scratch, wanted, sizeof(*builder->slots));
	if (!builder->slots)
		return false;
	builder->slot_count = wanted;
	fill_slots(builder);
	return true;
}

/* The kind of the pattern `text`, a new one if need be; NULL on shortage of memory. */
static struct kind *kind_of(struct builder *builder, const char *text, unsigned dims)
{
	uint64_t hash = text_hash(text);
	struct kind *kinds;
	size_t slot;

	if (builder->kind_count * 2 >= builder->slot_count && !grow_slots(builder))
		return NULL;
	slot = hash % builder->slot_count;
	while (builder->slots[slot]) {
		struct kind *kind = &builder->kinds[builder->slots[slot] - 1];

		if (kind->hash == hash && strcmp(kind->text, text) == 0)
			return kind;
		slot = (slot + 1) % builder->slot_count;
	}
	kinds = arena_grow(builder->work.scratch, builder->kinds, builder->kind_count,
			   &builder->kind_capacity, sizeof(*kinds));
	if (!kinds)
		return NULL;
	builder->kinds = kinds;
	kinds += builder->kind_count;
	*kinds = (struct kind){.hash = hash, .dims = dims};
	kinds->text = arena_strdup(builder->work.scratch, text);
	if (!kinds->text)
		return NULL;
	builder->slots[slot] = ++builder->kind_count;
	return kinds;
}

static bool read_names(struct builder *builder, const struct span *names, size_t count)
{
	struct arena *scratch = builder->work.scratch;
	uint64_t keys[HOSTSET_MAX_DIMS], *kept;
	size_t longest = 0;
	char *text;

	for (size_t i = 0; i < count; i++) {
		if (names[i].length == 0 || memchr(names[i].text, '\0', names[i].length))
			return false;
		if (names[i].length > longest)
			longest = names[i].length;
	}
	text = arena_array(scratch, longest + 1, 2);
	builder->entries = arena_array(scratch, count, sizeof(struct entry));
	builder->grouped = arena_array(scratch, count, sizeof(struct entry));
	if (!text || !builder->entries || !builder->grouped)
		return false;
	for (size_t i = 0; i < count; i++) {
		unsigned dims = name_split(names[i].text, names[i].length, text, keys);
		struct kind *kind = kind_of(builder, text, dims);

		kept = arena_array(scratch, dims, sizeof(*kept));
		if (!kind || !kept)
			return false;
		memcpy(kept, keys, dims * sizeof(*kept));
		kind->count++;
		builder->entries[i] =
			(struct entry){kept, (size_t)(kind - builder->kinds)};
	}
	return true;
}

static int compare_entries(const void *left, const void *right, void *context)
{
	const struct entry *a = left, *b = right;
	const unsigned *dims = context;

	for (unsigned i = 0; i < *dims; i++)
		if (a->keys[i] != b->keys[i])
			return a->keys[i] < b->keys[i] ? -1 : 1;
	return 0;
}

static void sort_entries(struct entry *entries, size_t count, unsigned dims)
{
	for (size_t i = 1; i < count; i++) {
		if (compare_entries(&entries[i - 1], &entries[i], &dims) > 0) {
			qsort_r(entries, count, sizeof(*entries), compare_entries, &dims);
			return;
		}
	}
}

static const struct node *fold_entries(struct work *work, const struct entry *entries,
				       size_t count, unsigned dim, unsigned dims)
{
	struct encoder encoder;

	if (dim == dims)
		return &hostset_leaf;
	encoder_begin(&encoder, work);
	for (size_t i = 0, end; i < count && !work->failed; i = end) {
		uint64_t key = entries[i].keys[dim];
		const struct node *next;

		for (end = i + 1; end < count && entries[end].keys[dim] == key;)
			end++;
		next = fold_entries(work, entries + i, end - i, dim + 1, dims);
		if (next)
			encoder_run(&encoder, key, key, 1, next);
	}
	return encoder_finish(&encoder);
}

static const struct hostset *fold_kinds(struct builder *builder, size_t count)
{
	struct work *work = &builder->work;
	struct pattern *patterns;
	size_t first = 0;

	patterns = arena_array(work->scratch, builder->kind_count, sizeof(*patterns));
	if (!patterns)
		return NULL;
	for (size_t i = 0; i < builder->kind_count; i++) {
		builder->kinds[i].first = first;
		first += builder->kinds[i].count;
		builder->kinds[i].count = 0;
	}
	for (size_t i = 0; i < count; i++) {
		struct kind *kind = &builder->kinds[builder->entries[i].pattern];

		builder->grouped[kind->first + kind->count++] = builder->entries[i];
	}
	for (size_t i = 0; i < builder->kind_count; i++) {
		const struct kind *kind = &builder->kinds[i];
		struct entry *entries = builder->grouped + kind->first;

		sort_entries(entries, kind->count, kind->dims);
		patterns[i].text = arena_strdup(work->arena, kind->text);
		patterns[i].dims = kind->dims;
		patterns[i].root =
			fold_entries(work, entries, kind->count, 0, kind->dims);
		if (work->failed || !patterns[i].text)
			return NULL;
	}
	return hostset_of_patterns(work, patterns, builder->kind_count);
}

const struct hostset *hostset_spans(struct arena *arena, const struct span *names,
				    size_t count)
{
	const struct hostset *set = NULL;
	struct builder builder = {0};

	if (work_begin(&builder.work, arena) && read_names(&builder, names, count))
		set = fold_kinds(&builder, count);
	work_end(&builder.work);
	return set;
}

static int compare_patterns(const void *left, const void *right)
{
	const struct pattern *a = left, *b = right;

	return strcmp(a->text, b->text);
}

const struct hostset *hostset_of_patterns(struct work *work, struct pattern *patterns,
					  size_t count)
{
	struct hostset *set = arena_alloc(work->arena, sizeof(*set));
	struct pattern *kept = arena_array(work->arena, count, sizeof(*kept));
	size_t used = 0;

	if (!set || !kept || work->failed)
		return NULL;
	if (count > 0)
		qsort(patterns, count, sizeof(*patterns), compare_patterns);
	work->op = SET_UNION;
	for (size_t i = 0; i < count; i++) {
		if (!patterns[i].root)
			continue;
		if (used > 0 && strcmp(kept[used - 1].text, patterns[i].text) == 0)
			kept[used - 1].root =
				node_merge(work, kept[used - 1].root, patterns[i].root);
		else
			kept[used++] = patterns[i];
	}
	*set = (struct hostset){used, kept};
	return work->failed ? NULL : set;
}
