/*
 * GNU parallel: with -S or --sshloginfile jobs run on other machines (all of them with --nonall
 * and --onall, else as many as there are jobs: all are counted). Without, the commands run here:
 * those that are ssh are counted by the hosts put in; other tools are judged when they start.
 * Sources: parallel(1) of 20221122. --dry-run is ignored with --nonall.
 */
#include "reader.h"

#include <string.h>

#include "syntax.h"

struct jobs {
	struct reader *reader;
	const struct hostset *set;
	const char **words; /* of the command */
	size_t word_count;
	const char **values; /* of the first source */
	size_t value_count, capacity, sources;
	const char *problem;
	enum action action;
	bool irreversible, remote;
};

static int add_host(struct jobs *jobs, const char *text, size_t length)
{
	const char *at = memrchr(text, '@', length), *colon;
	const struct hostset *one;

	if (at) {
		length -= (size_t)(at + 1 - text);
		text = at + 1;
	}
	colon = memchr(text, ':', length);
	if (colon && !memchr(colon + 1, ':', length - (size_t)(colon + 1 - text)))
		length = (size_t)(colon - text);
	if (!length)
		return READ_DONE;
	one = hostset_name(jobs->reader->arena, text, length);
	jobs->set = one ? hostset_union(jobs->reader->arena, jobs->set, one) : NULL;
	return jobs->set ? READ_DONE : READ_FAULT;
}

/* [NCPU/|@GROUP/][ssh command with the host as its last word | user@host:port]; ":" is here. */
static int add_login(struct jobs *jobs, const char *text, size_t length)
{
	const char *slash, *blank;

	while (length && strchr(" \t\r", text[length - 1]))
		length--;
	slash = memrchr(text, '/', length);
	blank = memrchr(text, ' ', length);
	if (slash && (!blank || slash > blank)) {
		length -= (size_t)(slash + 1 - text);
		text = slash + 1;
		blank = NULL;
	}
	if (blank) {
		length -= (size_t)(blank + 1 - text);
		text = blank + 1;
	}
	if (length == 1 && *text == ':')
		return READ_DONE;
	return add_host(jobs, text, length);
}

static int add_login_file(struct jobs *jobs, const char *name)
{
	struct reader *reader = jobs->reader;
	const char *home = command_env(reader->command, "HOME");
	const struct fact *fact;
	char *copy, *line;
	int result = READ_DONE;

	jobs->remote = true;
	if (strcmp(name, "..") == 0)
		name = arena_printf(reader->arena, "%s/.parallel/sshloginfile",
				    home ? home : "");
	else if (strcmp(name, ".") == 0)
		name = "/etc/parallel/sshloginfile";
	if (!name)
		return READ_FAULT;
	fact = strcmp(name, "-") == 0 ? facts_stdin(reader->facts)
				      : facts_file(reader->facts, name);
	if (!fact)
		return READ_MISSING;
	copy = fact->state == FACT_OK ? arena_strdup(reader->arena, fact->data) : NULL;
	if (!copy) {
		jobs->problem = "a list of machines cannot be read";
		return READ_DONE;
	}
	while (result == READ_DONE && (line = strsep(&copy, "\n")) != NULL) {
		line[strcspn(line, "#")] = '\0';
		line += strspn(line, " \t");
		if (*line)
			result = add_login(jobs, line, strlen(line));
	}
	return result;
}

static int add_logins(struct jobs *jobs, const char *text)
{
	int result = READ_DONE;

	jobs->remote = true;
	while (*text && result == READ_DONE) {
		size_t length = strcspn(text, ",\n");

		if ((length == 2 && strncmp(text, "..", 2) == 0) ||
		    (length == 1 && *text == '.'))
			result = add_login_file(jobs, length == 2 ? ".." : ".");
		else if (length)
			result = add_login(jobs, text, length);
		text += length + (text[length] != '\0');
	}
	return result;
}

static int add_value(struct jobs *jobs, const char *value)
{
	const char **grown =
		arena_grow(jobs->reader->arena, jobs->values, jobs->value_count,
			   &jobs->capacity, sizeof(*grown));

	if (!grown)
		return READ_FAULT;
	jobs->values = grown;
	grown[jobs->value_count++] = value;
	return READ_DONE;
}

/* The arguments of a file, "-" or NULL: standard input, one a line, blank ones as well. */
static int add_values(struct jobs *jobs, const char *path)
{
	struct reader *reader = jobs->reader;
	const struct fact *fact = !path || strcmp(path, "-") == 0
					  ? facts_stdin(reader->facts)
					  : facts_file(reader->facts, path);
	char *copy, *line;
	int result = READ_DONE;

	if (!fact)
		return READ_MISSING;
	copy = fact->state == FACT_OK ? arena_strdup(reader->arena, fact->data) : NULL;
	if (!copy) {
		jobs->problem = "the list of arguments cannot be read";
		return READ_DONE;
	}
	while (result == READ_DONE && (line = strsep(&copy, "\n")) != NULL)
		if (*line || copy)
			result = add_value(jobs, line);
	return result;
}

static bool is_separator(const char *word)
{
	return strcmp(word, ":::") == 0 || strcmp(word, "::::") == 0 ||
	       strcmp(word, ":::+") == 0 || strcmp(word, "::::+") == 0;
}

/*
 * Whether the arguments say which hosts are touched. Else they are not read: standard input
 * may be a stream without an end.
 */
static bool needs_values(const struct jobs *jobs)
{
	const struct arguments *arguments = jobs->reader->arguments;
	const char *name;

	if (jobs->remote || arguments_has(arguments, "--pipe") ||
	    arguments_has(arguments, "--pipe-part") ||
	    arguments_has(arguments, "--dry-run"))
		return false;
	if (!jobs->word_count)
		return true;
	name = command_base_name(jobs->words[0]);
	return strcmp(name, "ssh") == 0 || strcmp(name, "pdsh") == 0 ||
	       strcmp(name, "clush") == 0;
}

/* Machines, and the words of the command in front of the first source. */
static int collect_words(struct jobs *jobs)
{
	const struct arguments *arguments = jobs->reader->arguments;
	const char *word;
	size_t at = 0;
	int result = READ_DONE;

	for (size_t i = 0; i < arguments->count && result == READ_DONE; i++) {
		const struct argument *item = &arguments->items[i];

		if (argument_is(item, "-S"))
			result = add_logins(jobs, item->value);
		else if (argument_is(item, "--slf"))
			result = add_login_file(jobs, item->value);
	}
	jobs->words = arena_array(jobs->reader->arena, arguments_operands(arguments) + 1,
				  sizeof(*jobs->words));
	if (!jobs->words)
		return READ_FAULT;
	while ((word = arguments_next_operand(arguments, &at)) != NULL &&
	       !is_separator(word))
		jobs->words[jobs->word_count++] = word;
	return result;
}

/* The values of the first source; of further ones only that they are there. */
static int collect_values(struct jobs *jobs)
{
	const struct arguments *arguments = jobs->reader->arguments;
	const char *word, *separator = NULL;
	size_t at = 0;
	int result = READ_DONE;

	for (size_t i = 0; i < arguments->count && result == READ_DONE; i++)
		if (argument_is(&arguments->items[i], "-a") && jobs->sources++ == 0)
			result = add_values(jobs, arguments->items[i].value);
	while (result == READ_DONE &&
	       (word = arguments_next_operand(arguments, &at)) != NULL) {
		if (is_separator(word)) {
			separator = word;
			jobs->sources++;
		} else if (separator && jobs->sources == 1) {
			result = separator[3] == ':' ? add_values(jobs, word)
						     : add_value(jobs, word);
		}
	}
	if (result == READ_DONE && !jobs->sources)
		result = add_values(jobs, NULL);
	return result;
}

static const char *join(struct jobs *jobs)
{
	char *text = arena_strdup(jobs->reader->arena, "");

	for (size_t i = 0; text && i < jobs->word_count; i++)
		text = arena_printf(jobs->reader->arena, "%s%s%s", text, *text ? " " : "",
				    jobs->words[i]);
	return text;
}

/* Where the host of an ssh line stands among its words; count: nowhere. */
static size_t ssh_host(const char *const *words, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (words[i][0] != '-')
			return i;
		if (strcmp(words[i], "--") == 0)
			return i + 1;
		if (words[i][1] && strchr("BbcDEeFIiJLlmOopQRSWw", words[i][1]) &&
		    !words[i][2])
			i++;
	}
	return count;
}

/* The programs that each look at their own targets when they start. */
static bool is_fleet_tool(const char *name)
{
	static const char *const tools[] = {"pdsh",
					    "clush",
					    "dsh",
					    "mussh",
					    "taktuk",
					    "ansible",
					    "ansible-playbook",
					    "kubectl",
					    "aws",
					    "gcloud",
					    "az",
					    "docker",
					    "salt",
					    "scontrol",
					    "scancel",
					    "ipmitool",
					    "ipmipower",
					    "powerman",
					    "pm",
					    "virsh",
					    "ceph",
					    "etcdctl",
					    "helm",
					    "terraform",
					    "parallel-ssh",
					    "pssh",
					    "openstack",
					    "fab",
					    "knife",
					    "sh",
					    "bash",
					    NULL};

	for (size_t i = 0; tools[i]; i++)
		if (strcmp(tools[i], name) == 0)
			return true;
	return false;
}

/* Commands that come whole, one a value: "ssh n1 reboot". */
static int whole_lines(struct jobs *jobs)
{
	int result = READ_DONE;

	for (size_t i = 0; i < jobs->value_count && result == READ_DONE; i++) {
		struct arena *arena = jobs->reader->arena;
		char *copy = arena_strdup(arena, jobs->values[i]), *word;
		const char **words = arena_array(arena, strlen(jobs->values[i]) / 2 + 2,
						 sizeof(*words));
		size_t count = 0, host;
		enum action action = remote_action(arena, jobs->reader->actions,
						   jobs->values[i], &jobs->irreversible);

		if (!copy || !words)
			return READ_FAULT;
		if (action > jobs->action)
			jobs->action = action;
		while ((word = strsep(&copy, " \t")) != NULL)
			if (*word)
				words[count++] = word;
		if (!count)
			continue;
		host = strcmp(command_base_name(words[0]), "ssh") == 0
			       ? ssh_host(words, count)
			       : count;
		if (host < count)
			result = add_host(jobs, words[host], strlen(words[host]));
		else
			jobs->problem = "commands are read that are not known before";
	}
	return result;
}

/* ssh with an argument in the place of its host, or behind it. */
static int ssh_lines(struct jobs *jobs)
{
	size_t host = ssh_host(jobs->words, jobs->word_count);
	const char *word = host < jobs->word_count ? jobs->words[host] : "{}", *open;
	int result = READ_DONE;

	open = strstr(word, "{");
	if (!open)
		return add_host(jobs, word, strlen(word));
	if (strcmp(open, "{1}") != 0 && (strcmp(open, "{}") != 0 || jobs->sources > 1)) {
		jobs->problem = "the host of the line is made of several arguments";
		return READ_DONE;
	}
	for (size_t i = 0; i < jobs->value_count && result == READ_DONE; i++) {
		const char *value =
			arena_printf(jobs->reader->arena, "%.*s%s", (int)(open - word),
				     word, jobs->values[i]);

		result = value ? add_host(jobs, value, strlen(value)) : READ_FAULT;
	}
	return result;
}

/* pdsh or clush -w {}, with no other option that names hosts. False: another line. */
static bool lists_of(struct jobs *jobs, const char *name)
{
	struct arena *arena = jobs->reader->arena;
	bool pdsh = strcmp(name, "pdsh") == 0, placed = false;
	struct pdsh_list list = {0};
	struct fault fault = {0};

	if (!pdsh && strcmp(name, "clush") != 0)
		return false;
	for (size_t i = 1; i < jobs->word_count && jobs->words[i][0] == '-'; i++) {
		const char *word = jobs->words[i];

		if (strcmp(word, "-w") == 0 && !placed && i + 1 < jobs->word_count &&
		    strcmp(jobs->words[i + 1], "{}") == 0)
			placed = true;
		else if (word[1] == '-' || strpbrk(word + 1, "wxgXaA"))
			return false;
		/* options that take the next word */
		i += word[1] && !word[2] && strchr("wRMtflouIF", word[1]) != NULL;
	}
	if (!placed || jobs->sources > 1)
		return false;
	for (size_t i = 0; i < jobs->value_count && jobs->set; i++) {
		const char *value = jobs->values[i];
		const struct hostset *more = NULL;

		if (!pdsh && !strpbrk(value, "@*?"))
			more = syntax_clustershell(arena, value, &fault);
		else if (pdsh && !strpbrk(value, "^/") && *value != '-' &&
			 syntax_pdsh_add(arena, &list, value, strlen(value), &fault) == 0)
			more = syntax_pdsh_set(arena, &list);
		if (!more)
			return false;
		jobs->set = hostset_union(arena, jobs->set, more);
	}
	return jobs->set && jobs->value_count;
}

static int here(struct jobs *jobs, bool *idle)
{
	const char *name;

	if (arguments_has(jobs->reader->arguments, "--dry-run")) {
		*idle = true;
		return READ_DONE;
	}
	if (!jobs->word_count)
		return whole_lines(jobs);
	name = command_base_name(jobs->words[0]);
	if (strcmp(name, "ssh") == 0)
		return ssh_lines(jobs);
	if (lists_of(jobs, name))
		return READ_DONE;
	if (strchr(name, '{') || is_fleet_tool(name))
		jobs->problem = "each command is judged when it starts";
	else
		*idle = true;
	return READ_DONE;
}

int reader_parallel(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	struct jobs jobs = {.reader = reader, .set = hostset_empty(reader->arena)};
	const char *given = command_env(reader->command, "PARALLEL"), *text;
	struct operation *operation;
	bool idle = false;
	int result;

	(void)fault;
	if (arguments_has(arguments, "--help") || arguments_has(arguments, "--version") ||
	    arguments_has(arguments, "--number-of-cpus") ||
	    arguments_has(arguments, "--citation"))
		return reader_nothing(reader, "host");
	if (arguments->refusal) /* an option without its value */
		return reader_refused(reader, ACTION_STOP, "host", "%s",
				      arguments->refusal);
	result = collect_words(&jobs);
	if (result == READ_DONE && needs_values(&jobs))
		result = collect_values(&jobs);
	if (result != READ_DONE)
		return result;
	text = join(&jobs);
	if (!text || !jobs.set)
		return READ_FAULT;
	jobs.action = *text ? remote_action(reader->arena, reader->actions, text,
					    &jobs.irreversible)
			    : ACTION_RUN;
	if (arguments->unknown)
		jobs.problem = "an option that is not known";
	else if ((given && *given) || arguments_has(arguments, "-J"))
		jobs.problem = "a profile or $PARALLEL adds options";
	if (!jobs.remote && !jobs.problem)
		result = here(&jobs, &idle);
	if (result != READ_DONE)
		return result;
	if (idle)
		return reader_nothing(reader, "host");
	if (jobs.problem)
		return reader_unknown(reader, jobs.action, "host", "%s", jobs.problem);
	if (hostset_is_empty(jobs.set))
		return jobs.remote ? reader_nothing(reader, "host") /* -S : is here */
				   : reader_refused(reader, jobs.action, "host",
						    "there is no argument");
	operation = reader_operation(reader, jobs.action, "host", jobs.set);
	if (!operation)
		return READ_FAULT;
	operation->irreversible = jobs.irreversible;
	return READ_DONE;
}
