#include "fault.h"

#include <stdarg.h>
#include <stdio.h>

int fault_set(struct fault *fault, const char *format, ...)
{
	va_list args;

	if (!fault)
		return -1;
	fault->file[0] = '\0';
	fault->line = 0;
	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	return -1;
}

int fault_at(struct fault *fault, const char *file, int line, const char *format, ...)
{
	va_list args;

	if (!fault)
		return -1;
	snprintf(fault->file, sizeof(fault->file), "%s", file ? file : "");
	fault->line = line;
	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	return -1;
}

const char *fault_line(const struct fault *fault, char line[FAULT_LINE])
{
	if (fault->file[0] && fault->line)
		snprintf(line, FAULT_LINE, "%s:%d: %s", fault->file, fault->line,
			 fault->text);
	else if (fault->file[0])
		snprintf(line, FAULT_LINE, "%s: %s", fault->file, fault->text);
	else
		snprintf(line, FAULT_LINE, "%s", fault->text);
	return line;
}
