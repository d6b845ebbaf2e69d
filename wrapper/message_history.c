#include "message_history.h"

#include <limits.h>
#include <string.h>

#include "message_text.h"
#include "syntax.h"

static json_t *string(const char *text)
{
	return message_text(text, text ? strlen(text) : 0);
}

static json_t *set_json(struct arena *arena, const struct hostset *set)
{
	const char *text = hostset_fold(arena, set);

	return text ? string(text) : NULL;
}

static json_t *admission_json(struct arena *arena, const struct admission *past)
{
	return json_pack("{s:I, s:I, s:s, s:o, s:o, s:I, s:o, s:o, s:I, s:b, s:b, s:o, "
			 "s:o, s:I}",
			 "id", (json_int_t)past->id, "at", (json_int_t)past->at, "action",
			 action_name(past->action), "tool", string(past->tool), "user",
			 string(past->user), "uid", (json_int_t)past->uid, "targets",
			 set_json(arena, past->targets), "out",
			 set_json(arena, past->out), "until", (json_int_t)past->until,
			 "started", past->started, "ended", past->ended, "digest",
			 string(past->digest), "unit", string(past->unit), "effect",
			 (json_int_t)past->effect);
}

json_t *message_history(struct arena *arena, const struct history *history)
{
	json_t *admissions = json_array(), *sightings = json_array(), *item;
	bool failed = !admissions || !sightings;

	for (size_t i = 0; !failed && i < history->count; i++)
		failed = json_array_append_new(
				 admissions,
				 admission_json(arena, &history->admissions[i])) < 0;
	for (size_t i = 0; !failed && i < history->sighting_count; i++) {
		const struct sighting *seen = &history->sightings[i];

		item = json_pack("{s:o, s:I, s:I}", "subsystem", string(seen->subsystem),
				 "capacity", (json_int_t)seen->capacity, "at",
				 (json_int_t)seen->at);
		failed = json_array_append_new(sightings, item) < 0;
	}
	if (failed) {
		json_decref(admissions);
		json_decref(sightings);
		return NULL;
	}
	return json_pack("{s:I, s:I, s:o, s:o}", "now", (json_int_t)history->now,
			 "revision", (json_int_t)history->revision, "admissions",
			 admissions, "sightings", sightings);
}

/* ---- and back ---- */

static int get_set(struct arena *arena, const json_t *value, const struct hostset **set)
{
	const char *text;
	struct fault fault;

	if (message_get_text(arena, value, &text, NULL) < 0 || !text)
		return -1;
	*set = syntax_folded(arena, text, &fault);
	return *set ? 0 : -1;
}

static int get_integer(const json_t *object, const char *name, json_int_t least,
		       json_int_t *number)
{
	return message_get_integer(json_object_get(object, name), least, INT64_MAX,
				   number);
}

static int get_admission(struct arena *arena, const json_t *value, struct admission *past)
{
	const json_t *started = json_object_get(value, "started");
	const json_t *ended = json_object_get(value, "ended");
	const char *action = json_string_value(json_object_get(value, "action"));
	json_int_t id, at, uid, until, effect;

	*past = (struct admission){0};
	if (get_integer(value, "id", 0, &id) < 0 ||
	    get_integer(value, "at", 0, &at) < 0 ||
	    get_integer(value, "uid", 0, &uid) < 0 || uid > UINT32_MAX ||
	    get_integer(value, "until", 0, &until) < 0 ||
	    get_integer(value, "effect", 0, &effect) < 0 || !action ||
	    !action_parse(action, &past->action) || !json_is_boolean(started) ||
	    !json_is_boolean(ended) ||
	    get_set(arena, json_object_get(value, "targets"), &past->targets) < 0 ||
	    get_set(arena, json_object_get(value, "out"), &past->out) < 0 ||
	    message_get_text(arena, json_object_get(value, "tool"), &past->tool, NULL) <
		    0 ||
	    message_get_text(arena, json_object_get(value, "user"), &past->user, NULL) <
		    0 ||
	    message_get_text(arena, json_object_get(value, "digest"), &past->digest,
			     NULL) < 0 ||
	    message_get_text(arena, json_object_get(value, "unit"), &past->unit, NULL) <
		    0)
		return -1;
	past->id = id;
	past->at = at;
	past->uid = (uint32_t)uid;
	past->until = until;
	past->effect = (uint64_t)effect;
	past->started = json_is_true(started);
	past->ended = json_is_true(ended);
	return 0;
}

static int get_sighting(struct arena *arena, const json_t *value, struct sighting *seen)
{
	json_int_t capacity, at;

	if (get_integer(value, "capacity", 0, &capacity) < 0 ||
	    get_integer(value, "at", 0, &at) < 0 ||
	    message_get_text(arena, json_object_get(value, "subsystem"), &seen->subsystem,
			     NULL) < 0 ||
	    !seen->subsystem)
		return -1;
	seen->capacity = (uint64_t)capacity;
	seen->at = at;
	return 0;
}

int message_get_history(struct arena *arena, const json_t *value, struct history *history)
{
	const json_t *admissions = json_object_get(value, "admissions");
	const json_t *sightings = json_object_get(value, "sightings");
	struct admission *past;
	struct sighting *seen;
	json_int_t now, revision;

	*history = (struct history){0};
	if (get_integer(value, "now", 0, &now) < 0 ||
	    get_integer(value, "revision", 0, &revision) < 0 ||
	    !json_is_array(admissions) || !json_is_array(sightings))
		return -1;
	past = arena_array(arena, json_array_size(admissions) + 1, sizeof(*past));
	seen = arena_array(arena, json_array_size(sightings) + 1, sizeof(*seen));
	if (!past || !seen)
		return -1;
	for (; history->count < json_array_size(admissions); history->count++)
		if (get_admission(arena, json_array_get(admissions, history->count),
				  &past[history->count]) < 0)
			return -1;
	for (; history->sighting_count < json_array_size(sightings);
	     history->sighting_count++)
		if (get_sighting(arena,
				 json_array_get(sightings, history->sighting_count),
				 &seen[history->sighting_count]) < 0)
			return -1;
	history->now = now;
	history->revision = (uint64_t)revision;
	history->admissions = past;
	history->sightings = seen;
	return 0;
}
