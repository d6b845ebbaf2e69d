/*
 * Which nodes a Slurm node list means. A bare name may be a NodeSet of hundreds, so no name
 * is counted as itself unless it is known to be a node.
 */
#include "slurm_nodes.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "syntax.h"

struct cluster {
	struct reader *reader;
	const struct hostset *nodes;
	const char **sets, **members; /* NodeSets by name, and the lists they stand for */
	size_t set_count, set_capacity, member_capacity;
	bool open; /* there may be nodes or NodeSets that are not in it */
};

/* Whether a bracket that begins behind `text` has no range of more names than Slurm takes. */
static bool ranges_fit(const char *text, const char *end)
{
	enum { MOST = 65536 }; /* MAX_RANGE of hostlist.c */

	while (text < end && *text != ']') {
		char *behind;
		unsigned long long low = strtoull(text, &behind, 10), high = low;

		if (*behind == '-')
			high = strtoull(behind + 1, &behind, 10);
		if (behind == text || high - low >= MOST)
			return false;
		text = behind + (*behind == ',');
	}
	return true;
}

/* An item's brackets: Slurm knows no steps and nothing behind the last of them. */
static bool item_is_plain(const char *item, size_t length)
{
	const char *end = memrchr(item, ']', length);
	bool inside = false;

	if (end && end != item + length - 1)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (item[i] == '[' && !ranges_fit(item + i + 1, item + length))
			return false;
		if (item[i] == '[' || item[i] == ']')
			inside = item[i] == '[';
		else if (item[i] == '\\' || (inside && !strchr("0123456789-,", item[i])))
			return false;
	}
	return true;
}

bool slurm_all(const char *text)
{
	while (*text) {
		size_t length;

		text += strspn(text, ", \t\n");
		length = strcspn(text, ", \t\n");
		if (length == 3 && strncasecmp(text, "ALL", 3) == 0)
			return true;
		text += length;
	}
	return false;
}

const struct hostset *slurm_list(struct arena *arena, const char *text,
				 struct fault *fault)
{
	char *plain = arena_alloc(arena, strlen(text) + 2), *end = plain;

	if (!plain)
		return NULL;
	while (*text) {
		const char *item;
		size_t length = 0;
		bool inside = false;

		text += strspn(text, ", \t\n");
		item = text;
		for (; *text && (inside || !strchr(", \t\n", *text)); text++, length++)
			if (*text == '[' || *text == ']')
				inside = *text == '[';
		if (!length)
			break;
		if (!item_is_plain(item, length)) {
			fault_set(fault, "Slurm takes \"%.*s\" for no node list",
				  (int)(length < 60 ? length : 60), item);
			return NULL;
		}
		if (end != plain)
			*end++ = ',';
		end = mempcpy(end, item, length);
	}
	*end = '\0';
	if (end == plain) {
		fault_set(fault, "the node list is empty (an unset variable?)");
		return NULL;
	}
	return syntax_folded(arena, plain, fault);
}

/* The value of `key` on a line of slurm.conf: KEY=VALUE pairs between blanks. */
static const char *line_value(struct arena *arena, const char *line, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = line; (at = strcasestr(at, key)) != NULL; at += length) {
		if ((at != line && !strchr(" \t", at[-1])) || at[length] != '=')
			continue;
		at += length + 1;
		if (*at == '"')
			return arena_strndup(arena, at + 1, strcspn(at + 1, "\""));
		return arena_strndup(arena, at, strcspn(at, " \t\r"));
	}
	return NULL;
}

static bool starts(const char *line, const char *key)
{
	return strncasecmp(line, key, strlen(key)) == 0;
}

static int add_node_set(struct cluster *cluster, const char *line)
{
	struct arena *arena = cluster->reader->arena;
	const char *name = line_value(arena, line, "NodeSet");
	const char *list = line_value(arena, line, "Nodes");
	const char **sets, **members;

	if (!name)
		return READ_DONE;
	sets = arena_grow(arena, cluster->sets, cluster->set_count,
			  &cluster->set_capacity, sizeof(*sets));
	members = arena_grow(arena, cluster->members, cluster->set_count,
			     &cluster->member_capacity, sizeof(*members));
	if (!sets || !members)
		return READ_FAULT;
	cluster->sets = sets;
	cluster->members = members;
	sets[cluster->set_count] = name;
	/* By features of nodes, which change while the cluster runs: not known. */
	members[cluster->set_count++] = line_value(arena, line, "Feature") ? NULL : list;
	return READ_DONE;
}

static int add_line(struct cluster *cluster, char *line)
{
	struct arena *arena = cluster->reader->arena;
	struct fault fault = {0};
	const struct hostset *more;
	const char *name;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t");
	if (starts(line, "Include ") || starts(line, "Include\t") ||
	    starts(line, "MaxNodeCount") || strchr(line, '\\'))
		cluster->open = true; /* more files, nodes that come by themselves, a line
					 that goes on: not all is seen here */
	if (starts(line, "NodeSet="))
		return add_node_set(cluster, line);
	name = starts(line, "NodeName=") ? line_value(arena, line, "NodeName") : NULL;
	if (!name || strcasecmp(name, "DEFAULT") == 0)
		return READ_DONE;
	more = slurm_list(arena, name, &fault);
	if (!more) {
		cluster->open = true;
		return READ_DONE;
	}
	cluster->nodes = hostset_union(arena, cluster->nodes, more);
	return cluster->nodes ? READ_DONE : READ_FAULT;
}

static int add_text(struct cluster *cluster, const char *text, bool only_nodes)
{
	char *copy = arena_strdup(cluster->reader->arena, text), *line;
	int result = copy ? READ_DONE : READ_FAULT;

	while (result == READ_DONE && (line = strsep(&copy, "\n")) != NULL)
		if (!only_nodes || starts(line, "NodeName="))
			result = add_line(cluster, line);
	return result;
}

/* The configuration of this very cluster; false when there is none that speaks for it. */
static int read_config(struct cluster *cluster, bool *found)
{
	static const char *const usual[] = {"/etc/slurm/slurm.conf",
					    "/etc/slurm-llnl/slurm.conf"};
	struct reader *reader = cluster->reader;
	const char *named = command_env(reader->command, "SLURM_CONF");
	bool other = arguments_has(reader->arguments, "-M") ||
		     command_env(reader->command, "SLURM_CLUSTERS");

	*found = false;
	for (size_t i = 0; !other && !*found && i < (named ? 1 : 2); i++) {
		const struct fact *fact =
			facts_file(reader->facts, named ? named : usual[i]);

		if (!fact)
			return READ_MISSING;
		if (fact->state != FACT_OK)
			continue;
		*found = true;
		if (add_text(cluster, fact->data, false) != READ_DONE)
			return READ_FAULT;
	}
	if (cluster->open) { /* what it says is not all there is */
		*found = false;
		cluster->nodes = hostset_empty(reader->arena);
	}
	return READ_DONE;
}

/* Without a configuration the controller says which nodes there are, but not the NodeSets. */
static int ask_controller(struct cluster *cluster, const char **why)
{
	static const char *const words[] = {"@program", "@options:-M", "--oneliner",
					    "show",	"nodes",       NULL};
	struct reader *reader = cluster->reader;
	const char *const *argv = reader_words(reader, words);
	const struct fact *fact;
	int result;

	if (!argv)
		return READ_FAULT;
	result = reader_probe(reader, argv, 0, &fact);
	if (result != READ_DONE)
		return result;
	if (fact->state != FACT_OK || fact->status != 0) {
		*why = "neither slurm.conf nor the controller says which nodes there are";
		return READ_DONE;
	}
	cluster->open = true;
	return add_text(cluster, fact->data, true);
}

static int expand(struct cluster *cluster, const struct hostset *given,
		  const struct hostset **set, const char **why)
{
	struct arena *arena = cluster->reader->arena;
	const struct hostset *all = given;

	for (size_t i = 0; i < cluster->set_count; i++) {
		const char *name = cluster->sets[i], *list = cluster->members[i];
		struct fault fault = {0};
		const struct hostset *more;

		if (!hostset_contains(given, name, strlen(name)))
			continue;
		if (!list) {
			*why = "it names a NodeSet that is defined by features";
			return READ_DONE;
		}
		more = strcasecmp(list, "ALL") == 0 ? cluster->nodes
						    : slurm_list(arena, list, &fault);
		if (!more) {
			*why = "it names a NodeSet that cannot be read";
			return READ_DONE;
		}
		all = hostset_union(arena, all, more);
		if (!all)
			return READ_FAULT;
	}
	*set = hostset_intersection(arena, all, cluster->nodes);
	if (!*set)
		return READ_FAULT;
	all = hostset_difference(arena, given, cluster->nodes);
	if (!all)
		return READ_FAULT;
	if (cluster->open && !hostset_is_empty(all)) {
		*set = NULL;
		*why = "it names something that is no node: a NodeSet or a typing error";
	}
	return READ_DONE;
}

int slurm_nodes(struct reader *reader, const char *text, const struct hostset **set,
		const char **why)
{
	struct cluster cluster = {.reader = reader,
				  .nodes = hostset_empty(reader->arena)};
	bool found = false;
	struct fault fault = {0};
	const struct hostset *given;
	int result;

	*set = NULL;
	*why = NULL;
	given = slurm_list(reader->arena, text, &fault);
	if (!given) {
		*why = arena_strdup(reader->arena,
				    fault.text[0] ? fault.text : "out of memory");
		return *why ? READ_DONE : READ_FAULT;
	}
	result = read_config(&cluster, &found);
	if (result == READ_DONE && !found)
		result = ask_controller(&cluster, why);
	if (result != READ_DONE || *why)
		return result;
	if (!slurm_all(text))
		return expand(&cluster, given, set, why);
	*set = cluster.nodes;
	return READ_DONE;
}
