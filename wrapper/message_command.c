#include "message_command.h"

#include <limits.h>
#include <string.h>

#include "message_text.h"

/* A string that may be NULL. */
static json_t *string(const char *text)
{
	return message_text(text, text ? strlen(text) : 0);
}

json_t *message_command(const struct command *command)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "path", string(command->path), "argv",
			 message_texts(command->argv), "env", message_texts(command->env),
			 "cwd", string(command->cwd));
}

int message_get_command(struct arena *arena, const json_t *value, struct command *command)
{
	*command = (struct command){0};
	if (message_get_text(arena, json_object_get(value, "path"), &command->path,
			     NULL) < 0 ||
	    message_get_texts(arena, json_object_get(value, "argv"), &command->argv,
			      &command->argc) < 0 ||
	    message_get_texts(arena, json_object_get(value, "env"), &command->env, NULL) <
		    0 ||
	    message_get_text(arena, json_object_get(value, "cwd"), &command->cwd, NULL) <
		    0)
		return -1;
	return command->argc > 0 && command->env && command->cwd ? 0 : -1;
}

/* ---- facts ---- */

static json_t *fact_json(const struct fact *fact)
{
	const struct need *need = &fact->need;

	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:I, s:i, s:i, s:o, s:I, s:o, s:o}",
			 "kind", (int)need->kind, "path", string(need->path), "argv",
			 message_texts(need->argv), "env", message_texts(need->env),
			 "input", string(need->input), "timeout",
			 (json_int_t)need->timeout, "state", (int)fact->state, "status",
			 fact->status, "data", message_text(fact->data, fact->length),
			 "age", (json_int_t)fact->age, "error", string(fact->error),
			 "warnings", string(fact->warnings));
}

json_t *message_facts(const struct facts *facts)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < facts->known_count; i++) {
		if (json_array_append_new(list, fact_json(&facts->known[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static int get_need(struct arena *arena, const json_t *value, struct need *need)
{
	json_int_t kind, timeout;

	if (message_get_integer(json_object_get(value, "kind"), FACT_FILE, FACT_PROBE,
				&kind) < 0 ||
	    message_get_integer(json_object_get(value, "timeout"), 0, INT_MAX, &timeout) <
		    0 ||
	    message_get_text(arena, json_object_get(value, "path"), &need->path, NULL) <
		    0 ||
	    message_get_texts(arena, json_object_get(value, "argv"), &need->argv, NULL) <
		    0 ||
	    message_get_texts(arena, json_object_get(value, "env"), &need->env, NULL) <
		    0 ||
	    message_get_text(arena, json_object_get(value, "input"), &need->input, NULL) <
		    0)
		return -1;
	need->kind = (enum fact_kind)kind;
	need->timeout = (unsigned)timeout;
	/* Each kind has what it is asked by. */
	if (need->kind == FACT_PROBE)
		return need->argv && need->argv[0] ? 0 : -1;
	return need->kind == FACT_STDIN || need->path ? 0 : -1;
}

static int get_fact(struct arena *arena, const json_t *value, struct fact *fact)
{
	json_int_t state, status, age;

	*fact = (struct fact){0};
	if (get_need(arena, value, &fact->need) < 0 ||
	    message_get_integer(json_object_get(value, "state"), FACT_OK, FACT_TERMINAL,
				&state) < 0 ||
	    message_get_integer(json_object_get(value, "status"), INT_MIN, INT_MAX,
				&status) < 0 ||
	    message_get_integer(json_object_get(value, "age"), 0, INT64_MAX, &age) < 0 ||
	    message_get_text(arena, json_object_get(value, "data"), &fact->data,
			     &fact->length) < 0 ||
	    message_get_text(arena, json_object_get(value, "error"), &fact->error, NULL) <
		    0 ||
	    message_get_text(arena, json_object_get(value, "warnings"), &fact->warnings,
			     NULL) < 0)
		return -1;
	fact->state = (enum fact_state)state;
	fact->status = (int)status;
	fact->age = age;
	return fact->state != FACT_OK || fact->data ? 0 : -1;
}

int message_get_facts(const json_t *value, struct facts *facts)
{
	size_t index;
	json_t *item;

	if (!json_is_array(value))
		return -1;
	json_array_foreach(value, index, item)
	{
		struct fact fact;

		if (get_fact(facts->arena, item, &fact) < 0 ||
		    facts_answer(facts, &fact) < 0)
			return -1;
	}
	return 0;
}
