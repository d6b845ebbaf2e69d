/*
 * ceph: words of a command tree, ids of OSDs as N or osd.N, and all OSDs or those of a bucket,
 * which ceph itself names. Sources: ceph(8), MonCommands.h and ceph_argparse.py of Ceph 16.2.
 */
#include "reader.h"

#include <fnmatch.h>
#include <string.h>

enum kind {
	KIND_NOTHING,
	KIND_OSDS,   /* all words behind it are ids, or "all" */
	KIND_OSD,    /* the first is one id */
	KIND_PURGE,  /* as KIND_OSD, and it wants to be told twice */
	KIND_BUCKET, /* the first is an OSD, or a bucket with all its OSDs */
	KIND_POOL,   /* a name, twice */
	KIND_NAME,   /* the first is a name of `unit` */
	KIND_ALL,    /* every OSD */
	KIND_CLUSTER
};

/* The first that fits: the words of the command, each a pattern. */
static const struct rule {
	const char *words;
	enum kind kind;
	enum action action;
	const char *unit;
} rules[] = {
	{"osd out", KIND_OSDS, ACTION_STOP, "osd"},
	{"osd down", KIND_OSDS, ACTION_STOP, "osd"},
	{"osd stop", KIND_OSDS, ACTION_STOP, "osd"},
	{"osd in", KIND_OSDS, ACTION_RUN, "osd"},
	{"osd rm", KIND_OSDS, ACTION_REMOVE, "osd"},
	{"osd lost", KIND_PURGE, ACTION_REMOVE, "osd"},
	{"osd destroy*", KIND_PURGE, ACTION_REMOVE, "osd"},
	{"osd purge*", KIND_PURGE, ACTION_REMOVE, "osd"},
	{"osd reweight", KIND_OSD, ACTION_SCALE, "osd"},
	{"osd primary-affinity", KIND_OSD, ACTION_CONFIG, "osd"},
	{"osd ok-to-stop", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd safe-to-destroy", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd crush rm", KIND_BUCKET, ACTION_REMOVE, "osd"},
	{"osd crush remove", KIND_BUCKET, ACTION_REMOVE, "osd"},
	{"osd crush unlink", KIND_BUCKET, ACTION_REMOVE, "osd"},
	{"osd crush reweight-all", KIND_ALL, ACTION_SCALE, "osd"},
	{"osd reweight-by-*", KIND_ALL, ACTION_SCALE, "osd"},
	{"osd reweightn", KIND_ALL, ACTION_SCALE, "osd"},
	{"osd crush set", KIND_OSD, ACTION_SCALE, "osd"},
	{"osd crush add", KIND_OSD, ACTION_SCALE, "osd"},
	{"osd crush create-or-move", KIND_OSD, ACTION_CONFIG, "osd"},
	{"osd crush move", KIND_BUCKET, ACTION_CONFIG, "osd"},
	{"osd crush tree", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd crush dump", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd crush ls", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd crush show-tunables", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd crush rule ls*", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd crush rule dump", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd crush class ls*", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd pool delete", KIND_POOL, ACTION_REMOVE, "pool"},
	{"osd pool rm", KIND_POOL, ACTION_REMOVE, "pool"},
	{"osd pool rmsnap", KIND_NAME, ACTION_REMOVE, "pool"},
	{"osd pool ls", KIND_NOTHING, ACTION_READ, "pool"},
	{"osd pool get*", KIND_NOTHING, ACTION_READ, "pool"},
	{"osd pool stats", KIND_NOTHING, ACTION_READ, "pool"},
	{"osd pool autoscale-status", KIND_NOTHING, ACTION_READ, "pool"},
	{"osd pool application get", KIND_NOTHING, ACTION_READ, "pool"},
	{"osd pool application *", KIND_NAME, ACTION_CONFIG, "pool"},
	{"osd pool *", KIND_NAME, ACTION_CONFIG, "pool"},
	{"osd set-group", KIND_CLUSTER, ACTION_CONFIG, "cluster"},
	{"osd unset-group", KIND_CLUSTER, ACTION_CONFIG, "cluster"},
	{"osd set*", KIND_CLUSTER, ACTION_CONFIG, "cluster"},
	{"osd unset", KIND_CLUSTER, ACTION_CONFIG, "cluster"},
	{"osd pause", KIND_CLUSTER, ACTION_STOP, "cluster"},
	{"osd unpause", KIND_CLUSTER, ACTION_RUN, "cluster"},
	{"osd erasure-code-profile rm", KIND_NAME, ACTION_REMOVE, "profile"},
	{"osd erasure-code-profile set", KIND_NAME, ACTION_CONFIG, "profile"},
	{"osd erasure-code-profile *", KIND_NOTHING, ACTION_READ, "profile"},
	{"osd tree*", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd ls*", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd df", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd stat*", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd dump", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd find", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd map", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd metadata", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd perf", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd get*", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd info", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd versions", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd utilization", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd blocked-by", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd count-metadata", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd test-reweight*", KIND_NOTHING, ACTION_READ, "osd"},
	{"osd blocklist ls", KIND_NOTHING, ACTION_READ, "osd"},
	{"mon remove", KIND_NAME, ACTION_REMOVE, "mon"},
	{"mon rm", KIND_NAME, ACTION_REMOVE, "mon"},
	{"mon add", KIND_NAME, ACTION_CONFIG, "mon"},
	{"mon ok-to-*", KIND_NOTHING, ACTION_READ, "mon"},
	{"mon stat", KIND_NOTHING, ACTION_READ, "mon"},
	{"mon dump", KIND_NOTHING, ACTION_READ, "mon"},
	{"mon getmap", KIND_NOTHING, ACTION_READ, "mon"},
	{"mon metadata", KIND_NOTHING, ACTION_READ, "mon"},
	{"mon versions", KIND_NOTHING, ACTION_READ, "mon"},
	{"mgr fail", KIND_NAME, ACTION_RESTART, "mgr"},
	{"mgr module enable", KIND_NAME, ACTION_CONFIG, "module"},
	{"mgr module disable", KIND_NAME, ACTION_STOP, "module"},
	{"mgr module ls", KIND_NOTHING, ACTION_READ, "module"},
	{"mgr s[te]*", KIND_NOTHING, ACTION_READ, "mgr"},
	{"mgr dump", KIND_NOTHING, ACTION_READ, "mgr"},
	{"mgr metadata", KIND_NOTHING, ACTION_READ, "mgr"},
	{"mgr versions", KIND_NOTHING, ACTION_READ, "mgr"},
	{"mds fail", KIND_NAME, ACTION_RESTART, "mds"},
	{"mds rm*", KIND_NAME, ACTION_REMOVE, "mds"},
	{"mds stat", KIND_NOTHING, ACTION_READ, "mds"},
	{"mds metadata", KIND_NOTHING, ACTION_READ, "mds"},
	{"mds versions", KIND_NOTHING, ACTION_READ, "mds"},
	{"fs fail", KIND_NAME, ACTION_STOP, "fs"},
	{"fs rm*", KIND_NAME, ACTION_REMOVE, "fs"},
	{"fs volume rm", KIND_NAME, ACTION_REMOVE, "fs"},
	{"fs volume ls", KIND_NOTHING, ACTION_READ, "fs"},
	{"fs set", KIND_NAME, ACTION_CONFIG, "fs"},
	{"fs reset", KIND_NAME, ACTION_REMOVE, "fs"},
	{"fs new", KIND_NAME, ACTION_CONFIG, "fs"},
	{"fs ls", KIND_NOTHING, ACTION_READ, "fs"},
	{"fs get", KIND_NOTHING, ACTION_READ, "fs"},
	{"fs dump", KIND_NOTHING, ACTION_READ, "fs"},
	{"fs status", KIND_NOTHING, ACTION_READ, "fs"},
	{"orch daemon stop", KIND_NAME, ACTION_STOP, "daemon"},
	{"orch daemon re*", KIND_NAME, ACTION_RESTART, "daemon"},
	{"orch daemon start", KIND_NAME, ACTION_RUN, "daemon"},
	{"orch daemon rm", KIND_NAME, ACTION_REMOVE, "daemon"},
	{"orch stop", KIND_NAME, ACTION_STOP, "service"},
	{"orch start", KIND_NAME, ACTION_RUN, "service"},
	{"orch re[sdc]*", KIND_NAME, ACTION_RESTART, "service"},
	{"orch rm", KIND_NAME, ACTION_REMOVE, "service"},
	{"orch host rm", KIND_NAME, ACTION_REMOVE, "host"},
	{"orch host drain", KIND_NAME, ACTION_STOP, "host"},
	{"orch host maintenance enter", KIND_NAME, ACTION_STOP, "host"},
	{"orch host maintenance exit", KIND_NAME, ACTION_RUN, "host"},
	{"orch host ls", KIND_NOTHING, ACTION_READ, "host"},
	{"orch host ok-to-stop", KIND_NOTHING, ACTION_READ, "host"},
	{"orch host *", KIND_NAME, ACTION_CONFIG, "host"},
	{"orch osd rm status", KIND_NOTHING, ACTION_READ, "osd"},
	{"orch osd rm stop", KIND_OSDS, ACTION_CONFIG, "osd"},
	{"orch osd rm", KIND_OSDS, ACTION_REMOVE, "osd"},
	{"orch device zap", KIND_NAME, ACTION_REMOVE, "host"},
	{"orch device ls", KIND_NOTHING, ACTION_READ, "host"},
	{"orch ls", KIND_NOTHING, ACTION_READ, "service"},
	{"orch ps", KIND_NOTHING, ACTION_READ, "daemon"},
	{"orch status", KIND_NOTHING, ACTION_READ, "service"},
	{"orch upgrade status", KIND_NOTHING, ACTION_READ, "cluster"},
	{"orch upgrade check", KIND_NOTHING, ACTION_READ, "cluster"},
	{"orch upgrade *", KIND_CLUSTER, ACTION_RESTART, "cluster"},
	{"auth rm", KIND_NAME, ACTION_REMOVE, "auth"},
	{"auth del", KIND_NAME, ACTION_REMOVE, "auth"},
	{"auth ls", KIND_NOTHING, ACTION_READ, "auth"},
	{"auth list", KIND_NOTHING, ACTION_READ, "auth"},
	{"auth get", KIND_NOTHING, ACTION_READ, "auth"},
	{"auth print*", KIND_NOTHING, ACTION_READ, "auth"},
	{"auth *", KIND_NAME, ACTION_CONFIG, "auth"},
	{"config set", KIND_NAME, ACTION_CONFIG, "daemon"},
	{"config rm", KIND_NAME, ACTION_CONFIG, "daemon"},
	{"config get", KIND_NOTHING, ACTION_READ, "daemon"},
	{"config dump", KIND_NOTHING, ACTION_READ, "daemon"},
	{"config show*", KIND_NOTHING, ACTION_READ, "daemon"},
	{"config log", KIND_NOTHING, ACTION_READ, "daemon"},
	{"config ls", KIND_NOTHING, ACTION_READ, "daemon"},
	{"config help", KIND_NOTHING, ACTION_READ, "daemon"},
	{"config-key get", KIND_NOTHING, ACTION_READ, "key"},
	{"config-key ls", KIND_NOTHING, ACTION_READ, "key"},
	{"config-key dump", KIND_NOTHING, ACTION_READ, "key"},
	{"config-key exists", KIND_NOTHING, ACTION_READ, "key"},
	{"config-key rm", KIND_NAME, ACTION_REMOVE, "key"},
	{"config-key set", KIND_NAME, ACTION_CONFIG, "key"},
	{"pg ls*", KIND_NOTHING, ACTION_READ, "pg"},
	{"pg stat", KIND_NOTHING, ACTION_READ, "pg"},
	{"pg dump*", KIND_NOTHING, ACTION_READ, "pg"},
	{"pg map", KIND_NOTHING, ACTION_READ, "pg"},
	{"pg debug", KIND_NOTHING, ACTION_READ, "pg"},
	{"pg getmap", KIND_NOTHING, ACTION_READ, "pg"},
	{"crash ls*", KIND_NOTHING, ACTION_READ, "crash"},
	{"crash info", KIND_NOTHING, ACTION_READ, "crash"},
	{"crash stat", KIND_NOTHING, ACTION_READ, "crash"},
	{"balancer status", KIND_NOTHING, ACTION_READ, "cluster"},
	{"balancer o[nf]*", KIND_CLUSTER, ACTION_CONFIG, "cluster"},
	{"status", KIND_NOTHING, ACTION_READ, "cluster"},
	{"health", KIND_NOTHING, ACTION_READ, "cluster"},
	{"df", KIND_NOTHING, ACTION_READ, "cluster"},
	{"versions", KIND_NOTHING, ACTION_READ, "cluster"},
	{"version", KIND_NOTHING, ACTION_READ, "cluster"},
	{"fsid", KIND_NOTHING, ACTION_READ, "cluster"},
	{"features", KIND_NOTHING, ACTION_READ, "cluster"},
	{"quorum_status", KIND_NOTHING, ACTION_READ, "mon"},
	{"mon_status", KIND_NOTHING, ACTION_READ, "mon"},
	{"report", KIND_NOTHING, ACTION_READ, "cluster"},
	{"time-sync-status", KIND_NOTHING, ACTION_READ, "mon"},
	{"node ls", KIND_NOTHING, ACTION_READ, "host"},
	{"log last", KIND_NOTHING, ACTION_READ, "cluster"},
	{"log", KIND_CLUSTER, ACTION_CONFIG, "cluster"},
	{"help", KIND_NOTHING, ACTION_READ, "cluster"},
};

/* How many operands the words of the rule take up; 0: it is another command. */
static size_t matches(const struct reader *reader, const struct rule *rule)
{
	const char *pattern = rule->words;
	size_t words = 0;

	while (*pattern) {
		size_t length = strcspn(pattern, " ");
		char one[64];
		const char *operand = arguments_operand(reader->arguments, words);

		if (!operand || length >= sizeof(one))
			return 0;
		memcpy(one, pattern, length);
		one[length] = '\0';
		if (fnmatch(one, operand, 0) != 0)
			return 0;
		words++;
		pattern += length + (pattern[length] == ' ');
	}
	return words;
}

/* N or osd.N as osd.N; NULL when it is no id. */
static const char *osd_name(struct arena *arena, const char *text)
{
	if (strncmp(text, "osd.", 4) == 0)
		text += 4;
	if (!*text || text[strspn(text, "0123456789")])
		return NULL;
	return arena_printf(arena, "osd.%s", text);
}

static bool is_all(const char *text)
{
	return strcmp(text, "all") == 0 || strcmp(text, "any") == 0 ||
	       strcmp(text, "*") == 0;
}

/* What `ceph osd ls` (of a bucket: `ls-tree`) prints, as osd.N. */
static int ask(struct reader *reader, enum action action, const char *bucket,
	       bool everything)
{
	const char *words[] = {
		"@program",
		"@options:-c,--cluster,-n,--id,-k,-m,--mon-host,--connect-timeout",
		"osd",
		bucket ? "ls-tree" : "ls",
		bucket,
		NULL};
	const char *const *argv = reader_words(reader, words);
	const struct hostset *set = hostset_empty(reader->arena);
	const struct fact *fact;
	char *text, *line;
	int result;

	if (!argv || !set)
		return READ_FAULT;
	result = reader_probe(reader, argv, 0, &fact);
	if (result != READ_DONE)
		return result;
	if (fact->state != FACT_OK || fact->status != 0) {
		result = reader_unknown(reader, action, "osd",
					"ceph does not say which OSDs there are");
	} else {
		text = arena_strdup(reader->arena, fact->data);
		while (text && set && (line = strsep(&text, "\n")) != NULL) {
			const char *name = osd_name(reader->arena, line);

			if (name)
				set = hostset_union(
					reader->arena, set,
					hostset_names(reader->arena, &name, 1));
		}
		if (!set)
			return READ_FAULT;
		if (hostset_is_empty(set))
			result = reader_unknown(reader, action, "osd",
						"ceph named no OSD");
		else if (!reader_operation(reader, action, "osd", set))
			return READ_FAULT;
	}
	if (result == READ_DONE)
		reader->reading->operations[reader->reading->count - 1].everything =
			everything;
	return result;
}

static int named(struct reader *reader, enum action action, const char *unit,
		 const char *name)
{
	const struct hostset *set = hostset_names(reader->arena, &name, 1);
	struct operation *operation =
		set ? reader_operation(reader, action, unit, set) : NULL;

	if (!operation)
		return READ_FAULT;
	operation->irreversible =
		arguments_has(reader->arguments, "--yes-i-really-really-mean-it");
	return READ_DONE;
}

static int osds(struct reader *reader, const struct rule *rule, size_t from)
{
	size_t count = arguments_operands(reader->arguments), used = 0;
	const char **names = arena_array(reader->arena, count + 1, sizeof(*names));
	const struct hostset *set;

	if (!names)
		return READ_FAULT;
	if (count == from)
		return reader_refused(reader, rule->action, "osd", "no OSD is named");
	for (size_t i = from; i < count; i++) {
		const char *word = arguments_operand(reader->arguments, i);

		if (is_all(word))
			return ask(reader, rule->action, NULL, true);
		names[used] = osd_name(reader->arena, word);
		if (!names[used++])
			return reader_refused(reader, rule->action, "osd",
					      "\"%s\" is no id of an OSD", word);
	}
	set = hostset_names(reader->arena, names, used);
	return set && reader_operation(reader, rule->action, "osd", set) ? READ_DONE
									 : READ_FAULT;
}

static int one_osd(struct reader *reader, const struct rule *rule, const char *word)
{
	const char *name = osd_name(reader->arena, word);

	if (name)
		return named(reader, rule->action, "osd", name);
	if (rule->kind == KIND_BUCKET)
		return ask(reader, rule->action, word, false);
	return reader_refused(reader, rule->action, "osd", "\"%s\" is no id of an OSD",
			      word);
}

static int follow(struct reader *reader, const struct rule *rule, size_t from)
{
	const char *word = arguments_operand(reader->arguments, from);
	const char *next = arguments_operand(reader->arguments, from + 1);

	switch (rule->kind) {
	case KIND_NOTHING:
		return reader_nothing(reader, rule->unit);
	case KIND_OSDS:
		return osds(reader, rule, from);
	case KIND_ALL:
		return ask(reader, rule->action, NULL, true);
	case KIND_CLUSTER:
		return named(reader, rule->action, "cluster", "cluster");
	default:
		break;
	}
	if (!word)
		return strcmp(rule->unit, "mgr") == 0
			       ? reader_unknown(reader, rule->action, rule->unit,
						"the active one")
			       : reader_refused(reader, rule->action, rule->unit,
						"no %s is named", rule->unit);
	if (!*word)
		return reader_unknown(reader, rule->action, rule->unit,
				      "an empty name (an unset variable?)");
	if (rule->kind == KIND_PURGE &&
	    !arguments_has(reader->arguments, "--yes-i-really-mean-it"))
		return reader_refused(reader, rule->action, rule->unit,
				      "it wants --yes-i-really-mean-it");
	if (rule->kind == KIND_POOL && (!next || strcmp(word, next) != 0))
		return reader_refused(reader, rule->action, rule->unit,
				      "the pool must be named twice");
	if (rule->kind == KIND_NAME || rule->kind == KIND_POOL)
		return named(reader, rule->action, rule->unit, word);
	return one_osd(reader, rule, word);
}

/* orch apply TYPE [NAME] --placement=…: more or fewer daemons of one service. */
static int apply(struct reader *reader)
{
	const char *type = arguments_operand(reader->arguments, 2);
	const char *name = arguments_operand(reader->arguments, 3);

	if (arguments_has(reader->arguments, "--dry-run"))
		return reader_nothing(reader, "service");
	if (!type || arguments_has(reader->arguments, "-i"))
		return reader_unknown(reader, ACTION_SCALE, "service",
				      "the services stand in a file");
	if (name)
		type = arena_printf(reader->arena, "%s.%s", type, name);
	return type ? named(reader, ACTION_SCALE, "service", type) : READ_FAULT;
}

int reader_ceph(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	const char *first = arguments_operand(arguments, 0);
	const char *second = arguments_operand(arguments, 1);

	(void)fault;
	if (arguments_has(arguments, "-h") || arguments_has(arguments, "--version") ||
	    (!first &&
	     (arguments_has(arguments, "-s") || arguments_has(arguments, "-w"))))
		return reader_nothing(reader, "cluster");
	if (arguments->refusal || arguments->unknown)
		return reader_unknown(reader, ACTION_REMOVE, "osd", "%s",
				      arguments->refusal ? arguments->refusal
							 : arguments->unknown);
	if (!first)
		return reader_unknown(reader, ACTION_REMOVE, "osd",
				      "without a command ceph reads commands");
	if (second && strcmp(first, "orch") == 0 && strcmp(second, "apply") == 0)
		return apply(reader);
	if (second && arguments_operand(arguments, 2) && strcmp(first, "osd") == 0 &&
	    strcmp(second, "crush") == 0) {
		/* reweight-subtree BUCKET W and reweight osd.N W, not "remove" */
		static const struct rule subtree = {"", KIND_BUCKET, ACTION_SCALE, "osd"};
		const char *third = arguments_operand(arguments, 2);

		if (strcmp(third, "reweight-subtree") == 0 ||
		    strcmp(third, "reweight") == 0)
			return follow(reader, &subtree, 3);
	}
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		size_t words = matches(reader, &rules[i]);

		if (words)
			return follow(reader, &rules[i], words);
	}
	return reader_unknown(reader, ACTION_REMOVE, "osd",
			      "\"%s %s\" is no command of ceph that is known", first,
			      second ? second : "");
}
