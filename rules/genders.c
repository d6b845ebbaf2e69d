#include "genders.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "syntax.h"

struct attribute {
	const char *name;  /* "rack" */
	const char *value; /* "r2", or NULL */
	const struct hostset *nodes;
};

struct altname {
	const char *node, *name;
};

struct genders {
	struct arena *arena;
	const struct hostset *all;
	struct attribute *attributes;
	size_t count, capacity;
	struct altname *altnames;
	size_t altname_count, altname_capacity;
};

static int out_of_memory(struct fault *fault)
{
	return fault_set(fault, "out of memory while the genders file was read");
}

/* The value with %n as the node's name and %% as %. */
static char *substitute(struct arena *arena, const char *value, const char *node)
{
	char *text = arena_strdup(arena, "");

	for (const char *p = value; text && *p; p++) {
		if (p[0] == '%' && p[1] == 'n') {
			text = arena_printf(arena, "%s%s", text, node);
			p++;
		} else {
			p += p[0] == '%' && p[1] == '%';
			text = arena_printf(arena, "%s%c", text, *p);
		}
	}
	return text;
}

static int add_attribute(struct genders *genders, const char *name, const char *value,
			 const struct hostset *nodes)
{
	struct attribute *items;

	for (size_t i = 0; i < genders->count; i++) {
		struct attribute *item = &genders->attributes[i];

		if (strcmp(item->name, name) != 0 ||
		    (item->value == NULL) != (value == NULL))
			continue;
		if (value && strcmp(item->value, value) != 0)
			continue;
		item->nodes = hostset_union(genders->arena, item->nodes, nodes);
		return item->nodes ? 0 : -1;
	}
	items = arena_grow(genders->arena, genders->attributes, genders->count,
			   &genders->capacity, sizeof(*items));
	if (!items)
		return -1;
	genders->attributes = items;
	items[genders->count++] = (struct attribute){name, value, nodes};
	return 0;
}

struct per_node {
	struct genders *genders;
	const char *name, *value;
	bool altname;
};

static int add_for_node(void *context, const char *node, size_t length)
{
	struct per_node *each = context;
	struct genders *genders = each->genders;
	char *value = substitute(genders->arena, each->value, node);
	struct altname *items;

	if (!value)
		return -1;
	if (!each->altname) {
		const struct hostset *one = hostset_name(genders->arena, node, length);

		return one ? add_attribute(genders, each->name, value, one) : -1;
	}
	items = arena_grow(genders->arena, genders->altnames, genders->altname_count,
			   &genders->altname_capacity, sizeof(*items));
	if (!items)
		return -1;
	genders->altnames = items;
	items += genders->altname_count++;
	items->node = arena_strndup(genders->arena, node, length);
	items->name = value;
	return items->node ? 0 : -1;
}

static int add_pair(struct genders *genders, char *text, const struct hostset *nodes)
{
	char *equals = strchr(text, '=');
	struct per_node each = {genders, text, NULL, false};

	if (!equals)
		return add_attribute(genders, text, NULL, nodes);
	*equals = '\0';
	each.value = equals + 1;
	each.altname = strcmp(text, "altname") == 0;
	if (each.altname || strchr(each.value, '%'))
		return hostset_each(nodes, add_for_node, &each) == 0 ? 0 : -1;
	return add_attribute(genders, text, each.value, nodes);
}

/* "n[1-4],n7 compute,rack=r1" */
static int add_line(struct genders *genders, char *line, struct fault *fault)
{
	struct pdsh_list list = {0};
	const struct hostset *nodes;
	char *hosts, *words = line, *pair;

	line[strcspn(line, "#")] = '\0';
	hosts = strsep(&words, " \t");
	while (hosts && *hosts == '\0')
		hosts = strsep(&words, " \t");
	if (!hosts)
		return 0;
	if (syntax_pdsh_add(genders->arena, &list, hosts, strlen(hosts), fault) < 0)
		return -1;
	nodes = syntax_pdsh_set(genders->arena, &list);
	if (nodes)
		genders->all = hostset_union(genders->arena, genders->all, nodes);
	if (!nodes || !genders->all)
		return out_of_memory(fault);
	while ((pair = strsep(&words, ", \t")) != NULL)
		if (*pair && add_pair(genders, pair, nodes) < 0)
			return out_of_memory(fault);
	return 0;
}

struct genders *genders_parse(struct arena *arena, const char *text, struct fault *fault)
{
	struct genders *genders = arena_alloc(arena, sizeof(*genders));
	char *copy = arena_strdup(arena, text), *line;

	if (!genders || !copy) {
		out_of_memory(fault);
		return NULL;
	}
	genders->arena = arena;
	genders->all = hostset_empty(arena);
	while ((line = strsep(&copy, "\n")) != NULL)
		if (add_line(genders, line, fault) < 0)
			return NULL;
	return genders;
}

const struct hostset *genders_all(struct arena *arena, const struct genders *genders)
{
	(void)arena;
	return genders->all;
}

/* ---- queries ---- */

struct query {
	struct arena *arena;
	const struct genders *genders;
	const char *at, *end;
	unsigned depth;
	struct fault *fault;
};

static const struct hostset *query_list(struct query *query);

static bool take(struct query *query, const char *token)
{
	size_t length = strlen(token);

	while (query->at < query->end && isspace((unsigned char)*query->at))
		query->at++;
	if ((size_t)(query->end - query->at) < length ||
	    strncmp(query->at, token, length) != 0)
		return false;
	query->at += length;
	return true;
}

static const struct hostset *nodes_with(const struct query *query, const char *text,
					size_t length)
{
	const struct hostset *nodes = hostset_empty(query->arena);
	char *name = arena_strndup(query->arena, text, length), *value;

	if (!name)
		return NULL;
	value = strchr(name, '=');
	if (value)
		*value++ = '\0';
	for (size_t i = 0; nodes && i < query->genders->count; i++) {
		const struct attribute *item = &query->genders->attributes[i];

		if (strcmp(item->name, name) == 0 &&
		    (!value || (item->value && strcmp(item->value, value) == 0)))
			nodes = hostset_union(query->arena, nodes, item->nodes);
	}
	return nodes;
}

static const struct hostset *query_term(struct query *query)
{
	const struct hostset *nodes;
	const char *start;

	if (++query->depth > 64) {
		fault_set(query->fault, "the genders query is nested too deep");
		return NULL;
	}
	if (take(query, "~")) {
		nodes = query_term(query);
		if (nodes)
			nodes = hostset_difference(query->arena, query->genders->all,
						   nodes);
	} else if (take(query, "(")) {
		nodes = query_list(query);
		if (nodes && !take(query, ")")) {
			fault_set(query->fault, "the genders query lacks a \")\"");
			return NULL;
		}
	} else {
		start = query->at;
		while (query->at < query->end && !strchr("|&()~ \t", *query->at) &&
		       !(query->at[0] == '-' && query->at + 1 < query->end &&
			 query->at[1] == '-'))
			query->at++;
		if (query->at == start) {
			fault_set(query->fault,
				  "an attribute is missing in the genders query");
			return NULL;
		}
		nodes = nodes_with(query, start, (size_t)(query->at - start));
	}
	query->depth--;
	return nodes;
}

static const struct hostset *query_list(struct query *query)
{
	const struct hostset *nodes = query_term(query);

	while (nodes) {
		const struct hostset *(*join)(struct arena *, const struct hostset *,
					      const struct hostset *);
		const struct hostset *more;

		if (take(query, "||"))
			join = hostset_union;
		else if (take(query, "&&"))
			join = hostset_intersection;
		else if (take(query, "--"))
			join = hostset_difference;
		else
			break;
		more = query_term(query);
		nodes = more ? join(query->arena, nodes, more) : NULL;
	}
	return nodes;
}

const struct hostset *genders_query(struct arena *arena, const struct genders *genders,
				    const char *text, size_t length, struct fault *fault)
{
	struct query query = {arena, genders, text, text + length, 0, fault};
	const struct hostset *nodes = query_list(&query);

	take(&query, "");
	if (nodes && query.at != query.end) {
		fault_set(fault,
			  "the genders query \"%.*s\" is not understood from \"%.*s\" on",
			  (int)length, text, (int)(query.end - query.at), query.at);
		return NULL;
	}
	return nodes;
}

const struct hostset *genders_altnames(struct arena *arena, const struct genders *genders,
				       const struct hostset *nodes)
{
	for (size_t i = 0; nodes && i < genders->altname_count; i++) {
		const struct altname *item = &genders->altnames[i];
		const struct hostset *node, *name;

		if (!hostset_contains(nodes, item->node, strlen(item->node)))
			continue;
		node = hostset_name(arena, item->node, strlen(item->node));
		name = hostset_name(arena, item->name, strlen(item->name));
		if (!node || !name)
			return NULL;
		nodes = hostset_difference(arena, nodes, node);
		if (nodes)
			nodes = hostset_union(arena, nodes, name);
	}
	return nodes;
}
