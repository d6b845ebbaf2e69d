/* kubectl delete, and replace --force, which deletes and creates again. */
#include "kubectl.h"

#include <string.h>

/* --force, --now, --grace-period=0: nothing gets the time to end well. */
static bool hurried(const struct reader *reader)
{
	int64_t grace;

	return arguments_has(reader->arguments, "--force") ||
	       arguments_has(reader->arguments, "--now") ||
	       (kube_number(reader, "--grace-period", &grace) && grace >= 0 &&
		grace <= 1);
}

/* ---- delete ---- */

int kube_read_delete(struct kube_line *line)
{
	const char *raw = arguments_value(line->reader->arguments, "--raw");
	struct kube_objects objects = {0};
	int result;

	line->irreversible = hurried(line->reader);
	if (raw && *raw)
		return kube_read_raw(line, raw);
	result = kube_check_selection(line, false);
	if (result == READ_DONE && !line->problem)
		result = kube_get(line, &objects);
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, ACTION_REMOVE);
	return kube_emit(line, ACTION_REMOVE, &objects, kube_weigh_deletion);
}

/* ---- replace --force ---- */

static int divide(struct kube_line *line, const struct kube_objects *described,
		  const struct kube_objects *present, struct kube_objects *new)
{
	for (size_t i = 0; i < described->count; i++) {
		struct kube_object *copy;
		size_t k = 0;

		while (k < present->count &&
		       !kube_same_object(&present->items[k], &described->items[i]))
			k++;
		if (k < present->count)
			continue;
		copy = kube_objects_add(line->reader->arena, new);
		if (!copy)
			return READ_FAULT;
		*copy = described->items[i];
	}
	return READ_DONE;
}

/* What is there goes and comes again; what is not is created. */
static int replace_by_force(struct kube_line *line)
{
	struct kube_objects present = {0}, described = {0}, new = {0};
	int result = READ_DONE;

	line->irreversible = hurried(line->reader);
	if (line->form != KUBE_FILES)
		result = kube_problem(line, true, "no file is named");
	if (result == READ_DONE && !line->problem)
		result = kube_get_described(line, &described);
	if (result == READ_DONE && !line->problem)
		result = kube_get(line, &present);
	if (result == READ_DONE && !line->problem)
		result = divide(line, &described, &present, &new);
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, ACTION_REMOVE);
	if (present.count || !new.count)
		result = kube_emit(line, ACTION_REMOVE, &present, kube_weigh_deletion);
	if (result == READ_DONE && new.count)
		result = kube_emit(line, ACTION_CONFIG, &new, NULL);
	return result;
}

int kube_read_replace(struct kube_line *line)
{
	const struct arguments *arguments = line->reader->arguments;
	const char *raw = arguments_value(arguments, "--raw");

	if (raw && *raw)
		return kube_read_raw(line, raw);
	return arguments_has(arguments, "--force") ? replace_by_force(line)
						   : kube_read_apply(line);
}
