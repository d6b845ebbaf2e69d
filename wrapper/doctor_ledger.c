/* tally doctor: the state directory and the ledger in it. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "doctor.h"
#include "doctor_scratch.h"
#include "doctor_try.h"
#include "ledger.h"
#include "ledger_rows.h"
#include "process.h"
#include "syntax.h"

enum { COPY_BYTES = 256 << 20, WINDOW = 3600 };

/* ---- the directory ---- */

/* The directory itself, or the nearest one above it that is there. */
static const char *nearest(const struct doctor *doctor, const char *path)
{
	char *copy = arena_strdup(doctor->arena, path);
	struct stat status;

	while (copy && strcmp(copy, "/") != 0 && stat(copy, &status) < 0 &&
	       errno == ENOENT)
		copy = arena_strdup(doctor->arena, dirname(copy));
	return copy;
}

struct writing {
	const char *directory;
};

/* A file that has no name, or only for a moment: it leaves nothing behind. */
static int unnamed_file(const char *directory)
{
	char path[4096];
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	/* Not every filesystem has these. */
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
		return fd;
	if (snprintf(path, sizeof(path), "%s/.tally-doctor-XXXXXX", directory) >=
	    (int)sizeof(path))
		return -1;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static int write_there(void *context)
{
	const struct writing *writing = context;
	static const char block[4096];
	int fd = unnamed_file(writing->directory);

	if (fd < 0 || write(fd, block, sizeof(block)) != sizeof(block) || fsync(fd) < 0)
		return printf("%s: %s\n", writing->directory, strerror(errno)) > 0;
	close(fd);
	return 0;
}

static void try_directory(struct doctor *doctor)
{
	struct writing writing = {nearest(doctor, doctor->state)};
	bool made = writing.directory && strcmp(writing.directory, doctor->state) == 0;
	struct doctor_try try;

	if (!writing.directory)
		return;
	if (doctor->installed && geteuid() != 0) {
		doctor_none(doctor, "state", "directory",
			    "%s is root's: run this as root", doctor->state);
		return;
	}
	doctor_try_function(doctor, write_there, &writing, TRY_SECONDS, &try);
	if (try.started && try.status == 0)
		doctor_ok(doctor, "state", "directory", "%s %s", doctor->state,
			  made ? "can be written" : "will be made when it is needed");
	else
		doctor_fail(doctor, "state", "directory",
			    arena_printf(doctor->arena,
					 "give this user a writable %s, or set "
					 "XDG_STATE_HOME; until then guarded commands "
					 "that stop or remove are refused",
					 doctor->state),
			    "%s", doctor_try_text(doctor, &try));
}

/* ---- the ledger that is there: read whole, and locked for a moment ---- */

struct examining {
	struct doctor *doctor;
	const char *copy; /* NULL: do not copy */
};

static int say_row(void *context, int count, char **values, char **names)
{
	(void)names;
	if (count > 0 && values[0] && strcmp(values[0], "ok") != 0) {
		puts(values[0]);
		*(bool *)context = true;
	}
	return 0;
}

static int examine(void *context)
{
	const struct examining *examining = context;
	struct fault fault = {0};
	struct ledger *ledger;
	const char *path;
	bool damaged = false;
	sqlite3 *db;
	int opened = ledger_open(examining->doctor->state, false, &ledger, &fault);

	if (opened != 0) {
		puts(opened > 0 ? "it has gone meanwhile" : fault.text);
		return 1;
	}
	db = ledger_database(ledger, &path);
	if (sqlite3_exec(db, "PRAGMA integrity_check(10)", say_row, &damaged, NULL) ||
	    /* Whoever may admit holds this lock; nothing is written. */
	    sqlite3_exec(db, "BEGIN IMMEDIATE; ROLLBACK", NULL, NULL, NULL)) {
		printf("the ledger cannot be read and locked: %s\n", sqlite3_errmsg(db));
		damaged = true;
	}
	if (!damaged && examining->copy &&
	    sqlite3_exec(db, examining->copy, NULL, NULL, NULL)) {
		printf("it cannot be copied: %s\n", sqlite3_errmsg(db));
		damaged = true;
	}
	ledger_close(ledger);
	return damaged;
}

static const char *copying(const struct doctor *doctor, const struct stat *ledger)
{
	/* A name with a quote in it would end the text of the statement. */
	if (!doctor->scratch || strchr(doctor->scratch, '\'') ||
	    ledger->st_size > COPY_BYTES)
		return NULL;
	return arena_printf(doctor->arena, "VACUUM INTO '%s/copy/ledger.db'",
			    doctor->scratch);
}

/* ---- an admission and its withdrawal, in a copy ---- */

static int one_host(void *context, const struct history *history,
		    struct ledger_plan *plan, struct fault *fault)
{
	(void)history;
	(void)fault;
	plan->admissions = context;
	plan->admission_count = 1;
	return 1;
}

static int count_admissions(struct ledger *ledger, struct arena *arena, size_t *count,
			    struct fault *fault)
{
	struct history history = {0};

	if (ledger_view(ledger, arena, WINDOW, &history, fault) < 0)
		return -1;
	*count = history.count;
	return 0;
}

static int admit(struct doctor *doctor, struct ledger *ledger, struct fault *fault)
{
	struct process self = {0};
	struct ledger_holder holder = {.event = "tally-doctor"};
	struct admission admission = {.action = ACTION_STOP,
				      .tool = CANARY,
				      .user = "tally-doctor",
				      .unit = "host"};
	size_t before = 0, held = 0, after = 0;
	int64_t id = 0;

	admission.targets = admission.out =
		syntax_folded(doctor->arena, "tally-canary-host", fault);
	if (!admission.targets || !process_look(getpid(), &self))
		return -1;
	holder.pid = self.pid;
	holder.start = self.start;
	if (count_admissions(ledger, doctor->arena, &before, fault) < 0 ||
	    ledger_admit(ledger, doctor->arena, WINDOW, &holder, one_host, &admission,
			 &id, fault) != 1 ||
	    count_admissions(ledger, doctor->arena, &held, fault) < 0 ||
	    ledger_withdraw(ledger, id, fault) < 0 ||
	    count_admissions(ledger, doctor->arena, &after, fault) < 0)
		return -1;
	if (held != before + 1 || after != before)
		return fault_set(fault,
				 "%zu admissions before, %zu with one more, %zu after "
				 "its withdrawal",
				 before, held, after);
	return 0;
}

static int admit_in_copy(void *context)
{
	struct doctor *doctor = context;
	const char *state = doctor_scratch_path(doctor, "copy");
	struct ledger *ledger = NULL;
	struct fault fault = {0};
	int result;

	if (!state || ledger_open(state, true, &ledger, &fault) < 0) {
		puts(state ? fault.text : "out of memory");
		return 1;
	}
	result = admit(doctor, ledger, &fault);
	ledger_close(ledger);
	if (result < 0)
		puts(fault.text[0] ? fault.text : "it cannot be tried");
	return result < 0;
}

static void try_admission(struct doctor *doctor, const char *where)
{
	struct doctor_try try;

	doctor_try_function(doctor, admit_in_copy, doctor, TRY_SECONDS, &try);
	if (try.started && try.status == 0)
		doctor_ok(doctor, "ledger", "admission",
			  "one was made and withdrawn in %s", where);
	else
		doctor_fail(doctor, "ledger", "admission",
			    "SQLite has to be installed (Debian: libsqlite3-0), and the "
			    "ledger whole",
			    "in %s: %s", where, doctor_try_text(doctor, &try));
}

static void try_ledger(struct doctor *doctor, const char *path)
{
	struct examining examining = {.doctor = doctor};
	struct doctor_try try;
	struct stat status;

	if (doctor->installed && geteuid() != 0) {
		doctor_none(doctor, "ledger", "whole", "it is root's: run this as root");
		return;
	}
	if (stat(path, &status) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			doctor_none(doctor, "ledger", "whole",
				    "there is none yet: the first admission makes it");
		else
			doctor_fail(doctor, "ledger", "whole",
				    "its owner and mode must let this user write it",
				    "%s: %s", path, strerror(errno));
		return;
	}
	examining.copy = copying(doctor, &status);
	doctor_try_function(doctor, examine, &examining, TRY_LONG_SECONDS, &try);
	if (try.started && try.status == 0)
		doctor_ok(doctor, "ledger", "whole", "%s, %lld KiB", path,
			  (long long)status.st_size / 1024);
	else
		doctor_fail(doctor, "ledger", "whole",
			    "stop and remove are refused without it: make room or mend "
			    "its owner; a damaged one is moved away, and with it what it "
			    "knew to be out of service",
			    "%s", doctor_try_text(doctor, &try));
}

void doctor_ledger(struct doctor *doctor)
{
	const char *path;

	if (!doctor->state)
		return;
	path = arena_printf(doctor->arena, "%s/ledger.db", doctor->state);
	try_directory(doctor);
	if (path)
		try_ledger(doctor, path);
	if (doctor->scratch) {
		const char *copy = doctor_scratch_path(doctor, "copy/ledger.db");
		bool copied = copy && access(copy, F_OK) == 0;

		try_admission(doctor, copied ? "a copy of it" : "a new ledger");
	}
}
