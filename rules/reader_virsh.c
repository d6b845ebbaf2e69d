/*
 * virsh: one command in the words of the line, or many in one word ("destroy a; undefine b")
 * or on standard input; one guest a command, by id, UUID or name. Sources: virsh(1),
 * tools/vsh.c and virsh-domain.c of libvirt 9.0.
 */
#include "reader.h"

#include <fnmatch.h>
#include <string.h>

#include "shell_scan.h"

/* The first pattern that fits. `values`: options of it that take the next word. */
static const struct verb_rule {
	const char *pattern;
	enum action action;
	const char *unit; /* NULL: touches nothing */
	const char *values;
} verbs[] = {
	{"destroy", ACTION_STOP, "domain", ""},
	{"shutdown", ACTION_STOP, "domain", "--mode"},
	{"managedsave", ACTION_STOP, "domain", ""},
	{"save", ACTION_STOP, "domain", "--file --xml"},
	{"suspend", ACTION_STOP, "domain", ""},
	{"dompmsuspend", ACTION_STOP, "domain", "--target --duration"},
	{"inject-nmi", ACTION_STOP, "domain", ""},
	{"crash", ACTION_STOP, "domain", ""},
	{"dump", ACTION_STOP, "domain", "--file --format"},
	{"reboot", ACTION_RESTART, "domain", "--mode"},
	{"reset", ACTION_RESTART, "domain", ""},
	{"undefine", ACTION_REMOVE, "domain", "--storage"},
	{"migrate", ACTION_STOP, "domain",
	 "--desturi --migrateuri --graphicsuri --listen-address --dname --timeout --xml "
	 "--migrate-disks --disks-port --disks-uri --compression --comp-methods "
	 "--bandwidth --parallel-connections"},
	{"managedsave-remove", ACTION_REMOVE, "domain", ""},
	{"start", ACTION_RUN, "domain", "--pass-fds"},
	{"resume", ACTION_RUN, "domain", ""},
	{"dompmwakeup", ACTION_RUN, "domain", ""},
	{"setvcpus", ACTION_SCALE, "domain", "--count"},
	{"setmem", ACTION_SCALE, "domain", "--size"},
	{"setmaxmem", ACTION_SCALE, "domain", "--size"},
	{"list", ACTION_READ, NULL, ""},
	{"domname", ACTION_READ, NULL, ""},
	{"domrename", ACTION_CONFIG, "domain", "--new-name"},
	{"domstate", ACTION_READ, NULL, ""},
	{"domi[dn]*", ACTION_READ, NULL, ""},
	{"domuuid", ACTION_READ, NULL, ""},
	{"domblk[lise]*", ACTION_READ, NULL, ""},
	{"domiflist", ACTION_READ, NULL, ""},
	{"domifaddr", ACTION_READ, NULL, ""},
	{"domifstat", ACTION_READ, NULL, ""},
	{"domif-getlink", ACTION_READ, NULL, ""},
	{"domstats", ACTION_READ, NULL, ""},
	{"dommemstat", ACTION_READ, NULL, ""},
	{"domdisplay", ACTION_READ, NULL, ""},
	{"domcontrol", ACTION_READ, NULL, ""},
	{"domjobinfo", ACTION_READ, NULL, ""},
	{"domfsinfo", ACTION_READ, NULL, ""},
	{"domhostname", ACTION_READ, NULL, ""},
	{"dumpxml", ACTION_READ, NULL, ""},
	{"vcpuinfo", ACTION_READ, NULL, ""},
	{"vcpucount", ACTION_READ, NULL, ""},
	{"vncdisplay", ACTION_READ, NULL, ""},
	{"ttyconsole", ACTION_READ, NULL, ""},
	{"guestinfo", ACTION_READ, NULL, ""},
	{"screenshot", ACTION_READ, NULL, ""},
	{"event", ACTION_READ, NULL, ""},
	{"*-list", ACTION_READ, NULL, ""},
	{"*-info", ACTION_READ, NULL, ""},
	{"*-dumpxml", ACTION_READ, NULL, ""},
	{"*-name", ACTION_READ, NULL, ""},
	{"*-uuid", ACTION_READ, NULL, ""},
	{"vol-key", ACTION_READ, NULL, ""},
	{"*-path", ACTION_READ, NULL, ""},
	{"*-event", ACTION_READ, NULL, ""},
	{"snapshot-current", ACTION_CONFIG, "domain", "--xmlfile --snapshotname"},
	{"snapshot-parent", ACTION_READ, NULL, ""},
	{"net-dhcp-leases", ACTION_READ, NULL, ""},
	{"version", ACTION_READ, NULL, ""},
	{"uri", ACTION_READ, NULL, ""},
	{"hostname", ACTION_READ, NULL, ""},
	{"sysinfo", ACTION_READ, NULL, ""},
	{"node[cim]*", ACTION_READ, NULL, ""},
	{"nodesuspend", ACTION_STOP, "host", "--target --duration"},
	{"capabilities", ACTION_READ, NULL, ""},
	{"domcapabilities", ACTION_READ, NULL, ""},
	{"freecell", ACTION_READ, NULL, ""},
	{"freepages", ACTION_READ, NULL, ""},
	{"maxvcpus", ACTION_READ, NULL, ""},
	{"help", ACTION_READ, NULL, ""},
	{"echo", ACTION_READ, NULL, ""},
	{"pwd", ACTION_READ, NULL, ""},
	{"cd", ACTION_READ, NULL, ""},
	{"quit", ACTION_READ, NULL, ""},
	{"exit", ACTION_READ, NULL, ""},
	{"net-destroy", ACTION_STOP, "network", ""},
	{"net-undefine", ACTION_REMOVE, "network", ""},
	{"net-start", ACTION_RUN, "network", ""},
	{"net-autostart", ACTION_CONFIG, "network", ""},
	{"pool-destroy", ACTION_STOP, "pool", ""},
	{"pool-delete", ACTION_REMOVE, "pool", ""},
	{"pool-undefine", ACTION_REMOVE, "pool", ""},
	{"pool-start", ACTION_RUN, "pool", ""},
	{"pool-refresh", ACTION_CONFIG, "pool", ""},
	{"pool-autostart", ACTION_CONFIG, "pool", ""},
	{"vol-delete", ACTION_REMOVE, "volume", "--pool"},
	{"vol-wipe", ACTION_REMOVE, "volume", "--pool --algorithm"},
	{"iface-destroy", ACTION_STOP, "interface", ""},
	{"iface-undefine", ACTION_REMOVE, "interface", ""},
	{"snapshot-delete", ACTION_REMOVE, "domain", "--snapshotname"},
	{"snapshot-revert", ACTION_RESTART, "domain", "--snapshotname"},
	{"checkpoint-delete", ACTION_REMOVE, "domain", "--checkpointname"},
	{"snapshot-*", ACTION_CONFIG, "domain", "*"},
	{"attach-*", ACTION_CONFIG, "domain", "*"},
	{"detach-*", ACTION_CONFIG, "domain", "*"},
	{"update-*", ACTION_CONFIG, "domain", "*"},
	{"autostart", ACTION_CONFIG, "domain", ""},
	{"desc", ACTION_CONFIG, "domain", "*"},
	{"edit", ACTION_CONFIG, "domain", ""},
	{"console", ACTION_RUN, "domain", "--devname"},
	{"send-key", ACTION_RUN, "domain", "--codeset --holdtime"},
	{"send-process-signal", ACTION_STOP, "domain", "--pid --signame"},
	{"set-user-password", ACTION_CONFIG, "domain", "--user --password"},
	{"qemu-*-command", ACTION_STOP, "domain", "--timeout"},
	{"domtime", ACTION_CONFIG, "domain", "--time"},
	{"domblkt*", ACTION_CONFIG, "domain", "*"},
	{"domif*", ACTION_CONFIG, "domain", "*"},
	{"block*", ACTION_CONFIG, "domain", "*"},
	{"change-media", ACTION_CONFIG, "domain", "*"},
	{"vcpupin", ACTION_CONFIG, "domain", "*"},
	{"setvcpu", ACTION_CONFIG, "domain", "*"},
	{"emulatorpin", ACTION_CONFIG, "domain", "*"},
	{"schedinfo", ACTION_CONFIG, "domain", "*"},
	{"memtune", ACTION_CONFIG, "domain", "*"},
	{"blkiotune", ACTION_CONFIG, "domain", "*"},
	{"numatune", ACTION_CONFIG, "domain", "*"},
	{"perf", ACTION_CONFIG, "domain", "*"},
	{"domjobabort", ACTION_CONFIG, "domain", ""},
	{"domfs*", ACTION_CONFIG, "domain", "*"},
	{"metadata", ACTION_CONFIG, "domain", "*"},
};

static const struct verb_rule *find_verb(const char *word)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (fnmatch(verbs[i].pattern, word, 0) == 0)
			return &verbs[i];
	return NULL;
}

static bool has_word(const char *list, const char *word, size_t length)
{
	for (const char *at = list; (at = strstr(at, word)) != NULL; at++)
		if ((at == list || at[-1] == ' ') &&
		    (at[length] == ' ' || at[length] == '\0'))
			return true;
	return false;
}

/*
 * The object of a command: the value of --domain (or of --network ...), else the first word
 * that is no option. NULL when it cannot be told.
 */
static const char *object_of(const struct verb_rule *rule, const char *const *words,
			     size_t count, bool *more)
{
	const char *first = NULL;
	size_t plain = 0, unit = strlen(rule->unit);
	bool any = strcmp(rule->values, "*") == 0, named = false;

	for (size_t i = 1; i < count; i++) {
		const char *word = words[i];
		size_t length = strcspn(word, "=");

		if (strncmp(word, "--", 2) != 0) {
			if (plain++ == 0 && !named)
				first = word;
			continue;
		}
		if (length == 2)
			continue;
		if (strncmp(word + 2, rule->unit, unit) == 0 && length == unit + 2) {
			named = true;
			if (word[length])
				first = word + length + 1;
			else if (i + 1 < count)
				first = words[++i];
		} else if (!word[length] && has_word(rule->values, word, length)) {
			i++;
		} else if (any && !named && plain == 0) {
			return NULL; /* its next word may be its value, or the object */
		}
	}
	*more = plain > 1 || (named && plain > 0);
	return first;
}

/* An id comes before a name: "destroy 7" ends the guest with that id, whatever its name. */
static int resolve(struct reader *reader, const char **name)
{
	const char *words[] = {"@program", "@options:-c", "domname", *name, NULL};
	const char *const *argv;
	const struct fact *fact;
	int result;

	if ((*name)[strspn(*name, "0123456789")])
		return READ_DONE;
	argv = reader_words(reader, words);
	if (!argv)
		return READ_FAULT;
	result = reader_probe(reader, argv, 0, &fact);
	if (result == READ_DONE && fact->state == FACT_OK && fact->status == 0 &&
	    fact->data[0] && fact->data[0] != '\n') {
		*name = arena_strndup(reader->arena, fact->data,
				      strcspn(fact->data, "\n"));
		result = *name ? READ_DONE : READ_FAULT;
	}
	return result;
}

static int one_command(struct reader *reader, const char *const *words, size_t count)
{
	const struct verb_rule *rule = find_verb(words[0]);
	const struct hostset *set;
	const char *name;
	bool more = false;
	int result;

	if (!rule)
		return reader_unknown(reader, ACTION_STOP, "domain",
				      "\"%s\" is no command of virsh that is known",
				      words[0]);
	if (!rule->unit)
		return reader_nothing(reader, "domain");
	if (strcmp(rule->unit, "host") == 0)
		return reader_unknown(reader, rule->action, "host",
				      "the machine behind the connection");
	name = object_of(rule, words, count, &more);
	if (!name)
		return reader_unknown(reader, rule->action, rule->unit,
				      "the line does not say which %s", rule->unit);
	if (!*name)
		return reader_unknown(reader, rule->action, rule->unit,
				      "an empty name (an unset variable?)");
	/* Where a second word belongs to the command, it is not another guest. */
	if (more && !*rule->values && strcmp(rule->unit, "domain") == 0)
		return reader_refused(reader, rule->action, rule->unit,
				      "it takes one domain");
	if (strcmp(rule->unit, "domain") == 0) {
		result = resolve(reader, &name);
		if (result != READ_DONE)
			return result;
	}
	set = hostset_names(reader->arena, &name, 1);
	return set && reader_operation(reader, rule->action, rule->unit, set)
		       ? READ_DONE
		       : READ_FAULT;
}

static int many_commands(struct reader *reader, const char *text)
{
	struct shell_commands commands = {0};
	int result = READ_DONE;

	if (shell_scan(reader->arena, text, &commands) != 0)
		return reader_unknown(reader, ACTION_REMOVE, "domain",
				      "the commands cannot be read");
	for (size_t i = 0; i < commands.count && result == READ_DONE; i++)
		if (commands.items[i].count)
			result = one_command(reader, commands.items[i].words,
					     commands.items[i].count);
	if (result == READ_DONE && !reader->reading->count)
		result = reader_nothing(reader, "domain");
	return result;
}

static int commands_of_input(struct reader *reader)
{
	const struct fact *fact = facts_stdin(reader->facts);

	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK)
		return reader_unknown(reader, ACTION_REMOVE, "domain",
				      "without a command it reads commands");
	return many_commands(reader, fact->data);
}

int reader_virsh(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	size_t count = arguments_operands(arguments), used = 0, at = 0;
	const char **words, *word;

	(void)fault;
	if (arguments_has(arguments, "-h") || arguments_has(arguments, "-v") ||
	    arguments_has(arguments, "-V"))
		return reader_nothing(reader, "domain");
	if (arguments->refusal || arguments->unknown)
		return reader_unknown(reader, ACTION_REMOVE, "domain", "%s",
				      arguments->refusal ? arguments->refusal
							 : "an option that is not known");
	if (!count)
		return commands_of_input(reader);
	if (count == 1)
		return many_commands(reader, arguments_operand(arguments, 0));
	words = arena_array(reader->arena, count + 1, sizeof(*words));
	if (!words)
		return READ_FAULT;
	while ((word = arguments_next_operand(arguments, &at)) != NULL)
		words[used++] = word;
	return one_command(reader, words, used);
}
