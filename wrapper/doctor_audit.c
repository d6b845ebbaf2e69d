/* tally doctor: the audit log, and what asking needs. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "audit_log.h"
#include "audit_verify.h"
#include "doctor.h"
#include "doctor_try.h"
#include "line_editor.h"

enum { ROOM_MIB = 64 }; /* less than that is soon full: 64 Ki records of usual size */

static const char layer[] = "audit";

struct log {
	struct arena *arena;
	const char *path;
};

static int verify(void *context)
{
	const struct log *log = context;
	struct audit_check check;
	struct fault fault = {0};

	if (audit_verify(log->arena, &log->path, 1, NULL, &check, &fault) < 0) {
		puts(fault.text);
		return 1;
	}
	if (check.problem)
		puts(check.problem);
	else
		printf("%" PRIu64 " records, the last is %" PRIu64 "\n", check.records,
		       check.head.sequence);
	return check.problem != NULL;
}

static void try_chain(struct doctor *doctor, const char *path)
{
	struct log log = {doctor->arena, path};
	struct doctor_try try;

	doctor_try_function(doctor, verify, &log, TRY_LONG_SECONDS, &try);
	if (try.started && try.status == 0)
		doctor_ok(doctor, layer, "chain", "%s", doctor_try_text(doctor, &try));
	else if (try.late)
		doctor_fail(
			doctor, layer, "chain",
			"run `tally audit verify` by hand, then `tally audit rotate`, "
			"so that the log is small enough to be verified here",
			"not verified within %d seconds", TRY_LONG_SECONDS);
	else
		doctor_fail(
			doctor, layer, "chain",
			"keep this file, find out who changed it, and begin a new one "
			"by `tally audit rotate`",
			"%s", doctor_try_text(doctor, &try));
}

static int open_log(void *context)
{
	const struct log *log = context;

	if (open(log->path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW) >= 0)
		return 0;
	printf("%s: %s\n", log->path, strerror(errno));
	return 1;
}

static void try_log(struct doctor *doctor)
{
	const char *path = audit_path(doctor->arena, doctor->log);
	struct log log = {doctor->arena, path};
	struct doctor_try try;

	if (!path)
		return;
	if (doctor->installed && geteuid() != 0) {
		doctor_none(doctor, layer, "log", "it is root's: run this as root");
		return;
	}
	if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		doctor_none(doctor, layer, "log",
			    "there is none yet: the first record makes it");
		return;
	}
	doctor_try_function(doctor, open_log, &log, TRY_SECONDS, &try);
	if (!try.started || try.status != 0) {
		doctor_fail(doctor, layer, "log",
			    "its owner and mode must let this user write it; until then "
			    "guarded commands are refused",
			    "%s", doctor_try_text(doctor, &try));
		return;
	}
	doctor_ok(doctor, layer, "log", "%s can be written", path);
	try_chain(doctor, path);
}

static void check_room(struct doctor *doctor)
{
	char path[4096];
	struct statvfs room;
	unsigned long long mib;

	snprintf(path, sizeof(path), "%s", doctor->log);
	while (statvfs(path, &room) < 0) {
		char *slash = strrchr(path, '/');

		if ((errno != ENOENT && errno != EACCES) || !slash || slash == path) {
			doctor_fail(doctor, layer, "disk space",
				    "give this user a writable place for it", "%s: %s",
				    path, strerror(errno));
			return;
		}
		*slash = '\0';
	}
	mib = (unsigned long long)room.f_bavail * room.f_frsize >> 20;
	if (mib < ROOM_MIB)
		doctor_fail(doctor, layer, "disk space",
			    "make room: guarded commands are refused when nothing can be "
			    "recorded",
			    "%llu MiB are left for %s", mib, doctor->log);
	else if (room.f_files && !room.f_favail)
		doctor_fail(doctor, layer, "disk space",
			    "remove files: no new one can be made there",
			    "no inodes are left for %s", doctor->log);
	else
		doctor_ok(doctor, layer, "disk space", "%llu MiB are left", mib);
}

static int load_readline(void *context)
{
	struct line_editor editor = {0};
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)context;
	return fd >= 0 && line_editor_open(&editor, fd, getc) ? 0 : 1;
}

static void try_asking(struct doctor *doctor)
{
	struct doctor_try try;

	doctor_try_function(doctor, load_readline, NULL, TRY_SECONDS, &try);
	if (try.started && try.status == 0)
		doctor_ok(doctor, "asking", "readline", "it can be loaded");
	else
		doctor_fail(doctor, "asking", "readline",
			    "install it (Debian: libreadline8); until then answers are "
			    "typed without editing",
			    "it cannot be loaded");
}

void doctor_audit(struct doctor *doctor)
{
	if (doctor->log) {
		try_log(doctor);
		check_room(doctor);
	}
	try_asking(doctor);
}
