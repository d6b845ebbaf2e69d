/*
 * The file that a path means to the caller of an exec: relative to its working directory,
 * its root, its mounts and its own /proc/self, as the kernel will find it.
 */
#ifndef TALLY_EXEC_PATH_H
#define TALLY_EXEC_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Where the caller looks from. */
struct exec_view {
	pid_t tid;
	bool elsewhere; /* another root or mount than ours: ours shows other files */
	bool may_block; /* wait for a disk or a server; otherwise -EAGAIN is returned */
};

/* What one root directory is, so that another can be compared with it. */
struct exec_root {
	uint64_t device, inode, mount;
};

/* Our own root; false when it cannot be looked at (then every caller is elsewhere). */
bool exec_root_own(struct exec_root *root);

/* The view of thread `tid`. One that cannot be looked at is taken to see what we see. */
struct exec_view exec_view_of(pid_t tid, const struct exec_root *own);

/* A file, found. */
struct exec_found {
	int fd;	       /* O_PATH, to be closed by the caller */
	bool indirect; /* by a link of /proc/PID: the path means nothing to other processes */
};

/*
 * Finds `path` from `directory`, a descriptor of the caller's or AT_FDCWD. `flags` may be
 * AT_EMPTY_PATH and AT_SYMLINK_NOFOLLOW, as for execveat(2). 0, or a negative errno:
 * -EAGAIN where that would block and the view says not to.
 */
int exec_path_find(const struct exec_view *view, int directory, const char *path,
		   int flags, struct exec_found *found);

#endif
