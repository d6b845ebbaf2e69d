#include "aws_ssm.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "aws_probe.h"
#include "aws_targets.h"
#include "aws_value.h"

/* {"Key":"tag:Role","Values":["web"]} as the client may have been given it. */
static json_t *filter(const struct yaml_value *item)
{
	const struct yaml_value *values = yaml_get(item, "Values");
	const char *key = yaml_text(item, "Key");
	json_t *list = json_array();
	int failed = 0;

	if (!key || !values || !list) {
		json_decref(list);
		return NULL;
	}
	if (values->kind == YAML_SCALAR)
		failed = json_array_append_new(list, json_string(values->text));
	for (size_t i = 0; values->kind == YAML_SEQUENCE && i < values->count; i++)
		if (values->items[i]->kind == YAML_SCALAR)
			failed |= json_array_append_new(
				list, json_string(values->items[i]->text));
	if (failed) {
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:s, s:o}", "Key", key, "Values", list);
}

/* The instances that carry the tags: the client's own filters are the same. */
static int ask(struct aws *aws, const char *filters, struct aws_names *names,
	       const char **why)
{
	struct arena *arena = aws->reader->arena;
	struct aws_words words = {0};
	const struct yaml_value *value;
	int result;

	if (!aws_probe_start(aws, "ssm describe-instance-information", &words))
		return READ_FAULT;
	if (filters && (!aws_words_add(arena, &words, "--filters") ||
			!aws_words_add(arena, &words, filters)))
		return READ_FAULT;
	result = aws_probe_query(aws, &words, "InstanceInformationList[].InstanceId",
				 &value, why);
	if (result == READ_DONE && value && !aws_names_collect(names, value, "", why) &&
	    !*why)
		return READ_FAULT;
	return result;
}

static bool is_ids(const struct yaml_value *item)
{
	const char *key = yaml_text(item, "Key");

	return key && strcmp(key, "InstanceIds") == 0;
}

static bool is_known_key(const struct yaml_value *item)
{
	const char *key = yaml_text(item, "Key");

	return key && (strncmp(key, "tag:", 4) == 0 || strcmp(key, "tag-key") == 0 ||
		       strcmp(key, "PingStatus") == 0);
}

/* `*` in Key=InstanceIds is every instance there is. */
static bool is_star(const struct yaml_value *item)
{
	const struct yaml_value *values = yaml_get(item, "Values");

	if (values && values->kind == YAML_SEQUENCE && values->count == 1)
		values = values->items[0];
	return values && values->kind == YAML_SCALAR && strcmp(values->text, "*") == 0;
}

static int by_targets(struct aws *aws, const struct yaml_value *list,
		      struct aws_names *names, bool *everything, const char **why)
{
	json_t *filters = json_array(), *one;
	bool good = filters != NULL;
	char *text = NULL;
	int result;

	if (list->kind == YAML_SEQUENCE && list->count == 1 && is_ids(list->items[0]) &&
	    !is_star(list->items[0])) {
		json_decref(filters);
		return aws_names_collect(names, list->items[0], "Values", why) || *why
			       ? READ_DONE
			       : READ_FAULT;
	}
	for (size_t i = 0; good && list->kind == YAML_SEQUENCE && i < list->count; i++) {
		if (is_ids(list->items[i]) && is_star(list->items[i])) {
			*everything = list->count == 1;
			continue;
		}
		one = is_known_key(list->items[i]) ? filter(list->items[i]) : NULL;
		if (!one) {
			*why = "--targets selects by what tallygate cannot look up";
			break;
		}
		good = json_array_append_new(filters, one) == 0;
	}
	if (good && json_array_size(filters)) {
		char *dumped = json_dumps(filters, JSON_COMPACT);

		text = dumped ? arena_strdup(names->arena, dumped) : NULL;
		good = text != NULL;
		free(dumped);
	}
	json_decref(filters);
	if (!good)
		return READ_FAULT;
	if (!*why && !text && !*everything)
		*why = "--targets is empty";
	if (*why)
		return READ_DONE;
	result = ask(aws, text, names, why);
	return result;
}

int aws_ssm_send(struct aws *aws)
{
	struct aws_names names = {.arena = aws->reader->arena};
	const struct yaml_value *ids, *targets;
	const char *why = NULL;
	struct operation *operation;
	bool everything = false;
	int result = aws_value(aws, "instance-ids", 12, &ids, &why);

	if (result == READ_DONE && !why && ids &&
	    !aws_names_collect(&names, ids, "", &why) && !why)
		return READ_FAULT;
	if (result == READ_DONE && !why)
		result = aws_value(aws, "targets", 7, &targets, &why);
	if (result == READ_DONE && !why && targets)
		result = by_targets(aws, targets, &names, &everything, &why);
	if (result != READ_DONE)
		return result;
	if (!why && names.count == 0)
		why = targets ? "no instance carries the tags of --targets"
			      : "no target is given";
	if (why)
		return reader_unknown(aws->reader, aws->action, "instance", "%s", why);
	result = aws_targets_operation(aws, &names, &operation);
	if (result == READ_DONE)
		operation->everything = everything;
	return result;
}
