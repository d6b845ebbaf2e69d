#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ending_socket.h"
#include "grant.h"
#include "guard_build.h"
#include "guard_names.h"
#include "load.h"
#include "rule_directories.h"

const char *session_program_directory(struct arena *arena)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (length <= 0)
		return NULL;
	path[length] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	return arena_strndup(arena, path, (size_t)(slash - path));
}

static bool is_directory(const char *path)
{
	struct stat status;

	return path && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

const char *session_named(void)
{
	const char *directory = getenv("TALLY_SESSION");

	return directory && directory[0] == '/' && is_directory(directory) ? directory
									   : NULL;
}

static const char *state_directory(struct arena *arena)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && state[0] == '/')
		return arena_printf(arena, "%s/tallygate", state);
	if (home && home[0] == '/')
		return arena_printf(arena, "%s/.local/state/tallygate", home);
	return arena_printf(arena, "/tmp/tallygate-%lu", (unsigned long)getuid());
}

int session_defaults(struct arena *arena, const char *const *rules,
		     struct session *session, struct fault *fault)
{
	const char *program = session_program_directory(arena);

	memset(session, 0, sizeof(*session));
	session->rules = rules ? rules : rule_directories_find(arena, program, fault);
	if (!session->rules)
		return -1;
	session->id = "none";
	session->state = state_directory(arena);
	session->gate = program ? arena_printf(arena, "%s/tally-gate", program) : NULL;
	session->shell = "/bin/sh";
	if (!session->state || !session->gate)
		return fault_set(fault, "out of memory");
	return 0;
}

/* One generation of tallyd's rules, whatever is put in its place while they are read. */
static int load_installed(struct arena *arena, struct session *session,
			  struct fault *fault)
{
	int found =
		rules_snapshot_resolve(arena, session->rules, &session->snapshot, fault);

	if (!session->daemon)
		session->daemon = SESSION_DAEMON;
	if (found > 0)
		session->rules = session->snapshot.directories;
	return found < 0 ? -1 : 0;
}

int session_load(struct arena *arena, const char *directory, struct session *session,
		 struct fault *fault)
{
	static const char *const keys[] = {
		"id",	  "state",     "rules",	     "gate",
		"shell",  "installed", "supervisor", "supervisor_start",
		"daemon", NULL};
	const config_setting_t *root;
	const char *path, *start = NULL;
	config_t config;
	int64_t supervisor = 0;
	int result;

	memset(session, 0, sizeof(*session));
	if (!directory)
		return session_defaults(arena, NULL, session, fault);
	path = arena_printf(arena, "%s/session.cfg", directory);
	session->directory = arena_strdup(arena, directory);
	if (!path || !session->directory)
		return fault_set(fault, "out of memory");
	if (load_open(arena, path, &config, fault) < 0)
		return -1;
	root = config_root_setting(&config);
	result = load_check_keys(root, keys, fault) < 0 ||
				 load_string(arena, root, "id", true, &session->id,
					     fault) < 0 ||
				 load_string(arena, root, "state", true, &session->state,
					     fault) < 0 ||
				 load_strings(arena, root, "rules", true, &session->rules,
					      fault) < 0 ||
				 load_string(arena, root, "gate", true, &session->gate,
					     fault) < 0 ||
				 load_string(arena, root, "shell", true, &session->shell,
					     fault) < 0 ||
				 load_bool(root, "installed", false, &session->installed,
					   fault) < 0 ||
				 load_string(arena, root, "daemon", false,
					     &session->daemon, fault) < 0 ||
				 load_int(root, "supervisor", false, 0, INT_MAX,
					  &supervisor, fault) < 0 ||
				 load_string(arena, root, "supervisor_start", false,
					     &start, fault) < 0
			 ? -1
			 : 0;
	config_destroy(&config);
	session->supervisor = (pid_t)supervisor;
	session->supervisor_start = start ? strtoull(start, NULL, 10) : 0;
	if (result == 0 && session->installed)
		result = load_installed(arena, session, fault);
	return result;
}

/* ---- a new session ---- */

static int make_directory(const char *path, struct fault *fault)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	return fault_set(fault, "%s cannot be made: %s", path, strerror(errno));
}

/* A directory that nobody else can write into; in /tmp somebody may have been there first. */
static int own_directory(const char *path, struct fault *fault)
{
	struct stat status;

	if (make_directory(path, fault) < 0)
		return -1;
	if (lstat(path, &status) < 0 || !S_ISDIR(status.st_mode) ||
	    status.st_uid != geteuid() || (status.st_mode & 022))
		return fault_set(fault,
				 "%s does not belong to you alone; remove it or set "
				 "XDG_RUNTIME_DIR",
				 path);
	return 0;
}

/*
 * Where directories of sessions can be, the best first. The last two are for a machine
 * whose usual places are full or not writable: a login does not fail of that.
 */
static int runtime_directories(struct arena *arena, const char *paths[4])
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	unsigned long uid = (unsigned long)geteuid();
	int count = 0;

	if (runtime && runtime[0] == '/' && is_directory(runtime))
		paths[count++] = arena_printf(arena, "%s/tallygate", runtime);
	if (uid == 0)
		paths[count++] = "/run/tallygate";
	paths[count++] = arena_printf(arena, "/tmp/tallygate-%lu", uid);
	paths[count++] = arena_printf(arena, "/dev/shm/tallygate-%lu", uid);
	return count;
}

static int new_id(struct arena *arena, struct session *session, struct fault *fault)
{
	unsigned char bytes[6];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return fault_set(fault, "no random bytes: %s", strerror(errno));
	session->id = arena_printf(arena, "%02x%02x%02x%02x%02x%02x", bytes[0], bytes[1],
				   bytes[2], bytes[3], bytes[4], bytes[5]);
	return session->id ? 0 : fault_set(fault, "out of memory");
}

/* A libconfig string: only quotes, backslashes and control characters need an escape. */
static void write_string(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '"' || byte == '\\')
			fprintf(file, "\\%c", byte);
		else if (byte < 0x20)
			fprintf(file, "\\x%02x", byte);
		else
			fputc(byte, file);
	}
	fputc('"', file);
}

static void write_setting(FILE *file, const char *name, const char *value)
{
	fprintf(file, "%s = ", name);
	write_string(file, value);
	fputs(";\n", file);
}

static int write_config(const struct session *session, const char *path,
			struct fault *fault)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	bool failed;

	if (!file) {
		if (fd >= 0)
			close(fd);
		return fault_set(fault, "%s cannot be written: %s", path,
				 strerror(errno));
	}
	fputs("# One session; written when it began, read by the gate.\n", file);
	write_setting(file, "id", session->id);
	write_setting(file, "state", session->state);
	fputs("rules = [ ", file);
	for (const char *const *rule = session->rules; *rule; rule++) {
		if (rule != session->rules)
			fputs(", ", file);
		write_string(file, *rule);
	}
	fputs(" ];\n", file);
	write_setting(file, "gate", session->gate);
	write_setting(file, "shell", session->shell);
	fprintf(file, "installed = %s;\n", session->installed ? "true" : "false");
	if (session->daemon)
		write_setting(file, "daemon", session->daemon);
	fprintf(file, "supervisor = %ld;\n", (long)session->supervisor);
	fprintf(file, "supervisor_start = \"%llu\";\n", session->supervisor_start);
	failed = ferror(file) != 0;
	if (fclose(file) != 0 || failed)
		return fault_set(fault, "%s cannot be written: %s", path,
				 strerror(errno));
	return 0;
}

const char *session_shim(struct arena *arena, const struct session *session)
{
	const char *slash = strrchr(session->gate, '/');

	/* $LIB is for the dynamic loader: a directory of its own for each word size. */
	return arena_printf(arena, "%.*s/$LIB/libtally.so", (int)(slash - session->gate),
			    session->gate);
}

static int write_guard_table(struct arena *arena, const struct session *session,
			     struct fault *broken, struct fault *fault)
{
	const char *path = arena_printf(arena, "%s/guard.table", session->directory);
	const char *shim = session_shim(arena, session), *directories = getenv("PATH");
	struct guard_program *programs;
	size_t count;

	if (!path || !shim)
		return fault_set(fault, "out of memory while the guard table was made");
	if (guard_names(arena, session->rules, &programs, &count, broken, fault) < 0)
		return -1;
	return guard_build(arena, path, programs, count,
			   directories ? directories : "/usr/bin:/bin", session->gate,
			   session->directory, shim, fault);
}

static int create_below(struct arena *arena, const char *runtime, struct session *session,
			struct fault *broken, struct fault *fault)
{
	const char *path;

	if (own_directory(runtime, fault) < 0)
		return -1;
	session->directory = arena_printf(arena, "%s/%s", runtime, session->id);
	path = session->directory
		       ? arena_printf(arena, "%s/session.cfg", session->directory)
		       : NULL;
	if (!path)
		return fault_set(fault, "out of memory");
	if (mkdir(session->directory, 0700) < 0)
		return fault_set(fault, "%s cannot be made: %s", session->directory,
				 strerror(errno));
	if (write_config(session, path, fault) < 0 ||
	    write_guard_table(arena, session, broken, fault) < 0) {
		session_remove(session);
		return -1;
	}
	return 0;
}

int session_create(struct arena *arena, struct session *session, struct fault *broken,
		   struct fault *fault)
{
	const char *paths[4] = {0};
	int count = runtime_directories(arena, paths);
	struct fault first = {0};

	if (new_id(arena, session, fault) < 0)
		return -1;
	for (int i = 0; i < count; i++) {
		if (!paths[i])
			return fault_set(fault, "out of memory");
		if (create_below(arena, paths[i], session, broken, fault) == 0)
			return 0;
		if (i == 0)
			first = *fault;
	}
	*fault = first; /* the place that was meant */
	return -1;
}

static int open_to_all(const char *directory, struct fault *fault)
{
	static const char *const names[] = {"session.cfg", "guard.table", NULL};
	char path[PATH_MAX];

	for (const char *const *name = names; *name; name++)
		if (snprintf(path, sizeof(path), "%s/%s", directory, *name) >=
			    (int)sizeof(path) ||
		    chmod(path, 0644) < 0)
			return fault_set(fault, "%s: %s", path, strerror(errno));
	if (chmod(directory, 0755) < 0)
		return fault_set(fault, "%s: %s", directory, strerror(errno));
	return 0;
}

int session_create_in(struct arena *arena, const char *parent, struct session *session,
		      struct fault *broken, struct fault *fault)
{
	if (new_id(arena, session, fault) < 0 ||
	    create_below(arena, parent, session, broken, fault) < 0)
		return -1;
	if (open_to_all(session->directory, fault) == 0)
		return 0;
	session_remove(session);
	return -1;
}

int session_refresh(struct arena *arena, const struct session *session,
		    struct fault *broken, struct fault *fault)
{
	if (write_guard_table(arena, session, broken, fault) < 0)
		return -1;
	return open_to_all(session->directory, fault);
}

void session_remove(const struct session *session)
{
	static const char *const names[] = {"session.cfg",   "guard.table",
					    "login",	     "guard.table.new",
					    "policy.vetted", ENDING_NAME};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int length = snprintf(path, sizeof(path), "%s/%s", session->directory,
				      names[i]);

		if (length > 0 && (size_t)length < sizeof(path))
			unlink(path);
	}
	grant_remove_all(session->directory);
	rmdir(session->directory);
}
