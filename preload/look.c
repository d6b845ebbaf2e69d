#include "look.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>

#include "guard_words.h"
#include "raw_syscall.h"
#include "text.h"

enum { LINKS = 8, LINK_BYTES = 512 };

/* How a file was recognised. */
struct match {
	enum guard_kind kind;
	bool there;	  /* the file exists */
	bool regular;	  /* and is one that might be executed */
	char name[64];	  /* base name it was found by, for an interpreter's grammar */
	size_t name_size; /* 0: by inode, or no interpreter */
};

/* As stat(2) gives it, which is how the table has it. */
static uint64_t device_number(uint32_t major, uint32_t minor)
{
	return ((uint64_t)(major & 0xfffff000u) << 32) |
	       ((uint64_t)(major & 0xfffu) << 8) |
	       ((uint64_t)(minor & 0xffffff00u) << 12) | (uint64_t)(minor & 0xffu);
}

static void match_name(const struct guard_table *table, const char *name,
		       struct match *match)
{
	size_t length = text_length(name);
	struct guard_match found = guard_find_name(table, name, length);

	/* Only an interpreter's name is needed again, and none is as long as that. */
	if (found.kind == GUARD_NONE ||
	    (found.kind == GUARD_INTERPRETER && length > sizeof(match->name)))
		return;
	match->kind = found.kind;
	match->name_size = 0;
	if (found.kind == GUARD_INTERPRETER) {
		text_put(match->name, name, length);
		match->name_size = length;
	}
}

static void match_inode(const struct guard_table *table, const char *path,
			struct match *match)
{
	struct statx status;
	struct guard_match found;

	if (raw_syscall6(SYS_statx, AT_FDCWD, (long)path, AT_NO_AUTOMOUNT,
			 STATX_TYPE | STATX_INO, (long)&status, 0) < 0)
		return;
	match->there = true;
	match->regular = (status.stx_mode & S_IFMT) == S_IFREG;
	found = guard_find_file(table,
				device_number(status.stx_dev_major, status.stx_dev_minor),
				status.stx_ino);
	/* A tool's name says more than an inode: links of many names share one file. */
	if (found.kind != GUARD_NONE && match->kind != GUARD_TOOL) {
		match->kind = found.kind;
		match->name_size = 0;
	}
}

/*
 * A link to a copy that the table has not seen still leads to its name. Only the last part
 * of a path can be such a link; directories do not matter.
 */
static void match_links(const struct guard_table *table, const char *path,
			struct match *match)
{
	char link[LINK_BYTES], target[LINK_BYTES];
	const char *at = path;

	for (int hop = 0; hop < LINKS && match->kind == GUARD_NONE; hop++) {
		long length = raw_syscall6(SYS_readlinkat, AT_FDCWD, (long)at,
					   (long)target, LINK_BYTES - 1, 0, 0);
		size_t directory;

		if (length <= 0 || length >= LINK_BYTES - 1)
			return;
		target[length] = '\0';
		match_name(table, text_base(target), match);
		directory = target[0] == '/' ? 0 : (size_t)(text_base(at) - at);
		if (directory + (size_t)length >= sizeof(link))
			return;
		if (at != link)
			text_put(link, at, directory);
		text_put(link + directory, target, (size_t)length + 1);
		at = link;
	}
}

static void match_file(const struct guard_table *table, const char *path,
		       struct match *match)
{
	match->kind = GUARD_NONE;
	match->there = match->regular = false;
	match->name_size = 0;
	match_name(table, text_base(path), match);
	match_inode(table, path, match);
	if (match->kind == GUARD_NONE && match->there)
		match_links(table, path, match);
}

/* The loader only lists what it would load (ldd sets this). */
static bool traced(char *const *envp)
{
	for (; envp && *envp; envp++) {
		const char *value = text_after(*envp, "LD_TRACE_LOADED_OBJECTS=");

		if (value && *value)
			return true;
	}
	return false;
}

static bool guarded_module(const struct guard_table *table, const char *module)
{
	return guard_find_name(table, module, text_length(module)).kind == GUARD_TOOL ||
	       guard_find_name(table, module, guard_module_package(module)).kind ==
		       GUARD_TOOL;
}

/* Whether a recognised file with these words comes to a guarded program. */
static bool leads_to_tool(const struct guard_table *table, struct match *match,
			  const char *const *argv, char *const *envp)
{
	for (int depth = 0; depth < LOOK_DEPTH; depth++) {
		struct guard_word word;

		if (match->kind == GUARD_TOOL)
			return true;
		if (match->kind == GUARD_INTERPRETER)
			word = guard_interpreted(match->name, match->name_size, argv);
		else if (match->kind == GUARD_LOADER && !traced(envp))
			word = guard_loaded(argv);
		else
			return false;
		if (word.module)
			return guarded_module(table, word.module);
		if (word.at == 0)
			return false;
		argv += word.at;
		match_file(table, argv[0], match);
		/* A script's own words are nothing to its interpreter. */
		if (!word.program)
			return match->kind == GUARD_TOOL;
	}
	return false;
}

/* By the effective user, as exec does. */
static bool executable(const char *path)
{
	long result = raw_syscall6(SYS_faccessat2, AT_FDCWD, (long)path, 1 /* X_OK */,
				   AT_EACCESS, 0, 0);

	if (result == -ENOSYS)
		result = raw_syscall3(SYS_faccessat, AT_FDCWD, (long)path, 1);
	return result == 0;
}

/*
 * Reads the first line of a script into `line` and cuts it into the interpreter's path and
 * its one argument (NULL when there is none), like fs/binfmt_script.c of the kernel.
 */
static const char *script_line(const char *path, char *line, const char **argument)
{
	long fd = raw_syscall6(SYS_openat, AT_FDCWD, (long)path,
			       O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0, 0, 0);
	long length;
	char *p, *end, *interpreter;

	if (fd < 0)
		return NULL;
	length = raw_syscall3(SYS_read, fd, (long)line, LOOK_LINE - 1);
	raw_syscall3(SYS_close, fd, 0, 0);
	if (length < 3 || line[0] != '#' || line[1] != '!')
		return NULL;
	for (end = line + 2; end < line + length && *end && *end != '\n'; end++)
		;
	while (end > line + 2 && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	for (p = line + 2; *p == ' ' || *p == '\t'; p++)
		;
	if (*p == '\0')
		return NULL;
	interpreter = p;
	while (*p && *p != ' ' && *p != '\t')
		p++;
	*argument = NULL;
	if (*p) {
		*p++ = '\0';
		while (*p == ' ' || *p == '\t')
			p++;
		*argument = p;
	}
	return interpreter;
}

/*
 * A script whose #! line, or that of its interpreter in turn, leads to a guarded program.
 * The kernel makes of `S words...` with the line `#!I A`: `I A S words...`.
 */
static bool look_script(const struct guard_table *table, const char *path,
			char *const *envp, struct looked *looked)
{
	enum { MOST = 2 * LOOK_DEPTH + 1 };
	const char *words[MOST + 1];
	size_t first = MOST;
	const char *script = path;

	words[MOST] = NULL;
	words[--first] = path;
	for (int depth = 0; depth < LOOK_DEPTH; depth++) {
		const char *argument,
			*interpreter =
				script_line(script, looked->lines[depth], &argument);
		struct match match;

		if (!interpreter)
			return false;
		if (argument)
			words[--first] = argument;
		words[--first] = interpreter;
		match_file(table, interpreter, &match);
		if (!match.there || match.kind == GUARD_GATE)
			return false;
		if (leads_to_tool(table, &match, words + first, envp)) {
			looked->path = interpreter;
			looked->word_count = MOST - first;
			for (size_t i = 0; i < looked->word_count; i++)
				looked->words[i] = words[first + i];
			return true;
		}
		script = interpreter;
	}
	return false;
}

void look(const struct guard_table *table, const char *path, char *const *argv,
	  char *const *envp, bool elsewhere, struct looked *looked)
{
	struct match match;

	looked->guarded = false;
	looked->path = path;
	looked->word_count = 0;
	if (!table->map || !path || !*path)
		return;
	match_file(table, path, &match);
	if (elsewhere && *path != '/') {
		looked->guarded =
			leads_to_tool(table, &match, (const char *const *)argv, envp);
		return;
	}
	if (!match.regular || match.kind == GUARD_GATE)
		return;
	looked->guarded = leads_to_tool(table, &match, (const char *const *)argv, envp) ||
			  look_script(table, path, envp, looked);
	if (looked->guarded && !executable(path))
		looked->guarded = false;
}
