/* Answers from the world: files, directories, input that is given back, probes. */
#include "answer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"
#include "tap.h"

static struct arena *arena;
static char directory[] = "/tmp/test_answer.XXXXXX";
static const char *const environment[] = {"PATH=/usr/bin:/bin", "COLOUR=red", NULL};
static const char *const words[] = {"tool", NULL};
static struct command command = {
	.argv = words, .argc = 1, .env = environment, .cwd = directory};

static void write_file(const char *name, const char *bytes, size_t length)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, bytes, length) != (ssize_t)length) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
	close(fd);
}

static struct answer_options options;

/* The answer to one question, NULL when answer_facts() failed. */
static const struct fact *ask(struct need need)
{
	static struct facts facts;
	struct fault fault = {0};

	facts_init(&facts, arena);
	facts_get(&facts, &need);
	if (answer_facts(&facts, &command, &options, &fault) < 0) {
		printf("# %s\n", fault.text);
		return NULL;
	}
	return facts_get(&facts, &need);
}

static const struct fact *ask_shell(const char *script, unsigned timeout)
{
	const char **argv = arena_array(arena, 4, sizeof(*argv));

	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = script;
	return ask((struct need){.kind = FACT_PROBE, .argv = argv, .timeout = timeout});
}

static void files(void)
{
	const struct fact *fact;
	char path[256];

	write_file("hosts", "a\0b\n", 4);
	fact = ask((struct need){.kind = FACT_FILE, .path = "hosts"});
	ok(fact && fact->state == FACT_OK && fact->length == 4 &&
		   memcmp(fact->data, "a\0b\n", 4) == 0,
	   "a file, relative to the command's directory, byte for byte");
	fact = ask((struct need){.kind = FACT_FILE, .path = "none"});
	ok(fact && fact->state == FACT_ABSENT && strstr(fact->error, "none"),
	   "a file that is not there");
	fact = ask((struct need){.kind = FACT_FILE, .path = "."});
	ok(fact && fact->state == FACT_FAILED, "a directory is no file");
	snprintf(path, sizeof(path), "%s/fifo", directory);
	if (mkfifo(path, 0600) < 0)
		printf("Bail out! mkfifo\n");
	fact = ask((struct need){.kind = FACT_FILE, .path = "fifo"});
	ok(fact && fact->state == FACT_FAILED && strstr(fact->error, "pipe"),
	   "a named pipe is not read: %s", fact ? fact->error : "");
	fact = ask((struct need){.kind = FACT_FILE, .path = "/dev/zero"});
	ok(fact && fact->state == FACT_TOO_BIG, "an endless file is too big");
	fact = ask((struct need){.kind = FACT_KIND, .path = "hosts"});
	ok(fact && strcmp(fact->data, "file") == 0, "kind: file");
	fact = ask((struct need){.kind = FACT_KIND, .path = "."});
	ok(fact && strcmp(fact->data, "directory") == 0, "kind: directory");
	fact = ask((struct need){.kind = FACT_KIND, .path = "/bin/sh"});
	ok(fact && strcmp(fact->data, "program") == 0, "kind: program");
	write_file("b", "", 0);
	fact = ask((struct need){.kind = FACT_LIST, .path = "."});
	ok(fact && fact->state == FACT_OK && strcmp(fact->data, "b\nfifo\nhosts\n") == 0,
	   "a directory's names, sorted");
	fact = ask((struct need){.kind = FACT_LIST, .path = "hosts"});
	ok(fact && fact->state == FACT_ABSENT, "a file has no list");
}

static void probes(void)
{
	const struct fact *fact = ask_shell("echo out; echo err >&2", 0);

	ok(fact && fact->state == FACT_OK && strcmp(fact->data, "out\n") == 0,
	   "a probe's stdout");
	fact = ask_shell("echo some; echo first >&2; printf 'last line\\n\\n' >&2; exit "
			 "3",
			 0);
	ok(fact && fact->state == FACT_FAILED && fact->status == 3, "its exit status");
	ok(fact && strcmp(fact->data, "some\n") == 0, "stdout is kept even so");
	is_text(fact ? fact->error : NULL, "sh exited with status 3: last line",
		"the last line of stderr says why");
	fact = ask_shell("kill -KILL $$", 0);
	ok(fact && fact->state == FACT_FAILED && fact->status == 128 + SIGKILL,
	   "ended by a signal");
	fact = ask_shell("pwd; echo $COLOUR", 0);
	ok(fact && strstr(fact->data, directory) && strstr(fact->data, "red"),
	   "runs in the command's directory with its environment");
	fact = ask_shell("read x; echo \"<$x>\"; (: </dev/tty) 2>/dev/null || echo alone",
			 0);
	is_text(fact ? fact->data : NULL, "<>\nalone\n",
		"stdin is empty, and there is no terminal to ask on");
	static const char *const missing[] = {"no-such-program", NULL};
	fact = ask((struct need){.kind = FACT_PROBE, .argv = missing});
	ok(fact && fact->state == FACT_ABSENT, "a program that is not there");
	static const char *const cat[] = {"cat", NULL};
	fact = ask((struct need){.kind = FACT_PROBE, .argv = cat, .input = "given"});
	ok(fact && strcmp(fact->data, "given") == 0, "a text on stdin");
	static const char *const env[] = {"env", NULL};
	static const char *const extra[] = {"COLOUR=blue", "NEW=1", NULL};
	fact = ask((struct need){.kind = FACT_PROBE, .argv = env, .env = extra});
	is_text(fact ? fact->data : NULL, "PATH=/usr/bin:/bin\nCOLOUR=blue\nNEW=1\n",
		"entries of the need replace those of the command");
	write_file("script", "echo from a script\n", 19);
	static const char *const script[] = {"./script", NULL};
	fact = ask((struct need){.kind = FACT_PROBE, .argv = script});
	ok(fact && fact->state == FACT_ABSENT, "not executable: not there");
	char path[256];
	snprintf(path, sizeof(path), "%s/script", directory);
	chmod(path, 0755);
	static const char *const again[] = {"./script", "x", NULL};
	fact = ask((struct need){.kind = FACT_PROBE, .argv = again});
	is_text(fact ? fact->data : NULL, "from a script\n",
		"a script without #! runs in sh, as execvp() does it");
}

static bool has_ended(const char *file)
{
	const struct fact *fact = ask((struct need){.kind = FACT_FILE, .path = file});
	pid_t pid = fact && fact->state == FACT_OK ? (pid_t)atoi(fact->data) : 0;
	char path[64], state = 'Z', text[512];
	int fd;

	if (pid <= 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return true;
	/* Dead, and only waiting for whoever inherited it. */
	ssize_t got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got > 0) {
		text[got] = '\0';
		state = strrchr(text, ')')[2];
	}
	return state == 'Z' || state == 'X';
}

/* Signals take effect when the other process is next scheduled: looks again for a while. */
static bool is_gone(const char *file)
{
	const struct timespec pause = {.tv_nsec = 10000000};

	for (int i = 0; i < 1000 && !has_ended(file); i++)
		nanosleep(&pause, NULL);
	return has_ended(file);
}

static void limits(void)
{
	const struct fact *fact;

	fact = ask_shell("sleep 1000 & echo $! >child; echo waiting for the moon >&2; "
			 "wait",
			 1);
	ok(fact && fact->state == FACT_TIMEOUT, "a probe that hangs is ended in time");
	is_text(fact ? fact->error : NULL,
		"sh did not end within 1 s: waiting for the moon",
		"and what it said is told");
	ok(is_gone("child"), "with everything it started");
	fact = ask_shell("trap '' TERM; echo $$ >child; while :; do sleep 1; done", 1);
	ok(fact && fact->state == FACT_TIMEOUT && is_gone("child"),
	   "also when it does not want to");
	fact = ask_shell("yes abcdefghijklmnopqrstuvwxyz", 60);
	ok(fact && fact->state == FACT_TOO_BIG && fact->length <= PROBE_OUTPUT,
	   "output without end is cut and said to be");
	fact = ask_shell("yes x | head -c 3000000 >&2; echo ok", 60);
	ok(fact && fact->state == FACT_OK && strcmp(fact->data, "ok\n") == 0,
	   "a flood of stderr does not block it");
	options.deadline = probe_clock() + 200;
	fact = ask_shell("sleep 1000", 60);
	ok(fact && fact->state == FACT_TIMEOUT, "the deadline of the whole holds too");
	options.deadline = 0;
}

static void interrupted(void)
{
	struct facts facts;
	struct fault fault = {0};
	static const char *const argv[] = {"sh", "-c", "kill -INT $PPID; sleep 1000",
					   NULL};

	facts_init(&facts, arena);
	facts_probe(&facts, argv);
	ok(answer_facts(&facts, &command, &options, &fault) < 0 &&
		   options.stopped == SIGINT,
	   "Ctrl-C ends the wait, and is told: %s", fault.text);
}

struct announced {
	pid_t child;
	bool running;
	char program[64];
};

static int announce(void *context, pid_t child, const char *path, const char *const *argv,
		    struct fault *fault)
{
	struct announced *announced = context;
	char exe[64], link[256] = "", own[256] = "";

	snprintf(exe, sizeof(exe), "/proc/%d/exe", (int)child);
	announced->child = child;
	/* Not executed yet: it still is this program. */
	announced->running = readlink(exe, link, sizeof(link) - 1) > 0 &&
			     readlink("/proc/self/exe", own, sizeof(own) - 1) > 0 &&
			     strcmp(link, own) == 0;
	snprintf(announced->program, sizeof(announced->program), "%s", path);
	return strcmp(argv[0], "refuse") == 0 ? fault_set(fault, "not granted") : 0;
}

static void announcements(void)
{
	struct announced announced = {0};
	const struct fact *fact;

	options.announce = announce;
	options.context = &announced;
	fact = ask_shell("echo $$", 0);
	ok(fact && atoi(fact->data) == announced.child && announced.running,
	   "a probe is announced by its pid before it executes");
	ok(strstr(announced.program, "/sh"), "and by the file that it will execute");
	write_file("refuse", "#!/bin/sh\n: >ran\n", 17);
	options.context = &announced;
	command.env = (const char *const[]){"PATH=.", NULL};
	char path[256];
	snprintf(path, sizeof(path), "%s/refuse", directory);
	chmod(path, 0755);
	static const char *const argv[] = {"refuse", NULL};
	fact = ask((struct need){.kind = FACT_PROBE, .argv = argv});
	ok(!fact, "without leave it does not run");
	snprintf(path, sizeof(path), "%s/ran", directory);
	ok(access(path, F_OK) < 0, "really not");
	command.env = environment;
	options.announce = NULL;
	options.context = NULL;
}

/* Makes `fd` a pipe that holds `bytes` and whose other end is closed. */
static void pipe_in(int fd, const char *bytes, size_t length)
{
	int ends[2];
	pid_t pid;

	if (pipe(ends) < 0)
		exit(1);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		for (size_t done = 0; done < length;) {
			ssize_t got = write(ends[1], bytes + done, length - done);

			if (got <= 0)
				_exit(1);
			done += (size_t)got;
		}
		_exit(0);
	}
	close(ends[1]);
	dup2(ends[0], fd);
	close(ends[0]);
}

static bool fd_holds(int fd, const char *bytes, size_t length)
{
	char *copy = malloc(length + 2);
	size_t total = 0;
	ssize_t got;

	while ((got = read(fd, copy + total, length + 1 - total)) > 0)
		total += (size_t)got;
	bool same = total == length && memcmp(copy, bytes, length) == 0;
	free(copy);
	return same;
}

static void input(void)
{
	enum { LENGTH = 3000000 };
	char *bytes = malloc(LENGTH);
	struct replay replay = {0};
	struct fault fault = {0};
	const struct fact *fact;
	char path[256];

	for (size_t i = 0; i < LENGTH; i++)
		bytes[i] = (char)(i * 131 + i / 257);
	options.replay = &replay;
	pipe_in(STDIN_FILENO, bytes, LENGTH);
	fact = ask((struct need){.kind = FACT_STDIN});
	ok(fact && fact->state == FACT_OK && fact->length == LENGTH &&
		   memcmp(fact->data, bytes, LENGTH) == 0,
	   "a pipe on stdin is read to its end");
	fact = ask((struct need){.kind = FACT_STDIN});
	ok(fact && fact->state == FACT_OK && fact->length == LENGTH,
	   "and answers a second time");
	pipe_in(50, "web[1-3]\n", 9);
	fact = ask((struct need){.kind = FACT_FILE, .path = "/dev/fd/50"});
	ok(fact && fact->state == FACT_OK && strcmp(fact->data, "web[1-3]\n") == 0,
	   "a process substitution is read");
	ok(replay_install(&replay, &fault) == 0 && fd_holds(STDIN_FILENO, bytes, LENGTH),
	   "the tool gets the very same bytes on stdin");
	ok(fd_holds(50, "web[1-3]\n", 9), "and on the other pipe");
	ok(!(fcntl(STDIN_FILENO, F_GETFD) & FD_CLOEXEC), "stdin survives the exec");
	replay_close(&replay);

	snprintf(path, sizeof(path), "%s/hosts", directory);
	write_file("hosts", "one\ntwo\n", 8);
	int fd = open(path, O_RDONLY);
	dup2(fd, STDIN_FILENO);
	close(fd);
	lseek(STDIN_FILENO, 4, SEEK_SET);
	fact = ask((struct need){.kind = FACT_STDIN});
	is_text(fact ? fact->data : NULL, "two\n", "a file on stdin, from where it is");
	write_file("hosts", "changed\n", 8);
	ok(replay_install(&replay, &fault) == 0 && fd_holds(STDIN_FILENO, "two\n", 4),
	   "what was counted is what the tool gets, even if the file changes");
	replay_close(&replay);

	free(bytes);
	bytes = calloc(1, ANSWER_INPUT + 1);
	pipe_in(STDIN_FILENO, bytes, ANSWER_INPUT + 1);
	fact = ask((struct need){.kind = FACT_STDIN});
	ok(fact && fact->state == FACT_TOO_BIG, "more than the bound is too big");
	ok(replay_install(&replay, &fault) < 0 && strstr(fault.text, "too long"),
	   "and cannot be given back: %s", fault.text);
	replay_close(&replay);
	free(bytes);

	options.no_input = true;
	fact = ask((struct need){.kind = FACT_STDIN});
	ok(fact && fact->state == FACT_FAILED, "somebody else's stdin is not read");
	options.no_input = false;
	options.line_input = "told";
	fact = ask((struct need){.kind = FACT_FILE, .path = "/dev/stdin"});
	is_text(fact ? fact->data : NULL, "told", "an input that is told");
	options.line_input = NULL;
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	dup2(terminal, STDIN_FILENO);
	fact = ask((struct need){.kind = FACT_STDIN});
	ok(fact && fact->state == FACT_TERMINAL, "a terminal is not read");
	close(terminal);
	while (wait(NULL) > 0)
		;
}

int main(void)
{
	static const char *const left[] = {"hosts",  "fifo",  "b",
					   "script", "child", "refuse"};
	char path[256];

	if (!mkdtemp(directory))
		return 1;
	arena = arena_new((size_t)2 << 30);
	files();
	probes();
	limits();
	interrupted();
	announcements();
	input();
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, left[i]);
		unlink(path);
	}
	ok(rmdir(directory) == 0, "nothing is left behind");
	arena_free(arena);
	return done();
}
