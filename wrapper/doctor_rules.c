/* tally doctor: the rules and the guard table. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "doctor.h"
#include "doctor_scratch.h"
#include "doctor_try.h"
#include "guard_build.h"
#include "guard_names.h"
#include "guard_table.h"

enum { MOST_DIRECTORIES = 64 };

/* ---- rules: what `tally check` and `tally test` say, asked of this very program ---- */

static long long number(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

static const char *text(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value ? value : "";
}

static const char *first_error(const struct doctor *doctor, const json_t *checked)
{
	const json_t *findings = json_object_get(checked, "findings"), *finding;
	const char *line = NULL;
	size_t i;

	json_array_foreach(findings, i, finding)
	{
		if (strcmp(text(finding, "severity"), "error") != 0)
			continue;
		line = number(finding, "line")
			       ? arena_printf(doctor->arena, "%s:%lld: %s",
					      text(finding, "file"),
					      number(finding, "line"),
					      text(finding, "text"))
			       : arena_printf(doctor->arena, "%s: %s",
					      text(finding, "file"),
					      text(finding, "text"));
		break;
	}
	return line ? line : "out of memory";
}

static void report_checked(struct doctor *doctor, const struct doctor_try *try,
			   const json_t *checked)
{
	static const char mend[] =
		"`tally check` lists all that is wrong; until it is mended guarded "
		"programs are refused, or decided by the last good rules";

	if (!json_is_object(checked)) {
		doctor_fail(doctor, "rules", "files",
			    "run `tally check` by hand and see what it says",
			    "`tally check` has not answered: %s",
			    doctor_try_text(doctor, try));
		return;
	}
	if (number(checked, "errors")) {
		doctor_fail(doctor, "rules", "files", mend, "%lld error%s, the first: %s",
			    number(checked, "errors"),
			    number(checked, "errors") == 1 ? "" : "s",
			    first_error(doctor, checked));
		return;
	}
	doctor_ok(doctor, "rules", "files",
		  "%lld tools, %lld subsystems, %lld limits, %lld warnings%s",
		  number(checked, "tools"), number(checked, "subsystems"),
		  number(checked, "limits"), number(checked, "warnings"),
		  json_is_true(json_object_get(checked, "observe"))
			  ? "; the policy only observes and holds nothing back"
			  : "");
}

static void check_files(struct doctor *doctor)
{
	const char *argv[MOST_DIRECTORIES + 4] = {doctor->program, "check", "--json"};
	struct doctor_try try;
	json_t *checked;

	for (size_t i = 0; i < MOST_DIRECTORIES && doctor->rules[i]; i++)
		argv[i + 3] = doctor->rules[i];
	doctor_try_program(doctor, argv, doctor_scratch_env(doctor, NULL),
			   TRY_LONG_SECONDS, &try);
	checked = json_loads(try.output, 0, NULL);
	report_checked(doctor, &try, checked);
	json_decref(checked);
}

static void run_tests(struct doctor *doctor)
{
	const char *argv[2 * MOST_DIRECTORIES + 3] = {doctor->program, "test"};
	struct doctor_try try;

	for (size_t i = 0; i < MOST_DIRECTORIES && doctor->rules[i]; i++) {
		argv[2 * i + 2] = "--rules";
		argv[2 * i + 3] = doctor->rules[i];
	}
	doctor_try_program(doctor, argv, doctor_scratch_env(doctor, NULL),
			   TRY_LONG_SECONDS, &try);
	if (try.started && try.status == 0)
		doctor_ok(doctor, "rules", "tests", "%s", doctor_try_text(doctor, &try));
	else
		doctor_fail(doctor, "rules", "tests",
			    "run `tally test`; a policy whose own tests fail is not used",
			    "%s", doctor_try_text(doctor, &try));
}

/* ---- the guard table ---- */

static const char table_layer[] = "guard table";

/* The first name that the table should guard and does not, or NULL. */
static const char *unguarded(const struct guard_table *table,
			     const struct guard_program *programs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (guard_find_name(table, programs[i].name, strlen(programs[i].name))
			    .kind != GUARD_TOOL)
			return programs[i].name;
	return NULL;
}

static void report_table(struct doctor *doctor, const char *name, const char *path,
			 const struct guard_program *programs, size_t count,
			 const char *mend)
{
	struct guard_table table = {0};
	int error = guard_map(&table, path);
	const char *missing, *gate;

	if (error < 0) {
		doctor_fail(doctor, table_layer, name, mend, "%s: %s", path,
			    strerror(-error));
		return;
	}
	missing = unguarded(&table, programs, count);
	gate = guard_gate(&table);
	if (missing)
		doctor_fail(doctor, table_layer, name, mend, "%s does not guard %s", path,
			    missing);
	else if (access(gate, X_OK) < 0)
		doctor_fail(doctor, table_layer, name, mend,
			    "%s leads to %s, which cannot be executed", path, gate);
	else
		doctor_ok(doctor, table_layer, name, "%s guards %zu programs", path,
			  count);
	guard_unmap(&table);
}

/* Made anew from the rules, as for a new session, and read as the shim reads it. */
static void make_table(struct doctor *doctor, const struct guard_program *programs,
		       size_t count)
{
	const char *path = doctor_scratch_path(doctor, "guard.table");
	const char *shim = session_shim(doctor->arena, &doctor->session);
	struct fault fault = {0};

	if (!path || !shim)
		doctor->exhausted = true;
	else if (guard_build(doctor->arena, path, programs, count, "/usr/bin:/bin",
			     doctor->session.gate, "/", shim, &fault) < 0)
		doctor_fail(doctor, table_layer, "made anew",
			    "a new session needs this table: mend what is said here",
			    "%s", fault.text);
	else
		report_table(doctor, "made anew", path, programs, count,
			     "a new session needs this table; is tally-gate beside "
			     "tally?");
}

static void standing_tables(struct doctor *doctor, const struct guard_program *programs,
			    size_t count)
{
	const char *beside =
		arena_printf(doctor->arena, "%s/guard.table", doctor->directory);
	const char *own = doctor->session.directory
				  ? arena_printf(doctor->arena, "%s/guard.table",
						 doctor->session.directory)
				  : NULL;

	if (beside && access(beside, F_OK) == 0)
		report_table(doctor, "without a session", beside, programs, count,
			     "run `tally refresh` as the owner of that file");
	else
		doctor_none(doctor, table_layer, "without a session",
			    "none: the shim guards only in sessions");
	if (own)
		report_table(doctor, "of this session", own, programs, count,
			     "leave this session and begin a new one");
}

static void check_tables(struct doctor *doctor)
{
	struct guard_program *programs;
	struct fault broken = {0}, fault = {0};
	size_t count;

	if (!doctor->session.gate) {
		doctor_fail(doctor, table_layer, "made anew", "install tallygate again",
			    "it is not known where tally-gate is");
		return;
	}
	if (guard_names(doctor->arena, doctor->rules, &programs, &count, &broken,
			&fault) < 0) {
		doctor_fail(doctor, table_layer, "made anew",
			    "`tally check` says what is wrong with the rules", "%s",
			    fault.text);
		return;
	}
	if (doctor->scratch)
		make_table(doctor, programs, count);
	standing_tables(doctor, programs, count);
}

void doctor_rules(struct doctor *doctor)
{
	if (!doctor->rules)
		return;
	if (doctor->scratch) {
		check_files(doctor);
		run_tests(doctor);
	}
	check_tables(doctor);
}
