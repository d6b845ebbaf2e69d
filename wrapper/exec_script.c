#include "exec_script.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

bool script_line_read(const char *bytes, size_t length, struct script_line *line)
{
	const char *end, *start = bytes + 2, *stop;

	if (length > SCRIPT_LINE)
		length = SCRIPT_LINE;
	if (length < 2 || bytes[0] != '#' || bytes[1] != '!')
		return false;
	end = memchr(bytes, '\n', length);
	if (!end)
		end = bytes + strnlen(bytes, length);
	while (end > start && is_blank(end[-1]))
		end--;
	while (start < end && is_blank(*start))
		start++;
	for (stop = start; stop < end && !is_blank(*stop) && *stop; stop++)
		;
	if (stop == start || stop - start >= SCRIPT_LINE)
		return false;
	memcpy(line->interpreter, start, (size_t)(stop - start));
	line->interpreter[stop - start] = '\0';
	while (stop < end && is_blank(*stop))
		stop++;
	memcpy(line->argument, stop, (size_t)(end - stop));
	line->argument[end - stop] = '\0';
	return true;
}

bool script_line_of(int fd, struct script_line *line)
{
	char path[64], bytes[SCRIPT_LINE];
	ssize_t length;
	int file;

	/* A descriptor that only stands for the file has to be opened for reading. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (file < 0)
		return false;
	length = pread(file, bytes, sizeof(bytes), 0);
	close(file);
	return length > 0 && script_line_read(bytes, (size_t)length, line);
}
