/*
 * Rule files are libconfig text. These functions read them strictly: an unknown name, a
 * wrong type or a bad value is a fault with file and line, what was found and what was
 * expected. Nothing is ever dropped or replaced by a weaker meaning.
 *
 * The only part of rules/ that opens files, besides the loaders that call it.
 *
 * All readers of values take the enclosing group and a setting's name and return
 *    1  the setting is there, *value is set
 *    0  it is not there (and need not be): *value keeps what it had, the caller's default
 *   -1  it is missing though `required`, or wrong: `fault` says so
 * What they return is copied into `arena` and outlives the config_t.
 */
#ifndef TALLY_LOAD_H
#define TALLY_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <libconfig.h>

#include "arena.h"
#include "fault.h"
#include "fleet.h"
#include "hostset.h"

enum { LOAD_MAX_BYTES = 8 << 20, LOAD_MAX_FILES = 4096 };

/* The text of one rule file. */
struct load_source {
	const char *path;
	const char *text; /* NUL-terminated as well */
	size_t length;
};

/*
 * Reads `path` into `config`, which the caller gives to config_destroy() afterwards; on -1
 * nothing is left to destroy. Refused besides syntax errors: a file that is larger than
 * LOAD_MAX_BYTES, is not a regular file or holds a NUL byte; @include (the files of a rule
 * directory are all read anyway, and an included file would escape the check of owner and
 * mode); numbers that libconfig 1.5 would silently cut to 32 bits; an open comment.
 */
int load_open(struct arena *arena, const char *path, config_t *config,
	      struct fault *fault);

/*
 * As load_open(), without the tests that stand in the file: half of a description may be
 * tests, and reading costs by the byte. Syntax errors in them are found by load_open() only.
 */
int load_open_rules(struct arena *arena, const char *path, config_t *config,
		    struct fault *fault);

/* As load_open() for text that is at hand already; `path` only names it in faults. */
int load_text(struct arena *arena, const char *path, const char *text, size_t length,
	      config_t *config, struct fault *fault);

/* The bytes of a file that need not be libconfig, with the same bounds. */
int load_read(struct arena *arena, const char *path, struct load_source *source,
	      struct fault *fault);

/* The file that a setting stands in. */
const struct load_source *load_source(const config_setting_t *setting);
int load_line(const config_setting_t *setting);

/*
 * The *.cfg files below `subdirectory` of every directory in `rules` (NULL-terminated), by
 * directory in the order given and sorted by name within one. Hidden files (editors' and
 * packagers' leftovers) are passed over. A subdirectory that is not there has no files; one
 * that cannot be read, or a rule directory that is not there, is a fault. `*paths` is
 * NULL-terminated.
 */
int load_files(struct arena *arena, const char *const *rules, const char *subdirectory,
	       const char *const **paths, struct fault *fault);

/*
 * Whether only root and `owner` could have written `path`: owner and mode of the file and
 * of the directory it is in. For those who act on rules for others (tallyd, tallysh).
 */
int load_trusted(const char *path, uid_t owner, struct fault *fault);

/* fault_at() with the place of `setting`. Always returns -1. */
int load_fault(const config_setting_t *setting, struct fault *fault, const char *format,
	       ...) __attribute__((format(printf, 3, 4)));

/*
 * fault "floor = "75 percent": expected ...". `setting` is the one whose value is wrong.
 * Always returns -1.
 */
int load_expected(const config_setting_t *setting, struct fault *fault,
		  const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * 0 when every setting of `group` has one of the `names` (NULL-terminated), else a fault
 * that names the nearest known one ("did you mean ...") or lists them all.
 */
int load_check_keys(const config_setting_t *group, const char *const *names,
		    struct fault *fault);

/* The name of `names` (NULL-terminated) that `text` may have been meant to be, or NULL. */
const char *load_nearest(const char *text, const char *const *names);

/* A text; an empty one is a fault. */
int load_string(struct arena *arena, const config_setting_t *group, const char *name,
		bool required, const char **value, struct fault *fault);

/* As load_string(), where "" means something (an empty option value). */
int load_text_or_empty(struct arena *arena, const config_setting_t *group,
		       const char *name, bool required, const char **value,
		       struct fault *fault);

/* One text, or an array or list of texts. *value is NULL-terminated; [ ] is allowed. */
int load_strings(struct arena *arena, const config_setting_t *group, const char *name,
		 bool required, const char *const **value, struct fault *fault);

int load_int(const config_setting_t *group, const char *name, bool required, int64_t low,
	     int64_t high, int64_t *value, struct fault *fault);
int load_bool(const config_setting_t *group, const char *name, bool required, bool *value,
	      struct fault *fault);

/* A number of targets, or a percentage of the declared size: 300, "75%", "12.5%". */
int load_amount(const config_setting_t *group, const char *name, bool required,
		struct amount *value, struct fault *fault);

/* Seconds: a number, or a text like "90 s", "10 min", "2 h", "365 days". */
int load_duration(const config_setting_t *group, const char *name, bool required,
		  int64_t *seconds, struct fault *fault);

/* UTC: "2014-06-01" or "2026-01-01T12:00:00Z", as seconds since the epoch. */
int load_date(const config_setting_t *group, const char *name, bool required,
	      int64_t *seconds, struct fault *fault);

/* A folded target set, tallygate's own notation; an empty set is a fault. */
int load_set(struct arena *arena, const config_setting_t *group, const char *name,
	     bool required, const struct hostset **value, struct fault *fault);

/* One of the `names` (NULL-terminated); *value is its index. */
int load_choice(const config_setting_t *group, const char *name, bool required,
		const char *const *names, int *value, struct fault *fault);

/* name = { ... }; *value is the group itself. */
int load_group(const config_setting_t *group, const char *name, bool required,
	       config_setting_t **value, struct fault *fault);

/*
 * name = ( { ... }, { ... } ); *value is the list, its elements are checked to be groups
 * (config_setting_get_elem()).
 */
int load_groups(const config_setting_t *group, const char *name, bool required,
		config_setting_t **value, struct fault *fault);

#endif
