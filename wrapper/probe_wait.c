#include "probe_wait.h"

#include <stdio.h>
#include <string.h>

void probe_wait_begin(struct probe_wait *wait, const struct probe *probe, int64_t started,
		      int64_t limit)
{
	*wait = (struct probe_wait){
		.probe = probe,
		.started = started,
		.limit = limit,
		.next = probe->terminal && terminal_foreground(probe->terminal)
				? started + PROBE_SILENT_MS
				: limit,
	};
}

/* The words of the probe as far as `room` columns go; what does not print becomes '?'. */
static void put_command(char *text, size_t room, const char *const *argv)
{
	size_t used = 0;

	for (; *argv && used < room; argv++) {
		for (const char *c = *argv; *c && used < room; c++)
			text[used++] = *c >= ' ' && *c < 0x7f ? *c : '?';
		if (argv[1] && used < room)
			text[used++] = ' ';
	}
	if (*argv && used > 3)
		memcpy(text + used - 3, "...", 3);
	text[used] = '\0';
}

int64_t probe_wait_show(struct probe_wait *wait, int64_t now)
{
	const struct terminal *terminal = wait->probe->terminal;
	char line[TERMINAL_WIDEST + 64], words[TERMINAL_WIDEST + 1], tail[64];
	int head, rest, length;

	if (now < wait->next)
		return wait->next < wait->limit ? wait->next : wait->limit;
	if (!terminal || now >= wait->limit || (wait->shown && terminal->dumb))
		return wait->limit;
	wait->next = now + 1000 - (now - wait->started) % 1000;
	/* A line that another job interrupts is worse than none. */
	if (!terminal_foreground(terminal))
		return wait->next < wait->limit ? wait->next : wait->limit;
	head = snprintf(line, sizeof(line),
			"%stallygate: %s: ", terminal->dumb ? "" : "\r",
			wait->probe->purpose);
	rest = snprintf(tail, sizeof(tail), " (%lld s, limit %lld s; Ctrl-C stops)%s",
			(long long)(now - wait->started) / 1000,
			(long long)(wait->limit - wait->started + 999) / 1000,
			terminal->dumb ? "\n" : "\033[K");
	if (head < 0 || rest < 0)
		return wait->limit;
	/* One column stays free, so that no terminal wraps. */
	length = (int)terminal->width - 1 - (head - 1) - (rest - 3);
	put_command(words, length > 8 ? (size_t)length : 8, wait->probe->need->argv);
	length = snprintf(line + head, sizeof(line) - (size_t)head, "%s%s", words, tail);
	if (length > 0 && head + length < (int)sizeof(line))
		terminal_write(terminal->fd, line, (size_t)head + (size_t)length);
	wait->shown = true;
	return wait->next < wait->limit ? wait->next : wait->limit;
}

void probe_wait_end(struct probe_wait *wait)
{
	if (wait->shown && !wait->probe->terminal->dumb)
		terminal_write(wait->probe->terminal->fd, "\r\033[K", 4);
}
