/* tally doctor: whether programs in a session can gain privileges, as sudo does. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "doctor.h"
#include "doctor_scratch.h"
#include "doctor_try.h"

static const char layer[] = "sudo";

/* ---- no_new_privs ---- */

static void this_process(struct doctor *doctor)
{
	int set = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);

	if (set == 0)
		doctor_ok(doctor, layer, "here", "no_new_privs is not set: sudo works");
	else
		doctor_none(doctor, layer, "here",
			    "no_new_privs is set%s: sudo, su and ping do not work, and "
			    "nothing can change that for this process",
			    doctor->nested ? " by this session" : "");
}

static void in_session(struct doctor *doctor)
{
	const char *argv[] = {
		doctor->program, "shell",	"--rules",	     NULL, "--",
		"/bin/grep",	 "NoNewPrivs:", "/proc/self/status", NULL};
	struct doctor_try try;

	argv[3] = doctor_scratch_path(doctor, "rules");
	if (!argv[3] || doctor->nested)
		return;
	doctor_try_program(doctor, argv, doctor_scratch_env(doctor, NULL), TRY_SECONDS,
			   &try);
	if (!try.started || try.status != 0)
		doctor_none(doctor, layer, "in tally shell", "not known: %s",
			    doctor_try_text(doctor, &try));
	else if (strchr(try.output, '0'))
		doctor_ok(doctor, layer, "in tally shell", "sudo works as outside");
	else
		doctor_none(doctor, layer, "in tally shell",
			    "sudo, su and ping do not work there: without the installed "
			    "form (tallysh with its capability) the kernel wants "
			    "no_new_privs");
}

/* ---- the program, and what its own interception needs ---- */

static void the_program(struct doctor *doctor)
{
	struct statvfs place;
	struct stat status;

	if (stat("/usr/bin/sudo", &status) < 0) {
		doctor_none(doctor, layer, "program", "not installed");
		return;
	}
	if (!(status.st_mode & S_ISUID) || status.st_uid != 0 ||
	    (statvfs("/usr/bin/sudo", &place) == 0 && (place.f_flag & ST_NOSUID)))
		doctor_fail(doctor, layer, "program",
			    "install sudo again, on a filesystem that is not nosuid",
			    "/usr/bin/sudo is not setuid root");
	else
		doctor_ok(doctor, layer, "program", "/usr/bin/sudo is setuid root");
}

struct sudoers {
	char where[512]; /* FILE:LINE that turns it on, "" for none */
	bool unread;	 /* some file may not be read by us */
	bool by_library; /* intercept_type = dso: not by tracing */
};

/* A word of its own, as a setting ("intercept", not "!intercept", "intercept_type"). */
static bool sets(const char *line, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = line; (at = strstr(at, word)); at += length) {
		unsigned char before = at == line ? ' ' : (unsigned char)at[-1];
		unsigned char after = (unsigned char)at[length];

		if (before != '!' && before != '_' && !isalnum(before) && after != '_' &&
		    !isalnum(after))
			return true;
	}
	return false;
}

static void read_sudoers(struct sudoers *sudoers, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	int number = 0;

	if (!file) {
		sudoers->unread |= errno != ENOENT;
		return;
	}
	while (getline(&line, &size, file) > 0) {
		line[strcspn(line, "#\n")] = '\0';
		number++;
		if (strstr(line, "intercept_type") && strstr(line, "dso"))
			sudoers->by_library = true;
		if (!sudoers->where[0] &&
		    (sets(line, "INTERCEPT") ||
		     (strstr(line, "Defaults") &&
		      (sets(line, "intercept") || sets(line, "log_subcmds")))))
			snprintf(sudoers->where, sizeof(sudoers->where), "%s:%d", path,
				 number);
	}
	free(line);
	fclose(file);
}

static void read_directory(struct sudoers *sudoers, const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	char name[512];

	if (!directory) {
		sudoers->unread |= errno != ENOENT;
		return;
	}
	/* sudo passes over names with a dot or a tilde at the end; sudoers(5). */
	while ((entry = readdir(directory)))
		if (!strchr(entry->d_name, '.') &&
		    entry->d_name[strlen(entry->d_name) - 1] != '~' &&
		    snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) <
			    (int)sizeof(name))
			read_sudoers(sudoers, name);
	closedir(directory);
}

static void own_interception(struct doctor *doctor)
{
	static const char name[] = "intercept";
	struct sudoers sudoers = {0};

	read_sudoers(&sudoers, "/etc/sudoers");
	read_directory(&sudoers, "/etc/sudoers.d");
	if (sudoers.where[0] && !sudoers.by_library)
		doctor_fail(doctor, layer, name,
			    "take intercept and log_subcmds out of sudoers, or set "
			    "intercept_type = dso; commands below sudo are seen by "
			    "tallygate's own supervisor",
			    "%s turns on sudo's interception, which does not work in a "
			    "guarded session: what it would deny runs",
			    sudoers.where);
	else if (sudoers.where[0])
		doctor_ok(doctor, layer, name, "sudo's own works by a library (%s)",
			  sudoers.where);
	else if (sudoers.unread)
		doctor_none(doctor, layer, name,
			    "not known: sudoers may only be read by root");
	else
		doctor_ok(doctor, layer, name, "sudo's own is not in use");
}

void doctor_sudo(struct doctor *doctor)
{
	this_process(doctor);
	if (doctor->scratch)
		in_session(doctor);
	the_program(doctor);
	if (access("/usr/bin/sudo", F_OK) == 0)
		own_interception(doctor);
}
