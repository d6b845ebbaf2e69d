/* kubectl drain, cordon, uncordon, taint. */
#include "kubectl.h"

#include <string.h>

/* Keeps the nodes that are (not) cordoned: the others are left as they are. */
static void keep_cordoned(struct kube_objects *nodes, bool cordoned)
{
	size_t kept = 0;

	for (size_t i = 0; i < nodes->count; i++)
		if (nodes->items[i].cordoned == cordoned)
			nodes->items[kept++] = nodes->items[i];
	nodes->count = kept;
}

/* Without words the nodes are chosen by a selector. */
static int get_nodes(struct kube_line *line, struct kube_objects *nodes)
{
	static const char type[] = "nodes";
	int result;

	if (line->word_count && line->selector)
		return kube_problem(line, true, "nodes are named beside a selector");
	if (!line->word_count && !line->selector)
		return kube_problem(line, true, "no node is named");
	if (!line->word_count) {
		line->words[line->word_count++] = type;
		line->form = KUBE_TYPES;
	}
	result = kube_get(line, nodes);
	for (size_t i = 0; result == READ_DONE && i < nodes->count; i++)
		if (strcmp(nodes->items[i].kind, "Node") != 0)
			return kube_problem(line, true, "%s is no node",
					    nodes->items[i].name);
	return result;
}

int kube_read_nodes(struct kube_line *line)
{
	struct reader *reader = line->reader;
	bool drain = strcmp(reader->verb_path, "drain") == 0;
	bool cordon = strcmp(reader->verb_path, "cordon") == 0;
	enum action action = drain    ? ACTION_REMOVE
			     : cordon ? ACTION_STOP
				      : ACTION_RESTORE;
	struct kube_objects nodes = {0};
	int64_t grace;
	int result = get_nodes(line, &nodes);

	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, action);
	if (drain)
		line->irreversible =
			arguments_has(reader->arguments, "--force") ||
			arguments_has(reader->arguments, "--disable-eviction") ||
			(kube_number(reader, "--grace-period", &grace) && grace == 0);
	else
		keep_cordoned(&nodes, !cordon);
	/* Where nothing is given back, nothing is restored either. */
	if (!drain && !cordon && !nodes.count)
		action = ACTION_CONFIG;
	return kube_emit(line, action, &nodes, drain ? kube_weigh_drain : NULL);
}

/* ---- taint ---- */

static bool ends_in(const char *word, const char *end)
{
	size_t length = strlen(word), size = strlen(end);

	return length >= size && strcmp(word + length - size, end) == 0;
}

/* NoExecute evicts what is there, as drain; NoSchedule keeps new pods away, as cordon. */
static enum action taint_action(const struct kube_line *line)
{
	enum action action = ACTION_CONFIG;

	for (size_t i = 0; i < line->other_count; i++) {
		const char *word = line->others[i];

		if (ends_in(word, "-") || ends_in(word, ":PreferNoSchedule"))
			continue;
		if (ends_in(word, ":NoSchedule") && action < ACTION_STOP)
			action = ACTION_STOP;
		else if (!ends_in(word, ":NoSchedule"))
			action = ACTION_REMOVE;
	}
	return action;
}

int kube_read_taint(struct kube_line *line)
{
	enum action action = taint_action(line);
	struct kube_objects nodes = {0};
	int result = kube_check_selection(line, false);

	if (result == READ_DONE && !line->problem && !line->other_count)
		result = kube_problem(line, true, "no taint is given");
	if (result == READ_DONE && !line->problem)
		result = kube_get(line, &nodes);
	if (result != READ_DONE)
		return result;
	if (line->problem)
		return kube_give_up(line, action);
	return kube_emit(line, action, &nodes,
			 action == ACTION_REMOVE ? kube_weigh_drain : NULL);
}
