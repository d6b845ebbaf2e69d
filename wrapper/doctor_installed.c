/* tally doctor: the installed form: tallysh, tallyd, login shells. */
#include <errno.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <jansson.h>

#include "daemon_client.h"
#include "doctor.h"
#include "doctor_scratch.h"
#include "doctor_try.h"
#include "version.h"

static const char layer[] = "installed";

/* ---- tallysh ---- */

/* capabilities(7): version 2 and 3 of the attribute begin alike; little-endian. */
static bool has_sys_admin(const char *path)
{
	unsigned char bytes[sizeof(struct vfs_ns_cap_data)];
	ssize_t length = getxattr(path, "security.capability", bytes, sizeof(bytes));

	return length >= 8 && (bytes[0] & VFS_CAP_FLAGS_EFFECTIVE) &&
	       (bytes[4 + CAP_SYS_ADMIN / 8] & (1 << CAP_SYS_ADMIN % 8));
}

static void check_tallysh(struct doctor *doctor, const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0 || access(path, X_OK) < 0)
		doctor_fail(doctor, layer, "tallysh",
			    "install tallygate again at once: users whose login shell it "
			    "is cannot log in",
			    "%s: %s", path, strerror(errno));
	else if (status.st_uid != 0 || (status.st_mode & 022))
		doctor_fail(doctor, layer, "tallysh",
			    "chown root:root and chmod 755, then set its capability "
			    "again",
			    "%s can be changed by others than root", path);
	else if (!has_sys_admin(path))
		doctor_fail(
			doctor, layer, "tallysh",
			arena_printf(doctor->arena, "setcap cap_sys_admin=ep %s", path),
			"%s has no capability: sessions are embedded ones, and sudo "
			"does not work in them",
			path);
	else
		doctor_ok(doctor, layer, "tallysh", "%s has cap_sys_admin", path);
}

/* ---- tallyd ---- */

/* Only root can have made a socket there that it answers by; then asks how it is. */
static int ask_daemon(void *context)
{
	const char *path = context;
	struct daemon_client client;
	struct fault fault = {0};
	struct stat status;
	json_t *request = json_pack("{s:i, s:s}", "v", 1, "op", "status"), *answer = NULL;

	if (lstat(path, &status) == 0 &&
	    (!S_ISSOCK(status.st_mode) || status.st_uid != 0))
		return printf("%s is no socket of root's\n", path) > 0;
	daemon_client_init(&client, path, NULL);
	if (!request || daemon_ask(&client, request, &answer, &fault) < 0) {
		puts(fault.text[0] ? fault.text : "out of memory");
		return 1;
	}
	json_dumpf(answer, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	return 0;
}

static const char *text_at(const json_t *answer, const char *group, const char *name)
{
	const json_t *object = group ? json_object_get(answer, group) : answer;

	return json_string_value(json_object_get(object, name));
}

static void report_answer(struct doctor *doctor, const json_t *answer)
{
	const char *broken = text_at(answer, "rules", "broken");
	const char *down = text_at(answer, "ledger", "down");
	const char *version = text_at(answer, NULL, "version");
	const char *error = text_at(answer, NULL, "error");

	if (error || !version) {
		const char *reason = text_at(answer, NULL, "reason");

		doctor_fail(doctor, layer, "tallyd",
			    "is it of another version than tally? systemctl restart "
			    "tallyd",
			    "it does not say how it is: %s",
			    reason ? reason : "no known answer");
		return;
	}
	doctor_ok(doctor, layer, "tallyd", "version %s answers", version);
	if (strcmp(version, TALLY_VERSION) != 0)
		doctor_fail(doctor, layer, "version", "systemctl restart tallyd",
			    "tallyd is %s, tally is %s", version, TALLY_VERSION);
	if (broken)
		doctor_fail(doctor, layer, "rules of tallyd",
			    "mend them (`tally check`), then systemctl reload tallyd; "
			    "the last good ones hold until then",
			    "%s", broken);
	else
		doctor_ok(doctor, layer, "rules of tallyd", "they are good");
	if (down)
		doctor_fail(doctor, layer, "ledger of tallyd",
			    "stop and remove are refused until it can be written again",
			    "%s", down);
	else
		doctor_ok(doctor, layer, "ledger of tallyd", "it is open");
}

static void check_daemon(struct doctor *doctor)
{
	const char *path =
		doctor->session.daemon ? doctor->session.daemon : doctor->config.socket;
	struct doctor_try try;
	json_t *answer = NULL;

	if (!path)
		path = SESSION_DAEMON;
	doctor_try_function(doctor, ask_daemon, (void *)path, DAEMON_SECONDS + 5, &try);
	if (try.started && try.status == 0)
		answer = json_loads(try.output, 0, NULL);
	if (answer)
		report_answer(doctor, answer);
	else
		doctor_fail(
			doctor, layer, "tallyd",
			"systemctl restart tallyd; `journalctl -u tallyd` says why it "
			"ended. Until then guarded commands are refused",
			"%s", doctor_try_text(doctor, &try));
	json_decref(answer);
}

static void check_unit(struct doctor *doctor)
{
	const char *argv[] = {"/usr/bin/systemctl", "is-active", "tallyd.service", NULL};
	struct doctor_try try;

	if (access("/run/systemd/system", F_OK) < 0 || access(argv[0], X_OK) < 0) {
		doctor_none(doctor, layer, "unit", "systemd does not run here");
		return;
	}
	doctor_try_program(doctor, argv, doctor_scratch_env(doctor, NULL), TRY_SECONDS,
			   &try);
	if (try.started && try.status == 0)
		doctor_ok(doctor, layer, "unit", "tallyd.service is active");
	else
		doctor_fail(doctor, layer, "unit",
			    "systemctl enable --now tallyd; `systemctl status tallyd` "
			    "says why it is not",
			    "tallyd.service: %s", doctor_try_text(doctor, &try));
}

/* ---- login shells ---- */

static bool listed_in_shells(const char *shell)
{
	FILE *file = fopen("/etc/shells", "re");
	char line[4096];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found = strcmp(line, shell) == 0;
	}
	if (file)
		fclose(file);
	return found;
}

static bool is_tallysh(const char *shell)
{
	const char *slash = strrchr(shell, '/');

	return slash && strcmp(slash, "/tallysh") == 0;
}

/* The file alone: asking a directory server for all of its users has no end. */
static void check_logins(struct doctor *doctor)
{
	FILE *file = fopen("/etc/passwd", "re");
	const char *first = NULL;
	struct passwd *entry;
	size_t users = 0;

	while (file && (entry = fgetpwent(file))) {
		if (!entry->pw_shell || !is_tallysh(entry->pw_shell))
			continue;
		users++;
		if (!first)
			first = arena_strdup(doctor->arena, entry->pw_shell);
		if (access(entry->pw_shell, X_OK) < 0)
			doctor_fail(doctor, layer, "login shell",
				    "install tallygate again, or chsh for that user: "
				    "nobody can log in by a shell that is not there",
				    "%s of %s: %s", entry->pw_shell, entry->pw_name,
				    strerror(errno));
	}
	if (file)
		fclose(file);
	if (!users) {
		doctor_none(doctor, layer, "login shell", "tallysh is nobody's");
		return;
	}
	doctor_ok(doctor, layer, "login shell", "tallysh is that of %zu local user%s",
		  users, users == 1 ? "" : "s");
	if (first && listed_in_shells(first))
		doctor_ok(doctor, layer, "/etc/shells", "lists %s", first);
	else if (first)
		doctor_fail(doctor, layer, "/etc/shells",
			    arena_printf(doctor->arena, "add-shell %s", first),
			    "does not list %s: services that look there refuse its users",
			    first);
}

/* ---- /etc/ld.so.preload ---- */

static void check_preload(struct doctor *doctor)
{
	static const char name[] = "/etc/ld.so.preload";
	static const char mend[] = "take that word out of /etc/ld.so.preload, or install "
				   "tallygate again; each program that starts complains";
	const char *argv[] = {"/bin/true", NULL};
	FILE *file = fopen(name, "re");
	char words[4096] = "";
	struct doctor_try try;
	size_t length;

	if (!file) {
		doctor_none(doctor, layer, name, "not in use");
		return;
	}
	length = fread(words, 1, sizeof(words) - 1, file);
	words[length] = '\0';
	fclose(file);
	if (!strstr(words, "libtally.so")) {
		doctor_none(doctor, layer, name, "does not name the shim");
		return;
	}
	doctor_try_program(doctor, argv, doctor_scratch_env(doctor, NULL), TRY_SECONDS,
			   &try);
	if (try.started && try.status == 0 && !*try.output)
		doctor_ok(doctor, layer, name, "the shim is in every program");
	else
		doctor_fail(doctor, layer, name, mend, "%s",
			    doctor_try_text(doctor, &try));
}

/* What says that somebody has installed it here, be it broken or not. */
static bool is_installed(const struct doctor *doctor)
{
	static const char *const traces[] = {
		SESSION_DAEMON,
		"/usr/sbin/tallyd",
		"/lib/systemd/system/tallyd.service",
		"/usr/lib/systemd/system/tallyd.service",
		"/etc/systemd/system/tallyd.service",
	};

	if (doctor->installed)
		return true;
	for (size_t i = 0; i < sizeof(traces) / sizeof(*traces); i++)
		if (access(traces[i], F_OK) == 0)
			return true;
	return false;
}

void doctor_installed(struct doctor *doctor)
{
	if (is_installed(doctor)) {
		check_tallysh(doctor, "/usr/bin/tallysh");
		check_daemon(doctor);
		if (doctor->scratch)
			check_unit(doctor);
	} else {
		doctor_none(doctor, layer, "tallysh", "not installed");
		doctor_none(doctor, layer, "tallyd", "not installed");
		doctor_none(doctor, layer, "unit", "not installed");
	}
	check_logins(doctor);
	check_preload(doctor);
}
