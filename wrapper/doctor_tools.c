/* tally doctor: guarded programs that this machine has, and fleet tools that are not guarded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "doctor_scratch.h"
#include "doctor_try.h"
#include "guard_build.h"
#include "guard_names.h"
#include "load.h"
#include "probe.h"
#include "rule_directories.h"

#define KNOWN_TOOLS "known_tools.cfg"

static const char layer[] = "tools";

enum { MOST_TOOLS = 512, MOST_NAMES = 4096 };

/* ---- versions: of the package that owns the file; a guarded program is not started ---- */

struct found {
	const char *name, *path, *description;
	const char *real;    /* the path without links */
	const char *package; /* NULL: of none */
	const char *version; /* "pdsh 2.34-2", or NULL */
};

struct tools {
	struct found *items;
	size_t count;
};

/* Before /usr was merged, packages listed /bin and /sbin without it. */
static const char *shorter(const char *path)
{
	return strncmp(path, "/usr/", 5) == 0 ? path + 4 : path;
}

/* A line of `dpkg-query -S`: "pdsh: /usr/bin/pdsh", or something else that does not matter. */
static void take_owner(struct doctor *doctor, struct tools *tools, const char *line,
		       size_t length)
{
	const char *colon = memmem(line, length, ": /", 3);
	const char *path = colon ? colon + 2 : NULL;

	if (!colon || memchr(line, ' ', (size_t)(colon - line)))
		return;
	for (size_t i = 0; i < tools->count; i++) {
		struct found *found = &tools->items[i];
		const char *names[] = {found->path, shorter(found->path), found->real,
				       shorter(found->real)};

		for (size_t k = 0; k < 4 && !found->package; k++)
			if (strlen(names[k]) == length - (size_t)(path - line) &&
			    strncmp(names[k], path, strlen(names[k])) == 0)
				found->package = arena_strndup(doctor->arena, line,
							       (size_t)(colon - line));
	}
}

/* A line "pdsh 2.34-2" or "libc6:amd64 2.36". */
static void take_version(struct doctor *doctor, struct tools *tools, const char *line,
			 size_t length)
{
	const char *space = memchr(line, ' ', length);

	for (size_t i = 0; space && i < tools->count; i++) {
		struct found *found = &tools->items[i];

		if (found->package && strlen(found->package) == (size_t)(space - line) &&
		    strncmp(found->package, line, (size_t)(space - line)) == 0)
			found->version = arena_strndup(doctor->arena, line, length);
	}
}

static void each_line(struct doctor *doctor, struct tools *tools, const char *text,
		      void (*take)(struct doctor *doctor, struct tools *tools,
				   const char *line, size_t length))
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		take(doctor, tools, text, length);
		text += length + (text[length] != '\0');
	}
}

static void ask_dpkg(struct doctor *doctor, struct tools *tools)
{
	const char **argv =
		arena_array(doctor->arena, 4 * tools->count + 5, sizeof(*argv));
	const char *const *env = doctor_scratch_env(doctor, NULL);
	struct doctor_try try;
	size_t words = 0;

	if (!argv || !env)
		return;
	argv[words++] = "/usr/bin/dpkg-query";
	argv[words++] = "-S";
	for (size_t i = 0; i < tools->count; i++) {
		argv[words++] = tools->items[i].path;
		argv[words++] = shorter(tools->items[i].path);
		argv[words++] = tools->items[i].real;
		argv[words++] = shorter(tools->items[i].real);
	}
	argv[words] = NULL;
	doctor_try_program(doctor, argv, env, TRY_SECONDS, &try);
	each_line(doctor, tools, try.output, take_owner);
	words = 1;
	argv[words++] = "-W";
	argv[words++] = "-f=${binary:Package} ${Version}\n";
	for (size_t i = 0; i < tools->count; i++)
		if (tools->items[i].package)
			argv[words++] = tools->items[i].package;
	argv[words] = NULL;
	if (words > 3) {
		doctor_try_program(doctor, argv, env, TRY_SECONDS, &try);
		each_line(doctor, tools, try.output, take_version);
	}
}

static void ask_rpm(struct doctor *doctor, struct found *found)
{
	const char *argv[] = {"/usr/bin/rpm", "-qf",
			      "--qf",	      "%{NAME} %{VERSION}-%{RELEASE}\n",
			      found->path,    NULL};
	struct doctor_try try;

	doctor_try_program(doctor, argv, doctor_scratch_env(doctor, NULL), TRY_SECONDS,
			   &try);
	if (try.started && try.status == 0 && *try.output)
		found->version = arena_strndup(doctor->arena, try.output,
					       strcspn(try.output, "\n"));
}

static void find_versions(struct doctor *doctor, struct tools *tools)
{
	if (access("/usr/bin/dpkg-query", X_OK) == 0)
		ask_dpkg(doctor, tools);
	else if (access("/usr/bin/rpm", X_OK) == 0)
		for (size_t i = 0; i < tools->count; i++)
			ask_rpm(doctor, &tools->items[i]);
}

/* ---- guarded programs in PATH ---- */

static const char *find_in_path(const struct doctor *doctor, const char *name)
{
	const char *path = getenv("PATH");
	const char *env[] = {path ? arena_printf(doctor->arena, "PATH=%s", path)
				  : "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
				    "/usr/bin:/sbin:/bin",
			     NULL};

	return env[0] ? probe_find(doctor->arena, name, env, "/") : NULL;
}

/* Two descriptions may share a program; the one of its name says more. */
static bool is_named_for(const char *description, const char *name)
{
	const char *slash = strrchr(description, '/');
	size_t length = strlen(name);

	return slash && strncmp(slash + 1, name, length) == 0 &&
	       strcmp(slash + 1 + length, ".cfg") == 0;
}

static void find_guarded(struct doctor *doctor, const struct guard_program *programs,
			 size_t count, struct tools *tools)
{
	for (size_t i = 0; i < count && tools->count < MOST_TOOLS; i++) {
		struct found found = {.name = programs[i].name,
				      .path = find_in_path(doctor, programs[i].name),
				      .description = programs[i].description};
		bool again = false;
		char *real;

		for (size_t k = 0; k < tools->count; k++) {
			if (strcmp(tools->items[k].name, found.name) != 0)
				continue;
			again = true;
			if (is_named_for(found.description, found.name))
				tools->items[k].description = found.description;
		}
		if (!found.path || again)
			continue;
		real = realpath(found.path, NULL);
		found.real = real ? arena_strdup(doctor->arena, real) : NULL;
		free(real);
		if (!found.real)
			found.real = found.path;
		tools->items[tools->count++] = found;
	}
}

static void list_guarded(struct doctor *doctor, const struct guard_program *programs,
			 size_t count)
{
	struct tools tools = {
		.items = arena_array(doctor->arena, MOST_TOOLS, sizeof(*tools.items))};

	if (!tools.items) {
		doctor->exhausted = true;
		return;
	}
	find_guarded(doctor, programs, count, &tools);
	if (tools.count && doctor->scratch)
		find_versions(doctor, &tools);
	for (size_t i = 0; i < tools.count; i++) {
		const struct found *found = &tools.items[i];
		const char *slash = strrchr(found->description, '/');

		doctor_ok(doctor, layer, found->name, "%s (%s), by %s", found->path,
			  found->version ? found->version : "of no package",
			  slash ? slash + 1 : "its name alone");
	}
	if (!tools.count)
		doctor_none(doctor, layer, "guarded",
			    "none of %zu guarded programs is in PATH", count);
}

/* ---- known fleet tools that nothing describes ---- */

struct known {
	const char **names, **accepted;
	size_t count, accepted_count;
};

static int add_all(const char **names, size_t *count, const char *const *from)
{
	for (; from && *from; from++) {
		if (*count >= MOST_NAMES)
			return -1;
		names[(*count)++] = *from;
	}
	return 0;
}

static int read_known(struct doctor *doctor, const char *path, struct known *known,
		      struct fault *fault)
{
	static const char *const keys[] = {"known", "accepted", NULL};
	const char *const *names = NULL, *const *accepted = NULL;
	const config_setting_t *root;
	config_t config;
	int result = 0;

	if (load_open(doctor->arena, path, &config, fault) < 0)
		return -1;
	root = config_root_setting(&config);
	if (load_check_keys(root, keys, fault) < 0 ||
	    load_strings(doctor->arena, root, "known", false, &names, fault) < 0 ||
	    load_strings(doctor->arena, root, "accepted", false, &accepted, fault) < 0)
		result = -1;
	config_destroy(&config);
	if (result == 0 &&
	    (add_all(known->names, &known->count, names) < 0 ||
	     add_all(known->accepted, &known->accepted_count, accepted) < 0))
		result = fault_at(fault, path, 0, "more than %d names", (int)MOST_NAMES);
	return result;
}

/* In the rule directories; those of tallyd's copies hold the rules alone. */
static int read_all_known(struct doctor *doctor, struct known *known, struct fault *fault)
{
	const char *const *directories = doctor->rules;

	known->names = arena_array(doctor->arena, MOST_NAMES, sizeof(char *));
	known->accepted = arena_array(doctor->arena, MOST_NAMES, sizeof(char *));
	if (doctor->installed && doctor->rules == doctor->session.rules)
		directories =
			rule_directories_find(doctor->arena, doctor->directory, fault);
	if (!directories || !known->names || !known->accepted)
		return fault_set(fault, "out of memory");
	for (; *directories; directories++) {
		const char *path =
			arena_printf(doctor->arena, "%s/" KNOWN_TOOLS, *directories);

		if (path && access(path, F_OK) == 0 &&
		    read_known(doctor, path, known, fault) < 0)
			return -1;
	}
	return 0;
}

static bool among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool guarded(const char *name, const struct guard_program *programs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, programs[i].name) == 0)
			return true;
	return false;
}

static void list_uncovered(struct doctor *doctor, const struct guard_program *programs,
			   size_t count)
{
	struct known known = {0};
	struct fault fault = {0};
	char line[FAULT_LINE];
	size_t uncovered = 0;

	if (read_all_known(doctor, &known, &fault) < 0) {
		doctor_fail(doctor, layer, KNOWN_TOOLS, "mend this file", "%s",
			    fault_line(&fault, line));
		return;
	}
	for (size_t i = 0; i < known.count; i++) {
		const char *name = known.names[i], *path;

		if (among(name, known.accepted, known.accepted_count) ||
		    among(name, known.names, i) || guarded(name, programs, count))
			continue;
		path = find_in_path(doctor, name);
		if (!path)
			continue;
		uncovered++;
		doctor_fail(doctor, layer, name,
			    "describe it in tools/ of a rule directory (docs/rules.md, "
			    "\"Your own tool\"), or accept it in " KNOWN_TOOLS " there",
			    "%s looks like a fleet tool, and no description covers it",
			    path);
	}
	if (!uncovered)
		doctor_ok(
			doctor, layer, "not guarded",
			"none of %zu known fleet tools is in PATH without a description",
			known.count);
}

void doctor_tools(struct doctor *doctor)
{
	struct fault broken = {0}, fault = {0};
	struct guard_program *programs;
	size_t count;

	if (!doctor->rules || guard_names(doctor->arena, doctor->rules, &programs, &count,
					  &broken, &fault) < 0)
		return; /* told with the guard table */
	list_guarded(doctor, programs, count);
	list_uncovered(doctor, programs, count);
}
