/*
 * ansible (ad hoc). Sources: ansible(1), cli/adhoc.py of ansible-core 2.14. The hosts are
 * asked of ansible's own --list-hosts with the same inventory, limit and variables.
 */
#include "ansible_hosts.h"
#include "ansible_module.h"
#include "reader.h"

#include <string.h>

static bool is_command(const char *base)
{
	return strcmp(base, "command") == 0 || strcmp(base, "shell") == 0 ||
	       strcmp(base, "raw") == 0 || strcmp(base, "script") == 0;
}

static bool only_separators(const char *text)
{
	return text[strspn(text, ",: ")] == '\0';
}

/* A pattern that means every host of the inventory, and no limit that narrows it. */
static bool is_everything(const struct arguments *arguments, const char *pattern)
{
	const char *limit = arguments_value(arguments, "-l");

	if (limit && !only_separators(limit) && strcmp(limit, "all") != 0)
		return false;
	return strcmp(pattern, "all") == 0 || strcmp(pattern, "*") == 0 ||
	       only_separators(pattern);
}

int reader_ansible(struct reader *reader, struct fault *fault)
{
	static const char *const run[] = {"@program", "--list-hosts",
					  ANSIBLE_HOST_OPTIONS, NULL};
	const struct arguments *arguments = reader->arguments;
	const char *pattern = arguments_operand(arguments, 0);
	const char *module = arguments_value(arguments, "-m"), *base;
	struct module_text text = {reader->arena, arguments_value(arguments, "-a")};
	struct ansible_plays plays;
	struct operation *operation;
	const char *const *argv;
	const char **full;
	bool irreversible = false;
	enum action action;
	size_t count = 0;
	int result;

	(void)fault;
	if (arguments_has(arguments, "-h") || arguments_has(arguments, "--version"))
		return reader_nothing(reader, "host");
	base = ansible_module_base(module ? module : "command");
	action = ansible_module_action(reader->arena, reader->actions, base, text.text,
				       ansible_module_argument, &text, &irreversible);
	if (arguments_has(arguments, "--list-hosts") || arguments_has(arguments, "-C"))
		action = ACTION_READ;
	if (arguments->refusal || arguments->unknown)
		return reader_refused(reader, action, "host", "%s",
				      arguments->refusal ? arguments->refusal
							 : "an option it does not have");
	if (arguments_operands(arguments) != 1)
		return reader_refused(reader, action, "host",
				      "it takes exactly one host pattern");
	if (is_command(base) && !text.text && !arguments_has(arguments, "--list-hosts"))
		return reader_refused(reader, action, "host", "module %s needs -a", base);
	if (strcmp(base, "meta") == 0)
		return reader_nothing(reader, "host");
	argv = reader_words(reader, run);
	while (argv && argv[count])
		count++;
	full = argv ? arena_array(reader->arena, count + 3, sizeof(*full)) : NULL;
	if (!full)
		return READ_FAULT;
	memcpy(full, argv, count * sizeof(*full));
	full[count] = "--";
	full[count + 1] = pattern;
	result = ansible_list_hosts(reader, full, &plays);
	if (result != READ_DONE)
		return result;
	if (plays.refusal)
		return reader_unknown(reader, action, "host", "ansible --list-hosts: %s",
				      plays.refusal);
	if (plays.unparsed)
		return reader_unknown(
			reader, action, "host",
			"ansible cannot read an inventory of this line, so hosts "
			"may be missing from its list");
	if (plays.count != 1)
		return reader_unknown(reader, action, "host",
				      "ansible --list-hosts printed no list of hosts");
	operation = reader_operation(reader, action, "host", plays.items[0].hosts);
	if (!operation)
		return READ_FAULT;
	operation->irreversible = irreversible;
	operation->everything = is_everything(arguments, pattern);
	return READ_DONE;
}
