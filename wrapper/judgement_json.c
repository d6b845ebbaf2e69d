#include "judgement_json.h"

#include <string.h>

#include "reading_sum.h"
#include "text_json.h"

static int append_name(void *context, const char *name, size_t length)
{
	return json_array_append_new(context, text_json(name, length)) < 0 ? -1 : 0;
}

static json_t *names_json(const struct hostset *set)
{
	json_t *names = json_array();

	if (names && set && hostset_each(set, append_name, names) != 0) {
		json_decref(names);
		return NULL;
	}
	return names;
}

static json_t *reasons_json(const struct decision *decision)
{
	json_t *list = json_array();

	for (size_t i = 0; list && decision && i < decision->reason_count; i++) {
		const struct reason *reason = &decision->reasons[i];
		json_t *item = json_object();

		json_object_set_new(item, "rule", text_json_or_null(reason->rule));
		json_object_set_new(item, "file", text_json_or_null(reason->file));
		json_object_set_new(item, "line", json_integer(reason->line));
		json_object_set_new(item, "verdict",
				    json_string(verdict_name(reason->verdict)));
		json_object_set_new(item, "text", text_json_or_null(reason->text));
		if (reason->observed)
			json_object_set_new(item, "observed", json_true());
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *subsystems_json(const struct decision *decision)
{
	json_t *list = json_array();

	for (size_t i = 0; list && decision && i < decision->impact_count; i++) {
		const struct impact *impact = &decision->impacts[i];
		json_t *item = json_object();

		json_object_set_new(item, "name", text_json_or_null(impact->subsystem));
		json_object_set_new(item, "hit",
				    json_integer((json_int_t)impact->hit_count));
		json_object_set_new(item, "capacity",
				    impact->capacity_known
					    ? json_integer((json_int_t)impact->capacity)
					    : json_null());
		json_object_set_new(item, "floor",
				    impact->source && impact->source->floor.set
					    ? json_integer((json_int_t)impact->floor)
					    : json_null());
		json_object_set_new(item, "after",
				    impact->capacity_known
					    ? json_integer((json_int_t)impact->after)
					    : json_null());
		json_object_set_new(item, "declared",
				    json_integer((json_int_t)impact->declared));
		json_object_set_new(item, "reserved",
				    json_integer((json_int_t)impact->reserved));
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *probe_json(const struct reading *reading)
{
	json_t *list;

	if (!reading->probe)
		return json_null();
	list = json_array();
	for (const char *const *word = reading->probe; list && *word; word++)
		json_array_append_new(list, text_json_or_null(*word));
	return list;
}

static json_t *effect_json(const struct reading_sum *sum)
{
	if (!sum->effect_known || !sum->effect_unit)
		return json_null();
	return json_pack("{s:s, s:I}", "unit", sum->effect_unit, "count",
			 (json_int_t)sum->effect);
}

json_t *judgement_json(struct arena *arena, const struct reading *reading,
		       const struct decision *decision, bool names)
{
	enum verdict verdict = decision ? decision->verdict : VERDICT_ALLOW;
	json_t *object = json_object();
	struct reading_sum sum;
	const char *folded = NULL;

	if (!object || reading_add_up(arena, reading, &sum) < 0)
		goto failed;
	if (sum.known) {
		folded = hostset_fold(arena, sum.set);
		if (!folded)
			goto failed;
	}
	json_object_set_new(object, "verdict", json_string(verdict_name(verdict)));
	json_object_set_new(object, "tool", text_json_or_null(reading->tool));
	json_object_set_new(object, "action",
			    reading->count ? json_string(action_name(reading->action))
					   : json_null());
	json_object_set_new(object, "count",
			    sum.known ? json_integer((json_int_t)sum.count)
				      : json_null());
	json_object_set_new(object, "unit", text_json_or_null(reading->unit));
	json_object_set_new(object, "effect", effect_json(&sum));
	json_object_set_new(object, "targets", text_json_or_null(folded));
	json_object_set_new(object, "subsystems", subsystems_json(decision));
	json_object_set_new(object, "reasons", reasons_json(decision));
	json_object_set_new(object, "probe", probe_json(reading));
	if (sum.unknown)
		json_object_set_new(object, "unknown", text_json_or_null(sum.unknown));
	if (reading->environment)
		json_object_set_new(object, "environment",
				    text_json_or_null(reading->environment));
	if (names)
		json_object_set_new(object, "names", names_json(sum.set));
	return object;
failed:
	json_decref(object);
	return NULL;
}
