/* tally doctor: a whole embedded session, with a command in it that must be blocked. */
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "doctor_scratch.h"
#include "doctor_try.h"
#include "exit_status.h"

/* Runs `command` (NULL-terminated, up to 6 words) in a session with the scratch rules. */
static const char *in_session(struct doctor *doctor, const char *const *command,
			      struct doctor_try *try)
{
	const char *rules = doctor_scratch_path(doctor, "rules");
	const char *argv[12] = {doctor->program, "shell", "--rules", rules, "--"};

	for (size_t i = 0; i < 6 && command[i]; i++)
		argv[i + 5] = command[i];
	doctor_try_program(doctor, argv, rules ? doctor_scratch_env(doctor, NULL) : NULL,
			   TRY_SECONDS, try);
	return doctor_scratch_ran(doctor);
}

static bool was_denied(const struct doctor_try *try, const char *ran)
{
	return try->started && !*ran && try->status == EXIT_STATUS_NOT_RUN &&
	       strstr(try->output, "tallygate: denied");
}

static const char *failure(const struct doctor *doctor, const struct doctor_try *try,
			   const char *ran)
{
	return *ran ? "a guarded command ran that the rules deny"
		    : doctor_try_text(doctor, try);
}

/* ---- supervisor ---- */

static void try_unguarded(struct doctor *doctor)
{
	const char *command[] = {"/bin/sh", "-c", "/bin/echo seen; exit 7", NULL};
	struct doctor_try try;

	(void)in_session(doctor, command, &try);
	if (try.started && try.status == 7 && strcmp(try.output, "seen") == 0)
		doctor_ok(doctor, "supervisor", "unguarded program",
			  "it runs in a session, with its output and exit status");
	else
		doctor_fail(doctor, "supervisor", "unguarded program",
			    "`tally shell -- true` shows what is wrong; the kernel's "
			    "layers above have to be ok for it",
			    "%s", doctor_try_text(doctor, &try));
}

static const char supervisor_mend[] = "see what failed under kernel and gate; without "
				      "the supervisor, programs that are "
				      "static or have no environment are not seen";

/*
 * The session itself executes the program, by the bare system call: as from a static
 * program, no preloaded library sees it. Either answer of the supervisor proves that it was
 * seen; only the gate's own proves that it was redirected.
 */
static void try_static(struct doctor *doctor)
{
	const char *canary = doctor_scratch_path(doctor, "bin/" CANARY);
	const char *command[] = {canary, CANARY_MANY, NULL};
	struct doctor_try try;
	const char *ran = in_session(doctor, command, &try);

	if (try.started && !*ran && try.status == EXIT_STATUS_NOT_RUN)
		doctor_ok(doctor, "supervisor", "static caller",
			  "its guarded command was seen");
	else
		doctor_fail(doctor, "supervisor", "static caller", supervisor_mend, "%s",
			    failure(doctor, &try, ran));
	if (was_denied(&try, ran))
		doctor_ok(doctor, "redirect", "into the gate",
			  "the caller's own process became the gate");
	else
		doctor_fail(doctor, "redirect", "into the gate",
			    "ptrace has to be ok under kernel, and the gate has to be "
			    "there; a command that cannot be redirected is refused",
			    "%s", failure(doctor, &try, ran));
}

static void try_empty_environment(struct doctor *doctor)
{
	const char *canary = doctor_scratch_path(doctor, "bin/" CANARY);
	const char *command[] = {"/usr/bin/env", "-i", canary, CANARY_MANY, NULL};
	struct doctor_try try;
	const char *ran = in_session(doctor, command, &try);

	if (was_denied(&try, ran))
		doctor_ok(doctor, "supervisor", "env -i", "its guarded command was seen");
	else
		doctor_fail(doctor, "supervisor", "env -i", supervisor_mend, "%s",
			    failure(doctor, &try, ran));
}

/* ---- canary ---- */

static void try_canary(struct doctor *doctor)
{
	const char *denied[] = {"/bin/sh", "-c", CANARY " '" CANARY_MANY "'; exit $?",
				NULL};
	const char *allowed[] = {"/bin/sh", "-c", CANARY " " CANARY_ONE "; exit $?",
				 NULL};
	struct doctor_try try;
	const char *ran = in_session(doctor, denied, &try);

	if (was_denied(&try, ran))
		doctor_ok(doctor, "canary", "blocked",
			  "exit status 126, and the program has not run");
	else
		doctor_fail(doctor, "canary", "blocked",
			    "commands of this kind are not held back here: see what "
			    "failed above, and do not rely on tallygate until it is ok",
			    "%s", failure(doctor, &try, ran));
	ran = in_session(doctor, allowed, &try);
	if (try.started && try.status == 0 && strcmp(ran, CANARY_ONE) == 0)
		doctor_ok(doctor, "canary", "allowed",
			  "a command within the limits runs");
	else
		doctor_fail(doctor, "canary", "allowed",
			    "guarded commands do not run here: see what failed above",
			    "a command within the limits did not run: %s",
			    doctor_try_text(doctor, &try));
}

static void try_grant(struct doctor *doctor)
{
	const char *through[] = {"/bin/sh", "-c", CANARY " " CANARY_THROUGH "; exit $?",
				 NULL};
	const char *direct[] = {"/bin/sh", "-c", CANARY_FAR " '" CANARY_MANY "'; exit $?",
				NULL};
	struct doctor_try try;
	const char *ran = in_session(doctor, direct, &try);

	if (was_denied(&try, ran))
		doctor_ok(doctor, "grants", "without one",
			  "a transport by itself is denied");
	else
		doctor_fail(doctor, "grants", "without one", "see what failed above",
			    "%s", failure(doctor, &try, ran));
	ran = in_session(doctor, through, &try);
	if (try.started && try.status == 0 &&
	    strcmp(ran, CANARY_THROUGH "\nfar " CANARY_MANY) == 0)
		doctor_ok(doctor, "grants", "of a command",
			  "what an admitted command starts is not asked for again");
	else
		doctor_fail(doctor, "grants", "of a command",
			    "the directory of sessions ($XDG_RUNTIME_DIR/tallygate or "
			    "/tmp/tallygate-UID) has to be writable",
			    "the transport of an admitted command did not run: %s",
			    doctor_try_text(doctor, &try));
}

/* ---- in a session already: its supervisor goes by its own rules ---- */

/*
 * A supervisor names its own session to each gate, whatever session it was started for. So a
 * gate that does not complain of one that does not exist was redirected. /bin/true is no
 * tool of anybody's, so there is nothing to decide.
 */
static void try_held(struct doctor *doctor)
{
	const char *argv[] = {doctor->session.gate,
			      "--session=/nonexistent",
			      "--",
			      "/bin/true",
			      "true",
			      NULL};
	struct doctor_try try;

	doctor_try_program(doctor, argv, doctor_scratch_env(doctor, NULL), TRY_SECONDS,
			   &try);
	if (try.started && try.status == 0)
		doctor_ok(doctor, "redirect", "into the gate",
			  "this session's supervisor has answered");
	else
		doctor_fail(doctor, "redirect", "into the gate",
			    "leave this session and log in again; `tally doctor` from "
			    "cron or the console says more",
			    "%s", doctor_try_text(doctor, &try));
	doctor_none(doctor, "canary", "blocked",
		    "not to be tried in a session, which has its own rules: run `tally "
		    "doctor` from cron or root's console");
}

void doctor_session(struct doctor *doctor)
{
	if (!doctor->scratch || !doctor->session.gate)
		return;
	if (doctor->nested) {
		try_held(doctor);
		return;
	}
	try_unguarded(doctor);
	if (doctor->gate_useless) {
		doctor_fail(doctor, "canary", "blocked", "see what failed under gate",
			    "not tried, as the gate is of no use");
		return;
	}
	try_empty_environment(doctor);
	try_static(doctor);
	try_canary(doctor);
	try_grant(doctor);
}
