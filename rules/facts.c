#include "facts.h"

#include <string.h>

void facts_init(struct facts *facts, struct arena *arena)
{
	*facts = (struct facts){.arena = arena};
}

static bool text_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool texts_equal(const char *const *a, const char *const *b)
{
	if (!a || !b)
		return a == b;
	for (; *a && *b; a++, b++) {
		if (strcmp(*a, *b) != 0)
			return false;
	}
	return *a == *b;
}

bool need_equal(const struct need *a, const struct need *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case FACT_STDIN:
		return true;
	case FACT_PROBE:
		/* The time limit is how long we wait, not what we ask. */
		return texts_equal(a->argv, b->argv) && texts_equal(a->env, b->env) &&
		       text_equal(a->input, b->input);
	default:
		return text_equal(a->path, b->path);
	}
}

static const struct fact *find(const struct facts *facts, const struct need *need)
{
	for (size_t i = 0; i < facts->known_count; i++) {
		if (need_equal(&facts->known[i].need, need))
			return &facts->known[i];
	}
	return NULL;
}

/* NULL stays NULL and is no failure; *failed is set when memory is short. */
static const char *copy_text(struct arena *arena, const char *text, bool *failed)
{
	char *copy;

	if (!text)
		return NULL;
	copy = arena_strdup(arena, text);
	if (!copy)
		*failed = true;
	return copy;
}

static const char *const *copy_texts(struct arena *arena, const char *const *texts,
				     bool *failed)
{
	const char **copy;
	size_t count = 0;

	if (!texts)
		return NULL;
	while (texts[count])
		count++;
	copy = arena_array(arena, count + 1, sizeof(*copy));
	if (!copy) {
		*failed = true;
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		copy[i] = copy_text(arena, texts[i], failed);
	return copy;
}

/* Needs are kept beyond the evaluation whose arena they were built in: so copied. */
static bool copy_need(struct arena *arena, const struct need *need, struct need *copy)
{
	bool failed = false;

	*copy = *need;
	copy->path = copy_text(arena, need->path, &failed);
	copy->argv = copy_texts(arena, need->argv, &failed);
	copy->env = copy_texts(arena, need->env, &failed);
	copy->input = copy_text(arena, need->input, &failed);
	return !failed;
}

static void note_missing(struct facts *facts, const struct need *need)
{
	struct need *grown;

	for (size_t i = 0; i < facts->missing_count; i++) {
		if (need_equal(&facts->missing[i], need))
			return;
	}
	grown = arena_grow(facts->arena, facts->missing, facts->missing_count,
			   &facts->missing_capacity, sizeof(*grown));
	if (grown)
		facts->missing = grown;
	if (!grown ||
	    !copy_need(facts->arena, need, &facts->missing[facts->missing_count])) {
		facts->exhausted = true;
		return;
	}
	facts->missing_count++;
}

const struct fact *facts_get(struct facts *facts, const struct need *need)
{
	const struct fact *fact = find(facts, need);

	if (!fact)
		note_missing(facts, need);
	return fact;
}

const struct fact *facts_file(struct facts *facts, const char *path)
{
	return facts_get(facts, &(struct need){.kind = FACT_FILE, .path = path});
}

const struct fact *facts_kind(struct facts *facts, const char *path)
{
	return facts_get(facts, &(struct need){.kind = FACT_KIND, .path = path});
}

const struct fact *facts_list(struct facts *facts, const char *path)
{
	return facts_get(facts, &(struct need){.kind = FACT_LIST, .path = path});
}

const struct fact *facts_stdin(struct facts *facts)
{
	return facts_get(facts, &(struct need){.kind = FACT_STDIN});
}

const struct fact *facts_probe(struct facts *facts, const char *const *argv)
{
	return facts_get(facts, &(struct need){.kind = FACT_PROBE, .argv = argv});
}

static bool copy_fact(struct arena *arena, const struct fact *fact, struct fact *copy)
{
	bool failed = false;
	char *data;

	*copy = *fact;
	if (!copy_need(arena, &fact->need, &copy->need))
		return false;
	copy->error = copy_text(arena, fact->error, &failed);
	copy->warnings = copy_text(arena, fact->warnings, &failed);
	/* Always NUL-terminated, and never NULL when it is FACT_OK. */
	data = arena_alloc(arena, fact->length + 1);
	if (failed || !data)
		return false;
	if (fact->data && fact->length)
		memcpy(data, fact->data, fact->length);
	copy->data = data;
	return true;
}

int facts_answer(struct facts *facts, const struct fact *fact)
{
	struct fact *grown = arena_grow(facts->arena, facts->known, facts->known_count,
					&facts->known_capacity, sizeof(*grown));
	struct fact copy;
	size_t kept = 0;

	if (grown)
		facts->known = grown;
	if (!grown || fact->length == SIZE_MAX || !copy_fact(facts->arena, fact, &copy))
		return -1;
	for (size_t i = 0; i < facts->missing_count; i++) {
		if (!need_equal(&facts->missing[i], &copy.need))
			facts->missing[kept++] = facts->missing[i];
	}
	facts->missing_count = kept;
	/* A newer answer to the same question takes the place of the older. */
	for (size_t i = 0; i < facts->known_count; i++) {
		if (need_equal(&facts->known[i].need, &copy.need)) {
			facts->known[i] = copy;
			return 0;
		}
	}
	facts->known[facts->known_count++] = copy;
	return 0;
}
