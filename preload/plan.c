#include "plan.h"

#include <errno.h>

#include "raw_syscall.h"
#include "start.h"
#include "text.h"

static const char preload_name[] = "LD_PRELOAD=";
static const char session_name[] = "TALLY_SESSION=";
static const char session_option[] = "--session=";

enum { GATE_WORDS = 4 }; /* tally-gate, --session=, --, PATH */

/* ---- the environment ---- */

/* Entries of LD_PRELOAD stand between spaces and colons. */
static size_t entry_length(const char *list)
{
	size_t length = 0;

	while (list[length] && list[length] != ' ' && list[length] != ':')
		length++;
	return length;
}

static bool is_entry(const char *list, size_t length, const char *entry)
{
	for (size_t i = 0; i < length; i++)
		if (entry[i] != list[i] || !entry[i])
			return false;
	return entry[length] == '\0';
}

/* This library, as the table spells it or as it was loaded here. */
static bool is_shim(const struct plan *plan, const char *list, size_t length)
{
	const char *loaded = start_library();

	return is_entry(list, length, plan->shim) ||
	       (loaded && is_entry(list, length, loaded));
}

static const char *skip_separators(const char *list)
{
	while (*list == ' ' || *list == ':')
		list++;
	return list;
}

bool plan_environment(struct plan *plan, char *const *envp)
{
	size_t lists = 0;
	bool named = false;

	plan->rewrite = false;
	plan->env_count = 0;
	plan->preload = NULL;
	plan->session = NULL;
	plan->shim = guard_shim(&plan->table.guard);
	if (!plan->shim || !*plan->shim)
		plan->shim = start_library();
	if (!plan->table.guard.map || !plan->shim)
		return true;
	for (; envp && envp[plan->env_count]; plan->env_count++) {
		const char *variable = envp[plan->env_count], *value;

		/* Of several the loader takes the last. */
		value = text_after(variable, preload_name);
		if (value) {
			plan->preload = skip_separators(value);
			lists++;
		}
		/* An empty one, or one that is no path, names none: ours goes in its place. */
		value = text_after(variable, session_name);
		named |= value && *value == '/';
	}
	if (plan->table.named && !named) {
		plan->session = guard_session(&plan->table.guard);
		if (plan->session && !*plan->session)
			plan->session = NULL;
	}
	plan->rewrite = plan->session || lists != 1 ||
			!is_shim(plan, plan->preload, entry_length(plan->preload));
	return !plan->rewrite;
}

static size_t environment_bytes(const struct plan *plan)
{
	size_t bytes = 0;

	if (!plan->rewrite)
		return 0;
	bytes = (plan->env_count + 3) * sizeof(char *);
	bytes += sizeof(preload_name) + text_length(plan->shim) + 1;
	if (plan->preload)
		bytes += text_length(plan->preload);
	if (plan->session)
		bytes += sizeof(session_name) + text_length(plan->session);
	return bytes;
}

/* The shim, then what stood there without it. */
static char *put_preload(const struct plan *plan, char *to)
{
	const char *list = plan->preload;

	to = text_put(to, preload_name, sizeof(preload_name) - 1);
	to = text_put(to, plan->shim, text_length(plan->shim));
	while (list && *list) {
		size_t length = entry_length(list);

		if (!is_shim(plan, list, length)) {
			*to++ = ':';
			to = text_put(to, list, length);
		}
		list = skip_separators(list + length);
	}
	*to++ = '\0';
	return to;
}

/* Writes the strings at `text` and the vector that points to them; returns what is free. */
static char *write_environment(struct plan *plan, char **vector, char *text)
{
	char *const *from = plan->wish->envp;
	size_t count = 0;

	plan->envp = vector;
	for (size_t i = 0; i < plan->env_count; i++)
		if (!text_after(from[i], preload_name) &&
		    !(plan->session && text_after(from[i], session_name)))
			vector[count++] = from[i];
	plan->kept = vector + count;
	vector[count++] = text;
	text = put_preload(plan, text);
	if (plan->session) {
		vector[count++] = text;
		text = text_put(text, session_name, sizeof(session_name) - 1);
		text = text_put(text, plan->session, text_length(plan->session) + 1);
	}
	vector[count] = NULL;
	return text;
}

/* ---- the gate in place ---- */

static const char *session_of(const struct plan *plan)
{
	const char *session = guard_session(&plan->table.guard);

	return session && *session ? session : NULL;
}

/* Not through libc: this is said by a process that may be between fork and exec. */
static void say(const char *text)
{
	char line[256];
	size_t length = 0;

	/* No byte of a path may steer a terminal. */
	for (; text[length] && length < sizeof(line); length++)
		line[length] = (unsigned char)text[length] < 0x20 || text[length] == 0x7f
				       ? '?'
				       : text[length];
	raw_syscall3(SYS_write, 2, (long)line, (long)length);
}

static void refuse(struct plan *plan, const char *gate)
{
	/* Not ENOENT or EACCES: a search along PATH would go on to the next one. */
	plan->refused = EPERM;
	say("tallygate: ");
	say(plan->looked.path);
	say(" is guarded and was not run: the gate ");
	say(gate ? gate : "(the guard table names none)");
	say(" cannot be executed; build or install tallygate again");
	raw_syscall3(SYS_write, 2, (long)"\n", 1);
}

static bool gate_there(const char *gate)
{
	return gate && *gate == '/' &&
	       raw_syscall3(SYS_faccessat, -1, (long)gate, 1 /* X_OK */) == 0;
}

static size_t gate_bytes(struct plan *plan)
{
	const char *session = session_of(plan);
	size_t bytes;

	plan->argc = 0;
	while (plan->wish->argv && plan->wish->argv[plan->argc])
		plan->argc++;
	bytes = (GATE_WORDS + plan->looked.word_count + plan->argc + 2) * sizeof(char *);
	return bytes + (session ? sizeof(session_option) + text_length(session) : 0);
}

static char *write_gate(struct plan *plan, char **vector, char *text)
{
	const struct looked *looked = &plan->looked;
	const char *session = session_of(plan);
	size_t count = 0, from = 0;

	plan->path = guard_gate(&plan->table.guard);
	plan->argv = vector;
	vector[count++] = (char *)(size_t)plan->path;
	if (session) {
		vector[count++] = text;
		text = text_put(text, session_option, sizeof(session_option) - 1);
		text = text_put(text, session, text_length(session) + 1);
	}
	vector[count++] = (char *)(size_t) "--";
	vector[count++] = (char *)(size_t)looked->path;
	for (size_t i = 0; i < looked->word_count; i++)
		vector[count++] = (char *)(size_t)looked->words[i];
	/* The words stand for argv[0]; the kernel makes an empty one where there is none. */
	if (looked->word_count)
		from = 1;
	else if (plan->argc == 0)
		vector[count++] = (char *)(size_t) "";
	for (size_t i = from; i < plan->argc; i++)
		vector[count++] = plan->wish->argv[i];
	vector[count] = NULL;
	return text;
}

/* ---- both ---- */

void plan_make(struct plan *plan, const struct wish *wish)
{
	plan->wish = wish;
	plan->table = shim_table();
	plan->guarded = false;
	plan->refused = 0;
	plan->path = wish->path;
	plan->argv = wish->argv;
	plan->envp = wish->envp;
	plan->bytes = 0;
	if (!plan->table.guard.map)
		return;
	look(&plan->table.guard, wish->path, wish->argv, wish->envp, wish->elsewhere,
	     &plan->looked);
	if (plan->looked.guarded) {
		const char *gate = guard_gate(&plan->table.guard);

		if (!gate_there(gate)) {
			refuse(plan, gate);
			return;
		}
		plan->guarded = true;
		plan->bytes += gate_bytes(plan);
	}
	plan_environment(plan, wish->envp);
	plan->bytes += environment_bytes(plan);
}

void plan_write(struct plan *plan, void *memory)
{
	char **vector = memory;
	char *text;
	size_t pointers = 0;

	if (plan->guarded)
		pointers += GATE_WORDS + plan->looked.word_count + plan->argc + 2;
	if (plan->rewrite)
		pointers += plan->env_count + 3;
	text = (char *)(vector + pointers);
	if (plan->guarded) {
		text = write_gate(plan, vector, text);
		vector += GATE_WORDS + plan->looked.word_count + plan->argc + 2;
	}
	if (plan->rewrite)
		write_environment(plan, vector, text);
}
