#include "capacity.h"

#include <ctype.h>
#include <string.h>

#include "syntax.h"
#include "wording.h"

/*
 * A fleet of which more than half has vanished looks just like a network partition; for a
 * day after it was last seen whole, that is what it is taken for.
 */
enum { SIGHTING_SECONDS = 86400 };

int64_t capacity_settle(const struct subsystem *subsystem)
{
	return subsystem->settle < 0 ? SETTLE_SECONDS : subsystem->settle;
}

/* Whether what `admission` took is still missing from `subsystem` at the time `at`. */
static bool still_out(const struct admission *admission,
		      const struct subsystem *subsystem, int64_t at)
{
	if (!admission->out || (admission->until && admission->until <= at))
		return false;
	/* Once it has settled, a probe knows better than the ledger. */
	if (subsystem->capacity.probe && admission->action != ACTION_RESTART)
		return admission->at + capacity_settle(subsystem) > at;
	return true;
}

/* What was given back is in service when its tool has ended, or has had time to. */
static bool is_back(const struct admission *admission, const struct subsystem *subsystem,
		    int64_t at)
{
	return admission->ended || admission->at + capacity_settle(subsystem) <= at;
}

static const struct hostset *find_out(struct inquiry *inquiry,
				      const struct subsystem *subsystem, int64_t at)
{
	const struct hostset **sets;
	const struct hostset *out;
	size_t count = 0;

	sets = arena_array(inquiry->arena, inquiry->history->count + 1, sizeof(*sets));
	if (!sets) {
		inquiry->exhausted = true;
		return inquiry->empty;
	}
	for (size_t i = 0; i < inquiry->history->count; i++) {
		const struct admission *admission = inquiry->past[i];

		if (admission->action != ACTION_RESTORE) {
			if (still_out(admission, subsystem, at))
				sets[count++] = admission->out;
		} else if (admission->targets && is_back(admission, subsystem, at)) {
			/* Only what was out before it comes back by it. */
			out = inquiry_union_all(inquiry, sets, count);
			sets[0] = inquiry_minus(inquiry, out, admission->targets);
			count = 1;
		}
	}
	out = inquiry_union_all(inquiry, sets, count);
	return inquiry_common(inquiry, subsystem->members, out);
}

const struct hostset *capacity_out(struct inquiry *inquiry,
				   const struct subsystem *subsystem, int64_t at)
{
	const struct hostset **found =
		&inquiry->out[subsystem - inquiry->fleet.subsystems];

	if (at != inquiry->history->now)
		return find_out(inquiry, subsystem, at);
	if (!*found)
		*found = find_out(inquiry, subsystem, at);
	return *found;
}

uint64_t capacity_at(struct inquiry *inquiry, const struct subsystem *subsystem,
		     const struct capacity *capacity, int64_t at)
{
	const struct hostset *out = capacity_out(inquiry, subsystem, at);
	uint64_t gone;

	if (!capacity->counted)
		return hostset_count(inquiry_minus(inquiry, capacity->shown, out));
	gone = hostset_count(out);
	return capacity->shown_count > gone ? capacity->shown_count - gone : 0;
}

static bool parse_count(const char *text, uint64_t *count)
{
	int digits = 0;

	for (*count = 0; isspace((unsigned char)*text);)
		text++;
	for (; isdigit((unsigned char)*text) && digits < 18; digits++)
		*count = *count * 10 + (uint64_t)(*text++ - '0');
	while (isspace((unsigned char)*text))
		text++;
	return digits && !*text;
}

static void unknown(struct inquiry *inquiry, struct capacity *capacity, const char *text)
{
	capacity->known = false;
	capacity->unknown = inquiry_text(inquiry, text);
}

/* Folded text may end in a newline, as what a program prints does. */
static const struct hostset *parse_folded(struct inquiry *inquiry,
					  const struct fact *fact, struct fault *why)
{
	size_t length = fact->length;
	char *text;

	while (length && isspace((unsigned char)fact->data[length - 1]))
		length--;
	text = arena_strndup(inquiry->arena, fact->data, length);
	return text ? syntax_folded(inquiry->arena, text, why) : NULL;
}

static void parse_answer(struct inquiry *inquiry, const struct subsystem *subsystem,
			 const struct fact *fact, struct capacity *capacity)
{
	const char *program = subsystem->capacity.probe[0];
	const struct hostset *names;
	struct fault why = {0};

	if (strcmp(subsystem->capacity.syntax, "count") == 0) {
		capacity->counted = true;
		if (!parse_count(fact->data, &capacity->shown_count))
			unknown(inquiry, capacity,
				arena_printf(inquiry->arena,
					     "%s printed \"%.40s\": expected one number",
					     program, fact->data));
		else if (capacity->shown_count > subsystem->declared)
			unknown(inquiry, capacity,
				arena_printf(inquiry->arena,
					     "%s says %llu, but only %llu are declared",
					     program,
					     (unsigned long long)capacity->shown_count,
					     (unsigned long long)subsystem->declared));
		return;
	}
	if (strcmp(subsystem->capacity.syntax, "folded") == 0)
		names = parse_folded(inquiry, fact, &why);
	else
		names = syntax_lines(inquiry->arena, fact->data, fact->length, '#', &why);
	if (!names) {
		unknown(inquiry, capacity,
			arena_printf(inquiry->arena, "the answer of %s: %s", program,
				     why.text[0] ? why.text : "out of memory"));
		return;
	}
	if (!subsystem->unit)
		names = inquiry_identify(inquiry, names);
	capacity->shown = inquiry_common(inquiry, subsystem->members, names);
	capacity->shown_count = hostset_count(capacity->shown);
}

/* Compares with what was there before, less what we know to have been taken since. */
static void check_sighting(struct inquiry *inquiry, const struct subsystem *subsystem,
			   struct capacity *capacity)
{
	const struct history *history = inquiry->history;

	for (size_t i = 0; i < history->sighting_count; i++) {
		const struct sighting *last = &history->sightings[i];
		uint64_t out, expected = last->capacity;

		if (strcmp(last->subsystem, subsystem->name) != 0 ||
		    last->at + SIGHTING_SECONDS <= history->now)
			continue;
		out = hostset_count(capacity_out(inquiry, subsystem, history->now));
		expected = expected > out ? expected - out : 0;
		if (capacity->shown_count < expected - expected / 2) {
			unknown(inquiry, capacity,
				arena_printf(
					inquiry->arena,
					"%s shows %llu in service, %s ago it was "
					"%llu: more than half has vanished, as in a "
					"partition",
					subsystem->capacity.probe[0],
					(unsigned long long)capacity->shown_count,
					inquiry_text(
						inquiry,
						word_duration(inquiry->arena,
							      history->now - last->at)),
					(unsigned long long)last->capacity));
			return;
		}
	}
}

void capacity_ask(struct inquiry *inquiry, const struct subsystem *subsystem,
		  struct capacity *capacity)
{
	const struct capacity_source *source = &subsystem->capacity;
	const struct need need = {
		.kind = FACT_PROBE, .argv = source->probe, .timeout = source->timeout};
	const struct fact *fact;

	*capacity = (struct capacity){.known = true, .age = -1};
	if (!source->probe) {
		capacity->shown = subsystem->members;
		capacity->shown_count = subsystem->declared;
		return;
	}
	fact = facts_get(inquiry->facts, &need);
	if (!fact) {
		inquiry->waiting = true;
		capacity->known = false;
		capacity->unknown = "its probe has not been asked yet";
		return;
	}
	capacity->age = fact->age;
	if (fact->state != FACT_OK || fact->status != 0) {
		unknown(inquiry, capacity,
			arena_printf(inquiry->arena, "its probe %s failed: %s",
				     source->probe[0],
				     fact->error ? fact->error : "no reason given"));
		return;
	}
	if (source->max_age && fact->age > (int64_t)source->max_age) {
		unknown(inquiry, capacity,
			arena_printf(inquiry->arena,
				     "what its probe said is %lld s old, max_age is %u s",
				     (long long)fact->age, source->max_age));
		return;
	}
	parse_answer(inquiry, subsystem, fact, capacity);
	if (capacity->known)
		check_sighting(inquiry, subsystem, capacity);
	capacity->sighted = capacity->known;
}
