#include "session_installed.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "books_server.h"
#include "channel.h"
#include "daemon_config.h"
#include "descriptors.h"
#include "execute.h"
#include "exit_status.h"
#include "initial_environment.h"
#include "probe.h"
#include "session.h"
#include "supervise.h"
#include "user_shell.h"

enum {
	OPEN_SECONDS =
		10, /* tallyd may take so long for a new session, or be restarting */
	REFUSED_SECONDS = 2, /* a socket that nobody listens at: no restart does that */
	PLAIN_SECONDS = 2,
	PAUSE_US = 50 * 1000,
};

struct login {
	struct arena *arena;
	struct daemon_config config;
	struct session session;
	const char *shell, *name; /* the file, and argv[0] */
	char **argv, **env;
	size_t env_count, env_room;
	int socket;
};

bool session_is_installed(struct arena *arena)
{
	static const char place[] = "/lib/tallygate";
	const char *directory = session_program_directory(arena);
	size_t length = directory ? strlen(directory) : 0;

	/* A build that somebody tries on this machine is none. */
	if (length < sizeof(place) - 1 ||
	    strcmp(directory + length - (sizeof(place) - 1), place) != 0)
		return false;
	return access(DAEMON_CONFIG, F_OK) == 0 || access(SESSION_DAEMON, F_OK) == 0;
}

static void warn(const char *text)
{
	fprintf(stderr, "tallygate: %s\n", text);
}

/* ---- capabilities ---- */

static bool may_install(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}, {0}};

	return syscall(SYS_capget, &header, data) == 0 &&
	       (data[0].effective & (1u << CAP_SYS_ADMIN));
}

/* What the login had given to its programs stays inheritable, as for any other shell. */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}, {0}};

	if (syscall(SYS_capget, &header, data) < 0)
		return;
	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = 0;
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	(void)syscall(SYS_capset, &header, data);
}

/* ---- the environment of the shell ---- */

static bool is_variable(const char *entry, const char *name, size_t length)
{
	return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

static const char *variable(const struct login *login, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < login->env_count; i++)
		if (is_variable(login->env[i], name, length))
			return login->env[i] + length + 1;
	return NULL;
}

/* The first of the name is replaced, as setenv(3) does; there is room for a few more. */
static void set_variable(struct login *login, const char *name, const char *value)
{
	char *entry = arena_printf(login->arena, "%s=%s", name, value);
	size_t length = strlen(name);

	if (!entry)
		return;
	for (size_t i = 0; i < login->env_count; i++)
		if (is_variable(login->env[i], name, length)) {
			login->env[i] = entry;
			return;
		}
	if (login->env_count < login->env_room) {
		login->env[login->env_count++] = entry;
		login->env[login->env_count] = NULL;
	}
}

static int take_environment(struct login *login, char **envp)
{
	char **initial = initial_environment(login->argv, envp);
	size_t count = 0;

	while (initial && initial[count])
		count++;
	login->env_count = count;
	login->env_room = count + 4;
	login->env = arena_array(login->arena, login->env_room + 1, sizeof(char *));
	if (!initial || !login->env) {
		free(initial);
		return -1;
	}
	memcpy(login->env, initial, count * sizeof(char *));
	free(initial);
	return 0;
}

static void preload_shim(struct login *login)
{
	const char *shim = session_shim(login->arena, &login->session);
	const char *others = variable(login, "LD_PRELOAD");

	if (!shim || strpbrk(shim, " :\t\n") ||
	    (others && strncmp(others, shim, strlen(shim)) == 0))
		return;
	if (others && *others)
		shim = arena_printf(login->arena, "%s:%s", shim, others);
	if (shim)
		set_variable(login, "LD_PRELOAD", shim);
}

/* ---- which shell ---- */

static bool is_program(const char *path)
{
	struct stat status, self;

	return path && path[0] == '/' && stat(path, &status) == 0 &&
	       S_ISREG(status.st_mode) && access(path, X_OK) == 0 &&
	       !(stat("/proc/self/exe", &self) == 0 && self.st_dev == status.st_dev &&
		 self.st_ino == status.st_ino);
}

static void choose_shell(struct login *login)
{
	const char *configured = daemon_config_shell(&login->config, getuid());
	const char *name;

	if (is_program(configured)) {
		login->shell = configured;
	} else {
		if (configured)
			fprintf(stderr,
				"tallygate: %s, the shell that is configured, cannot be "
				"executed; this is another one\n",
				configured);
		login->shell = configured ? "/bin/sh" : user_shell(login->arena);
	}
	if (!login->shell)
		login->shell = "/bin/sh";
	name = user_shell_name(login->arena, login->shell, login->argv[0]);
	login->name = name ? name : "sh";
}

static int become(struct login *login)
{
	static char *only_name[2];
	struct replay none = {0};
	struct fault fault = {0};
	char **argv = login->argv;
	int error;

	if (login->socket >= 0)
		close(login->socket);
	drop_capabilities();
	if (!argv[0])
		argv = only_name;
	argv[0] = (char *)(uintptr_t)login->name;
	set_variable(login, "SHELL", login->shell);
	error = execute_program(login->shell, argv, login->env, &none, &fault);
	fprintf(stderr, "tallygate: %s: %s\n", login->shell, strerror(error));
	if (strcmp(login->shell, "/bin/sh") != 0) {
		argv[0] = argv[0][0] == '-' ? "-sh" : "sh";
		(void)execve("/bin/sh", argv, login->env);
	}
	return execute_status(error);
}

/* ---- asking tallyd ---- */

/*
 * The answer, or NULL: tallyd is not there (then *lost is true), or says no; `why` says what.
 */
static json_t *ask(struct login *login, json_t *request, const int *file,
		   int64_t deadline, bool *lost, char why[256])
{
	struct packet packet;
	struct fault fault = {0};
	const char *error;
	json_t *answer = NULL;

	if (request &&
	    channel_send(login->socket, request, file, file ? 1 : 0, deadline) == 0 &&
	    channel_receive(login->socket, &packet, deadline) > 0) {
		answer = packet_value(&packet, &fault);
		packet_close(&packet);
	}
	json_decref(request);
	error = json_string_value(json_object_get(answer, "error"));
	*lost = !answer;
	if (answer && !error)
		return answer;
	if (error) {
		const char *reason = json_string_value(json_object_get(answer, "reason"));

		snprintf(why, 256, "tallyd: %.200s", reason ? reason : error);
	} else {
		snprintf(why, 256, "tallyd does not answer");
	}
	json_decref(answer);
	return NULL;
}

/* While tallyd is being restarted its socket may be away for a moment. */
static bool connect_to(struct login *login, int64_t deadline)
{
	int64_t refused = probe_clock() + REFUSED_SECONDS * 1000;

	while (probe_clock() < deadline) {
		login->socket = channel_connect(login->config.socket);
		if (login->socket >= 0)
			return true;
		if (errno != EAGAIN &&
		    (errno != ECONNREFUSED || probe_clock() >= refused))
			return false;
		usleep(PAUSE_US);
	}
	errno = ETIMEDOUT;
	return false;
}

/* sshd(8): the client's address is the first word. */
static json_t *address_of(const struct login *login)
{
	const char *connection = variable(login, "SSH_CONNECTION");

	return connection ? json_stringn(connection, strcspn(connection, " "))
			  : json_null();
}

static bool open_session(struct login *login, int64_t deadline, char why[256])
{
	bool lost = true;

	/* A tallyd that ends while it is asked is followed by another one. */
	while (lost && connect_to(login, deadline)) {
		json_t *answer =
			ask(login,
			    json_pack("{s:i, s:s, s:s, s:o}", "v", BOOKS_VERSION, "op",
				      "session-open", "shell", login->shell, "address",
				      address_of(login)),
			    NULL, deadline, &lost, why);
		const char *directory =
			json_string_value(json_object_get(answer, "directory"));

		login->session.directory =
			directory ? arena_strdup(login->arena, directory) : NULL;
		json_decref(answer);
		if (login->session.directory)
			return true;
		close(login->socket);
		login->socket = -1;
		usleep(PAUSE_US);
	}
	if (lost)
		snprintf(why, 256, "tallyd cannot be reached (%s)", strerror(errno));
	return false;
}

/*
 * Has tallyd see every exec from here on. 1; 0 when somebody does already; -1 when the
 * kernel lets nobody. Where tallyd went away meanwhile *listener is still open: every exec
 * waits until somebody answers it.
 */
static int supervise(struct login *login, int64_t deadline, int *listener, char why[256])
{
	struct fault fault = {0};
	bool lost;

	*listener = supervise_install(&fault);
	if (*listener == SUPERVISE_NESTED)
		return 0;
	if (*listener < 0) {
		snprintf(why, 256, "%.250s", fault.text);
		return -1;
	}
	do {
		json_t *answer = ask(login,
				     json_pack("{s:i, s:s}", "v", BOOKS_VERSION, "op",
					       "session-listen"),
				     listener, deadline, &lost, why);

		if (answer) {
			json_decref(answer);
			close(*listener);
			*listener = -1;
			return 1;
		}
		/* Another tallyd knows nothing of what the one before was asked. */
		close(login->socket);
		login->socket = -1;
		usleep(PAUSE_US);
	} while (probe_clock() < deadline && open_session(login, deadline, why));
	return 1;
}

/*
 * No supervisor: the shim still brings guarded commands to the gate, which asks tallyd, which
 * is not there or does not know it, and so refuses them. Everything else runs.
 */
static bool go_unsupervised(struct login *login, const char *why)
{
	struct session *session = &login->session;
	struct fault broken = {0}, fault = {0};
	char line[512];

	snprintf(
		line, sizeof(line),
		"this session is not supervised, and guarded commands are refused in it: "
		"%.300s; log in again when an administrator has put that right",
		why);
	warn(line);
	if (session_defaults(login->arena, login->config.rules, session, &fault) < 0) {
		warn(fault.text);
		return false;
	}
	session->shell = login->shell;
	session->installed = true;
	session->daemon = login->config.socket;
	if (session_create(login->arena, session, &broken, &fault) < 0) {
		warn(fault.text);
		return false;
	}
	set_variable(login, "TALLY_SESSION", session->directory);
	preload_shim(login);
	return true;
}

/*
 * The filter is there for good, and tallyd is not: a process of our own lets go on what is
 * not guarded, so that there is a login at all.
 */
static void serve_alone(struct login *login, int listener)
{
	pid_t child = fork();
	struct fault fault;

	if (child > 0)
		waitpid(child, NULL, 0);
	if (child == 0) {
		if (fork() != 0)
			_exit(0);
		(void)setsid();
		descriptors_release(&listener, 1);
		drop_capabilities();
		prctl(PR_SET_NAME, "tally-supervise");
		(void)supervise_serve(listener, &login->session, -1, NULL, NULL, &fault);
		session_remove(&login->session);
		_exit(0);
	}
	close(listener);
}

/* Root, and whoever may break the glass: the shell, and a record of it if one can be had. */
static bool is_plain(const struct login *login)
{
	return getuid() == 0 ||
	       (login->config.break_glass &&
		daemon_config_member(getuid(), login->config.break_glass));
}

static void tell_plain(struct login *login)
{
	int64_t deadline = probe_clock() + PLAIN_SECONDS * 1000;
	char why[256];
	bool lost;

	if (getuid() != 0 && connect_to(login, deadline))
		json_decref(ask(login,
				json_pack("{s:i, s:s}", "v", BOOKS_VERSION, "op",
					  "session-plain"),
				NULL, deadline, &lost, why));
}

static void go_supervised(struct login *login)
{
	int64_t deadline = probe_clock() + OPEN_SECONDS * 1000;
	char why[256] = "";
	int result, listener = -1;

	if (!may_install()) {
		go_unsupervised(login, "tallysh has not got its capability; it is set by "
				       "`setcap cap_sys_admin=ep` on its file");
		return;
	}
	if (!open_session(login, deadline, why)) {
		go_unsupervised(login, why);
		return;
	}
	result = supervise(login, deadline, &listener, why);
	if (result < 0) {
		go_unsupervised(login, why);
	} else if (result > 0 && listener >= 0) {
		if (go_unsupervised(login, why))
			serve_alone(login, listener);
	} else if (result > 0) {
		login->session.gate =
			arena_printf(login->arena, "%s/tally-gate",
				     session_program_directory(login->arena));
		set_variable(login, "TALLY_SESSION", login->session.directory);
		if (login->session.gate)
			preload_shim(login);
	}
}

int session_installed_run(struct arena *arena, char **argv, char **envp)
{
	struct login login = {.arena = arena, .argv = argv, .socket = -1};
	struct fault fault = {0};
	char line[FAULT_LINE];

	if (daemon_config_load(arena, DAEMON_CONFIG, &login.config, &fault) < 0)
		warn(fault_line(&fault, line));
	if (take_environment(&login, envp) < 0) {
		warn("out of memory");
		(void)execve("/bin/sh", argv, envp);
		return EXIT_STATUS_FAILED;
	}
	choose_shell(&login);
	if (is_plain(&login))
		tell_plain(&login);
	else
		go_supervised(&login);
	return become(&login);
}
