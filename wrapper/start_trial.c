#include "start_trial.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "elf_interpreter.h"
#include "preload_list.h"
#include "program_run.h"

enum { MOST_PROGRAMS = 16384, START_SECONDS = 20, MOST_WORDS = 6 };

/* How one start ended: what it printed is compared by its beginning and its sum. */
struct outcome {
	int status; /* -1: it did not start or did not end */
	unsigned long sum;
	bool shim;	/* libtally.so was in it (loaders print what they load) */
	char said[120]; /* the first line */
};

struct item {
	const char *words[MOST_WORDS + 1];
	bool loads; /* through its loader, which lists and runs nothing */
};

struct items {
	struct arena *arena;
	struct item *list;
	size_t count, capacity, apart;
};

/* What has to work for anybody to log in and mend a machine, and that prints the same twice. */
static const char *const starts[][MOST_WORDS] = {
	{"/bin/sh", "-c", "exit 7"},
	{"/bin/bash", "-c", "echo $((6*7)); /bin/echo two; exit 7"},
	{"/bin/sh", "-c", "echo a b | tr a-z A-Z | cat; ls /; exit 7"},
	{"/usr/bin/env", "-i", "/bin/sh", "-c", "exit 7"},
	{"/usr/bin/zsh", "-c", "exit 7"},
	{"/bin/dash", "-c", "exit 7"},
	{"/usr/bin/id"},
	{"/bin/ls", "-d", "/"},
	{"/bin/mount", "--version"},
	{"/bin/mv", "--version"},
	{"/usr/bin/vi", "--version"},
	{"/bin/ip", "-V"},
	{"/usr/bin/ssh", "-V"},
	{"/usr/sbin/sshd", "-T"},
	{"/bin/login", "--help"},
	{"/sbin/agetty", "--version"},
	{"/bin/su", "-s", "/bin/sh", "-c", "id; exit 7", "nobody"},
	{"/usr/bin/sudo", "-n", "-u", "nobody", "/usr/bin/id"},
	{"/usr/bin/passwd", "-S", "root"},
	{"/bin/systemctl", "--version"},
	{"/lib/systemd/systemd", "--version"},
	{"/bin/journalctl", "--version"},
	{"/usr/bin/python3", "-c",
	 "import subprocess; print(subprocess.run('exit 7', shell=1))"},
	{"/usr/bin/perl", "-e", "print `echo 7`; system('/bin/true'); exit 7"},
	{"/usr/bin/dpkg", "--version"},
	{"/usr/bin/apt-get", "--version"},
	{"/usr/bin/rpm", "--version"},
	{"/usr/bin/make", "--version"},
	{"/usr/bin/git", "--version"},
	{"/usr/bin/tmux", "-V"},
	{"/usr/bin/gdb", "--version"},
	{"/usr/bin/tally", "--version"},
};

static const char *const directories[] = {
	"/bin",		  "/sbin",	     "/usr/bin",    "/usr/sbin",
	"/usr/local/bin", "/usr/local/sbin", "/lib/systemd"};

static struct item *new_item(struct items *items)
{
	struct item *list;

	if (items->count >= MOST_PROGRAMS)
		return NULL;
	list = arena_grow(items->arena, items->list, items->count, &items->capacity,
			  sizeof(*list));
	if (!list)
		return NULL;
	items->list = list;
	memset(&list[items->count], 0, sizeof(*list));
	return &list[items->count++];
}

/* ---- what is tried ---- */

static int add_starts(struct items *items)
{
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		struct item *item;

		if (access(starts[i][0], X_OK) < 0)
			continue;
		item = new_item(items);
		if (!item)
			return -1;
		memcpy(item->words, starts[i], sizeof(starts[i]));
	}
	return 0;
}

/* glibc's loader reads the list and can load a program without running it. */
static bool is_glibc(const char *interpreter)
{
	return strstr(interpreter, "/ld-linux") || strstr(interpreter, "/ld64.so");
}

static int add_program(struct items *items, const char *directory, const char *name)
{
	const char *path = arena_printf(items->arena, "%s/%s", directory, name);
	char interpreter[256];
	struct item *item;
	struct stat status;

	if (!path)
		return -1;
	/* A link leads to what is listed elsewhere, or not at all: alternatives and such. */
	if (stat(path, &status) < 0 || !S_ISREG(status.st_mode) ||
	    !(status.st_mode & 0111))
		return 0;
	switch (elf_interpreter(path, interpreter, sizeof(interpreter))) {
	case ELF_NONE:
		return 0;
	case ELF_STATIC:
		items->apart++;
		return 0;
	case ELF_DYNAMIC:
		break;
	}
	if (!is_glibc(interpreter)) {
		items->apart++;
		return 0;
	}
	item = new_item(items);
	if (!item)
		return -1;
	item->loads = true;
	item->words[0] = arena_strdup(items->arena, interpreter);
	item->words[1] = "--list";
	item->words[2] = path;
	return item->words[0] ? 0 : -1;
}

/* /bin is often a link to /usr/bin: no directory twice. */
static bool seen_before(size_t index)
{
	struct stat one, other;

	if (stat(directories[index], &one) < 0)
		return true;
	for (size_t i = 0; i < index; i++)
		if (stat(directories[i], &other) == 0 && one.st_ino == other.st_ino &&
		    one.st_dev == other.st_dev)
			return true;
	return false;
}

static int add_all(struct items *items)
{
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		DIR *directory = seen_before(i) ? NULL : opendir(directories[i]);
		struct dirent *entry;
		int result = 0;

		while (directory && result == 0 && (entry = readdir(directory)))
			result = add_program(items, directories[i], entry->d_name);
		if (directory)
			closedir(directory);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* ---- the two rounds ---- */

static unsigned long sum_of(const char *text)
{
	unsigned long sum = 5381;

	for (; *text; text++)
		sum = sum * 33 + (unsigned char)*text;
	return sum;
}

static void start(const struct item *item, struct outcome *outcome)
{
	static struct program_output output;
	struct fault fault;

	outcome->status = program_run(item->words, START_SECONDS, &output, &fault);
	outcome->shim = strstr(output.text, "libtally.so") != NULL;
	/* A loader prints addresses, which are others each time. */
	outcome->sum = item->loads ? 0 : sum_of(output.text);
	if (strstr(output.text, "ERROR: ld.so"))
		outcome->sum++;
	snprintf(outcome->said, sizeof(outcome->said), "%.*s",
		 (int)strcspn(output.text, "\r\n"), output.text);
}

static void start_all(const struct items *items, struct outcome *outcomes)
{
	for (size_t i = 0; i < items->count; i++)
		start(&items->list[i], &outcomes[i]);
}

/* In a child: nobody else sees the list that is mounted there. */
static int start_with(const struct items *items, const char *list,
		      struct outcome *outcomes)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(list, PRELOAD_LIST, NULL, MS_BIND, NULL) < 0)
		return errno;
	start_all(items, outcomes);
	return 0;
}

static int second_round(const struct items *items, const char *list,
			struct outcome *outcomes, struct fault *fault)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(start_with(items, list, outcomes));
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0 || !WIFEXITED(status))
		return fault_set(fault, "the trial itself ended too early");
	if (WEXITSTATUS(status) != 0)
		return fault_set(fault,
				 "a mount namespace to try it in cannot be made: %s",
				 strerror(WEXITSTATUS(status)));
	return 0;
}

static int differs(const struct item *item, const struct outcome *before,
		   const struct outcome *after, struct fault *fault)
{
	const char *what = item->words[item->loads ? 2 : 0];

	if (item->loads && after->status == 0 && !after->shim)
		return fault_set(fault, "%s is loaded without libtally.so (%s)", what,
				 after->said);
	return fault_set(fault,
			 "%s does not start as before with libtally.so: status %d and "
			 "\"%s\" instead of %d and \"%s\"",
			 what, after->status, after->said, before->status, before->said);
}

static int compare(const struct items *items, const struct outcome *before,
		   const struct outcome *after, struct start_trial *trial,
		   struct fault *fault)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct item *item = &items->list[i];

		if (before[i].status < 0 || (item->loads && before[i].status != 0)) {
			trial->without++;
			continue;
		}
		if (before[i].status != after[i].status ||
		    before[i].sum != after[i].sum || (item->loads && !after[i].shim))
			return differs(item, &before[i], &after[i], fault);
		if (item->loads)
			trial->loaded++;
		else
			trial->started++;
	}
	if (trial->started == 0 || trial->loaded == 0)
		return fault_set(fault, "no program was found to try it with");
	return 0;
}

int start_trial(struct arena *arena, const char *list, struct start_trial *trial,
		struct fault *fault)
{
	struct items items = {.arena = arena};
	struct outcome *before, *after;
	size_t size;
	int result;

	*trial = (struct start_trial){0};
	if (add_starts(&items) < 0 || add_all(&items) < 0)
		return fault_set(fault, "out of memory, or more than %d programs",
				 MOST_PROGRAMS);
	trial->apart = items.apart;
	before = arena_array(arena, items.count, sizeof(*before));
	size = items.count * sizeof(*after);
	after = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (!before || after == MAP_FAILED)
		return fault_set(fault, "out of memory");
	start_all(&items, before);
	result = second_round(&items, list, after, fault);
	if (result == 0)
		result = compare(&items, before, after, trial, fault);
	munmap(after, size);
	return result;
}
