/* kubectl scale and autoscale, and whatever else sets a number of pods: by how many. */
#include "kubectl.h"

#include <string.h>

enum { LOSS, GAIN, SAME, PARTS };

static int add_to(struct arena *arena, struct kube_objects *part,
		  const struct kube_object *object)
{
	struct kube_object *copy = kube_objects_add(arena, part);

	if (!copy)
		return READ_FAULT;
	*copy = *object;
	return READ_DONE;
}

/* `planned` of these objects is what they shall have. */
static int weigh_scale(struct kube_line *line, const struct kube_objects *all,
		       const struct kube_objects *kind, struct effect *effect)
{
	(void)line;
	(void)all;
	*effect = (struct effect){.known = true, .unit = "pod"};
	for (size_t i = 0; i < kind->count; i++) {
		const struct kube_object *object = &kind->items[i];
		int64_t has = object->wanted >= 0 ? object->wanted : object->present;

		if (has < 0 || object->planned < 0)
			effect->known = false;
		else
			effect->count += has - object->planned;
	}
	return READ_DONE;
}

/* Losses and gains of one command are judged apart: one never pays for the other. */
int kube_emit_scale(struct kube_line *line, const struct kube_objects *objects)
{
	struct arena *arena = line->reader->arena;
	struct kube_objects parts[PARTS] = {{0}};
	int result = READ_DONE;

	for (size_t i = 0; i < objects->count && result == READ_DONE; i++) {
		const struct kube_object *object = &objects->items[i];
		int64_t has = object->wanted >= 0 ? object->wanted : object->present;
		int part = has == object->planned ? SAME : LOSS;

		if (has >= 0 && object->planned >= 0 && object->planned > has)
			part = GAIN;
		if (has < 0 || object->planned < 0)
			part = LOSS;
		result = add_to(arena, &parts[part], object);
	}
	for (int part = 0; part < PARTS && result == READ_DONE; part++)
		if (parts[part].count || (part == LOSS && !objects->count))
			result = kube_emit(line, ACTION_SCALE, &parts[part], weigh_scale);
	return result;
}

/* Objects whose size is another one than --current-replicas are left alone. */
static void keep_current(struct kube_objects *objects, int64_t current)
{
	size_t kept = 0;

	for (size_t i = 0; i < objects->count; i++)
		if (objects->items[i].wanted < 0 || objects->items[i].wanted == current)
			objects->items[kept++] = objects->items[i];
	objects->count = kept;
}

int kube_read_scale(struct kube_line *line)
{
	struct reader *reader = line->reader;
	struct kube_objects objects = {0};
	int64_t wanted = -1, current = -1;
	int result = kube_check_selection(line, false);

	if (result == READ_DONE && !line->problem &&
	    (!kube_number(reader, "--replicas", &wanted) || wanted < 0))
		result = kube_problem(line, true, "--replicas needs a number of pods");
	if (result == READ_DONE && !line->problem &&
	    arguments_value(reader->arguments, "--current-replicas") &&
	    !kube_number(reader, "--current-replicas", &current))
		result = kube_problem(line, true, "--current-replicas is no number");
	if (result == READ_DONE && !line->problem)
		result = kube_get(line, &objects);
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, ACTION_SCALE);
	if (current >= 0)
		keep_current(&objects, current);
	for (size_t i = 0; i < objects.count; i++)
		objects.items[i].planned = wanted;
	return kube_emit_scale(line, &objects);
}

/* ---- autoscale ---- */

/*
 * A new autoscaler, whose name kubectl chooses when --name does not, may bring the pods of
 * its target down to --min at any time: that is what it is judged by.
 */
int kube_read_autoscale(struct kube_line *line)
{
	struct reader *reader = line->reader;
	const char *name = arguments_value(reader->arguments, "--name");
	struct kube_objects objects = {0};
	int64_t least = -1, most = -1;
	int result = kube_check_selection(line, false);

	if (result == READ_DONE && !line->problem &&
	    (!kube_number(reader, "--max", &most) || most < 1))
		result = kube_problem(line, true, "--max needs a number of pods");
	if (!kube_number(reader, "--min", &least) || least < 0)
		least = 1;
	if (result == READ_DONE && !line->problem)
		result = kube_get(line, &objects);
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, ACTION_SCALE);
	for (size_t i = 0; i < objects.count; i++) {
		struct kube_object *object = &objects.items[i];

		object->planned = least;
		object->kind = "HorizontalPodAutoscaler";
		object->group = "autoscaling";
		object->resource = "horizontalpodautoscalers.autoscaling";
		object->name = name && *name ? name : NULL;
	}
	return kube_emit_scale(line, &objects);
}
