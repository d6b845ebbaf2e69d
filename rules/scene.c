#include "scene.h"

#include <ctype.h>
#include <string.h>

#include "load.h"
#include "words.h"

enum { ROUNDS = 64 }; /* an answer may lead to a new question, but not for ever */

static const char *const answer_keys[] = {"probe",  "file",   "list",  "kind", "stdin",
					  "output", "status", "state", "age",  NULL};
static const char *const states[] = {"ok",	"absent",   "failed", "timeout",
				     "too-big", "terminal", NULL};

static bool is_assignment(const char *word)
{
	size_t length = 0;

	if (!isalpha((unsigned char)*word) && *word != '_')
		return false;
	while (isalnum((unsigned char)word[length]) || word[length] == '_')
		length++;
	return word[length] == '=';
}

/* NAME=value in front of the command is its environment. */
static int load_command(struct arena *arena, const config_setting_t *group,
			struct scene *scene, struct fault *fault)
{
	const config_setting_t *setting = config_setting_get_member(group, "command");
	const char *const *words;
	const char **env;
	struct fault why = {0};
	size_t count, first = 0;

	if (load_string(arena, group, "command", true, &scene->text, fault) < 0)
		return -1;
	words = words_split(arena, scene->text, &count, &why);
	if (!words)
		return load_expected(setting, fault, "a command line; %s", why.text);
	while (words[first] && is_assignment(words[first]))
		first++;
	if (!words[first])
		return load_expected(setting, fault, "a command line with a command");
	env = arena_array(arena, first + 1, sizeof(*env));
	if (!env)
		return load_fault(setting, fault, "out of memory");
	for (size_t i = 0; i < first; i++)
		env[i] = words[i];
	scene->command = (struct command){
		.argv = words + first, .argc = count - first, .env = env, .cwd = "/"};
	return load_string(arena, group, "cwd", false, &scene->command.cwd, fault);
}

int scene_load_count(const config_setting_t *group, struct expected_count *expected,
		     struct fault *fault)
{
	const config_setting_t *setting = config_setting_get_member(group, "count");
	int64_t count = 0;

	if (!setting)
		return 0;
	expected->given = true;
	if (config_setting_type(setting) == CONFIG_TYPE_STRING &&
	    strcmp(config_setting_get_string(setting), "unknown") == 0) {
		expected->unknown = true;
		return 0;
	}
	if (load_int(group, "count", true, 0, INT64_MAX, &count, NULL) < 0)
		return load_expected(setting, fault,
				     "a number of targets or \"unknown\"");
	expected->count = (uint64_t)count;
	return 0;
}

/* probe = [ "argv" ... ] or "command line". */
static int load_probe(struct arena *arena, const config_setting_t *group,
		      const char *const **argv, struct fault *fault)
{
	const config_setting_t *setting = config_setting_get_member(group, "probe");
	struct fault why = {0};
	size_t count;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return load_strings(arena, group, "probe", true, argv, fault) < 0 ? -1
										  : 0;
	*argv = words_split(arena, config_setting_get_string(setting), &count, &why);
	if (!*argv)
		return load_expected(setting, fault, "a command line; %s", why.text);
	return 0;
}

/* What is answered: exactly one of probe, file, list, kind and stdin. */
static int load_question(struct arena *arena, const config_setting_t *group,
			 struct need *need, struct fault *fault)
{
	static const struct {
		const char *name;
		enum fact_kind kind;
	} kinds[] = {{"probe", FACT_PROBE},
		     {"file", FACT_FILE},
		     {"list", FACT_LIST},
		     {"kind", FACT_KIND},
		     {"stdin", FACT_STDIN}};
	size_t given = 0, which = 0;
	bool yes = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (config_setting_get_member(group, kinds[i].name)) {
			given++;
			which = i;
		}
	}
	if (given != 1)
		return load_fault(group, fault,
				  "an answer with %zu of probe, file, list, kind, stdin: "
				  "expected one",
				  given);
	need->kind = kinds[which].kind;
	if (need->kind == FACT_PROBE)
		return load_probe(arena, group, &need->argv, fault);
	if (need->kind == FACT_STDIN)
		return load_bool(group, "stdin", true, &yes, fault) < 0 ? -1 : 0;
	return load_string(arena, group, kinds[which].name, true, &need->path, fault) < 0
		       ? -1
		       : 0;
}

static int load_answer(struct arena *arena, const config_setting_t *group,
		       struct fact *fact, struct fault *fault)
{
	int64_t status = 0;
	int state = FACT_OK;

	fact->data = "";
	if (load_check_keys(group, answer_keys, fault) ||
	    load_question(arena, group, &fact->need, fault) ||
	    load_text_or_empty(arena, group, "output", false, &fact->data, fault) < 0 ||
	    load_int(group, "status", false, 0, 255, &status, fault) < 0 ||
	    load_duration(group, "age", false, &fact->age, fault) < 0)
		return -1;
	if (status)
		state = FACT_FAILED;
	if (load_choice(group, "state", false, states, &state, fault) < 0)
		return -1;
	fact->state = (enum fact_state)state;
	fact->status = (int)status;
	fact->length = strlen(fact->data);
	if (fact->state == FACT_TIMEOUT)
		fact->error = "no answer within its time limit";
	else if (fact->state != FACT_OK && fact->status)
		fact->error = arena_printf(arena, "exit status %d", fact->status);
	else if (fact->state != FACT_OK)
		fact->error = states[state];
	return 0;
}

/*
 * A relative name is asked for as it stands by some readers and below the directory of the
 * command by others: the answer is the same.
 */
static int add_absolute(struct arena *arena, struct scene *scene)
{
	const struct fact *fact = &scene->answers[scene->answer_count - 1];
	struct fact *copy = &scene->answers[scene->answer_count];

	if (!fact->need.path || fact->need.path[0] == '/')
		return 0;
	*copy = *fact;
	copy->need.path = command_file(arena, &scene->command, fact->need.path);
	scene->answer_count++;
	return copy->need.path ? 0 : -1;
}

static int load_answers(struct arena *arena, const config_setting_t *list,
			struct scene *scene, struct fault *fault)
{
	size_t count = (size_t)config_setting_length(list);

	scene->answers = arena_array(arena, 2 * count + 1, sizeof(*scene->answers));
	if (!scene->answers)
		return load_fault(list, fault, "out of memory");
	for (size_t i = 0; i < count; i++) {
		if (load_answer(arena, config_setting_get_elem(list, (unsigned)i),
				&scene->answers[scene->answer_count++], fault))
			return -1;
		if (add_absolute(arena, scene))
			return load_fault(list, fault, "out of memory");
	}
	return 0;
}

int scene_load(struct arena *arena, const config_setting_t *group, struct scene *scene,
	       struct fault *fault)
{
	config_setting_t *list;
	int found;

	*scene = (struct scene){.file = load_source(group)->path,
				.line = load_line(group)};
	if (load_string(arena, group, "name", false, &scene->name, fault) < 0 ||
	    load_command(arena, group, scene, fault) < 0)
		return -1;
	found = load_groups(group, "answers", false, &list, fault);
	return found > 0 ? load_answers(arena, list, scene, fault) : found;
}

int scene_begin(const struct scene *scene, struct arena *arena, struct facts *facts)
{
	facts_init(facts, arena);
	for (size_t i = 0; i < scene->answer_count; i++) {
		if (facts_answer(facts, &scene->answers[i]))
			return -1;
	}
	return 0;
}

static const char *words_joined(struct arena *arena, const char *const *words)
{
	const char *text = *words;

	while (text && *++words)
		text = arena_printf(arena, "%s %s", text, *words);
	return text;
}

/* The words of `answer` in front of its "..." are the first ones of `asked`. */
static bool begins_alike(const char *const *answer, const char *const *asked)
{
	while (*answer && *asked && strcmp(*answer, *asked) == 0) {
		answer++;
		asked++;
	}
	return *answer && strcmp(*answer, "...") == 0 && !answer[1];
}

static const struct fact *open_answer(const struct scene *scene, const struct need *need)
{
	for (size_t i = 0; need->kind == FACT_PROBE && i < scene->answer_count; i++) {
		const struct fact *answer = &scene->answers[i];

		if (answer->need.kind == FACT_PROBE &&
		    begins_alike(answer->need.argv, need->argv))
			return answer;
	}
	return NULL;
}

int scene_answer_rest(const struct scene *scene, struct facts *facts, struct arena *arena,
		      const char **why)
{
	while (facts->missing_count) {
		const struct need *need = &facts->missing[0];
		const struct fact *open = open_answer(scene, need);
		struct fact fact = {.need = *need, .state = FACT_ABSENT, .data = ""};

		if (open) {
			fact = *open;
			fact.need = *need;
		} else if (need->kind == FACT_PROBE) {
			*why = arena_printf(arena,
					    "the test has no answer for the probe %s",
					    words_joined(arena, need->argv));
			fact.state = FACT_FAILED;
			fact.error = "not answered by the test";
			if (!*why)
				return -1;
		}
		if (need->kind == FACT_STDIN)
			fact.state = FACT_TERMINAL;
		if (facts_answer(facts, &fact))
			return -1;
	}
	return 0;
}

int scene_read(const struct scene *scene, struct arena *arena, scene_reader *read,
	       void *context, struct facts *facts, struct reading *reading,
	       const char **why, struct fault *fault)
{
	int state = 1;

	*why = NULL;
	if (scene_begin(scene, arena, facts))
		return fault_set(fault, "out of memory");
	for (int round = 0; state > 0 && round < ROUNDS; round++) {
		if (scene_answer_rest(scene, facts, arena, why))
			return fault_set(fault, "out of memory");
		state = read(context, arena, &scene->command, facts, reading, fault);
	}
	if (state > 0)
		*why = "it asks for more and more facts";
	return state < 0 ? -1 : *why != NULL;
}
