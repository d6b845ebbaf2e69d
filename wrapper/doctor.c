#include "doctor.h"

#include <stdarg.h>

static void add(struct doctor *doctor, const struct doctor_result *head,
		const char *format, va_list args)
{
	struct doctor_result *results =
		arena_grow(doctor->arena, doctor->results, doctor->count,
			   &doctor->capacity, sizeof(*results));
	const char *detail = arena_vprintf(doctor->arena, format, args);

	if (!results || !detail) {
		doctor->exhausted = true;
		return;
	}
	doctor->results = results;
	results[doctor->count] = *head;
	results[doctor->count++].detail = detail;
}

void doctor_ok(struct doctor *doctor, const char *layer, const char *name,
	       const char *format, ...)
{
	struct doctor_result head = {layer, name, DOCTOR_OK, NULL, NULL};
	va_list args;

	va_start(args, format);
	add(doctor, &head, format, args);
	va_end(args);
}

void doctor_none(struct doctor *doctor, const char *layer, const char *name,
		 const char *format, ...)
{
	struct doctor_result head = {layer, name, DOCTOR_NONE, NULL, NULL};
	va_list args;

	va_start(args, format);
	add(doctor, &head, format, args);
	va_end(args);
}

void doctor_fail(struct doctor *doctor, const char *layer, const char *name,
		 const char *mend, const char *format, ...)
{
	struct doctor_result head = {layer, name, DOCTOR_FAILED, NULL,
				     mend ? mend : "free some memory and try again"};
	va_list args;

	va_start(args, format);
	add(doctor, &head, format, args);
	va_end(args);
}

bool doctor_failed(const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->count; i++)
		if (doctor->results[i].status == DOCTOR_FAILED)
			return true;
	return doctor->exhausted;
}
