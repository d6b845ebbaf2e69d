/*
 * kubectl apply, replace and auth reconcile: what files describe. Files that set another
 * number of pods scale.
 */
#include "kubectl.h"

#include <string.h>

static const struct kube_object *find(const struct kube_objects *objects,
				      const struct kube_object *object)
{
	for (size_t i = 0; i < objects->count; i++)
		if (kube_same_object(&objects->items[i], object))
			return &objects->items[i];
	return NULL;
}

/* Objects with another number of pods than there are now go into `scaled`. */
static int divide(struct kube_line *line, const struct kube_objects *described,
		  const struct kube_objects *present, struct kube_objects *scaled,
		  struct kube_objects *changed)
{
	struct arena *arena = line->reader->arena;

	for (size_t i = 0; i < described->count; i++) {
		const struct kube_object *object = &described->items[i];
		const struct kube_object *now = find(present, object);
		bool scales = now && object->wanted >= 0 && now->wanted >= 0 &&
			      object->wanted != now->wanted;
		struct kube_object *copy =
			kube_objects_add(arena, scales ? scaled : changed);

		if (!copy)
			return READ_FAULT;
		*copy = *object;
		if (scales) {
			copy->planned = object->wanted;
			copy->wanted = now->wanted;
		}
	}
	return READ_DONE;
}

/* Whether one of the objects says how many pods it wants. */
static bool sizes(const struct kube_objects *objects)
{
	for (size_t i = 0; i < objects->count; i++)
		if (objects->items[i].wanted >= 0 && objects->items[i].name)
			return true;
	return false;
}

int kube_read_apply(struct kube_line *line)
{
	const struct arguments *arguments = line->reader->arguments;
	struct kube_objects described = {0}, present = {0}, scaled = {0}, changed = {0};
	enum action action = ACTION_CONFIG;
	int result = kube_get_described(line, &described);

	if (result == READ_DONE && !line->problem && sizes(&described))
		result = kube_get(line, &present);
	if (result == READ_DONE && !line->problem &&
	    arguments_has(arguments, "--prune")) {
		action = ACTION_REMOVE;
		result = kube_problem(line, false,
				      "which objects --prune removes is not known");
	}
	/* Objects that cannot be changed are deleted and made again. */
	if (result == READ_DONE && !line->problem && arguments_has(arguments, "--force"))
		line->irreversible = true;
	if (result == READ_DONE && !line->problem)
		result = divide(line, &described, &present, &scaled, &changed);
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, action);
	if (scaled.count)
		result = kube_emit_scale(line, &scaled);
	if (result == READ_DONE && (changed.count || !scaled.count))
		result = kube_emit(line, ACTION_CONFIG, &changed, NULL);
	return result;
}
