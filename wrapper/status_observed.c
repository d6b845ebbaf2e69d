/* What limits in observe mode would have held: told by the audit log. */
#include <string.h>
#include <unistd.h>

#include "audit_log.h"
#include "audit_read.h"
#include "status.h"

static struct status_observed *row_of(struct status *status, size_t *capacity,
				      const char *rule)
{
	struct status_observed *grown;

	for (size_t i = 0; i < status->observed_count; i++) {
		if (strcmp(status->observed[i].rule, rule) == 0)
			return &status->observed[i];
	}
	grown = arena_grow(status->arena, status->observed, status->observed_count,
			   capacity, sizeof(*grown));
	if (!grown)
		return NULL;
	status->observed = grown;
	grown += status->observed_count;
	*grown = (struct status_observed){.rule = arena_strdup(status->arena, rule)};
	if (!grown->rule)
		return NULL;
	status->observed_count++;
	return grown;
}

static int add_record(struct status *status, size_t *capacity, const json_t *record)
{
	const json_t *reasons = audit_find(record, "tallygate.reasons"), *reason;
	int64_t time = audit_time(record);
	size_t i;

	if (time < status->history.now - STATUS_OBSERVED_SECONDS)
		return 0;
	json_array_foreach(reasons, i, reason)
	{
		struct status_observed *row;

		if (!json_is_true(json_object_get(reason, "observed")))
			continue;
		row = row_of(status, capacity, audit_get(reason, "rule"));
		if (!row)
			return -1;
		row->commands++;
		row->last = time;
		row->user = arena_strdup(status->arena, audit_get(record, "user.name"));
		if (!row->user)
			return -1;
	}
	return 0;
}

/* Most records have nothing to do with this: they are not even parsed. */
static int add_line(struct status *status, size_t *capacity,
		    const struct audit_text *line)
{
	json_t *record;
	int result;

	if (!memmem(line->bytes, line->length, "\"observed\"", 10))
		return 0;
	record = json_loadb(line->bytes, line->length, 0, NULL);
	if (!record)
		return 0;
	result = add_record(status, capacity, record);
	json_decref(record);
	return result;
}

int status_find_observed(struct status *status)
{
	const char *path = audit_path(status->arena, status->rules->session.state);
	struct audit_reader reader;
	struct audit_text line;
	struct fault fault = {0};
	size_t capacity = 0;
	int more, result = 0;

	if (!path)
		return -1;
	if (access(path, F_OK) != 0)
		return 0;
	if (audit_reader_open(&reader, path, &fault) < 0) {
		status->observed_unknown = arena_strdup(status->arena, fault.text);
		return status->observed_unknown ? 0 : -1;
	}
	while (result == 0 && (more = audit_reader_next(&reader, &line, &fault)) != 0) {
		if (more > 0) {
			result = add_line(status, &capacity, &line);
			continue;
		}
		status->observed_unknown = arena_strdup(status->arena, fault.text);
		result = status->observed_unknown ? 1 : -1;
	}
	audit_reader_close(&reader);
	return result < 0 ? -1 : 0;
}
