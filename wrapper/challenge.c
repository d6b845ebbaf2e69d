#include "challenge.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "visible.h"

enum { TICKET_LEAST = 3, REASON_LEAST = 8 };

bool challenge_number(const char *text, uint64_t *number)
{
	uint64_t value = 0;
	bool digit = false;

	for (; *text; text++) {
		if (*text >= '0' && *text <= '9') {
			if (__builtin_mul_overflow(value, 10u, &value) ||
			    __builtin_add_overflow(value, (uint64_t)(*text - '0'),
						   &value))
				return false;
			digit = true;
		} else if (!digit || !strchr(" ,_'", *text)) {
			return false;
		}
	}
	*number = value;
	return digit;
}

static bool is_address(const char *name)
{
	return strchr(name, ':') || name[strspn(name, "0123456789.")] == '\0';
}

bool challenge_names(const char *answer, const char *name)
{
	size_t length = strcspn(name, ".");

	if (!*answer)
		return false;
	if (strcasecmp(answer, name) == 0)
		return true;
	return length > 0 && !is_address(name) && strlen(answer) == length &&
	       strncasecmp(answer, name, length) == 0;
}

static struct arena *arena_of(const struct challenge *challenge)
{
	return challenge->screen->arena;
}

static bool is(const struct challenge *challenge, const char *name)
{
	const char *wanted = challenge->decision->challenge;

	return strcmp(wanted ? wanted : "blind-count", name) == 0;
}

static int refuse(struct challenge *challenge, const char *why)
{
	challenge->why = why;
	return why ? 0 : -1;
}

/* What was typed, in quotes and fit for the screen. */
static const char *quoted(struct challenge *challenge)
{
	const char *text = visible_text(arena_of(challenge), challenge->answer,
					challenge->screen->utf8);

	return text ? arena_printf(arena_of(challenge), "\"%s\"", text) : NULL;
}

/* ---- the answers ---- */

static int check_count(struct challenge *challenge)
{
	struct arena *arena = arena_of(challenge);
	const struct decision *decision = challenge->decision;
	const char *unit = challenge->reading->unit ? challenge->reading->unit : "target";
	const char *said, *named;
	uint64_t number;

	challenge->show_all = is(challenge, "blind-count");
	if (!challenge_number(challenge->answer, &number)) {
		said = quoted(challenge);
		return refuse(challenge,
			      said ? arena_printf(arena, "%s is no number", said) : NULL);
	}
	if (number == decision->count)
		return 1;
	said = visible_count(arena, number, unit);
	named = visible_number(arena, decision->count);
	return refuse(challenge,
		      said && named
			      ? arena_printf(arena, "you meant %s, the command names %s",
					     said, named)
			      : NULL);
}

struct first_name {
	struct arena *arena;
	const char *name;
};

static int take_first(void *context, const char *name, size_t length)
{
	struct first_name *first = context;

	first->name = arena_strndup(first->arena, name, length);
	return 1;
}

/* True when the only target is the machine that the command itself runs on. */
static bool is_here(const struct challenge *challenge, const char *name)
{
	return challenge->host &&
	       (strcmp(name, "localhost") == 0 || challenge_names(challenge->host, name));
}

/* The one target of the command, NULL when there is none (or memory is short). */
static const char *only_target(struct challenge *challenge)
{
	const struct reading *reading = challenge->reading;
	struct first_name first = {.arena = arena_of(challenge)};

	for (size_t i = 0; i < reading->count && !first.name; i++)
		if (reading->operations[i].action != ACTION_READ &&
		    reading->operations[i].targets)
			hostset_each(reading->operations[i].targets, take_first, &first);
	return first.name;
}

static int check_name(struct challenge *challenge)
{
	const char *name = only_target(challenge), *said;

	challenge->show_all = true;
	if (!name)
		return refuse(challenge, "the command names no target");
	if (is_here(challenge, name))
		name = challenge->host;
	if (challenge_names(challenge->answer, name))
		return 1;
	said = quoted(challenge);
	name = visible_text(arena_of(challenge), name, challenge->screen->utf8);
	return refuse(challenge, said && name ? arena_printf(arena_of(challenge),
							     "you meant %s, the command "
							     "names %s",
							     said, name)
					      : NULL);
}

static int check_subsystem(struct challenge *challenge)
{
	const struct decision *decision = challenge->decision;
	const char *said;

	challenge->show_all = true;
	for (size_t i = 0; i < decision->impact_count; i++)
		if (decision->impacts[i].source &&
		    strcasecmp(challenge->answer, decision->impacts[i].subsystem) == 0)
			return 1;
	said = quoted(challenge);
	return refuse(challenge, said ? arena_printf(arena_of(challenge),
						     "%s is no subsystem that the "
						     "command touches",
						     said)
				      : NULL);
}

static int check_text(struct challenge *challenge, size_t least, const char *what)
{
	if (strlen(challenge->answer) < least)
		return refuse(challenge, arena_printf(arena_of(challenge),
						      "%s needs at least %zu characters",
						      what, least));
	challenge->reason = challenge->answer;
	return 1;
}

static int check(struct challenge *challenge)
{
	if (!*challenge->answer)
		return refuse(challenge, "there was no answer");
	if (is(challenge, "name"))
		return check_name(challenge);
	if (is(challenge, "name-subsystem"))
		return check_subsystem(challenge);
	if (is(challenge, "reason"))
		return check_text(challenge, REASON_LEAST, "a reason");
	if (is(challenge, "ticket"))
		return check_text(challenge, TICKET_LEAST, "a ticket");
	if (is(challenge, "unknown"))
		return strcasecmp(challenge->answer, "unknown") == 0
			       ? 1
			       : refuse(challenge, "the word unknown was not typed");
	return check_count(challenge);
}

/* ---- the questions ---- */

static const char *question(struct challenge *challenge)
{
	struct arena *arena = arena_of(challenge);
	const char *units = screen_units(challenge->screen, challenge->reading);
	const char *unit = challenge->reading->unit ? challenge->reading->unit : "target";

	unit = visible_text(arena, unit, challenge->screen->utf8);
	if (!units || !unit)
		return NULL;
	if (is(challenge, "name")) {
		const char *name = only_target(challenge);

		if (name && is_here(challenge, name))
			return "The name of this machine, which the command would hit: ";
		return arena_printf(arena, "The name of the %s you mean: ", unit);
	}
	if (is(challenge, "name-subsystem"))
		return "A subsystem that this touches: ";
	if (is(challenge, "reason"))
		return "The reason, for the audit log: ";
	if (is(challenge, "ticket"))
		return "The ticket, for the audit log: ";
	if (is(challenge, "unknown"))
		return arena_printf(
			arena,
			"How many %s is not known. Type `unknown` to run it: ", units);
	if (is(challenge, "echo-count"))
		return arena_printf(arena, "The number of %s: ", units);
	return arena_printf(arena, "How many %s do you mean? ", units);
}

/* A sentence for each way of not answering. */
static const char *no_answer(const struct challenge *challenge, enum prompt_end end,
			     unsigned timeout)
{
	switch (end) {
	case PROMPT_NOBODY:
		return "there is no terminal to ask on";
	case PROMPT_CLOSED:
		return "there was no answer";
	case PROMPT_LATE:
		return arena_printf(arena_of(challenge), "no answer within %u s",
				    timeout);
	case PROMPT_PASTED:
		return "the answer was pasted, and it has to be typed";
	case PROMPT_TOO_LONG:
		return "the answer is too long";
	case PROMPT_INTERRUPTED:
		return "it was interrupted";
	case PROMPT_ANSWERED:
	case PROMPT_FAILED:
		break;
	}
	return arena_printf(arena_of(challenge), "the question could not be put: %s",
			    strerror(errno));
}

int challenge_put(struct challenge *challenge)
{
	bool blind = is(challenge, "blind-count") || is(challenge, "name") ||
		     is(challenge, "name-subsystem");
	struct prompt prompt = {
		.terminal = challenge->terminal,
		.before = blind ? screen_blind(challenge->screen, challenge->command,
					       challenge->reading)
				: screen_full(challenge->screen, challenge->command,
					      challenge->reading, challenge->decision),
		.question = question(challenge),
		.timeout = challenge->timeout,
		.may_paste = is(challenge, "reason") || is(challenge, "ticket"),
	};
	enum prompt_end end;

	challenge->answer = "";
	if (!prompt.before || !prompt.question)
		return -1;
	end = prompt_ask(&prompt);
	challenge->signal = prompt.signal;
	challenge->suspended = prompt.suspended;
	if (end != PROMPT_ANSWERED)
		return refuse(challenge, no_answer(challenge, end, prompt.timeout));
	challenge->answer = arena_strdup(arena_of(challenge), prompt.answer);
	return challenge->answer ? check(challenge) : -1;
}
