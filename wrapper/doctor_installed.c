/* tally doctor: the installed form: tallysh, tallyd, login shells. */
#include <errno.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "doctor.h"
#include "doctor_scratch.h"
#include "doctor_try.h"

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

static int connect_daemon(void *context)
{
	const char *path = context;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer = {.uid = 1};
	socklen_t size = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return printf("%s: %s\n", path, strerror(errno)) > 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != 0)
		return printf("%s is not root's\n", path) > 0;
	return 0;
}

static void check_daemon(struct doctor *doctor)
{
	const char *path =
		doctor->session.daemon ? doctor->session.daemon : SESSION_DAEMON;
	struct doctor_try try;

	doctor_try_function(doctor, connect_daemon, (void *)path, TRY_SECONDS, &try);
	if (try.started && try.status == 0)
		doctor_ok(doctor, layer, "tallyd", "%s answers, and is root's", path);
	else
		doctor_fail(
			doctor, layer, "tallyd",
			"systemctl restart tallyd; `journalctl -u tallyd` says why it "
			"ended. Until then guarded commands are refused",
			"%s", doctor_try_text(doctor, &try));
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

	if (doctor->session.installed)
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
