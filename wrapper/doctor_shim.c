/* tally doctor: the gate, and the shim that brings commands before it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "doctor_scratch.h"
#include "doctor_try.h"
#include "exit_status.h"

static const char gate_layer[] = "gate", shim_layer[] = "shim";

/* ---- the session of the tries: scratch rules, no supervisor ---- */

static int make_session(void *context)
{
	const struct doctor *doctor = context;
	const char *rules[2] = {doctor_scratch_path(doctor, "rules"), NULL};
	const char *runtime = doctor_scratch_path(doctor, "run");
	struct fault broken = {0}, fault = {0};
	struct session session = doctor->session;

	session.rules = rules;
	session.state = doctor_scratch_path(doctor, "state");
	session.installed = false;
	session.daemon = NULL;
	session.supervisor = 0;
	session.shell = "/bin/sh";
	if (!rules[0] || !runtime || !session.state ||
	    setenv("XDG_RUNTIME_DIR", runtime, 1) < 0)
		return 1;
	if (session_create(doctor->arena, &session, &broken, &fault) < 0) {
		puts(fault.text);
		return 1;
	}
	puts(session.directory);
	return 0;
}

/* Its directory; NULL when there is none, and it has been told. */
static const char *scratch_session(struct doctor *doctor)
{
	struct doctor_try try;

	doctor_try_function(doctor, make_session, doctor, TRY_SECONDS, &try);
	if (try.started && try.status == 0)
		return try.output;
	doctor_fail(doctor, gate_layer, "scratch session", "mend what is said here", "%s",
		    doctor_try_text(doctor, &try));
	return NULL;
}

/* ---- the gate, started by hand ---- */

static void try_gate(struct doctor *doctor, const char *session)
{
	const char *canary = doctor_scratch_path(doctor, "bin/" CANARY);
	const char *option = arena_printf(doctor->arena, "--session=%s", session);
	const char *argv[] = {doctor->session.gate, option, "--", canary, CANARY,
			      CANARY_MANY,	    NULL};
	const char *ran;
	struct doctor_try try;

	doctor_try_program(doctor, argv, doctor_scratch_env(doctor, NULL), TRY_SECONDS,
			   &try);
	ran = doctor_scratch_ran(doctor);
	/* Below a supervisor one that holds nothing would be started for ever. */
	doctor->gate_useless = try.late || *ran;
	if (!*ran && try.status == EXIT_STATUS_NOT_RUN &&
	    strstr(try.output, "tallygate: denied"))
		doctor_ok(doctor, gate_layer, "denies", "%s", doctor->session.gate);
	else
		doctor_fail(doctor, gate_layer, "denies",
			    "without it every guarded program is refused: build or "
			    "install tallygate again",
			    "%s: %s", doctor->session.gate,
			    *ran ? "it has let a command run that the rules deny"
				 : doctor_try_text(doctor, &try));
}

/* ---- the shim alone: no supervisor, a shell that starts a guarded name ---- */

static const char *const *shim_env(struct doctor *doctor, const char *session)
{
	const char *shim = session_shim(doctor->arena, &doctor->session);
	const char *further[] = {
		shim ? arena_printf(doctor->arena, "LD_PRELOAD=%s", shim) : NULL,
		arena_printf(doctor->arena, "TALLY_SESSION=%s", session), NULL};

	return further[0] && further[1] ? doctor_scratch_env(doctor, further) : NULL;
}

static const char *shim_mend(const struct doctor *doctor)
{
	return arena_printf(doctor->arena,
			    "build or install tallygate again: libtally.so belongs into "
			    "%s, and links to it into the lib directories there",
			    doctor->directory);
}

static void try_shim(struct doctor *doctor, const char *session)
{
	const char *argv[] = {"/bin/sh", "-c", CANARY " '" CANARY_MANY "'; exit $?",
			      NULL};
	const char *ran, *loader;
	struct doctor_try try;

	doctor_try_program(doctor, argv, shim_env(doctor, session), TRY_SECONDS, &try);
	ran = doctor_scratch_ran(doctor);
	loader = strstr(try.output, "cannot be preloaded");
	if (loader)
		doctor_fail(doctor, shim_layer, "this word size", shim_mend(doctor),
			    "the loader cannot load %s",
			    session_shim(doctor->arena, &doctor->session));
	else if (!*ran && try.status == EXIT_STATUS_NOT_RUN &&
		 strstr(try.output, "tallygate: denied"))
		doctor_ok(doctor, shim_layer, "this word size",
			  "a shell's guarded command came before the gate");
	else
		doctor_fail(doctor, shim_layer, "this word size", shim_mend(doctor), "%s",
			    *ran ? "a guarded command ran past it"
				 : doctor_try_text(doctor, &try));
}

static const char *const loaders_32[] = {
#if defined(__x86_64__)
	"/lib/ld-linux.so.2",
#elif defined(__aarch64__)
	"/lib/ld-linux-armhf.so.3",
#endif
	NULL};

/* Libraries that are programs as well: the C library says its version. */
static const char *const libraries_32[] = {"/lib/i386-linux-gnu/libc.so.6",
					   "/usr/lib32/libc.so.6",
					   "/lib32/libc.so.6",
					   "/usr/lib/i386-linux-gnu/libc.so.6",
#if defined(__x86_64__)
					   "/lib/libc.so.6",
#endif
					   "/lib/arm-linux-gnueabihf/libc.so.6",
					   NULL};

static const char *first_there(const char *const *paths)
{
	for (; *paths; paths++)
		if (access(*paths, R_OK) == 0)
			return *paths;
	return NULL;
}

static void try_shim_32(struct doctor *doctor, const char *session)
{
	static const char name[] = "32-bit programs";
	const char *loader = first_there(loaders_32),
		   *library = first_there(libraries_32);
	const char *argv[] = {loader, library, NULL};
	struct doctor_try try;

	if (!loader || !library) {
		doctor_none(doctor, shim_layer, name, "this machine runs none");
		return;
	}
	doctor_try_program(doctor, argv, doctor_scratch_env(doctor, NULL), TRY_SECONDS,
			   &try);
	if (!try.started || try.status != 0) {
		doctor_none(doctor, shim_layer, name, "this machine runs none: %s",
			    doctor_try_text(doctor, &try));
		return;
	}
	doctor_try_program(doctor, argv, shim_env(doctor, session), TRY_SECONDS, &try);
	if (try.started && try.status == 0 && !strstr(try.output, "cannot be preloaded"))
		doctor_ok(doctor, shim_layer, name, "it loads into %s", library);
	else
		doctor_fail(doctor, shim_layer, name,
			    "install the 32-bit library (or gcc-multilib, and build "
			    "again); until then 32-bit programs print an error of the "
			    "loader, and only the supervisor sees what they start",
			    "it does not load into %s", library);
}

void doctor_shim(struct doctor *doctor)
{
	static const char nested[] =
		"not to be tried here: this session's own supervisor "
		"decides by its own rules";
	const char *session;

	if (!doctor->scratch || !doctor->session.gate)
		return;
	session = scratch_session(doctor);
	if (!session)
		return;
	if (doctor->nested) {
		doctor_none(doctor, gate_layer, "denies", "%s", nested);
		doctor_none(doctor, shim_layer, "this word size", "%s", nested);
	} else {
		try_gate(doctor, session);
		if (!doctor->gate_useless)
			try_shim(doctor, session);
	}
	try_shim_32(doctor, session);
}
