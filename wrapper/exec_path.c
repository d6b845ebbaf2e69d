#include "exec_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum {
	MOST_LINKS = 40, /* as the kernel: path_resolution(7) */
	PROC_ROOT_INODE = 1,
};

#define FOUND_FLAGS ((uint64_t)(O_PATH | O_CLOEXEC))

static int open_how(int directory, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {.flags = FOUND_FLAGS | flags, .resolve = resolve};
	int fd = (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/* Follows a link of /proc/TID itself: root, cwd, fd/N. */
static int open_proc(pid_t tid, const char *name, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)tid, name);
	fd = open(path, O_PATH | O_CLOEXEC | flags);
	/* cppcheck-suppress resourceLeak ; the caller closes it */
	return fd < 0 ? -errno : fd;
}

/* ---- where the caller looks from ---- */

static bool look_at_root(const char *path, struct exec_root *root)
{
	struct statx status;

	if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_INO | STATX_MNT_ID, &status) <
	    0)
		return false;
	root->device = makedev(status.stx_dev_major, status.stx_dev_minor);
	root->inode = status.stx_ino;
	root->mount = status.stx_mask & STATX_MNT_ID ? status.stx_mnt_id : 0;
	return true;
}

static bool same_root(const struct exec_root *a, const struct exec_root *b)
{
	return a->device == b->device && a->inode == b->inode && a->mount == b->mount;
}

bool exec_root_own(struct exec_root *root)
{
	return look_at_root("/", root);
}

struct exec_view exec_view_of(pid_t tid, const struct exec_root *own)
{
	struct exec_view view = {.tid = tid};
	struct exec_root root;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/root", (long)tid);
	view.elsewhere = look_at_root(path, &root) && !same_root(&root, own);
	return view;
}

/* ---- component by component, for all that the kernel does not do from here ---- */

struct walk {
	const struct exec_view *view;
	int root, at; /* descriptors; at is what has been reached */
	char rest[PATH_MAX];
	int links;
	bool follow_last, indirect, directory; /* directory: what is found must be one */
};

static void step_to(struct walk *walk, int fd)
{
	close(walk->at);
	walk->at = fd;
}

static int step_up(struct walk *walk)
{
	struct statx here, root;
	unsigned int want = STATX_INO | STATX_MNT_ID;
	int fd;

	if (statx(walk->at, "", AT_EMPTY_PATH, want, &here) < 0 ||
	    statx(walk->root, "", AT_EMPTY_PATH, want, &root) < 0)
		return -errno;
	if (here.stx_ino == root.stx_ino && here.stx_mnt_id == root.stx_mnt_id &&
	    here.stx_dev_major == root.stx_dev_major &&
	    here.stx_dev_minor == root.stx_dev_minor)
		return 0;
	fd = openat(walk->at, "..", O_PATH | O_CLOEXEC | O_DIRECTORY);
	if (fd < 0)
		return -errno;
	step_to(walk, fd);
	return 0;
}

static bool in_proc(int fd)
{
	struct statfs status;

	return fstatfs(fd, &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

static bool is_proc_root(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_ino == PROC_ROOT_INODE;
}

/* The text of a link goes in front of what is left of the path. */
static int put_before(struct walk *walk, int link)
{
	char text[PATH_MAX];
	ssize_t length = readlinkat(link, "", text, sizeof(text) - 1);
	size_t rest = strlen(walk->rest);

	if (length < 0)
		return -errno;
	if ((size_t)length + 1 + rest >= sizeof(walk->rest))
		return -ENAMETOOLONG;
	memmove(walk->rest + length + 1, walk->rest, rest + 1);
	memcpy(walk->rest, text, (size_t)length);
	walk->rest[length] = '/';
	/* A link at the end of a path may lead to a file: no slash behind that. */
	if (rest == 0)
		walk->rest[length] = '\0';
	if (text[0] == '/') {
		int root = fcntl(walk->root, F_DUPFD_CLOEXEC, 0);

		if (root < 0)
			return -errno;
		step_to(walk, root);
	}
	return 0;
}

/* Follows the link `name`, opened as `link`, found in walk->at. */
static int follow(struct walk *walk, const char *name, int link)
{
	int fd;

	if (++walk->links > MOST_LINKS)
		return -ELOOP;
	if (!in_proc(link))
		return put_before(walk, link);
	if (is_proc_root(walk->at)) {
		/* /proc/self is whoever looks: here, the caller. */
		if (strcmp(name, "self") != 0 && strcmp(name, "thread-self") != 0)
			return put_before(walk, link);
		fd = open_proc(walk->view->tid, ".", O_DIRECTORY);
	} else {
		fd = openat(walk->at, name, O_PATH | O_CLOEXEC);
		fd = fd < 0 ? -errno : fd;
		walk->indirect = true;
	}
	if (fd < 0)
		return fd;
	step_to(walk, fd);
	return 0;
}

static int step(struct walk *walk, const char *name, bool last)
{
	struct stat status;
	int fd, result = 0;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0)
		return step_up(walk);
	fd = openat(walk->at, name, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0)
		result = -errno;
	else if (S_ISLNK(status.st_mode) && (!last || walk->follow_last))
		result = follow(walk, name, fd);
	else {
		step_to(walk, fd);
		return 0;
	}
	close(fd);
	return result;
}

static int check_directory(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return -errno;
	return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

static int walk_along(struct walk *walk)
{
	while (walk->rest[0]) {
		char name[NAME_MAX + 1];
		size_t slashes = strspn(walk->rest, "/");
		size_t length = strcspn(walk->rest + slashes, "/");
		size_t end = slashes + length;
		bool directory = walk->rest[end] == '/';
		int result;

		if (length > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, walk->rest + slashes, length);
		name[length] = '\0';
		end += strspn(walk->rest + end, "/");
		memmove(walk->rest, walk->rest + end, strlen(walk->rest + end) + 1);
		if (length == 0)
			break;
		if (directory && walk->rest[0] == '\0')
			walk->directory = true;
		result = step(walk, name, walk->rest[0] == '\0' && !directory);
		if (result < 0)
			return result;
	}
	return walk->directory ? check_directory(walk->at) : 0;
}

static int walk_path(const struct exec_view *view, int start, const char *path, int flags,
		     struct exec_found *found)
{
	struct walk walk = {.view = view, .follow_last = !(flags & AT_SYMLINK_NOFOLLOW)};
	int result;

	if (strlen(path) >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	strcpy(walk.rest, path);
	walk.root = open_proc(view->tid, "root", O_DIRECTORY);
	if (walk.root == -EACCES)
		walk.root = open("/", O_PATH | O_CLOEXEC | O_DIRECTORY);
	if (walk.root < 0)
		return walk.root;
	walk.at = fcntl(path[0] == '/' ? walk.root : start, F_DUPFD_CLOEXEC, 0);
	if (walk.at < 0)
		result = -errno;
	else
		result = walk_along(&walk);
	close(walk.root);
	if (result < 0) {
		if (walk.at >= 0)
			close(walk.at);
		return result;
	}
	*found = (struct exec_found){walk.at, walk.indirect};
	return 0;
}

/* ---- all in one call where that finds the same ---- */

/*
 * "Nothing there" may have been said by our own /proc/self, which is not the caller's. It is
 * certain when the directory is there, and is none of /proc: most of these are the
 * directories of PATH, one after the other.
 */
static bool surely_absent(int start, const char *path, uint64_t resolve)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) + 1 : 1;
	int fd;
	bool sure;

	if (length >= sizeof(directory))
		return true;
	memcpy(directory, slash ? path : ".", length);
	directory[length] = '\0';
	fd = open_how(start, directory, O_DIRECTORY, resolve);
	if (fd < 0)
		return false;
	sure = !in_proc(fd);
	close(fd);
	if (!sure)
		return false;
	/* The name may be that of a link which leads to nothing, for us. */
	fd = open_how(start, path, O_NOFOLLOW, resolve);
	if (fd >= 0)
		close(fd);
	return fd == -ENOENT;
}

static int find_from(const struct exec_view *view, int start, const char *path, int flags,
		     struct exec_found *found)
{
	uint64_t resolve = RESOLVE_NO_MAGICLINKS;
	int fd = -ELOOP;

	if (!view->may_block)
		resolve |= RESOLVE_CACHED;
	if (!view->elsewhere)
		fd = open_how(start, path, flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0,
			      resolve);
	if (fd >= 0) {
		*found = (struct exec_found){fd, false};
		return 0;
	}
	if (!view->may_block)
		return fd == -ENOENT && surely_absent(start, path, resolve) ? fd
									    : -EAGAIN;
	return walk_path(view, start, path, flags, found);
}

int exec_path_find(const struct exec_view *view, int directory, const char *path,
		   int flags, struct exec_found *found)
{
	char name[32];
	int start, result;

	*found = (struct exec_found){-1, false};
	if (path[0] == '/')
		return find_from(view, AT_FDCWD, path, flags, found);
	if (path[0] == '\0' && !(flags & AT_EMPTY_PATH))
		return -ENOENT;
	if (directory == AT_FDCWD)
		snprintf(name, sizeof(name), "cwd");
	else
		snprintf(name, sizeof(name), "fd/%d", directory);
	start = open_proc(view->tid, name, 0);
	if (start < 0)
		return start;
	if (path[0] == '\0') {
		*found = (struct exec_found){start, true};
		return 0;
	}
	result = find_from(view, start, path, flags, found);
	close(start);
	if (result == 0 && directory != AT_FDCWD)
		found->indirect = true;
	return result;
}
