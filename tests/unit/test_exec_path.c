/*
 * exec_path_find(): the file that a path means to a process, found all at once and, where
 * that cannot be, component by component. The process looked at is this one, so that the
 * kernel says what is right; only with /proc/self they differ, and that has tests of its own.
 */
#include "exec_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec_script.h"
#include "tap.h"

static char top[] = "/tmp/tally-exec-path.XXXXXX";

static void make_tree(void)
{
	if (!mkdtemp(top) || chdir(top) < 0)
		exit(99);
	mkdir("a", 0755);
	mkdir("a/b", 0755);
	close(open("a/b/file", O_WRONLY | O_CREAT, 0755));
	close(open("file", O_WRONLY | O_CREAT, 0755));
	if (symlink("a/b/file", "relative") < 0 || symlink("../file", "a/up") < 0 ||
	    symlink("loop", "loop") < 0 || symlink("nowhere", "dangling") < 0 ||
	    symlink("b", "a/directory") < 0 || symlink(top, "a/absolute") < 0 ||
	    symlink("/proc/self/fd/99", "descriptor") < 0 ||
	    symlink("relative", "chain") < 0)
		exit(99);
}

static void remove_tree(void)
{
	static const char *const names[] = {
		"a/b/file", "a/up",  "a/directory", "a/absolute", "relative", "loop",
		"dangling", "chain", "descriptor",  "file",	  "a/b",      "a"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove(names[i]);
	if (chdir("/") == 0)
		rmdir(top);
}

/* What the kernel finds, as the inode or the errno. */
static long found_by_kernel(const char *path, int flags)
{
	int fd = open(path, O_PATH | O_CLOEXEC |
				    (flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0));
	struct stat status;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0)
		exit(99);
	close(fd);
	return (long)status.st_ino;
}

static long found(const struct exec_view *view, int directory, const char *path,
		  int flags)
{
	struct exec_found file;
	struct stat status;
	int error = exec_path_find(view, directory, path, flags, &file);

	if (error < 0)
		return error;
	if (fstat(file.fd, &status) < 0)
		exit(99);
	close(file.fd);
	return (long)status.st_ino;
}

static void same_as_kernel(void)
{
	static const char *const paths[] = {
		"file",
		"./file",
		"a/b/file",
		"a//b/./file",
		"a/../file",
		"a/b/../../file",
		"relative",
		"chain",
		"a/up",
		"a/directory/file",
		"a/absolute/file",
		"a/absolute/a/up",
		"loop",
		"dangling",
		"missing",
		"missing/file",
		"file/x",
		"file/",
		"a/",
		"a/directory/",
		"/",
		"/..",
		"/../../bin/sh",
		"/bin/sh",
		"/usr/bin/env",
		"/proc/1/status",
		"/proc/mounts",
		"../../../../bin/sh",
		"",
	};
	struct exec_root root;
	struct exec_view view, walking;

	ok(exec_root_own(&root), "our own root can be looked at");
	view = exec_view_of(getpid(), &root);
	ok(!view.elsewhere, "we see what we see");
	view.may_block = true;
	walking = view;
	walking.elsewhere = true;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		for (int flags = 0; flags <= AT_SYMLINK_NOFOLLOW;
		     flags += AT_SYMLINK_NOFOLLOW) {
			long right = found_by_kernel(paths[i], flags);
			long all_at_once = found(&view, AT_FDCWD, paths[i], flags);
			long stepwise = found(&walking, AT_FDCWD, paths[i], flags);

			ok(all_at_once == right, "\"%s\" flags %d: %ld, the kernel %ld",
			   paths[i], flags, all_at_once, right);
			ok(stepwise == right, "the same by steps: %ld", stepwise);
		}
}

static void by_descriptor(void)
{
	struct exec_view view = {.tid = getpid(), .may_block = true};
	struct exec_found file;
	struct stat status;
	int directory = open("a", O_PATH | O_DIRECTORY);
	int fd = open("file", O_RDONLY);

	stat("file", &status);
	dup2(fd, 99);
	ok(found(&view, directory, "b/file", 0) == found_by_kernel("a/b/file", 0),
	   "relative to a descriptor");
	ok(found(&view, fd, "", AT_EMPTY_PATH) == (long)status.st_ino,
	   "a descriptor alone");
	ok(found(&view, 98, "", AT_EMPTY_PATH) == -ENOENT, "one that is not open");
	ok(found(&view, AT_FDCWD, "descriptor", 0) == (long)status.st_ino,
	   "a link to a descriptor");
	ok(exec_path_find(&view, AT_FDCWD, "/proc/self/fd/99", 0, &file) == 0 &&
		   file.indirect,
	   "a path that means something else to others is told apart");
	close(file.fd);
	close(99);
	close(fd);
	close(directory);
}

/* What another process's /proc/self is: not ours. */
static void of_another(void)
{
	int ready[2], go[2];
	struct exec_view view = {.may_block = true};
	char byte;
	pid_t pid;

	if (pipe(ready) < 0 || pipe(go) < 0)
		exit(99);
	pid = fork();
	if (pid == 0) {
		dup2(open("a/b/file", O_RDONLY), 99);
		if (chdir("a") < 0 || write(ready[1], "r", 1) != 1)
			_exit(1);
		close(go[1]);
		_exit(read(go[0], &byte, 1) < 0 ? 1 : 0);
	}
	close(go[0]);
	if (read(ready[0], &byte, 1) != 1)
		exit(99);
	view.tid = pid;
	ok(found(&view, AT_FDCWD, "b/file", 0) == found_by_kernel("a/b/file", 0),
	   "its working directory");
	for (int i = 0; i < 2; i++) {
		long right = found_by_kernel("a/b/file", 0);

		view.elsewhere = i;
		ok(found(&view, AT_FDCWD, "/proc/self/fd/99", 0) == right,
		   "its /proc/self%s", i ? ", by steps" : "");
		ok(found(&view, AT_FDCWD, "/proc/thread-self/fd/99", 0) == right,
		   "its /proc/thread-self");
		ok(found(&view, AT_FDCWD, "../descriptor", 0) == right,
		   "a link to its descriptor");
		ok(found(&view, AT_FDCWD, "/dev/fd/99", 0) == right, "its /dev/fd");
		ok(found(&view, AT_FDCWD, "/proc/self/cwd/up", 0) ==
			   found_by_kernel("file", 0),
		   "a link in its directory");
		ok(found(&view, AT_FDCWD, "/proc/self/fd/97", 0) == -ENOENT,
		   "a descriptor that it has not");
	}
	view.elsewhere = view.may_block = false;
	ok(found(&view, AT_FDCWD, "/proc/self/fd/97", 0) == -EAGAIN,
	   "without waiting, a missing descriptor is not taken for a missing file");
	ok(found(&view, AT_FDCWD, "../descriptor", 0) == -EAGAIN, "nor a link to one");
	close(go[1]);
	waitpid(pid, NULL, 0);
}

struct line {
	const char *bytes, *interpreter, *argument;
};

static void first_lines(void)
{
	static const struct line lines[] = {
		{"#!/bin/sh\necho", "/bin/sh", ""},
		{"#! \t/bin/sh \t \n", "/bin/sh", ""},
		{"#!/usr/bin/env  -S a  b \nx", "/usr/bin/env", "-S a  b"},
		{"#!/bin/sh", "/bin/sh", ""},
		{"#!/bin/sh -x\0y\n", "/bin/sh", "-x"},
		{"#!\n/bin/sh", NULL, NULL},
		{"#!", NULL, NULL},
		{"#", NULL, NULL},
		{"\177ELF", NULL, NULL},
		{"", NULL, NULL},
	};
	char longest[2 * SCRIPT_LINE];
	struct script_line line;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		bool is = script_line_read(lines[i].bytes, strlen(lines[i].bytes), &line);

		ok(is == !!lines[i].interpreter &&
			   (!is || (strcmp(line.interpreter, lines[i].interpreter) == 0 &&
				    strcmp(line.argument, lines[i].argument) == 0)),
		   "first line %zu", i);
	}
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "#!/", 3);
	ok(script_line_read(longest, sizeof(longest), &line) &&
		   strlen(line.interpreter) == SCRIPT_LINE - 2,
	   "a line without an end is cut where the kernel cuts it");
}

int main(void)
{
	make_tree();
	same_as_kernel();
	by_descriptor();
	of_another();
	first_lines();
	remove_tree();
	return done();
}
