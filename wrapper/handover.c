#include "handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static const char magic[] = "tallygate handover 1";
enum { SEARCHED = 4096 }; /* descriptors behind the gate's that may hold the note */

/* ---- the supervisor's side ---- */

struct note {
	char text[HANDOVER_BYTES];
	size_t length;
	bool overflow;
};

static void add(struct note *note, const char *field)
{
	size_t size = strlen(field) + 1;

	if (size > sizeof(note->text) - note->length) {
		note->overflow = true;
		return;
	}
	memcpy(note->text + note->length, field, size);
	note->length += size;
}

static int write_note(int fd, const char *session, const struct exec_target *target,
		      const struct handover_given *given)
{
	struct note note = {.length = 0};
	char number[64];

	add(&note, magic);
	/* A note that was left lying by an exec that failed is for other numbers. */
	snprintf(number, sizeof(number), "%d %d", given->gate, given->note);
	add(&note, number);
	add(&note, session);
	if (given->program >= 0) {
		snprintf(number, sizeof(number), "/proc/self/fd/%d", given->program);
		add(&note, number);
	} else {
		add(&note, target->path);
	}
	for (size_t i = 0; i < target->word_count; i++)
		add(&note, target->words[i]);
	if (note.overflow)
		return -ENAMETOOLONG;
	if (pwrite(fd, note.text, note.length, 0) != (ssize_t)note.length ||
	    fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return errno ? -errno : -EIO;
	return 0;
}

/* A descriptor that only stands for a file cannot be given away: opens the file. */
static int give_program(const struct caller *caller, int program)
{
	char path[64];
	int fd, number;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", program);
	fd = caller_open(caller->tid, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	number = caller_give(caller, fd, false);
	close(fd);
	return number;
}

int handover_give(const struct caller *caller, int gate, const char *session,
		  const struct exec_target *target, struct handover_given *given)
{
	int fd = memfd_create("tallygate", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int result;

	if (fd < 0)
		return -errno;
	*given = (struct handover_given){-1, -1, -1};
	result = given->gate = caller_give(caller, gate, true);
	/* Behind the gate's number, as each gets the lowest free one. */
	if (result >= 0)
		result = given->note = caller_give(caller, fd, false);
	if (result >= 0 && target->program >= 0)
		result = given->program = give_program(caller, target->program);
	if (result >= 0)
		result = write_note(fd, session, target, given);
	close(fd);
	return result < 0 ? result : 0;
}

/* ---- the gate's side ---- */

/* What was executed by descriptor N is called /dev/fd/N: execveat(2). */
static int executed_descriptor(void)
{
	static const char prefix[] = "/dev/fd/";
	const char *name = (const char *)(uintptr_t)getauxval(AT_EXECFN);
	char *end;
	long number;

	if (!name || strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return -1;
	number = strtol(name + sizeof(prefix) - 1, &end, 10);
	return *end || end == name + sizeof(prefix) - 1 || number < 0 || number > INT_MAX
		       ? -1
		       : (int)number;
}

static bool read_note(int fd, int gate, struct handover *handover, size_t *length)
{
	char numbers[64];
	ssize_t got;

	if (fcntl(fd, F_GET_SEALS) != SEALS)
		return false;
	got = pread(fd, handover->text, sizeof(handover->text) - 1, 0);
	if (got <= (ssize_t)sizeof(magic) || strcmp(handover->text, magic) != 0)
		return false;
	handover->text[got] = '\0';
	snprintf(numbers, sizeof(numbers), "%d %d", gate, fd);
	*length = (size_t)got;
	return strcmp(handover->text + sizeof(magic), numbers) == 0;
}

static bool read_fields(struct handover *handover, size_t length)
{
	const char *end = handover->text + length;
	const char *field = handover->text + sizeof(magic);

	field += strlen(field) + 1;
	if (field >= end)
		return false;
	handover->session = field;
	field += strlen(field) + 1;
	if (field >= end)
		return false;
	handover->path = *field ? field : NULL;
	handover->word_count = 0;
	for (field += strlen(field) + 1; field < end; field += strlen(field) + 1) {
		if (handover->word_count == EXEC_WORDS)
			return false;
		handover->words[handover->word_count++] = field;
	}
	return true;
}

int handover_take(struct handover *handover)
{
	int gate = executed_descriptor();
	size_t length = 0;

	if (gate < 0)
		return 0;
	for (int fd = gate + 1; fd <= gate + SEARCHED; fd++) {
		if (!read_note(fd, gate, handover, &length))
			continue;
		close(fd);
		return read_fields(handover, length);
	}
	return 0;
}
