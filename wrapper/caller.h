/*
 * The caller of an exec: the thread that waits in execve or execveat for our answer, its
 * arguments and its memory.
 *
 * What is read from another process may be another process's by now: the caller may have
 * been killed and its number given away. Nothing that was read counts before
 * caller_waiting() has confirmed afterwards that the notification still stands.
 */
#ifndef TALLY_CALLER_H
#define TALLY_CALLER_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum caller_abi {
	CALLER_NATIVE,
	CALLER_X32,	/* 64-bit registers, own system call numbers, 4-byte pointers */
	CALLER_COMPAT,	/* i386: a 32-bit program, or int 0x80 from a 64-bit one */
	CALLER_FOREIGN, /* another ABI: seen, but its registers are not known here */
};

struct caller {
	int listener;
	uint64_t id; /* of the notification */
	pid_t tid;
	enum caller_abi abi;
	size_t pointer;	      /* bytes of one of its pointers */
	uint64_t instruction; /* the one behind the system call */
	bool at;	      /* execveat */
	int directory;	      /* execveat's descriptor, AT_FDCWD for execve */
	int flags;	      /* execveat's */
	uint64_t path, argv, envp;
	uint64_t *answered; /* NULL, or to be set to 0 once there is an answer */
};

/* Takes the notification apart. */
void caller_of(int listener, const struct seccomp_notif *call, struct caller *caller);

/* True while the call waits for an answer: what was read before is the caller's. */
bool caller_waiting(const struct caller *caller);

/* Answers: the call goes on as it is, or returns -error. False when nobody waits any more. */
bool caller_continue(const struct caller *caller);
bool caller_refuse(const struct caller *caller, int error);

/*
 * Puts a copy of `fd` into the caller's table at its lowest free number, close-on-exec or
 * not. That number, or a negative errno.
 */
int caller_give(const struct caller *caller, int fd, bool cloexec);

/*
 * Reads up to `size` bytes at `address`; what it could read (at least one), or a negative
 * errno: -EFAULT where nothing is mapped, -EPERM where this process may not look.
 */
ssize_t caller_read(const struct caller *caller, uint64_t address, void *bytes,
		    size_t size);

/*
 * Reads a string into `text`: its length, -ENAMETOOLONG when it does not end within `size`
 * bytes, or as caller_read().
 */
ssize_t caller_string(const struct caller *caller, uint64_t address, char *text,
		      size_t size);

/* Words of the caller's argv. */
struct caller_words {
	char *text; /* room for them, `size` bytes */
	size_t size;
	const char **words; /* room for `limit` of them */
	size_t limit, count;
	bool complete; /* there are no more */
};

/* Reads as many words as there is room for. 0, or as caller_read(). A null argv has none. */
int caller_words(const struct caller *caller, struct caller_words *words);

/* Facts of /proc/TID/status; false when it cannot be read. */
struct caller_status {
	pid_t process, parent, tracer; /* the tracer by its thread */
	long filters; /* of seccomp; -1: the kernel does not say (before Linux 5.9) */
};
bool caller_status(pid_t tid, struct caller_status *status);

/* True when `tracer` is a thread of this process. */
bool caller_traced_by_us(pid_t tracer);

/*
 * True when another task that is running may write to the caller's memory: a thread of it,
 * or, in a child of vfork() and posix_spawn(), another thread of the parent. True also when
 * this cannot be told.
 */
bool caller_shares_memory(pid_t tid);

/*
 * Opens `path` (one of /proc may lead to a file of the caller's) as the caller itself would,
 * which may be allowed less than this process. -1 and errno.
 */
int caller_open(pid_t tid, const char *path, int flags);

/*
 * The standard error of a process, or else its terminal, opened anew for writing without
 * waiting, or -1. A line
 * is written to it, and it is closed, by caller_tell(); names in the line may be anybody's
 * text, so control characters in it are replaced.
 */
int caller_stderr(pid_t tid);
void caller_tell(int fd, char *line);

#endif
