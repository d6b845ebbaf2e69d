/*
 * kubectl, the parts of its reader: the line (kubectl_line.c), what the cluster holds by
 * read-only `kubectl get` probes (kubectl_probe.c, kubectl_object.c), what objects stand for
 * (kubectl_effect.c), which pod a name means (kubectl_pod.c), what a patch does
 * (kubectl_patch.c), the kubeconfig (kubectl_context.c), and the verbs
 * (reader_kubectl*.c).
 *
 * Functions return READ_DONE, READ_MISSING or READ_FAULT. What cannot be known is noted in
 * `problem` of the line, with READ_DONE: the caller looks there before it goes on.
 */
#ifndef TALLY_KUBECTL_H
#define TALLY_KUBECTL_H

#include "reader.h"

enum kube_form {
	KUBE_NOTHING, /* no resource is named */
	KUBE_TYPES,   /* TYPE[,TYPE...] alone */
	KUBE_NAMES,   /* TYPE NAME..., TYPE/NAME ... */
	KUBE_FILES,   /* -f, -k */
};

/* What the words of a line are, beside resources. */
enum kube_words {
	KUBE_RESOURCES, /* nothing else */
	KUBE_PAIRS, /* KEY=VALUE and KEY- behind them: label, annotate, set env, set image */
	KUBE_TAINTS,	 /* KEY=VALUE:EFFECT, KEY:EFFECT- as well */
	KUBE_LAST_OTHER, /* the last word is none: set serviceaccount, set selector */
	KUBE_NODES,	 /* all words are names of nodes: cordon, drain */
	KUBE_CSRS,	 /* names of certificate signing requests */
};

struct kube_line {
	struct reader *reader;
	enum kube_form form;
	const char **words; /* resources, as kubectl get takes them */
	size_t word_count;
	const char **others; /* the rest */
	size_t other_count;
	const char *selector, *fields; /* NULL: none (an empty one is none, too) */
	bool all, everywhere;	       /* --all, -A */
	const char *problem;	       /* why the targets are not known, or NULL */
	bool refused;		       /* ... because kubectl refuses such a line */
	/* For the operations that come of it. */
	const char *unit; /* of the verb, when the line says nothing better */
	bool everything, irreversible;
};

/* One object of the cluster, or of a file. */
struct kube_object {
	const char *group, *kind;	/* "apps", "Deployment"; group "" is the core */
	const char *resource;		/* "deployments.apps" */
	const char *space, *name;	/* space NULL: it is in no namespace */
	const char *owner, *owner_kind; /* controller, or NULL */
	int64_t wanted, present;	/* pods: spec and status; -1: it says nothing */
	int64_t planned, active;	/* pods of a daemon set, of a job; -1 */
	bool cordoned;
};

struct kube_objects {
	struct kube_object *items;
	size_t count, capacity;
};

/* ---- the line ---- */

/* Cuts the operands and looks at the options that choose objects. */
int kube_line_read(struct reader *reader, enum kube_words words, struct kube_line *line);

/* Notes why nothing can be known; the first reason stays. READ_DONE or READ_FAULT. */
int kube_problem(struct kube_line *line, bool refused, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * What kubectl itself refuses before it asks the cluster. `alone`: a type without names and
 * selector means all of its objects.
 */
int kube_check_selection(struct kube_line *line, bool alone);

/* An operation for a line with a problem. READ_DONE or READ_FAULT. */
int kube_give_up(struct kube_line *line, enum action action);

/* What the line calls its objects: "pod" for `po`, `pods/x`; the verb's unit otherwise. */
const char *kube_unit(const struct kube_line *line);

/* The value of an integer option as pflag reads it. False: not given, or no number. */
bool kube_number(const struct reader *reader, const char *option, int64_t *number);

/* Whether the line only shows what it would do. False and a problem for a bad value. */
int kube_dry_run(struct kube_line *line, bool *dry);

/* ---- the kubeconfig ---- */

struct kube_context {
	const char *name;  /* NULL: none, or not known */
	const char *space; /* namespace of the line; NULL: not known */
};

/* Reads $KUBECONFIG or ~/.kube/config as kubectl merges them. */
int kube_context(struct reader *reader, struct kube_context *context);

/* ---- probes ---- */

/* A list of words that grows; items stays NULL when memory is short. */
struct kube_probe {
	struct arena *arena;
	const char **items;
	size_t count, capacity;
	unsigned timeout; /* seconds, 0: the usual */
	bool failed;
};

void kube_probe_add(struct kube_probe *probe, const char *word);
void kube_probe_add_text(struct kube_probe *probe, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The program and `verbs`, with the options that say which cluster, and as whom. */
void kube_probe_begin(const struct reader *reader, struct kube_probe *probe,
		      const char *const *verbs);

/* Those of the options `names` (NULL-terminated) that are on the line, in its order. */
void kube_probe_add_options(const struct reader *reader, struct kube_probe *probe,
			    const char *const *names);

/* -n as on the line, if it is there. */
void kube_probe_add_namespace(const struct reader *reader, struct kube_probe *probe);

/* -f, -k and -R as on the line. */
void kube_probe_add_files(const struct reader *reader, struct kube_probe *probe);

/*
 * Runs it; *data is what it printed, NULL (and a problem) when it failed. The files of the
 * line are looked at first when it has any: pipes cannot be read twice.
 */
int kube_probe_run(struct kube_line *line, struct kube_probe *probe, const char **data);

/* The objects that the line names, by `kubectl get`. Those that are not there are left out. */
int kube_get(struct kube_line *line, struct kube_objects *objects);

/* The objects that the files of the line describe, whether or not they are there. */
int kube_get_described(struct kube_line *line, struct kube_objects *objects);

/* ---- objects ---- */

/* Reads what a probe with these columns printed. */
extern const char kube_columns[];
int kube_objects_parse(struct kube_line *line, const char *text,
		       struct kube_objects *objects);

/* The same for the tab separated lines of kube_get_described(). */
extern const char kube_described[];
int kube_described_parse(struct kube_line *line, const char *text,
			 struct kube_objects *objects);

struct kube_object *kube_objects_add(struct arena *arena, struct kube_objects *objects);

/* "prod/deployments.apps/web", "nodes/node-01"; a nameless object is "*". NULL: memory. */
const char *kube_object_name(struct arena *arena, const struct kube_object *object);

bool kube_same_object(const struct kube_object *a, const struct kube_object *b);

/*
 * Appends operations for `objects`, one for each kind, or one for nothing when there are
 * none. `weigh` (may be NULL) says what the objects of one kind stand for.
 */
typedef int kube_weigh(struct kube_line *line, const struct kube_objects *all,
		       const struct kube_objects *kind, struct effect *effect);
int kube_emit(struct kube_line *line, enum action action,
	      const struct kube_objects *objects, kube_weigh *weigh);

/* ---- what objects stand for ---- */

/* Pods that an object keeps: 0 none, -1 not known. */
int64_t kube_pods(const struct kube_object *object);

/* Pods of workloads, which are rolled or go. */
kube_weigh kube_weigh_pods;

/* What goes with deleted objects: pods of workloads, all that is in a namespace ... */
kube_weigh kube_weigh_deletion;

/* Pods that leave nodes: evicted ones (drain), or all (a NoExecute taint). */
kube_weigh kube_weigh_drain;

/* ---- which pod ---- */

/*
 * The pod that exec, attach, logs ... take for `text` ("POD", "TYPE/NAME"), as an operation.
 * `logs`: chosen as `kubectl logs` does.
 */
int kube_pod(struct kube_line *line, enum action action, const char *text, bool logs);

/* ---- patches ---- */

struct kube_patch {
	bool unreadable;
	bool replicas; /* it sets the number of pods */
	bool replicas_known;
	int64_t wanted;
	bool cordon, uncordon;
	bool evicts, shuts; /* taints nodes: NoExecute, NoSchedule */
	bool template;	    /* changes the pods of a workload */
};

/* Reads the text of -p; `json` is --type=json. READ_DONE or READ_FAULT. */
int kube_patch_read(struct arena *arena, const char *text, bool json,
		    struct kube_patch *patch);

/* Scales objects to their `planned`: what is lost and what is gained, each by itself. */
int kube_emit_scale(struct kube_line *line, const struct kube_objects *objects);

/* ---- verbs in files of their own ---- */

int kube_read_raw(struct kube_line *line, const char *uri);
int kube_read_delete(struct kube_line *line);
int kube_read_scale(struct kube_line *line);
int kube_read_autoscale(struct kube_line *line);
int kube_read_apply(struct kube_line *line);
int kube_read_replace(struct kube_line *line);
int kube_read_create(struct kube_line *line);
int kube_read_run(struct kube_line *line);
int kube_read_expose(struct kube_line *line);
int kube_read_patch(struct kube_line *line);
int kube_read_nodes(struct kube_line *line);
int kube_read_taint(struct kube_line *line);
int kube_read_debug(struct kube_line *line);

#endif
