#include <time.h>

#include "limit.h"
#include "status.h"
#include "text_json.h"

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

/* Seconds until `at`, null for never or now. */
static json_t *seconds_until(const struct status *status, int64_t at)
{
	return at > status->history.now ? json_integer(at - status->history.now)
					: json_null();
}

static json_t *subsystem_json(const struct status *status,
			      const struct subsystem_standing *one)
{
	const struct subsystem *source = one->source;
	json_t *item = json_object();

	json_object_set_new(item, "name", text_json_or_null(source->name));
	json_object_set_new(item, "unit", text_json_or_null(source->unit));
	json_object_set_new(item, "declared", number(source->declared));
	json_object_set_new(item, "in_service",
			    one->known ? number(one->in_service) : json_null());
	if (!one->known)
		json_object_set_new(item, "unknown", text_json_or_null(one->unknown));
	json_object_set_new(item, "floor",
			    one->has_floor ? number(one->floor) : json_null());
	json_object_set_new(item, "room",
			    one->known && one->has_floor ? number(one->room)
							 : json_null());
	json_object_set_new(item, "below", json_boolean(one->below));
	json_object_set_new(item, "observed",
			    json_boolean(one->has_floor && one->observed));
	json_object_set_new(item, "out", number(hostset_count(one->out)));
	json_object_set_new(
		item, "out_targets",
		hostset_is_empty(one->out)
			? json_null()
			: text_json_or_null(hostset_fold(status->arena, one->out)));
	json_object_set_new(item, "back_in", seconds_until(status, one->back_at));
	json_object_set_new(item, "probe_age",
			    one->probe_age < 0 ? json_null()
					       : json_integer(one->probe_age));
	json_object_set_new(item, "file", text_json_or_null(source->file));
	json_object_set_new(item, "line", json_integer(source->line));
	return item;
}

static json_t *rate_json(const struct status *status, const struct rate_standing *rate)
{
	const struct limit *limit = rate->limit;
	json_t *item = json_object();

	json_object_set_new(item, "rule",
			    text_json_or_null(limit_label(limit, limit->verdict)));
	json_object_set_new(item, "subsystem",
			    text_json_or_null(rate->scope ? rate->scope->name : NULL));
	json_object_set_new(item, "verdict", json_string(verdict_name(limit->verdict)));
	json_object_set_new(item, "observed", json_boolean(rate->observed));
	json_object_set_new(item, "targets", number(limit->rate_targets));
	json_object_set_new(item, "seconds", json_integer(limit->rate_seconds));
	json_object_set_new(item, "used", number(rate->used));
	json_object_set_new(item, "fits", number(rate->fits));
	json_object_set_new(item, "next_in", seconds_until(status, rate->next_at));
	json_object_set_new(item, "file", text_json_or_null(limit->file));
	json_object_set_new(item, "line", json_integer(limit->line));
	return item;
}

static json_t *time_json(int64_t seconds)
{
	time_t at = (time_t)seconds;
	char text[32];
	struct tm when;

	if (!gmtime_r(&at, &when) || !strftime(text, sizeof(text), "%FT%TZ", &when))
		return json_null();
	return json_string(text);
}

static json_t *lists_json(const struct status *status, json_t *object)
{
	json_t *subsystems = json_array(), *rates = json_array(),
	       *observed = json_array(), *sessions = json_array();

	for (size_t i = 0; i < status->standing.subsystem_count; i++)
		json_array_append_new(
			subsystems,
			subsystem_json(status, &status->standing.subsystems[i]));
	for (size_t i = 0; i < status->standing.rate_count; i++)
		json_array_append_new(rates,
				      rate_json(status, &status->standing.rates[i]));
	for (size_t i = 0; i < status->observed_count; i++) {
		const struct status_observed *row = &status->observed[i];
		json_t *item = json_object();

		json_object_set_new(item, "rule", text_json_or_null(row->rule));
		json_object_set_new(item, "commands", number(row->commands));
		json_object_set_new(item, "last", time_json(row->last));
		json_object_set_new(item, "user", text_json_or_null(row->user));
		json_array_append_new(observed, item);
	}
	for (size_t i = 0; i < status->session_count; i++) {
		const struct status_session *session = &status->sessions[i];
		json_t *item = json_object();

		json_object_set_new(item, "id", text_json_or_null(session->id));
		json_object_set_new(item, "supervisor",
				    session->supervisor
					    ? json_integer(session->supervisor)
					    : json_null());
		json_array_append_new(sessions, item);
	}
	json_object_set_new(object, "subsystems", subsystems);
	json_object_set_new(object, "rates", rates);
	json_object_set_new(object, "would_have_held", observed);
	json_object_set_new(object, "sessions", sessions);
	return object;
}

json_t *status_json(const struct status *status)
{
	const struct command_rules *rules = status->rules;
	const struct policy *policy = rules->book.policy;
	json_t *object = json_object(), *directories = json_array();

	for (const char *const *path = rules->directories; *path; path++)
		json_array_append_new(directories, text_json_or_null(*path));
	json_object_set_new(object, "time", time_json(status->history.now));
	json_object_set_new(
		object, "session",
		text_json_or_null(rules->session.directory ? rules->session.id : NULL));
	json_object_set_new(object, "rules", directories);
	json_object_set_new(object, "policy", json_string(policy->digest));
	json_object_set_new(object, "limits", number(policy->count));
	json_object_set_new(object, "observe", json_boolean(policy->observe));
	json_object_set_new(object, "state", text_json_or_null(rules->session.state));
	return lists_json(status, object);
}
