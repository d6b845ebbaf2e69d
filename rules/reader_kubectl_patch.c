/* kubectl patch: judged by what the patch does. */
#include "kubectl.h"

#include <string.h>

/* The text of -p or of --patch-file. */
static int patch_text(struct kube_line *line, const char **text)
{
	struct reader *reader = line->reader;
	const char *file = arguments_value(reader->arguments, "--patch-file");
	const struct fact *fact;

	*text = arguments_value(reader->arguments, "--patch");
	if (*text && **text)
		return READ_DONE;
	if (!file || !*file)
		return kube_problem(line, true, "there is no patch");
	if (strncmp(file, "/dev/", 5) == 0 || strncmp(file, "/proc/", 6) == 0)
		return kube_problem(line, false, "%s can be read only once", file);
	fact = facts_kind(reader->facts, file);
	if (!fact)
		return READ_MISSING;
	if (fact->state == FACT_OK && strcmp(fact->data, "pipe") == 0)
		return kube_problem(line, false,
				    "%s is a pipe, which can be read only once", file);
	fact = facts_file(reader->facts, file);
	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK)
		return kube_problem(line, false, "the patch %s cannot be read", file);
	*text = fact->data;
	return READ_DONE;
}

static bool all_nodes(const struct kube_objects *objects)
{
	for (size_t i = 0; i < objects->count; i++)
		if (strcmp(objects->items[i].resource, "nodes") != 0)
			return false;
	return true;
}

static bool all_sized(const struct kube_objects *objects)
{
	for (size_t i = 0; i < objects->count; i++)
		if (objects->items[i].wanted < 0 && objects->items[i].present < 0)
			return false;
	return true;
}

static bool same_size(const struct kube_objects *objects, int64_t wanted)
{
	for (size_t i = 0; i < objects->count; i++)
		if (objects->items[i].wanted != wanted)
			return false;
	return true;
}

static int emit(struct kube_line *line, const struct kube_patch *patch,
		struct kube_objects *objects)
{
	bool nodes = objects->count && all_nodes(objects);

	if (nodes && patch->evicts)
		return kube_emit(line, ACTION_REMOVE, objects, kube_weigh_drain);
	if (nodes && (patch->cordon || patch->shuts))
		return kube_emit(line, ACTION_STOP, objects, NULL);
	if (nodes && patch->uncordon)
		return kube_emit(line, ACTION_RESTORE, objects, NULL);
	if (patch->replicas && objects->count && all_sized(objects) &&
	    !(patch->template && patch->replicas_known &&
	      same_size(objects, patch->wanted))) {
		for (size_t i = 0; i < objects->count; i++)
			objects->items[i].planned =
				patch->replicas_known ? patch->wanted : -1;
		return kube_emit_scale(line, objects);
	}
	if (patch->template)
		return kube_emit(line, ACTION_RESTART, objects, kube_weigh_pods);
	return kube_emit(line, ACTION_CONFIG, objects, NULL);
}

int kube_read_patch(struct kube_line *line)
{
	struct reader *reader = line->reader;
	const char *type = arguments_value(reader->arguments, "--type"), *text = NULL;
	struct kube_objects objects = {0};
	struct kube_patch patch = {0};
	int result = kube_check_selection(line, false);

	if (result == READ_DONE && !line->problem)
		result = patch_text(line, &text);
	if (result == READ_DONE && !line->problem)
		result = kube_patch_read(reader->arena, text,
					 type && strcmp(type, "json") == 0, &patch);
	if (result == READ_DONE && !line->problem && patch.unreadable)
		result = kube_problem(line, false,
				      "what this patch does is not "
				      "understood");
	if (result == READ_DONE && !line->problem)
		result = kube_get(line, &objects);
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, ACTION_SCALE);
	return emit(line, &patch, &objects);
}
