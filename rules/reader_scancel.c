/*
 * scancel: filters and job ids, all of which must hold; squeue with the same filters says
 * which jobs these are. Sources: scancel(1), squeue(1), scancel.c and opt.c of Slurm 22.05.
 */
#include "reader.h"

#include <string.h>

#include "slurm_jobs.h"

/* Options of scancel, the variable that stands for each, and what squeue calls them. */
static const struct filter {
	const char *option, *variable, *squeue;
	bool single; /* takes one name: with a comma in it, it matches no job */
} filters[] = {
	{"-A", "SCANCEL_ACCOUNT", "--account=", true},
	{"-n", "SCANCEL_NAME", "--name=", false},
	{"-p", "SCANCEL_PARTITION", "--partition=", true},
	{"-q", "SCANCEL_QOS", "--qos=", true},
	{"-t", "SCANCEL_STATE", "--states=", false},
	{"-u", "SCANCEL_USER", "--user=", true},
	{"-w", NULL, "--nodelist=", false},
	{"-R", NULL, "--reservation=", true},
	{"-M", NULL, "--clusters=", false},
};

enum { FILTERS = sizeof(filters) / sizeof(filters[0]) };

static bool is_id(const char *text)
{
	return *text && !text[strspn(text, "0123456789_[]-,+%:")];
}

/* The lines of squeue as a set of job ids. */
static int jobs_of(struct reader *reader, enum action action, const char *const *argv,
		   const struct hostset *only)
{
	const struct hostset *set;
	const struct fact *fact;
	struct fault fault = {0};
	const char *why;
	int result = reader_probe(reader, argv, 0, &fact);

	if (result != READ_DONE)
		return result;
	if (fact->state != FACT_OK || fact->status != 0)
		return reader_unknown(reader, action, "job",
				      "squeue does not say which jobs these are");
	result = reader_syntax(reader, "lines", fact->data, &set, &why, &fault);
	if (result != READ_DONE)
		return result;
	if (set && only)
		set = hostset_intersection(reader->arena, set, only);
	if (!set)
		return READ_FAULT;
	if (hostset_is_empty(set))
		return reader_refused(reader, action, "job", "no job is like that");
	return reader_operation(reader, action, "job", set) ? READ_DONE : READ_FAULT;
}

/*
 * squeue's -j takes ids only: 12_3 and 12_[1-5] are asked for as 12 and then narrowed, where
 * that can be done; else all tasks of the array count.
 */
static const char *whole_ids(struct arena *arena, const char *ids)
{
	char *out = arena_alloc(arena, strlen(ids) + 1), *end = out;
	bool skip = false;
	int depth = 0;

	for (; out && *ids; ids++) {
		if (*ids == '[')
			depth++;
		else if (*ids == ']' && depth)
			depth--;
		if (*ids == ',' && !depth)
			skip = false;
		else if (*ids == '_' || *ids == '+' || *ids == '.')
			skip = true;
		if (!skip)
			*end++ = *ids;
	}
	if (out)
		*end = '\0';
	return out;
}

static int ask(struct reader *reader, enum action action, const char **argv, size_t used,
	       const char *ids)
{
	const struct hostset *only = NULL;
	struct fault fault = {0};
	const char *why;
	int result;

	if (*ids) {
		const char *whole = whole_ids(reader->arena, ids);

		argv[used] =
			whole ? arena_printf(reader->arena, "--jobs=%s", whole) : NULL;
		if (!argv[used++])
			return READ_FAULT;
		/* Tasks only: 12 itself stands for all that begin with 12_. */
		if (strchr(ids, '_') && strcmp(whole, ids) != 0 && !strchr(ids, '%') &&
		    !strchr(whole, ',')) {
			result =
				reader_syntax(reader, "folded", ids, &only, &why, &fault);
			if (result != READ_DONE)
				return result;
		}
	}
	argv[used] = NULL;
	return jobs_of(reader, action, argv, only);
}

static size_t start(const char **argv)
{
	size_t used = 0;

	argv[used++] = "squeue";
	argv[used++] = "-h"; /* no heading */
	argv[used++] = "-r"; /* a line for each task of an array */
	argv[used++] = "-a"; /* hidden partitions as well */
	argv[used++] = "-o";
	argv[used++] = "%i";
	return used;
}

int slurm_jobs(struct reader *reader, enum action action, const char *ids)
{
	const char **argv = arena_array(reader->arena, 12, sizeof(*argv));

	if (!argv)
		return READ_FAULT;
	if (!is_id(ids))
		return reader_unknown(reader, action, "job",
				      "\"%s\" is no list of job ids", ids);
	return ask(reader, action, argv, start(argv), ids);
}

static const char *value_of(struct reader *reader, const struct filter *filter)
{
	const char *value = arguments_value(reader->arguments, filter->option);

	if (!value && filter->variable)
		value = command_env(reader->command, filter->variable);
	return value && *value ? value : NULL;
}

/* The words of squeue for the filters. *count: so many that choose jobs. */
static int add_filters(struct reader *reader, const char **argv, size_t *used,
		       size_t *count, bool *none)
{
	for (size_t i = 0; i < FILTERS; i++) {
		const char *value = value_of(reader, &filters[i]);

		if (!value)
			continue;
		argv[*used] =
			arena_printf(reader->arena, "%s%s", filters[i].squeue, value);
		if (!argv[(*used)++])
			return READ_FAULT;
		if (filters[i].single && strchr(value, ','))
			*none = true;
		if (strcmp(filters[i].option, "-M") != 0)
			*count += 1;
	}
	if (!value_of(reader, &filters[4])) /* what scancel can end */
		argv[(*used)++] = "--states=PD,R,S,CF,ST";
	if (arguments_has(reader->arguments, "--me")) {
		argv[(*used)++] = "--me";
		*count += 1;
	}
	return READ_DONE;
}

static const char *operands_of(struct reader *reader)
{
	char *ids = arena_strdup(reader->arena, "");
	const char *word;
	size_t at = 0;

	while (ids && (word = arguments_next_operand(reader->arguments, &at)) != NULL)
		ids = arena_printf(reader->arena, "%s%s%s", ids, *ids ? "," : "", word);
	return ids;
}

int reader_scancel(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	const char **argv = arena_array(reader->arena, FILTERS + 12, sizeof(*argv));
	const char *ids = operands_of(reader);
	enum action action = ACTION_STOP;
	size_t used, count = 0;
	bool none = false;

	(void)fault;
	if (!argv || !ids)
		return READ_FAULT;
	if (arguments_has(arguments, "--help") || arguments_has(arguments, "--usage") ||
	    arguments_has(arguments, "-V"))
		return reader_nothing(reader, "job");
	if (arguments->refusal || arguments->unknown)
		return reader_unknown(reader, action, "job", "%s",
				      arguments->refusal ? arguments->refusal
							 : "an option that is not known");
	used = start(argv);
	if (add_filters(reader, argv, &used, &count, &none) != READ_DONE)
		return READ_FAULT;
	if (none)
		return reader_refused(reader, action, "job",
				      "it takes one name here and no list: no job is "
				      "called like that");
	if (arguments_has(arguments, "--wckey") ||
	    command_env(reader->command, "SCANCEL_WCKEY")) {
		if (!count && !*ids)
			return reader_unknown(reader, action, "job",
					      "squeue cannot be asked for a wckey");
	} else if (!count && !*ids) {
		return reader_refused(reader, action, "job", "no job is named");
	}
	/* scancel looks for a job of this very name, squeue would take it for a list. */
	if (value_of(reader, &filters[1]) && strchr(value_of(reader, &filters[1]), ','))
		return reader_unknown(reader, action, "job",
				      "squeue cannot be asked for a name with a comma");
	if (*ids && !is_id(ids))
		return reader_unknown(reader, action, "job",
				      "\"%s\" is no list of job ids", ids);
	return ask(reader, action, argv, used, ids);
}
