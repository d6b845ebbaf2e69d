/*
 * scontrol: KEY=VALUE words in any order, keys and commands shortened and in any case, of a
 * repeated key the last. Sources: scontrol(1), scontrol.c and update_node.c of Slurm 22.05.
 */
#include "reader.h"

#include <string.h>
#include <strings.h>

#include "slurm_jobs.h"
#include "slurm_nodes.h"

enum kind {
	KIND_NOTHING, /* asks the controller */
	KIND_UPDATE,
	KIND_CREATE,
	KIND_DELETE,
	KIND_NODES, /* the last word is a node list */
	KIND_JOBS,  /* the words are job ids */
	KIND_SHOW,
	KIND_SHUTDOWN,
	KIND_CLUSTER /* concerns the cluster as a whole */
};

/* `least`: so many letters are needed at least (scontrol.c). */
static const struct verb_rule {
	const char *name;
	size_t least;
	enum kind kind;
	enum action action;
} verbs[] = {
	{"update", 1, KIND_UPDATE, ACTION_CONFIG},
	{"create", 2, KIND_CREATE, ACTION_CONFIG},
	{"delete", 1, KIND_DELETE, ACTION_REMOVE},
	{"reboot", 3, KIND_NODES, ACTION_RESTART},
	{"reboot_nodes", 3, KIND_NODES, ACTION_RESTART},
	{"cancel_reboot", 3, KIND_NODES, ACTION_RUN},
	{"requeue", 3, KIND_JOBS, ACTION_RESTART},
	{"requeuehold", 8, KIND_JOBS, ACTION_STOP},
	{"suspend", 2, KIND_JOBS, ACTION_STOP},
	{"resume", 3, KIND_JOBS, ACTION_RUN},
	{"release", 3, KIND_JOBS, ACTION_RUN},
	{"hold", 4, KIND_JOBS, ACTION_CONFIG},
	{"holdall", 4, KIND_JOBS, ACTION_CONFIG},
	{"uhold", 5, KIND_JOBS, ACTION_CONFIG},
	{"top", 3, KIND_JOBS, ACTION_CONFIG},
	{"notify", 1, KIND_JOBS, ACTION_RUN},
	{"show", 3, KIND_SHOW, ACTION_READ},
	{"shutdown", 8, KIND_SHUTDOWN, ACTION_STOP},
	{"abort", 5, KIND_SHUTDOWN, ACTION_STOP},
	{"takeover", 8, KIND_CLUSTER, ACTION_RESTART},
	{"reconfigure", 3, KIND_CLUSTER, ACTION_CONFIG},
	{"setdebug", 8, KIND_CLUSTER, ACTION_CONFIG},
	{"setdebugflags", 9, KIND_CLUSTER, ACTION_CONFIG},
	{"schedloglevel", 3, KIND_CLUSTER, ACTION_CONFIG},
	{"fsdampeningfactor", 3, KIND_CLUSTER, ACTION_CONFIG},
	{"power", 3, KIND_NODES, ACTION_STOP},
	{"ping", 3, KIND_NOTHING, ACTION_READ},
	{"help", 2, KIND_NOTHING, ACTION_READ},
	{"version", 4, KIND_NOTHING, ACTION_READ},
	{"errnumstr", 3, KIND_NOTHING, ACTION_READ},
	{"completing", 2, KIND_NOTHING, ACTION_READ},
	{"listpids", 3, KIND_NOTHING, ACTION_READ},
	{"listjobs", 3, KIND_NOTHING, ACTION_READ},
	{"liststeps", 3, KIND_NOTHING, ACTION_READ},
	{"getaddrs", 3, KIND_NOTHING, ACTION_READ},
	{"pidinfo", 3, KIND_NOTHING, ACTION_READ},
	{"callerid", 3, KIND_NOTHING, ACTION_READ},
	{"wait_job", 3, KIND_NOTHING, ACTION_READ},
	{"write", 5, KIND_NOTHING, ACTION_READ},
};

/* What an update is about, in the order in which scontrol looks for it. */
static const struct entity {
	const char *key;
	size_t least;
	const char *unit;
} entities[] = {
	{"JobId", 3, "job"},
	{"StepId", 4, "step"},
	{"ReservationName", 3, "reservation"},
	{"NodeName", 3, "host"},
	{"FrontendName", 3, "host"},
	{"PartitionName", 3, "partition"},
	{"SuspendExcNodes", 10, "host"},
};

static bool is_short_for(const char *text, size_t length, const char *word, size_t least)
{
	return length >= least && length <= strlen(word) &&
	       strncasecmp(text, word, length) == 0;
}

/* Of several that the word may stand for, the heaviest. */
static const struct verb_rule *find_verb(const char *word)
{
	const struct verb_rule *found = NULL;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcasecmp(word, verbs[i].name) == 0)
			return &verbs[i];
		if (is_short_for(word, strlen(word), verbs[i].name, verbs[i].least) &&
		    (!found || verbs[i].action > found->action))
			found = &verbs[i];
	}
	return found;
}

/* The value of the last KEY=VALUE word of that key; Slurm takes += and -= as well. */
static const char *value_of(struct reader *reader, const char *key, size_t least)
{
	const char *found = NULL, *word;
	size_t at = 0;

	while ((word = arguments_next_operand(reader->arguments, &at)) != NULL) {
		size_t length = strcspn(word, "=");

		if (!word[length])
			continue;
		if (length && strchr("+-", word[length - 1]) &&
		    is_short_for(word, length - 1, key, least))
			found = word + length + 1;
		if (is_short_for(word, length, key, least))
			found = word + length + 1;
	}
	return found;
}

static bool any_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strncasecmp(text, *words, strlen(*words)) == 0 ||
		    (*text && strncasecmp(text, *words, strlen(text)) == 0))
			return true;
	return false;
}

/* Every State= of the line counts: a line that says both is not a harmless one. */
static enum action state_action(struct reader *reader)
{
	static const char *const away[] = {
		"DOWN",	 "DRAIN",      "FAIL",	 "POWER_DOWN", "FUTURE",
		"ERROR", "NO_RESPOND", "NoResp", "INACTIVE",   NULL};
	static const char *const back[] = {"RESUME",   "UNDRAIN",	"IDLE", "UP",
					   "POWER_UP", "CANCEL_REBOOT", NULL};
	enum action action = ACTION_CONFIG;
	const char *word;
	size_t at = 0;
	bool given = false;

	while ((word = arguments_next_operand(reader->arguments, &at)) != NULL) {
		size_t length = strcspn(word, "=");

		if (!word[length] || !is_short_for(word, length, "State", 1))
			continue;
		word += length + 1;
		if (any_of(word, away))
			return ACTION_STOP;
		if (!any_of(word, back))
			return ACTION_STOP; /* a state that is not known here */
		given = true;
	}
	return given ? ACTION_RUN : action;
}

static int one(struct reader *reader, enum action action, const char *unit,
	       const char *name)
{
	const struct hostset *set = hostset_names(reader->arena, &name, 1);

	return set && reader_operation(reader, action, unit, set) ? READ_DONE
								  : READ_FAULT;
}

static int nodes(struct reader *reader, enum action action, const char *list)
{
	const struct hostset *set;
	struct operation *operation;
	const char *why;
	int result = slurm_nodes(reader, list, &set, &why);

	if (result != READ_DONE)
		return result;
	if (!set) {
		result = reader_unknown(reader, action, "host", "%s", why);
		if (result != READ_DONE)
			return result;
	} else if (hostset_is_empty(set)) {
		return reader_refused(reader, action, "host",
				      "none of these is a node of the cluster");
	} else if (!reader_operation(reader, action, "host", set)) {
		return READ_FAULT;
	}
	operation = &reader->reading->operations[reader->reading->count - 1];
	operation->everything = slurm_all(list);
	return READ_DONE;
}

static int update(struct reader *reader)
{
	enum action action = state_action(reader);

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		const char *value = value_of(reader, entities[i].key, entities[i].least);

		if (!value)
			continue;
		if (strcmp(entities[i].unit, "job") == 0)
			return slurm_jobs(reader, ACTION_CONFIG, value);
		if (strcmp(entities[i].unit, "host") == 0)
			return nodes(reader, action, value);
		if (strcmp(entities[i].unit, "partition") != 0)
			action = ACTION_CONFIG;
		return one(reader, action, entities[i].unit, value);
	}
	return reader_unknown(reader, ACTION_STOP, "host",
			      "the line does not say what is updated");
}

static int create_or_delete(struct reader *reader, enum action action)
{
	static const char *const keys[] = {"PartitionName", "ReservationName",
					   "NodeName"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = value_of(reader, keys[i], 3);

		if (value && i == 2)
			return action == ACTION_REMOVE
				       ? nodes(reader, action, value)
				       : reader_unknown(reader, action, "host",
							"nodes are added");
		if (value)
			return one(reader, action, i ? "reservation" : "partition",
				   value);
	}
	return reader_unknown(reader, action, "partition", "the line does not name one");
}

/* show hostnames LIST needs no controller; all else that is shown is no target. */
static int show(struct reader *reader)
{
	const char *what = arguments_operand(reader->arguments, 1);
	const char *list = arguments_operand(reader->arguments, 2);
	const struct hostset *set;
	struct fault fault = {0};

	if (!what || !list || !is_short_for(what, strlen(what), "hostnames", 5))
		return what && list && is_short_for(what, strlen(what), "hostlist", 5)
			       ? reader_unknown(reader, ACTION_READ, "host",
						"a list is folded")
			       : reader_nothing(reader, "host");
	set = slurm_list(reader->arena, list, &fault);
	if (!set)
		return reader_nothing(reader, "host");
	return reader_operation(reader, ACTION_READ, "host", set) ? READ_DONE
								  : READ_FAULT;
}

static const char *last_operand(struct reader *reader)
{
	const char *last = NULL, *word;
	size_t at = 0;

	while ((word = arguments_next_operand(reader->arguments, &at)) != NULL)
		last = word;
	return last;
}

/* reboot [ASAP] [nextstate=X] [reason=X] LIST: no node list, no reboot. */
static int node_words(struct reader *reader, enum action action)
{
	const char *last = last_operand(reader);

	if (arguments_operands(reader->arguments) < 2 || strcasecmp(last, "ASAP") == 0 ||
	    strchr(last, '='))
		return reader_refused(reader, action, "host", "no node is named");
	return nodes(reader, action, last);
}

static int job_words(struct reader *reader, enum action action)
{
	char *ids = arena_strdup(reader->arena, "");
	const char *word;
	size_t at = 0, number = 0;

	while (ids && (word = arguments_next_operand(reader->arguments, &at)) != NULL)
		if (number++ > 0)
			ids = arena_printf(reader->arena, "%s%s%s", ids, *ids ? "," : "",
					   word);
	if (!ids)
		return READ_FAULT;
	if (!*ids)
		return reader_refused(reader, action, "job", "no job is named");
	return slurm_jobs(reader, action, ids);
}

int reader_scontrol(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	const char *word = arguments_operand(arguments, 0);
	const struct verb_rule *verb;

	(void)fault;
	if (arguments_has(arguments, "-h") || arguments_has(arguments, "-V"))
		return reader_nothing(reader, "host");
	if (arguments->refusal || arguments->unknown)
		return reader_unknown(reader, ACTION_STOP, "host", "%s",
				      arguments->refusal ? arguments->refusal
							 : "an option that is not known");
	if (!word)
		return reader_unknown(reader, ACTION_STOP, "host",
				      "scontrol without a command reads commands from "
				      "its input");
	verb = find_verb(word);
	if (!verb)
		return reader_unknown(reader, ACTION_STOP, "host",
				      "\"%s\" is no command of scontrol that is known",
				      word);
	switch (verb->kind) {
	case KIND_UPDATE:
		return update(reader);
	case KIND_CREATE:
	case KIND_DELETE:
		return create_or_delete(reader, verb->action);
	case KIND_NODES:
		return node_words(reader, verb->action);
	case KIND_JOBS:
		return job_words(reader, verb->action);
	case KIND_SHOW:
		return show(reader);
	case KIND_SHUTDOWN:
		word = arguments_operand(arguments, 1);
		if (word && is_short_for(word, strlen(word), "slurmctld", 9))
			return one(reader, verb->action, "daemon", "slurmctld");
		return reader_unknown(reader, verb->action, "host",
				      "the daemons of every node end");
	case KIND_CLUSTER:
		return one(reader, verb->action, "cluster", "cluster");
	case KIND_NOTHING:
		break;
	}
	return reader_nothing(reader, "host");
}
