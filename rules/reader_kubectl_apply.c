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

/*
 * What --prune would take away only apply itself can say: with --dry-run=client it asks the
 * server, sends it nothing, and prints the pruned objects behind those of the files.
 */
static int get_pruned(struct kube_line *line, const struct kube_objects *described,
		      struct kube_objects *pruned)
{
	static const char *const verbs[] = {"apply", "--dry-run=client",
					    "--validate=false", NULL};
	static const char *const names[] = {"--prune",		 "--all",
					    "--selector",	 "--prune-allowlist",
					    "--prune-whitelist", NULL};
	struct kube_objects all = {0};
	struct kube_probe probe;
	const char *data;
	int result;

	kube_probe_begin(line->reader, &probe, verbs);
	kube_probe_add_namespace(line->reader, &probe);
	kube_probe_add_files(line->reader, &probe);
	kube_probe_add_options(line->reader, &probe, names);
	kube_probe_add_text(&probe, "--output=jsonpath=%s", kube_described);
	result = kube_probe_run(line, &probe, &data);
	if (result != READ_DONE || line->problem)
		return result;
	result = kube_described_parse(line, data, &all);
	for (size_t i = 0; result == READ_DONE && i < all.count; i++) {
		struct kube_object *copy;

		/* Several applied objects are printed as one list. */
		if (!all.items[i].name || find(described, &all.items[i]))
			continue;
		copy = kube_objects_add(line->reader->arena, pruned);
		if (!copy)
			return READ_FAULT;
		*copy = all.items[i];
	}
	return result;
}

int kube_read_apply(struct kube_line *line)
{
	bool prune = arguments_has(line->reader->arguments, "--prune");
	struct kube_objects described = {0}, present = {0}, pruned = {0};
	struct kube_objects scaled = {0}, changed = {0};
	int result = kube_get_described(line, &described);

	if (result == READ_DONE && !line->problem && sizes(&described))
		result = kube_get(line, &present);
	if (result == READ_DONE && !line->problem && prune)
		result = get_pruned(line, &described, &pruned);
	if (result == READ_DONE && !line->problem)
		result = divide(line, &described, &present, &scaled, &changed);
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, prune ? ACTION_REMOVE : ACTION_CONFIG);
	/* Objects that cannot be changed are deleted and made again. */
	line->irreversible = arguments_has(line->reader->arguments, "--force");
	if (pruned.count)
		result = kube_emit(line, ACTION_REMOVE, &pruned, kube_weigh_deletion);
	if (result == READ_DONE && scaled.count)
		result = kube_emit_scale(line, &scaled);
	if (result == READ_DONE && (changed.count || !(scaled.count + pruned.count)))
		result = kube_emit(line, ACTION_CONFIG, &changed, NULL);
	return result;
}
