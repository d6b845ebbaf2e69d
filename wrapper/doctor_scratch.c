#include "doctor_scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name, *text;
	mode_t mode;
} files[] = {
	{"bin/" CANARY,
	 "#!/bin/sh\n"
	 "echo \"$*\" >>\"${0%/*}/../ran\"\n"
	 "[ \"$1\" != " CANARY_THROUGH " ] || \"${0%/*}/" CANARY_FAR "\" '" CANARY_MANY
	 "'\n",
	 0700},
	{"bin/" CANARY_FAR,
	 "#!/bin/sh\n"
	 "echo \"far $*\" >>\"${0%/*}/../ran\"\n",
	 0700},
	{"rules/tools/" CANARY ".cfg",
	 "tool = { name = \"" CANARY "\"; programs = [ \"" CANARY
	 "\" ]; unit = \"host\";\n"
	 "  operations = ( { action = \"stop\"; } );\n"
	 "  targets = ( { operands = \"all\"; syntax = \"folded\"; } );\n"
	 "  transports = [ \"" CANARY_FAR "\" ]; };\n",
	 0600},
	{"rules/tools/" CANARY_FAR ".cfg",
	 "tool = { name = \"" CANARY_FAR "\"; programs = [ \"" CANARY_FAR
	 "\" ]; unit = \"host\";\n"
	 "  operations = ( { action = \"stop\"; } );\n"
	 "  targets = ( { operands = \"all\"; syntax = \"folded\"; } ); };\n",
	 0600},
	{"rules/policy/canary.cfg",
	 "limits = ( { name = \"canary\"; action = \"stop\"; deny_above = 1; } );\n",
	 0600},
};

static const char *const directories[] = {"bin",   "rules", "rules/tools", "rules/policy",
					  "state", "run",   "copy"};

const char *doctor_scratch_path(const struct doctor *doctor, const char *name)
{
	return arena_printf(doctor->arena, "%s/%s", doctor->scratch, name);
}

static int write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	size_t length = strlen(text);
	int result;

	if (fd < 0)
		return -1;
	result = write(fd, text, length) == (ssize_t)length && fchmod(fd, mode) == 0 ? 0
										     : -1;
	close(fd);
	return result;
}

static int fill(struct doctor *doctor)
{
	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		const char *path = doctor_scratch_path(doctor, directories[i]);

		if (!path || mkdir(path, 0700) < 0)
			return -1;
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		const char *path = doctor_scratch_path(doctor, files[i].name);

		if (!path || write_file(path, files[i].text, files[i].mode) < 0)
			return -1;
		/* On a filesystem that is mounted noexec nothing could be tried. */
		if ((files[i].mode & 0100) && access(path, X_OK) < 0)
			return -1;
	}
	return 0;
}

int doctor_scratch_make(struct doctor *doctor, struct fault *fault)
{
	const char *places[] = {getenv("TMPDIR"), "/tmp", "/var/tmp", "/dev/shm"};
	int error = 0;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		char *path;

		if (!places[i] || places[i][0] != '/')
			continue;
		path = arena_printf(doctor->arena, "%s/tally-doctor-XXXXXX", places[i]);
		if (!path)
			return fault_set(fault, "out of memory");
		if (!mkdtemp(path)) {
			error = errno;
			continue;
		}
		doctor->scratch = path;
		if (fill(doctor) == 0)
			return 0;
		error = errno;
		doctor_scratch_remove(doctor);
	}
	return fault_set(
		fault,
		"no directory for trying things out can be made in $TMPDIR, /tmp, "
		"/var/tmp or /dev/shm: %s",
		strerror(error));
}

static int remove_one(const char *path, const struct stat *status, int kind,
		      struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	(void)remove(path);
	return 0;
}

void doctor_scratch_remove(struct doctor *doctor)
{
	if (doctor->scratch)
		(void)nftw(doctor->scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	doctor->scratch = NULL;
}

const char *const *doctor_scratch_env(const struct doctor *doctor,
				      const char *const *further)
{
	/* What sanitised builds are told stays; nothing else of the user's does. */
	static const char *const kept[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS",
					   "LSAN_OPTIONS"};
	const char **env = arena_array(doctor->arena, 32, sizeof(*env));
	size_t count = 0;

	if (!env || !doctor->scratch)
		return NULL;
	env[count++] = arena_printf(doctor->arena, "HOME=%s", doctor->scratch);
	env[count++] =
		arena_printf(doctor->arena, "XDG_STATE_HOME=%s/state", doctor->scratch);
	env[count++] =
		arena_printf(doctor->arena, "XDG_RUNTIME_DIR=%s/run", doctor->scratch);
	env[count++] =
		arena_printf(doctor->arena,
			     "PATH=%s/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:"
			     "/usr/bin:/sbin:/bin",
			     doctor->scratch);
	env[count++] = "LC_ALL=C";
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		if (getenv(kept[i]))
			env[count++] = arena_printf(doctor->arena, "%s=%s", kept[i],
						    getenv(kept[i]));
	for (; further && *further && count < 31; further++)
		env[count++] = *further;
	for (size_t i = 0; i < count; i++)
		if (!env[i])
			return NULL;
	return env;
}

const char *doctor_scratch_ran(const struct doctor *doctor)
{
	const char *path = doctor_scratch_path(doctor, "ran");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char text[256];
	ssize_t length;

	if (fd < 0)
		return "";
	length = read(fd, text, sizeof(text));
	close(fd);
	unlink(path);
	while (length > 0 && text[length - 1] == '\n')
		length--;
	if (length < 0)
		length = 0;
	path = arena_strndup(doctor->arena, text, (size_t)length);
	return path ? path : "out of memory";
}
