/*
 * Input that can be read only once: a pipe on standard input, a process substitution
 * (`--hosts <(list)`, which is /dev/fd/63). The gate has to read it to count the targets,
 * and the tool has to get the very same bytes. So they are kept in a sealed memory file,
 * which takes the place of the pipe just before the tool is executed.
 */
#ifndef TALLY_REPLAY_H
#define TALLY_REPLAY_H

#include <stddef.h>
#include <sys/types.h>

#include "fault.h"

enum { REPLAY_FDS = 16 };

struct replay {
	struct replay_kept {
		int fd;	    /* the number the command knows */
		int memory; /* sealed copy of all of it, close-on-exec; -1: see lost */
		off_t back; /* a file: the offset to return to, -1 otherwise */
		int lost;   /* read past the bound: the command cannot get it whole */
	} kept[REPLAY_FDS];
	size_t count;
};

enum replay_state {
	REPLAY_OK,
	REPLAY_FAILED,	 /* `error` is an errno */
	REPLAY_TERMINAL, /* nobody can know what will be typed */
	REPLAY_ONCE,	 /* a named pipe, which cannot be given back */
	REPLAY_TOO_BIG,
};

struct replay_bytes {
	enum replay_state state;
	int error;
	char *data; /* malloc()ed, NUL-terminated, NULL unless REPLAY_OK */
	size_t length;
};

/* The number N of /dev/fd/N, /proc/self/fd/N, /dev/stdin ...; -1 for any other path. */
int replay_fd_of(const char *path);

/*
 * Reads what is left of `fd` to its end, at most `bound` bytes, and keeps a copy in
 * `replay` (NULL: it is lost). A second call gives the same bytes again. -1 when memory is
 * short.
 */
int replay_fd(struct replay *replay, int fd, size_t bound, struct replay_bytes *bytes);

/* Reads the file at `path` whole; pipes and terminals are not touched. */
int replay_path(const char *path, size_t bound, struct replay_bytes *bytes);

/*
 * Puts the copies in the places of the pipes they were read from: to be called last before
 * the tool is executed. -1 and `fault` when the tool would not get what was counted.
 */
int replay_install(struct replay *replay, struct fault *fault);

/* Closes the copies. */
void replay_close(struct replay *replay);

#endif
