#include "prompt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"
#include "line_editor.h"

/*
 * One question being asked. readline's callbacks take no argument, so there is one of these
 * in the process, and it is only valid while prompt_ask() runs.
 */
static struct asking {
	struct prompt *prompt;
	int fd;
	struct termios settings; /* as they were found */
	struct interrupt interrupt;
	struct line_editor editor;
	bool editing; /* readline is there */
	int64_t limit;
	bool over;
	enum prompt_end end;
	char raw[PROMPT_ANSWER]; /* the last bytes received, for the paste marker */
	size_t raw_length;
	size_t typed;		   /* printing characters */
	int64_t first_us, last_us; /* when the first and the last of them came */
	bool pasted;
} asking;

static const char paste_start[] = "\033[200~";

static int64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void finish(enum prompt_end end)
{
	if (!asking.over)
		asking.end = end;
	asking.over = true;
}

/* Notes when characters come, and sees the marker that terminals put before a paste. */
static void notice(unsigned char byte)
{
	size_t length = sizeof(paste_start) - 1;

	if (asking.raw_length == sizeof(asking.raw)) {
		memmove(asking.raw, asking.raw + asking.raw_length - length, length);
		asking.raw_length = length;
	}
	asking.raw[asking.raw_length++] = (char)byte;
	if (asking.raw_length >= length &&
	    memcmp(asking.raw + asking.raw_length - length, paste_start, length) == 0)
		asking.pasted = true;
	if (byte <= ' ' || byte == 0x7f)
		return;
	asking.last_us = clock_us();
	if (asking.typed++ == 0)
		asking.first_us = asking.last_us;
}

static bool burst(void)
{
	int64_t gaps = (int64_t)asking.typed - 1;

	return gaps > 0 && asking.last_us - asking.first_us < gaps * PROMPT_PASTE_US;
}

/* One character for readline, or EOF when there is something else to be looked at. */
static int get_character(FILE *stream)
{
	unsigned char byte;
	struct pollfd fds[] = {{.fd = asking.fd, .events = POLLIN},
			       {.fd = asking.interrupt.fd, .events = POLLIN}};

	(void)stream;
	for (;;) {
		int64_t left = (asking.limit - clock_us()) / 1000;
		int ready = poll(fds, 2, left > 0 ? (int)left + 1 : 0), number;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return EOF;
		if (fds[0].revents)
			break;
		/* Only in the middle of a key of several characters. */
		number = interrupt_take(&asking.interrupt);
		if (number && number != SIGWINCH && number != SIGTSTP) {
			asking.prompt->signal = number;
			finish(PROMPT_INTERRUPTED);
			return EOF;
		}
	}
	if (read(asking.fd, &byte, 1) != 1)
		return EOF;
	notice(byte);
	if (asking.pasted && !asking.prompt->may_paste) {
		/* What else is pasted must not be typed into the shell afterwards. */
		finish(PROMPT_PASTED);
		return EOF;
	}
	return byte;
}

static void take_line(const char *line)
{
	size_t length;

	line += strspn(line, " \t\r\n");
	length = strlen(line);
	while (length > 0 && strchr(" \t\r\n", line[length - 1]))
		length--;
	if (length >= PROMPT_ANSWER) {
		finish(PROMPT_TOO_LONG);
		return;
	}
	memcpy(asking.prompt->answer, line, length);
	asking.prompt->answer[length] = '\0';
	finish(PROMPT_ANSWERED);
}

static void handle_line(char *line)
{
	/* Removed here, or readline would show the prompt once more. */
	asking.editor.remove();
	if (line)
		take_line(line);
	else
		finish(PROMPT_CLOSED);
	free(line);
}

/* ---- without readline ---- */

static void write_text(const char *text)
{
	terminal_write(asking.fd, text, strlen(text));
}

static void plain_start(void)
{
	struct termios settings = asking.settings;

	/* A program before us may have left it otherwise; it is put back afterwards. */
	settings.c_lflag |= ICANON | ECHO | ECHOE | ISIG;
	settings.c_iflag |= ICRNL;
	tcsetattr(asking.fd, TCSADRAIN, &settings);
	if (!asking.prompt->terminal->dumb)
		write_text("\033[?2004h");
	write_text(asking.prompt->question);
}

static void plain_stop(void)
{
	if (!asking.prompt->terminal->dumb)
		write_text("\033[?2004l");
}

static void plain_read(void)
{
	char line[PROMPT_ANSWER];
	ssize_t got = read(asking.fd, line, sizeof(line) - 1);

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		finish(PROMPT_CLOSED);
		return;
	}
	line[got] = '\0';
	for (ssize_t i = 0; i < got; i++)
		notice((unsigned char)line[i]);
	/* Whole lines come at once here: time says nothing, only the marker does. */
	asking.typed = 0;
	if (asking.pasted && !asking.prompt->may_paste)
		finish(PROMPT_PASTED);
	else if (got == (ssize_t)sizeof(line) - 1 && line[got - 1] != '\n')
		finish(PROMPT_TOO_LONG);
	else
		take_line(line);
}

/* ---- both ---- */

static void start(void)
{
	tcflush(asking.fd, TCIFLUSH);
	asking.raw_length = 0;
	asking.typed = 0;
	asking.pasted = false;
	asking.limit = clock_us() + (int64_t)asking.prompt->timeout * 1000000;
	if (asking.editing)
		asking.editor.install(asking.prompt->question, handle_line);
	else
		plain_start();
}

static void stop(void)
{
	if (asking.editing) {
		asking.editor.remove();
		fflush(asking.editor.stream);
	} else {
		plain_stop();
	}
	tcsetattr(asking.fd, TCSADRAIN, &asking.settings);
}

/* Ctrl-Z: stops as the tool would, and asks again when brought forward. */
static void suspend(void)
{
	stop();
	write_text("\n");
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	/* The whole group has had the signal from the terminal; only this process held it. */
	kill(getpid(), SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (terminal_claim(asking.prompt->terminal) < 0 ||
	    tcgetattr(asking.fd, &asking.settings) < 0) {
		finish(PROMPT_NOBODY);
		return;
	}
	asking.prompt->suspended = true;
	if (asking.prompt->before)
		write_text(asking.prompt->before);
	start();
}

static void take_signal(int number)
{
	switch (number) {
	case 0:
		break;
	case SIGTSTP:
		suspend();
		break;
	case SIGWINCH:
		if (asking.editing)
			asking.editor.resized();
		break;
	default:
		asking.prompt->signal = number;
		finish(PROMPT_INTERRUPTED);
	}
}

static void wait_for_answer(void)
{
	while (!asking.over) {
		struct pollfd fds[] = {{.fd = asking.interrupt.fd, .events = POLLIN},
				       {.fd = asking.fd, .events = POLLIN}};
		int64_t left = (asking.limit - clock_us()) / 1000;
		int ready = left > 0 ? poll(fds, 2, (int)left + 1) : 0;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0) {
			finish(PROMPT_FAILED);
		} else if (ready == 0) {
			if (clock_us() >= asking.limit)
				finish(PROMPT_LATE);
		} else if (fds[0].revents) {
			take_signal(interrupt_take(&asking.interrupt));
		} else if (fds[1].revents & (POLLHUP | POLLERR | POLLNVAL)) {
			finish(PROMPT_CLOSED);
		} else if (asking.editing) {
			asking.editor.read_char();
		} else {
			plain_read();
		}
	}
}

/* The rest of what was pasted must not end up on the shell's next line. */
static void drain(void)
{
	int64_t until = clock_us() + 1000000;
	struct pollfd fd = {.fd = asking.fd, .events = POLLIN};
	char rest[512];

	while (asking.editing && clock_us() < until && poll(&fd, 1, 50) > 0)
		if (read(asking.fd, rest, sizeof(rest)) <= 0)
			break;
	tcflush(asking.fd, TCIFLUSH);
}

static void leave(void)
{
	/* An answer ends with a new line; whatever else ended it leaves the cursor there. */
	bool fresh = asking.end == PROMPT_ANSWERED || asking.end == PROMPT_TOO_LONG;
	sigset_t set, before;

	if (asking.end == PROMPT_ANSWERED && !asking.prompt->may_paste && burst())
		asking.end = PROMPT_PASTED;
	if (asking.end == PROMPT_PASTED)
		drain();
	/* Settings are put back even if another job has taken the terminal meanwhile. */
	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, &before);
	stop();
	if (!fresh && asking.end != PROMPT_NOBODY)
		write_text("\n");
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (asking.editing)
		line_editor_close(&asking.editor);
}

enum prompt_end prompt_ask(struct prompt *prompt)
{
	prompt->answer[0] = '\0';
	prompt->signal = 0;
	prompt->suspended = false;
	if (prompt->timeout == 0)
		prompt->timeout = PROMPT_SECONDS;
	if (terminal_claim(prompt->terminal) < 0)
		return PROMPT_NOBODY;
	asking = (struct asking){.prompt = prompt, .fd = prompt->terminal->fd};
	if (tcgetattr(asking.fd, &asking.settings) < 0)
		return PROMPT_NOBODY;
	if (interrupt_begin(&asking.interrupt, true) < 0)
		return PROMPT_FAILED;
	if (prompt->before)
		write_text(prompt->before);
	asking.editing = line_editor_open(&asking.editor, asking.fd, get_character);
	start();
	wait_for_answer();
	leave();
	interrupt_end(&asking.interrupt);
	return asking.end;
}
