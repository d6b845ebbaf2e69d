/*
 * A record of the audit log while it is put together. The first shortage of memory makes
 * audit_json_end() return NULL, so callers need not look after each field; a NULL text is a
 * field that is not there.
 */
#ifndef TALLY_AUDIT_JSON_H
#define TALLY_AUDIT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "arena.h"

enum { AUDIT_TEXT = 8192 }; /* bytes that are kept of one text */

struct audit_json {
	struct arena *arena;
	json_t *root;
	bool failed;
};

/* Begins a record with @timestamp and ecs.version. */
void audit_json_start(struct audit_json *record, struct arena *arena);

/* The record, to be given to json_decref(); NULL when memory was short. */
json_t *audit_json_end(struct audit_json *record);

/* The member `name` of `parent` (NULL: of the record), an object, made when it is new. */
json_t *audit_json_group(struct audit_json *record, json_t *parent, const char *name);

/* A new member `name` that is a list. */
json_t *audit_json_list(struct audit_json *record, json_t *parent, const char *name);

/* A new object at the end of `list`. */
json_t *audit_json_item(struct audit_json *record, json_t *list);

/* Texts of any bytes: no UTF-8 and longer than AUDIT_TEXT is allowed, and shown so. */
void audit_json_text(struct audit_json *record, json_t *object, const char *name,
		     const char *text);
void audit_json_word(struct audit_json *record, json_t *list, const char *text);

void audit_json_number(struct audit_json *record, json_t *object, const char *name,
		       uint64_t number);
void audit_json_bool(struct audit_json *record, json_t *object, const char *name,
		     bool value);

/* The bytes of `text` that fit into `limit` without cutting a UTF-8 character in two. */
size_t audit_json_fit(const char *text, size_t length, size_t limit);

#endif
