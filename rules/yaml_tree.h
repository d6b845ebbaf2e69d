/*
 * YAML text as a tree of values (playbooks, manifests, --cli-input-yaml), by libyaml. JSON
 * is YAML too. Tags and styles that do not matter here are dropped; aliases are resolved to
 * the node they name, merge keys (<<) are left to the reader.
 */
#ifndef TALLY_YAML_TREE_H
#define TALLY_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "fault.h"

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_value {
	enum yaml_kind kind;
	const char *text; /* scalar: NUL-terminated */
	bool plain;	  /* scalar without quotes: may be a number, a boolean or null */
	const char *tag;  /* "!vault", "!unsafe" ..., or NULL */
	struct yaml_value **items; /* sequence items, mapping values */
	const char *
		*keys; /* mapping: the keys of `items`, "" for one that is no scalar */
	size_t count;
	int line; /* 1-based */
};

struct yaml_documents {
	struct yaml_value **items; /* one a document; empty documents are left out */
	size_t count;
};

enum { YAML_MAX_DEPTH = 64, YAML_MAX_VALUES = 4 << 20 };

/* -1 and `fault` for text that is no YAML, nests too deep or holds too much. */
int yaml_tree_parse(struct arena *arena, const char *text, size_t length,
		    struct yaml_documents *documents, struct fault *fault);

/* The value of `key` in a mapping; NULL when it is none or has no such key. */
const struct yaml_value *yaml_get(const struct yaml_value *mapping, const char *key);

/* The text of a scalar `key`, or NULL. */
const char *yaml_text(const struct yaml_value *mapping, const char *key);

/* True for a plain true, yes or on (YAML 1.1, in any case). */
bool yaml_is_true(const struct yaml_value *value);
bool yaml_is_false(const struct yaml_value *value);

#endif
