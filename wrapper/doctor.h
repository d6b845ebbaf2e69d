/*
 * tally doctor: tries every layer of tallygate on this machine and says what is live. One
 * file a group of layers (doctor_rules.c, doctor_kernel.c ...), each of which adds results.
 *
 * Nothing is assumed: where a layer can be tried it is, in a scratch directory with rules,
 * state and sessions of its own (doctor_scratch.h), and with a limit of time (doctor_try.h).
 */
#ifndef TALLY_DOCTOR_H
#define TALLY_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "daemon_config.h"
#include "session.h"

enum doctor_status {
	DOCTOR_OK,
	DOCTOR_FAILED,
	DOCTOR_NONE, /* does not apply here: not installed, or not to be tried here */
};

struct doctor_result {
	const char *layer, *name; /* static */
	enum doctor_status status;
	const char *detail;
	const char *mend; /* what to do; NULL unless it has failed */
};

struct doctor {
	struct arena *arena;
	const char *program;	  /* of tally itself, absolute */
	const char *directory;	  /* that it is in */
	const char *const *rules; /* NULL: there are none */
	struct session session;	  /* the current one, or the defaults */
	bool installed;		  /* for all users of this machine; then: */
	struct daemon_config config;
	const char *state;   /* where the ledger is */
	const char *log;     /* where the audit log is */
	const char *scratch; /* NULL: none could be made */
	bool nested;	     /* a supervisor holds this process */
	bool gate_useless;   /* it hangs or holds nothing: not to be tried further */
	int signals;	     /* signalfd: a signal there ends everything */
	int stopped;	     /* the signal that came, or 0 */
	bool exhausted;	     /* memory was short: results are missing */
	struct doctor_result *results;
	size_t count, capacity;
};

/* Each adds one result. The text is formatted; NULL for `mend` stands for lack of memory. */
void doctor_ok(struct doctor *doctor, const char *layer, const char *name,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));
void doctor_none(struct doctor *doctor, const char *layer, const char *name,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
void doctor_fail(struct doctor *doctor, const char *layer, const char *name,
		 const char *mend, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

bool doctor_failed(const struct doctor *doctor);

/* Each prints the results in its way. -1 when memory is short. */
typedef int doctor_printer(const struct doctor *doctor);
doctor_printer doctor_print_text;     /* grouped lines */
doctor_printer doctor_print_failures; /* those of what failed, or nothing */
doctor_printer doctor_print_json;     /* an array */

/* ---- the groups, in the order they are shown ---- */

void doctor_rules(struct doctor *doctor);     /* rules, guard table */
void doctor_kernel(struct doctor *doctor);    /* kernel, privileges */
void doctor_shim(struct doctor *doctor);      /* gate, shim */
void doctor_session(struct doctor *doctor);   /* supervisor, redirect, canary, grants */
void doctor_ledger(struct doctor *doctor);    /* state directory, ledger */
void doctor_audit(struct doctor *doctor);     /* audit log, asking */
void doctor_tools(struct doctor *doctor);     /* programs in PATH */
void doctor_sudo(struct doctor *doctor);      /* no_new_privs, sudo */
void doctor_installed(struct doctor *doctor); /* tallyd, tallysh, login shells */

#endif
