#include "exec_target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "exec_script.h"
#include "interpreter.h"

enum {
	MOST_WORDS = 64, /* of an interpreter's command line that are looked at */
	WORD_BYTES = 64 * 1024,
	NESTED = 8, /* ld.so with python3 with a script */
};

/* Whatever a loader is called, this is read like one. */
static const char LOADER[] = "ld.so";

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool look_at(int fd, struct statx *status)
{
	return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS,
		     status) == 0;
}

static uint64_t device_of(const struct statx *status)
{
	return makedev(status->stx_dev_major, status->stx_dev_minor);
}

/* ---- what the table says ---- */

static enum guard_kind kind_of(const struct exec_finder *finder, const char *name,
			       const struct statx *file)
{
	enum guard_kind by_file = GUARD_NONE, by_name;

	if (file) {
		if (file->stx_ino == finder->gate_inode &&
		    device_of(file) == finder->gate_device)
			return GUARD_GATE;
		by_file = guard_find_file(&finder->table, device_of(file), file->stx_ino)
				  .kind;
	}
	if (by_file == GUARD_TOOL || by_file == GUARD_GATE)
		return by_file;
	by_name = guard_find_name(&finder->table, name, strlen(name)).kind;
	return by_name == GUARD_NONE ? by_file : by_name;
}

/* The kind of the file that `word` leads to; -EAGAIN where that would block. */
static int kind_of_word(const struct exec_finder *finder, const struct exec_view *view,
			const char *word)
{
	struct exec_found found;
	struct statx status;
	int kind, error;

	kind = (int)kind_of(finder, base_name(word), NULL);
	if (kind == GUARD_TOOL)
		return kind;
	error = exec_path_find(view, AT_FDCWD, word, 0, &found);
	if (error == -EAGAIN)
		return error;
	if (error < 0)
		return kind;
	if (look_at(found.fd, &status))
		kind = (int)kind_of(finder, base_name(word), &status);
	close(found.fd);
	return kind;
}

/*
 * The command line of an interpreter or a loader: does it run something guarded? A script
 * without a slash may be found in PATH by some shells, so its name alone is enough.
 */
static enum exec_kind behind(const struct exec_finder *finder,
			     const struct exec_view *view, const char *name,
			     const char *const *words, size_t count)
{
	for (int depth = 0; depth < NESTED; depth++) {
		struct interpreted inner = interpreter_look(name, words, count);
		int kind;

		if (inner.kind == INTERPRETED_NONE)
			return EXEC_FREE;
		words += inner.at;
		count -= inner.at;
		if (inner.kind == INTERPRETED_MODULE)
			return kind_of(finder, words[0], NULL) == GUARD_TOOL
				       ? EXEC_GUARDED
				       : EXEC_FREE;
		kind = kind_of_word(finder, view, words[0]);
		if (kind == -EAGAIN)
			return EXEC_LATER;
		if (kind == GUARD_TOOL)
			return EXEC_GUARDED;
		/* A gate behind the loader would not be recognised: it may not start tools. */
		if (kind != GUARD_INTERPRETER && kind != GUARD_LOADER)
			return EXEC_FREE;
		name = kind == GUARD_LOADER ? LOADER : base_name(words[0]);
	}
	return EXEC_GUARDED;
}

static enum exec_kind look_at_words(const struct exec_finder *finder,
				    const struct exec_view *view,
				    const struct caller *caller, const char *name)
{
	char text[WORD_BYTES];
	const char *list[MOST_WORDS] = {NULL};
	struct caller_words words = {
		.text = text, .size = sizeof(text), .words = list, .limit = 2};
	int error = caller_words(caller, &words);

	/* The second word tells it for a script, and for all of what most shells are given. */
	if (error == 0 && words.count == 2 &&
	    /* cppcheck-suppress uninitvar ; caller_words() fills it */
	    (name == LOADER || (list[1][0] == '-' && strcmp(list[1], "-c") != 0))) {
		words.limit = MOST_WORDS;
		error = caller_words(caller, &words);
	}
	if (error == -EPERM)
		return EXEC_UNREADABLE;
	if (error < 0)
		return EXEC_FREE; /* the kernel will say EFAULT */
	return behind(finder, view, name, list, words.count);
}

/* ---- files that have been looked into ---- */

static struct exec_file file_of(const struct statx *status)
{
	return (struct exec_file){
		.device = device_of(status),
		.inode = status->stx_ino,
		.size = status->stx_size,
		.changed = status->stx_ctime.tv_sec,
		.changed_ns = status->stx_ctime.tv_nsec,
	};
}

static struct exec_file *place_of(struct exec_finder *finder,
				  const struct exec_file *file)
{
	uint64_t mixed = (file->inode ^ file->device << 20) * 0x9e3779b97f4a7c15u;

	return &finder->known[mixed >> 32 & (EXEC_KNOWN - 1)];
}

static bool is_known(struct exec_finder *finder, const struct exec_file *file)
{
	const struct exec_file *known = place_of(finder, file);
	bool same;

	pthread_mutex_lock(&finder->lock);
	same = known->inode == file->inode && known->device == file->device &&
	       known->size == file->size && known->changed == file->changed &&
	       known->changed_ns == file->changed_ns;
	pthread_mutex_unlock(&finder->lock);
	return same;
}

static void now_known(struct exec_finder *finder, const struct exec_file *file)
{
	pthread_mutex_lock(&finder->lock);
	*place_of(finder, file) = *file;
	pthread_mutex_unlock(&finder->lock);
}

/* ---- a file by itself ---- */

/* The name the file has where it lies, whatever link led there; "" when there is none. */
static void real_name(int fd, char path[PATH_MAX])
{
	static const char gone[] = " (deleted)", memory[] = "/memfd:";
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, PATH_MAX - 1);
	path[length > 0 ? length : 0] = '\0';
	if ((size_t)length > sizeof(gone) && length > 0 &&
	    strcmp(path + length - (sizeof(gone) - 1), gone) == 0)
		path[(size_t)length - (sizeof(gone) - 1)] = '\0';
	if (strncmp(path, memory, sizeof(memory) - 1) == 0)
		memmove(path + 1, path + sizeof(memory) - 1,
			strlen(path + sizeof(memory) - 1) + 1);
}

/*
 * The #! lines of the file: what the kernel makes of them is looked at like a command line
 * of its own. On EXEC_GUARDED the target has it.
 */
static enum exec_kind look_inside(struct exec_finder *finder,
				  const struct exec_view *view, int fd, const char *path,
				  struct exec_target *target)
{
	struct script_line line;
	const char *words[EXEC_WORDS];
	size_t count = 0;
	int kind;

	if (!script_line_of(fd, &line))
		return EXEC_FREE;
	words[count++] = line.interpreter;
	if (line.argument[0])
		words[count++] = line.argument;
	words[count++] = path;
	kind = kind_of_word(finder, view, line.interpreter);
	if (kind == GUARD_INTERPRETER || kind == GUARD_LOADER) {
		if (behind(finder, view,
			   kind == GUARD_LOADER ? LOADER : base_name(line.interpreter),
			   words, count) != EXEC_GUARDED)
			return EXEC_FREE;
	} else if (kind != GUARD_TOOL) {
		return EXEC_FREE;
	}
	snprintf(target->path, PATH_MAX, "%s", line.interpreter);
	for (size_t i = 0; i < count; i++)
		snprintf(target->words[i], PATH_MAX, "%s", words[i]);
	target->word_count = count;
	return EXEC_GUARDED;
}

/* A path that leads the caller to the file `found`, or the file itself. */
static void name_program(const struct exec_view *view, const char *path,
			 struct exec_found *found, const struct statx *file,
			 struct exec_target *target)
{
	struct stat status;

	if (!found->indirect) {
		snprintf(target->path, PATH_MAX, "%s", path);
		return;
	}
	/* A descriptor may be gone once the gate runs. */
	real_name(found->fd, target->path);
	if (!view->elsewhere && target->path[0] == '/' &&
	    stat(target->path, &status) == 0 && status.st_ino == file->stx_ino &&
	    status.st_dev == device_of(file))
		return;
	target->path[0] = '\0';
	target->program = found->fd;
	found->fd = -1;
}

static enum exec_kind look_at_gate(const struct exec_finder *finder,
				   const struct caller *caller)
{
	static const char option[] = "--session=";
	char text[PATH_MAX * 2];
	const char *list[2] = {NULL, NULL};
	struct caller_words words = {
		.text = text, .size = sizeof(text), .words = list, .limit = 2};

	if (caller_words(caller, &words) == 0 && words.count == 2 &&
	    strncmp(list[1], option, sizeof(option) - 1) == 0 &&
	    strcmp(list[1] + sizeof(option) - 1, finder->session) == 0)
		return EXEC_GATE;
	return EXEC_GATE_OTHER;
}

static bool takes_script(const char *name)
{
	const char *words[] = {name, "script"};

	return interpreter_look(name, words, 2).kind != INTERPRETED_NONE;
}

/* What the file is called where it lies: a link may call it anything. */
static enum exec_kind look_behind_name(const struct exec_finder *finder,
				       const struct exec_view *view,
				       const struct caller *caller, const char *name)
{
	switch (kind_of(finder, name, NULL)) {
	case GUARD_TOOL:
		return EXEC_GUARDED;
	case GUARD_INTERPRETER:
		return look_at_words(finder, view, caller, name);
	default:
		return EXEC_FREE;
	}
}

/* The file has been found. */
static enum exec_kind look_at_file(struct exec_finder *finder,
				   const struct exec_view *view,
				   const struct caller *caller, const char *path,
				   struct exec_found *found, struct exec_target *target)
{
	struct statx status;
	struct exec_file file;
	char real[PATH_MAX];
	const char *name = base_name(path);
	enum exec_kind kind = EXEC_FREE;

	/* The kernel starts regular files with an x only, for root too. */
	if (!look_at(found->fd, &status) || !S_ISREG(status.stx_mode) ||
	    !(status.stx_mode & 0111))
		return EXEC_FREE;
	if (found->indirect) {
		real_name(found->fd, real);
		name = base_name(real);
	}
	switch (kind_of(finder, name, &status)) {
	case GUARD_GATE:
		return look_at_gate(finder, caller);
	case GUARD_TOOL:
		kind = EXEC_GUARDED;
		break;
	case GUARD_INTERPRETER:
		kind = look_at_words(finder, view, caller, name);
		break;
	case GUARD_LOADER:
		kind = look_at_words(finder, view, caller, LOADER);
		break;
	default:
		file = file_of(&status);
		if (is_known(finder, &file))
			return EXEC_FREE;
		if (!view->may_block)
			return EXEC_LATER;
		if (!found->indirect)
			real_name(found->fd, real);
		kind = look_behind_name(finder, view, caller, base_name(real));
		if (kind != EXEC_FREE)
			break;
		kind = look_inside(finder, view, found->fd, found->indirect ? real : path,
				   target);
		/* What a #! line leads to depends on the root, a script on the words. */
		if (kind == EXEC_FREE && !view->elsewhere &&
		    !takes_script(base_name(real)))
			now_known(finder, &file);
		return kind;
	}
	if (kind == EXEC_GUARDED)
		name_program(view, path, found, &status, target);
	return kind;
}

/* The program text is among the words, as in `sh -c TEXT`: the only word that is looked at. */
static bool is_given_text(const struct caller *caller)
{
	char text[256];
	const char *list[2] = {NULL, NULL};
	struct caller_words words = {
		.text = text, .size = sizeof(text), .words = list, .limit = 2};

	return caller_words(caller, &words) == 0 && words.count == 2 &&
	       strcmp(list[1], "-c") == 0;
}

/*
 * True for what nearly all execs are: a file whose inside is known by now to be free. From
 * where the caller looks is not asked, as that costs as much as all the rest: in another
 * root the path would have to lead to something guarded by its inside or its link alone,
 * and in ours to something else that is not.
 */
static bool is_plainly_free(struct exec_finder *finder, const struct caller *caller,
			    const char *path)
{
	struct exec_view here = {.tid = caller->tid};
	struct exec_found found;
	struct exec_file file;
	struct statx status;
	bool plain = false;

	if (path[0] != '/' || caller->flags ||
	    exec_path_find(&here, AT_FDCWD, path, 0, &found) < 0)
		return false;
	if (look_at(found.fd, &status)) {
		file = file_of(&status);
		switch (kind_of(finder, base_name(path), &status)) {
		case GUARD_NONE:
			plain = is_known(finder, &file);
			break;
		case GUARD_INTERPRETER:
			plain = is_given_text(caller);
			break;
		default:
			break;
		}
	}
	close(found.fd);
	return plain;
}

void exec_target_find(struct exec_finder *finder, const struct caller *caller,
		      bool may_block, struct exec_target *target)
{
	struct exec_view view;
	char path[PATH_MAX];
	struct exec_found found;
	ssize_t length = caller_string(caller, caller->path, path, sizeof(path));
	int error;

	target->kind = EXEC_FREE;
	target->program = -1;
	target->path[0] = target->name[0] = '\0';
	target->word_count = 0;
	if (length < 0) {
		if (length == -EPERM)
			target->kind = EXEC_UNREADABLE;
		return;
	}
	snprintf(target->name, sizeof(target->name), "%.255s", base_name(path));
	if (!may_block && is_plainly_free(finder, caller, path))
		return;
	view = exec_view_of(caller->tid, &finder->root);
	view.may_block = may_block;
	error = exec_path_find(&view, caller->directory, path, caller->flags, &found);
	switch (error) {
	case 0:
		target->kind = look_at_file(finder, &view, caller, path, &found, target);
		if (found.fd >= 0)
			close(found.fd);
		return;
	case -EAGAIN:
		target->kind = EXEC_LATER;
		return;
	case -ENOENT:
	case -ENOTDIR:
	case -ELOOP:
	case -ENAMETOOLONG:
		return; /* and the kernel will say so */
	default:
		/* The caller may be able to look where this process is not. */
		if (kind_of(finder, base_name(path), NULL) == GUARD_TOOL) {
			target->kind = EXEC_GUARDED;
			strcpy(target->path, path);
		}
	}
}

void exec_target_close(struct exec_target *target)
{
	if (target->program >= 0)
		close(target->program);
	target->program = -1;
}

/* ---- processes ---- */

static bool exe_of(pid_t pid, struct statx *status)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/exe", (long)pid);
	return statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_BASIC_STATS, status) == 0;
}

bool exec_is_gate(const struct exec_finder *finder, pid_t pid)
{
	struct statx status;

	return exe_of(pid, &status) && status.stx_ino == finder->gate_inode &&
	       device_of(&status) == finder->gate_device && !caller_shares_memory(pid);
}

/* The words of /proc/PID/cmdline, as many as fit. */
static size_t command_line(pid_t pid, char *text, size_t size, const char **words)
{
	char path[64];
	ssize_t length;
	size_t count = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	length = read(fd, text, size - 1);
	close(fd);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	for (const char *p = text; p < text + length && count < MOST_WORDS;
	     p += strlen(p) + 1)
		words[count++] = p;
	return count;
}

bool exec_runs_guarded(struct exec_finder *finder, pid_t pid, bool *seen,
		       char name[NAME_MAX + 1])
{
	char path[PATH_MAX], link[64], text[PATH_MAX * 4];
	const char *words[MOST_WORDS];
	struct exec_view view;
	struct statx status;
	ssize_t length;
	enum guard_kind kind;
	size_t count;

	snprintf(link, sizeof(link), "/proc/%ld/exe", (long)pid);
	length = readlink(link, path, sizeof(path) - 1);
	*seen = length > 0 && exe_of(pid, &status);
	if (!*seen)
		return false;
	path[length] = '\0';
	snprintf(name, NAME_MAX + 1, "%.255s", base_name(path));
	kind = kind_of(finder, name, &status);
	if (kind != GUARD_INTERPRETER && kind != GUARD_LOADER)
		return kind == GUARD_TOOL;
	count = command_line(pid, text, sizeof(text), words);
	view = exec_view_of(pid, &finder->root);
	view.may_block = true;
	if (count == 0 || behind(finder, &view, kind == GUARD_LOADER ? LOADER : name,
				 words, count) != EXEC_GUARDED)
		return false;
	/* The interpreter says less than what it runs. */
	count = interpreter_look(kind == GUARD_LOADER ? LOADER : name, words, count).at;
	snprintf(name, NAME_MAX + 1, "%.255s", base_name(words[count]));
	return true;
}

bool exec_names_guarded(const struct exec_finder *finder, pid_t pid,
			char name[NAME_MAX + 1])
{
	char text[PATH_MAX * 4];
	const char *words[MOST_WORDS];
	size_t count = command_line(pid, text, sizeof(text), words);

	for (size_t i = 1; i < count; i++) {
		if (kind_of(finder, base_name(words[i]), NULL) != GUARD_TOOL)
			continue;
		snprintf(name, NAME_MAX + 1, "%.255s", base_name(words[i]));
		return true;
	}
	return false;
}
