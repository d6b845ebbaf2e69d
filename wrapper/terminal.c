#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static const char *variable(const char *const *env, const char *name)
{
	size_t length = strlen(name);

	for (; env && *env; env++)
		if (strncmp(*env, name, length) == 0 && (*env)[length] == '=')
			return *env + length + 1;
	return NULL;
}

bool terminal_utf8(const char *const *env)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = variable(env, names[i]);

		if (!value || !*value)
			continue;
		return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

static unsigned columns(int fd, const char *const *env)
{
	const char *text = variable(env, "COLUMNS");
	struct winsize size;
	unsigned long width = 80;

	if (fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		width = size.ws_col;
	else if (text && *text >= '1' && *text <= '9')
		width = strtoul(text, NULL, 10);
	if (width < TERMINAL_NARROWEST)
		return TERMINAL_NARROWEST;
	return width > TERMINAL_WIDEST ? TERMINAL_WIDEST : (unsigned)width;
}

void terminal_look(struct terminal *terminal, int fd, const char *const *env)
{
	const char *term = variable(env, "TERM");
	const char *no_color = variable(env, "NO_COLOR");

	terminal->dumb = !term || !*term || strcmp(term, "dumb") == 0;
	terminal->utf8 = terminal_utf8(env);
	terminal->colour =
		fd >= 0 && isatty(fd) && !terminal->dumb && (!no_color || !*no_color);
	terminal->width = columns(fd, env);
}

unsigned terminal_width(int fd)
{
	return columns(fd, (const char *const *)environ);
}

bool terminal_colour(int fd)
{
	struct terminal terminal = {.fd = fd};

	terminal_look(&terminal, fd, (const char *const *)environ);
	return terminal.colour;
}

int terminal_open(struct terminal *terminal, const char *const *env)
{
	memset(terminal, 0, sizeof(*terminal));
	terminal->fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	terminal_look(terminal, terminal->fd, env);
	return terminal->fd < 0 ? -1 : 0;
}

void terminal_close(struct terminal *terminal)
{
	if (terminal->fd >= 0)
		close(terminal->fd);
	terminal->fd = -1;
}

bool terminal_foreground(const struct terminal *terminal)
{
	return terminal->fd >= 0 && tcgetpgrp(terminal->fd) == getpgrp();
}

int terminal_claim(const struct terminal *terminal)
{
	/*
	 * Waiting for output to drain changes nothing, but makes the kernel do what it does
	 * to any background job that wants the terminal: SIGTTOU, or EIO when nobody could
	 * ever continue it. (Setting what tcgetattr() gives would do so too, but then with
	 * the settings the shell edits its own line with.)
	 */
	if (terminal->fd < 0)
		return -1;
	if (terminal_foreground(terminal))
		return 0;
	while (tcdrain(terminal->fd) < 0)
		if (errno != EINTR)
			return -1;
	return terminal_foreground(terminal) ? 0 : -1;
}

int terminal_write(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t done = write(fd, text, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		text += done;
		length -= (size_t)done;
	}
	return 0;
}
