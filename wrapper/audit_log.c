#include "audit_log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "audit_file.h"
#include "audit_torn.h"
#include "state_directory.h"

const char *audit_path(struct arena *arena, const char *state)
{
	return arena_printf(arena, "%s/" AUDIT_FILE, state);
}

/* Where the chain stands; tells of what is torn at the end of the log, if something is. */
static int reach_end(const char *path, int fd, off_t *size, struct audit_link *link,
		     struct fault *fault)
{
	struct audit_torn torn;
	json_t *note;
	int result;

	if (audit_torn_look(fd, *size, link, &torn) < 0)
		return errno == EFBIG
			       ? fault_set(
					 fault,
					 "the audit log %s ends in more than %d MiB that "
					 "are no records; move it away",
					 path, AUDIT_TORN >> 20)
			       : audit_broken(path, "read", errno, fault);
	if (!torn.bytes)
		return 0;
	if (torn.open && audit_write(fd, "\n", 1) < 0)
		return audit_broken(path, "written", errno, fault);
	*size += torn.open;
	note = audit_torn_note(&torn);
	if (!note)
		return fault_set(fault, "out of memory");
	result = audit_write_line(path, fd, size, note, link, fault);
	json_decref(note);
	return result;
}

static int append(const char *state, const char *path, json_t *record, bool durable,
		  struct fault *fault)
{
	struct audit_link link;
	off_t size = 0;
	int fd = audit_open_locked(state, path, &size, fault), result;

	if (fd < 0)
		return -1;
	result = reach_end(path, fd, &size, &link, fault);
	if (result == 0)
		result = audit_write_line(path, fd, &size, record, &link, fault);
	flock(fd, LOCK_UN);
	/* Several writers that wait for the disk at once wait for it together. */
	if (result == 0 && durable && fdatasync(fd) < 0)
		result = audit_broken(path, "written to the disk", errno, fault);
	close(fd);
	return result;
}

/* ---- a new file ---- */

static json_t *continuation(const struct audit_link *link, const char *rotated)
{
	const char *name = strrchr(rotated, '/');

	return json_pack("{s:s, s:{s:s}, s:{s:{s:s, s:I, s:s}}, s:{s:s, s:[s], s:[s], "
			 "s:s, s:s, s:s}}",
			 "@timestamp", "", "ecs", "version", "8.11.0", "tallygate",
			 "continues", "file", name ? name + 1 : rotated, "sequence",
			 (json_int_t)link->sequence, "hash", link->hash, "event", "kind",
			 "event", "category", "process", "type", "info", "action",
			 "log-continued", "outcome", "success", "reason",
			 "the log was rotated");
}

/* Writes the first record of the new file and puts it in the place of the old one. */
static int exchange(const char *state, const char *path, const char *rotated,
		    const struct audit_link *link, struct fault *fault)
{
	int fd = state_file_make(state, rotated, O_RDWR | O_APPEND);
	json_t *first = fd < 0 ? NULL : continuation(link, rotated);
	struct audit_link next = *link;
	off_t size = 0;
	int result;

	if (fd < 0)
		return audit_broken(rotated, "made", errno, fault);
	result = first ? audit_write_line(rotated, fd, &size, first, &next, fault)
		       : fault_set(fault, "out of memory");
	json_decref(first);
	if (result == 0 && fsync(fd) < 0)
		result = audit_broken(rotated, "written to the disk", errno, fault);
	/* In one step: whoever comes meanwhile finds the old or the new one, never none. */
	if (result == 0 &&
	    renameat2(AT_FDCWD, rotated, AT_FDCWD, path, RENAME_EXCHANGE) < 0)
		result = audit_broken(path, "exchanged", errno, fault);
	if (result < 0)
		unlink(rotated);
	close(fd);
	return result;
}

static int rotate(const char *state, const char *path, const char *rotated,
		  struct fault *fault)
{
	struct audit_link link;
	off_t size = 0;
	int fd = audit_open_locked(state, path, &size, fault), result;

	if (fd < 0)
		return -1;
	result = reach_end(path, fd, &size, &link, fault);
	if (result == 0 && link.sequence == 0)
		result = fault_set(fault, "the audit log %s is empty", path);
	if (result == 0 && fdatasync(fd) < 0)
		result = audit_broken(path, "written to the disk", errno, fault);
	if (result == 0)
		result = exchange(state, path, rotated, &link, fault);
	close(fd);
	return result;
}

/* ---- with all signals held ---- */

/*
 * Ctrl-C must not cut a record in two, Ctrl-Z not stop us with the lock, and SIGXFSZ
 * (ulimit -f) becomes an errno.
 */
struct held {
	sigset_t before;
	bool was_pending;
};

static void hold_signals(struct held *held)
{
	sigset_t all, pending;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &held->before);
	sigpending(&pending);
	held->was_pending = sigismember(&pending, SIGXFSZ) == 1;
}

static void release_signals(const struct held *held)
{
	const struct timespec now = {0};
	sigset_t limit;

	sigemptyset(&limit);
	sigaddset(&limit, SIGXFSZ);
	if (!held->was_pending)
		sigtimedwait(&limit, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &held->before, NULL);
}

int audit_append(struct arena *arena, const char *state, json_t *record, bool durable,
		 struct fault *fault)
{
	const char *path = audit_path(arena, state);
	struct held held;
	int result;

	if (!path)
		return fault_set(fault, "out of memory");
	hold_signals(&held);
	result = append(state, path, record, durable, fault);
	release_signals(&held);
	return result;
}

int audit_rotate(struct arena *arena, const char *state, const char **rotated,
		 struct fault *fault)
{
	const char *path = audit_path(arena, state);
	time_t now = time(NULL);
	struct held held;
	char stamp[32];
	struct tm utc;
	int result;

	gmtime_r(&now, &utc);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc);
	*rotated = arena_printf(arena, "%s/audit-%s.jsonl", state, stamp);
	if (!path || !*rotated)
		return fault_set(fault, "out of memory");
	hold_signals(&held);
	result = rotate(state, path, *rotated, fault);
	release_signals(&held);
	return result;
}
