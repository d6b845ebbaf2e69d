#include "aws_s3.h"

#include <string.h>

#include "aws_probe.h"
#include "aws_targets.h"
#include "aws_value.h"

static const char scheme[] = "s3://", dry[] = "(dryrun) ";

enum { SCHEME = sizeof(scheme) - 1, DRY = sizeof(dry) - 1 };

static bool is_remote(const char *path)
{
	return strncmp(path, scheme, SCHEME) == 0;
}

/* The key of s3://BUCKET/KEY, "" when there is none; a local path as it is. */
static const char *key_of(const char *path)
{
	const char *slash;

	if (!is_remote(path))
		return path;
	slash = strchr(path + SCHEME, '/');
	return slash ? slash + 1 : "";
}

static const char *bucket_of(struct arena *arena, const char *path)
{
	if (is_remote(path))
		path += SCHEME;
	return arena_strndup(arena, path, strcspn(path, "/"));
}

static const struct aws_given *given(const struct aws *aws, const char *name)
{
	return aws_options_find(&aws->options, name, strlen(name));
}

/* ---- what the same line says with --dryrun ---- */

struct actions {
	struct aws_names deleted, moved, copied; /* keys, or local files */
	bool local; /* what is deleted or moved away is a local file */
	bool everything;
};

/*
 * One line: "delete: s3://b/k", "move: A to B", "upload: A to s3://b/k", "copy: A to B",
 * "download: s3://b/k to B". A key may hold " to " itself: then the name is cut short, the
 * number stays right.
 */
static bool take_line(struct actions *actions, struct arena *arena, const char *line,
		      size_t length)
{
	const char *colon = memmem(line, length, ": ", 2), *from, *to;
	const char *text = arena_strndup(arena, line, length);
	size_t verb;

	if (!colon || !text)
		return false;
	verb = (size_t)(colon - line);
	from = text + verb + 2;
	if (strncmp(text, "delete", verb) == 0) {
		actions->local |= !is_remote(from);
		return aws_names_add(&actions->deleted, key_of(from));
	}
	to = strstr(from, " to s3://");
	if (!to)
		to = strstr(from, " to ");
	if (!to)
		return false;
	if (strncmp(text, "move", verb) == 0) {
		actions->local |= !is_remote(from);
		from = arena_strndup(arena, from, (size_t)(to - from));
		return from && aws_names_add(&actions->moved, key_of(from));
	}
	if (!is_remote(to + 4)) /* a download changes nothing far away */
		return true;
	return aws_names_add(&actions->copied, key_of(to + 4));
}

static bool take_lines(struct actions *actions, struct arena *arena, const char *text,
		       const char **why)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		if (length > DRY && strncmp(text, dry, DRY) == 0) {
			if (!take_line(actions, arena, text + DRY, length - DRY))
				*why = "a line of aws s3 --dryrun cannot be read";
		} else if (length && strspn(text, " \r") < length) {
			/* A key with a newline in it, or a client that talks differently. */
			*why = "aws s3 --dryrun printed a line that is not known";
		}
		if (*why)
			return false;
		text += length;
		text += *text == '\n';
	}
	return true;
}

/* The options that would keep --dryrun from printing are left out, under any spelling. */
static bool silences(const char *word)
{
	size_t length = strlen(word);

	return length > 2 && (strncmp("--quiet", word, length) == 0 ||
			      strncmp("--only-show-errors", word, length) == 0);
}

static int ask(struct aws *aws, const char *start, const struct aws_words *rest,
	       struct actions *actions, const char **why)
{
	struct arena *arena = aws->reader->arena;
	struct aws_words words = {0};
	const char *text;
	int result;

	actions->deleted.arena = actions->moved.arena = actions->copied.arena = arena;
	if (!aws_probe_start(aws, start, &words))
		return READ_FAULT;
	for (size_t i = 0; i < rest->count; i++)
		if (!silences(rest->items[i]) &&
		    !aws_words_add(arena, &words, rest->items[i]))
			return READ_FAULT;
	if (!aws_words_add(arena, &words, "--dryrun"))
		return READ_FAULT;
	result = aws_probe_run(aws, &words, &text, why);
	if (result == READ_DONE && text)
		take_lines(actions, arena, text, why);
	return result;
}

/* ---- the operations ---- */

static int operate(struct aws *aws, enum action action, const char *unit,
		   const struct aws_names *names, struct operation **operation)
{
	aws->action = action;
	aws->operation.unit = unit;
	return aws_targets_operation(aws, names, operation);
}

static int one(struct aws *aws, enum action action, const char *unit, const char *name,
	       struct operation **operation)
{
	struct aws_names names = {.arena = aws->reader->arena};

	if (!name || !aws_names_add(&names, name))
		return READ_FAULT;
	return operate(aws, action, unit, &names, operation);
}

/* Whether the line alone says which object it is: no prefix and no filter. */
static bool is_single(const struct aws *aws)
{
	return !given(aws, "recursive") && !given(aws, "include") &&
	       !given(aws, "exclude");
}

static bool is_whole_bucket(const struct aws *aws, const char *path)
{
	return is_remote(path) && *key_of(path) == '\0' && !given(aws, "exclude");
}

/*
 * What goes weighs most; a line that only copies changes what is there. A line that would
 * do nothing reads.
 */
static int weigh(struct aws *aws, const struct actions *actions, const char *path)
{
	const struct aws_names *gone = &actions->deleted;
	struct operation *operation;
	int result;

	if (actions->moved.count)
		gone = &actions->moved;
	if (gone->count) {
		result = operate(aws, ACTION_REMOVE, actions->local ? "file" : "object",
				 gone, &operation);
		if (result == READ_DONE)
			operation->everything = is_whole_bucket(aws, path);
		return result;
	}
	if (actions->copied.count)
		return operate(aws, ACTION_CONFIG, "object", &actions->copied,
			       &operation);
	return reader_nothing(aws->reader, "object");
}

static int remove_bucket(struct aws *aws, const char *path)
{
	struct arena *arena = aws->reader->arena;
	const char *bucket = bucket_of(arena, path), *why = NULL;
	struct aws_words rest = {0};
	struct actions actions = {0};
	struct operation *operation;
	int result = one(aws, ACTION_REMOVE, "bucket", bucket, &operation);

	if (result != READ_DONE || !given(aws, "force"))
		return result;
	path = arena_printf(arena, "s3://%s", bucket);
	if (!path || !aws_words_add(arena, &rest, path) ||
	    !aws_words_add(arena, &rest, "--recursive"))
		return READ_FAULT;
	result = ask(aws, "s3 rm", &rest, &actions, &why);
	operation->effect.unit = "object";
	operation->effect.known = !why;
	operation->effect.count = (int64_t)actions.deleted.count;
	operation->irreversible = true;
	return result;
}

/* cp and mv of one object, without the client's help. */
static int transfer_one(struct aws *aws, const char *from, const char *to, bool move)
{
	struct arena *arena = aws->reader->arena;
	const char *key = key_of(to), *base = strrchr(from, '/');
	struct operation *operation;

	if (move)
		return one(aws, ACTION_REMOVE, is_remote(from) ? "object" : "file",
			   key_of(from), &operation);
	if (!is_remote(to))
		return reader_nothing(aws->reader, "object");
	if (*key == '\0' || key[strlen(key) - 1] == '/')
		key = arena_printf(arena, "%s%s", key, base ? base + 1 : from);
	return one(aws, ACTION_CONFIG, "object", key, &operation);
}

static enum action default_action(const struct aws *aws)
{
	const char *name = aws->operation.name;

	if (name[0] == 'r' || strcmp(name, "mv") == 0 || given(aws, "delete"))
		return ACTION_REMOVE;
	return ACTION_CONFIG;
}

static int by_name(struct aws *aws, const char *const *paths)
{
	const char *name = aws->operation.name, *why = NULL;
	struct actions actions = {0};
	struct operation *operation;
	char *start;
	int result;

	if (strcmp(name, "rb") == 0)
		return remove_bucket(aws, paths[0]);
	if (strcmp(name, "mb") == 0 || strcmp(name, "website") == 0)
		return one(aws, ACTION_CONFIG, "bucket",
			   bucket_of(aws->reader->arena, paths[0]), &operation);
	if (is_single(aws) && strcmp(name, "rm") == 0 && *key_of(paths[0]))
		return one(aws, ACTION_REMOVE, "object", key_of(paths[0]), &operation);
	if (is_single(aws) && (strcmp(name, "mv") == 0 || strcmp(name, "cp") == 0))
		return transfer_one(aws, paths[0], paths[1], name[0] == 'm');
	start = arena_printf(aws->reader->arena, "s3 %s", name);
	if (!start)
		return READ_FAULT;
	result = ask(aws, start, &aws->rest, &actions, &why);
	if (result != READ_DONE)
		return result;
	if (why)
		return reader_unknown(aws->reader, aws->action, "object", "%s", why);
	/* sync --delete empties the place it writes to. */
	return weigh(aws, &actions, paths[name[0] == 's']);
}

int aws_s3(struct aws *aws)
{
	const char *name = aws->operation.name;
	const struct aws_words *paths = &aws->options.operands;
	bool two = strcmp(name, "sync") == 0 || strcmp(name, "mv") == 0 ||
		   strcmp(name, "cp") == 0;

	aws->action = default_action(aws);
	if (aws_is_on(aws, "dryrun"))
		return reader_nothing(aws->reader, "object");
	if (paths->count != (two ? 2 : 1))
		return reader_refused(aws->reader, aws->action, "object", "it takes %s",
				      two ? "two paths" : "one path");
	if (!two && !is_remote(paths->items[0]) && strcmp(name, "website") != 0)
		return reader_refused(aws->reader, aws->action, "object",
				      "its path is s3://...");
	return by_name(aws, paths->items);
}
