/* Target sets: names in, names out, and what can be asked of a set. */
#include "hostset_node.h"

#include <string.h>

enum { STACK_NAME = 512 };

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

unsigned name_split(const char *name, size_t length, char *text, uint64_t *keys)
{
	unsigned dims = 0;
	size_t at = 0;

	while (at < length) {
		size_t start = at;

		while (at < length && is_digit(name[at]))
			at++;
		if (at > start && at - start <= HOSTSET_MAX_DIGITS &&
		    dims < HOSTSET_MAX_DIMS) {
			keys[dims++] = key_of(name + start, (unsigned)(at - start));
			*text++ = '%';
			*text++ = 's';
			continue;
		}
		memcpy(text, name + start, at - start);
		text += at - start;
		while (at < length && !is_digit(name[at])) {
			if (name[at] == '%')
				*text++ = '%';
			*text++ = name[at++];
		}
	}
	*text = '\0';
	return dims;
}

static const struct hostset *new_set(struct arena *arena, const struct pattern *patterns,
				     size_t count)
{
	struct hostset *set = arena_alloc(arena, sizeof(*set));

	if (set)
		*set = (struct hostset){count, patterns};
	return set;
}

const struct hostset *hostset_empty(struct arena *arena)
{
	return new_set(arena, NULL, 0);
}

const struct hostset *hostset_name(struct arena *arena, const char *name, size_t length)
{
	struct span span = {name, length};

	return hostset_spans(arena, &span, 1);
}

const struct hostset *hostset_names(struct arena *arena, const char *const *names,
				    size_t count)
{
	struct arena *scratch = arena_new(SIZE_MAX);
	const struct hostset *set = NULL;
	struct span *spans = NULL;

	if (scratch)
		spans = arena_array(scratch, count, sizeof(*spans));
	if (spans) {
		for (size_t i = 0; i < count; i++)
			spans[i] = (struct span){names[i], strlen(names[i])};
		set = hostset_spans(arena, spans, count);
	}
	arena_free(scratch);
	return set;
}

static const struct hostset *combine(struct arena *arena, const struct hostset *a,
				     const struct hostset *b, enum set_op op)
{
	const struct hostset *result = NULL;
	size_t i = 0, j = 0, count = 0;
	struct pattern *patterns;
	struct work work;

	if (!a || !b)
		return NULL;
	patterns = arena_array(arena, a->count + b->count, sizeof(*patterns));
	if (!work_begin(&work, arena) || !patterns)
		goto out;
	work.op = op;
	while (i < a->count || j < b->count) {
		struct pattern out = {0};
		int order = i == a->count ? 1
			    : j == b->count
				    ? -1
				    : strcmp(a->patterns[i].text, b->patterns[j].text);

		if (order < 0) {
			out = a->patterns[i++];
			out.root = node_merge(&work, out.root, NULL);
		} else if (order > 0) {
			out = b->patterns[j++];
			out.root = node_merge(&work, NULL, out.root);
		} else {
			out = a->patterns[i++];
			out.root = node_merge(&work, out.root, b->patterns[j++].root);
		}
		if (out.root)
			patterns[count++] = out;
		if (work.failed)
			goto out;
	}
	result = new_set(arena, patterns, count);
out:
	work_end(&work);
	return result;
}

const struct hostset *hostset_union(struct arena *arena, const struct hostset *a,
				    const struct hostset *b)
{
	if (a && b && a->count == 0)
		return b;
	if (a && b && b->count == 0)
		return a;
	return combine(arena, a, b, SET_UNION);
}

const struct hostset *hostset_difference(struct arena *arena, const struct hostset *a,
					 const struct hostset *b)
{
	return combine(arena, a, b, SET_DIFFERENCE);
}

const struct hostset *hostset_intersection(struct arena *arena, const struct hostset *a,
					   const struct hostset *b)
{
	return combine(arena, a, b, SET_INTERSECTION);
}

uint64_t hostset_count(const struct hostset *set)
{
	uint64_t count = 0;

	for (size_t i = 0; i < set->count; i++)
		if (__builtin_add_overflow(count, set->patterns[i].root->count, &count))
			return UINT64_MAX;
	return count;
}

bool hostset_is_empty(const struct hostset *set)
{
	return set->count == 0;
}

bool hostset_equal(const struct hostset *a, const struct hostset *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->patterns[i].text, b->patterns[i].text) != 0 ||
		    !node_equal(a->patterns[i].root, b->patterns[i].root))
			return false;
	return true;
}

static const struct pattern *find_pattern(const struct hostset *set, const char *text)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(set->patterns[middle].text, text);

		if (order == 0)
			return &set->patterns[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const struct node *follow(const struct node *node, uint64_t key)
{
	size_t low = 0, high = node->length;
	const struct run *run;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (node->runs[middle].high < key)
			low = middle + 1;
		else
			high = middle;
	}
	run = &node->runs[low];
	if (low == node->length || key < run->low || (key - run->low) % run->step != 0)
		return NULL;
	return run->next;
}

bool hostset_contains(const struct hostset *set, const char *name, size_t length)
{
	char near[2 * STACK_NAME + 1], *text = near;
	const struct pattern *pattern;
	const struct node *node = NULL;
	uint64_t keys[HOSTSET_MAX_DIMS];
	struct arena *scratch = NULL;
	unsigned dims;

	if (length == 0 || memchr(name, '\0', length))
		return false;
	if (length > STACK_NAME) {
		scratch = arena_new(SIZE_MAX);
		text = scratch ? arena_array(scratch, length + 1, 2) : NULL;
		if (!text)
			goto out;
	}
	dims = name_split(name, length, text, keys);
	pattern = find_pattern(set, text);
	node = pattern ? pattern->root : NULL;
	for (unsigned i = 0; node && i < dims; i++)
		node = follow(node, keys[i]);
out:
	arena_free(scratch);
	return node != NULL;
}

struct visit {
	int (*each)(void *context, const char *name, size_t length);
	void *context;
	char *name;
};

/* `text` is the rest of the pattern, `length` what is already in visit->name. */
static int visit_names(struct visit *visit, const char *text, const struct node *node,
		       size_t length)
{
	int stop = 0;

	for (; *text && !(text[0] == '%' && text[1] == 's'); text++) {
		visit->name[length++] = *text;
		if (*text == '%')
			text++;
	}
	if (!*text) {
		visit->name[length] = '\0';
		return visit->each(visit->context, visit->name, length);
	}
	for (size_t i = 0; i < node->length && stop == 0; i++) {
		const struct run *run = &node->runs[i];

		for (uint64_t key = run->low; key <= run->high && stop == 0;
		     key += run->step)
			stop = visit_names(visit, text + 2, run->next,
					   length + key_print(visit->name + length, key));
	}
	return stop;
}

int hostset_each(const struct hostset *set,
		 int (*each)(void *context, const char *name, size_t length),
		 void *context)
{
	struct visit visit = {each, context, NULL};
	struct arena *scratch;
	size_t longest = 0;
	int stop = 0;

	for (size_t i = 0; i < set->count; i++) {
		size_t length = strlen(set->patterns[i].text);

		if (length > longest)
			longest = length;
	}
	scratch = arena_new(SIZE_MAX);
	if (scratch)
		visit.name = arena_alloc(
			scratch, longest + 1 + HOSTSET_MAX_DIMS * HOSTSET_MAX_DIGITS);
	if (!visit.name)
		stop = -1;
	for (size_t i = 0; i < set->count && stop == 0; i++)
		stop = visit_names(&visit, set->patterns[i].text, set->patterns[i].root,
				   0);
	arena_free(scratch);
	return stop;
}
