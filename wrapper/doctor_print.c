#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "doctor.h"
#include "text_json.h"
#include "visible.h"

static const char *const marks[] = {"ok", "FAIL", "-"};
static const char *const statuses[] = {"ok", "fail", "none"};

static int print_result(const struct doctor *doctor, const struct doctor_result *result)
{
	const char *detail = visible_text(doctor->arena, result->detail, false);
	const char *mend =
		result->mend ? visible_text(doctor->arena, result->mend, false) : "";

	if (!detail || !mend)
		return -1;
	printf("  %-4s  %-20s  %s\n", marks[result->status], result->name, detail);
	if (*mend)
		printf("        %-20s  mend: %s\n", "", mend);
	return 0;
}

static int print_lines(const struct doctor *doctor, bool all, size_t counts[3])
{
	const char *layer = "";

	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_result *result = &doctor->results[i];

		counts[result->status]++;
		if (!all && result->status != DOCTOR_FAILED)
			continue;
		if (strcmp(layer, result->layer) != 0)
			printf("%s\n", result->layer);
		layer = result->layer;
		if (print_result(doctor, result) < 0)
			return -1;
	}
	return doctor->exhausted ? -1 : 0;
}

int doctor_print_text(const struct doctor *doctor)
{
	size_t counts[3] = {0};
	int result = print_lines(doctor, true, counts);

	if (result == 0)
		printf("%zu ok, %zu failed, %zu not applicable\n", counts[DOCTOR_OK],
		       counts[DOCTOR_FAILED], counts[DOCTOR_NONE]);
	return result;
}

int doctor_print_failures(const struct doctor *doctor)
{
	size_t counts[3] = {0};

	return print_lines(doctor, false, counts);
}

static json_t *result_json(const struct doctor_result *result)
{
	json_t *object = json_object();

	json_object_set_new(object, "layer", json_string(result->layer));
	json_object_set_new(object, "name", json_string(result->name));
	json_object_set_new(object, "status", json_string(statuses[result->status]));
	json_object_set_new(object, "detail", text_json_or_null(result->detail));
	json_object_set_new(object, "mend", text_json_or_null(result->mend));
	return object;
}

int doctor_print_json(const struct doctor *doctor)
{
	json_t *list = json_array();
	char *text;
	bool failed = !list || doctor->exhausted;

	for (size_t i = 0; i < doctor->count; i++)
		failed |=
			json_array_append_new(list, result_json(&doctor->results[i])) < 0;
	text = json_dumps(list, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	json_decref(list);
	if (text)
		puts(text);
	failed |= !text;
	free(text);
	return failed ? -1 : 0;
}
