/* The screens: what a person gets to see, at every width, for every kind of text. */
#include "screen.h"

#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "screen_parts.h"
#include "tap.h"
#include "target_text.h"
#include "visible.h"

static struct arena *arena;

static const struct hostset *range(const char *prefix, uint64_t low, uint64_t high,
				   unsigned width)
{
	const struct hostset_range numbers = {low, high, 1, width};
	const struct hostset_part parts[] = {
		{.text = prefix, .length = strlen(prefix)},
		{.ranges = &numbers, .range_count = 1},
	};

	return hostset_product(arena, parts, 2);
}

static const struct subsystem billing = {.name = "billing"}, idx = {.name = "index"};

static struct impact impacts[] = {
	{.subsystem = "billing",
	 .source = &billing,
	 .hit_count = 11,
	 .capacity_known = true,
	 .declared = 51,
	 .capacity = 51,
	 .after = 40,
	 .floor = 40,
	 .probe_age = -1},
	{.subsystem = "index",
	 .source = &idx,
	 .hit_count = 400,
	 .capacity_known = true,
	 .declared = 400,
	 .capacity = 400,
	 .after = 0,
	 .floor = 300,
	 .below = true,
	 .probe_age = 4},
};

static struct reason reasons[] = {
	{.rule = "confirm_above",
	 .file = "policy/demo.cfg",
	 .line = 7,
	 .verdict = VERDICT_CONFIRM,
	 .text = "400 hosts are more than 0"},
	{.rule = "index floor",
	 .file = "fleet/demo.cfg",
	 .line = 3,
	 .verdict = VERDICT_DENY,
	 .text = "0 of index would be left, the floor is 300"},
};

static const char *const demo_words[] = {"pdsh", "-w", "idx[001-400]",
					 "sudo systemctl stop index", NULL};
static const struct command demo_command = {.argv = demo_words, .argc = 4};
static struct operation demo_operation = {.action = ACTION_STOP, .unit = "host"};
static struct reading demo_reading = {.tool = "pdsh",
				      .operations = &demo_operation,
				      .count = 1,
				      .action = ACTION_STOP,
				      .unit = "host"};
static struct decision demo_decision = {
	.verdict = VERDICT_DENY,
	.reasons = reasons,
	.reason_count = 2,
	.impacts = impacts,
	.impact_count = 2,
	.count = 400,
	.count_known = true,
	.room = {.known = true, .fits_now = 100, .next_at = 1000300},
};

static struct screen screen_of(unsigned width)
{
	return (struct screen){.arena = arena, .width = width, .now = 1000000};
}

static const char *const at_80 =
	"tallygate: denied: pdsh would stop 400 hosts (idx[001-400])\n"
	"\n"
	"  command  pdsh -w idx[001-400] 'sudo systemctl stop index'\n"
	"  targets  400 hosts: idx[001-400]\n"
	"\n"
	"! index    400 of 400 hit; in service 400 -> 0, floor 300, as of 4 s ago: "
	"below\n"
	"           the floor\n"
	"           ------------------------------------|-----------\n"
	"  billing  11 of 51 hit; in service 51 -> 40, floor 40\n"
	"           ######################################|---------\n"
	"\n"
	"  deny     index floor: 0 of index would be left, the floor is 300\n"
	"           (fleet/demo.cfg:3)\n"
	"  confirm  confirm_above: 400 hosts are more than 0 (policy/demo.cfg:7)\n"
	"\n"
	"  instead  100 hosts would fit now, one more fits at 13:51:40 (in 5 min).\n"
	"           Name fewer targets, or take them in steps; `tally explain -- "
	"COMMAND`\n"
	"           shows what another line would do.\n";

static const char *const at_40 = "tallygate: denied: pdsh would stop 400\n"
				 "  hosts (idx[001-400])\n"
				 "\n"
				 "  command  pdsh -w idx[001-400] 'sudo\n"
				 "           systemctl stop index'\n"
				 "  targets  400 hosts: idx[001-400]\n"
				 "\n"
				 "! index    400 of 400 hit; in service\n"
				 "           400 -> 0, floor 300, as of 4\n"
				 "           s ago: below the floor\n"
				 "           ----------------------|------\n"
				 "  billing  11 of 51 hit; in service 51\n"
				 "           -> 40, floor 40\n"
				 "           #######################|-----\n"
				 "\n"
				 "  deny     index floor: 0 of index would\n"
				 "           be left, the floor is 300\n"
				 "           (fleet/demo.cfg:3)\n"
				 "  confirm  confirm_above: 400 hosts are\n"
				 "           more than 0\n"
				 "           (policy/demo.cfg:7)\n"
				 "\n"
				 "  instead  100 hosts would fit now, one\n"
				 "           more fits at 13:51:40 (in 5\n"
				 "           min).\n"
				 "           Name fewer targets, or take\n"
				 "           them in steps; `tally explain\n"
				 "           -- COMMAND` shows what\n"
				 "           another line would do.\n";

static const char *const at_120 =
	"\033[1;31mtallygate: denied: pdsh would stop 400 hosts "
	"(idx[001-400])\033[0m\n"
	"\n"
	"  \033[2mcommand\033[0m  \033[1mpdsh -w idx[001-400] 'sudo systemctl stop "
	"index'\033[0m\n"
	"  \033[2mtargets\033[0m  400 hosts: idx[001-400]\n"
	"\n"
	"\033[1;31m!\033[0m \033[1;31mindex\033[0m    \033[1;31m400 of 400 hit; in "
	"service 400 \u2192 0, floor 300, as of 4 s ago: below the floor\033[0m\n"
	"           "
	"\033[1;31m"
	"\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591"
	"\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591"
	"\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591"
	"\u2503\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591"
	"\033[0m\n"
	"  \033[32mbilling\033[0m  11 of 51 hit; in service 51 \u2192 40, floor 40\n"
	"           "
	"\033[32m"
	"\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588"
	"\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588"
	"\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588"
	"\u2588\u2588\u2503\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591"
	"\033[0m\n"
	"\n"
	"  \033[1;31mdeny\033[0m     index floor: 0 of index would be left, the floor is "
	"300 (fleet/demo.cfg:3)\n"
	"  \033[33mconfirm\033[0m  confirm_above: 400 hosts are more than 0 "
	"(policy/demo.cfg:7)\n"
	"\n"
	"  \033[2minstead\033[0m  100 hosts would fit now, one more fits at 13:51:40 (in "
	"5 min).\n"
	"           Name fewer targets, or take them in steps; `tally explain -- "
	"COMMAND` shows what another line would do.\n";

static void golden(void)
{
	struct screen screen = screen_of(80);

	is_text(screen_full(&screen, &demo_command, &demo_reading, &demo_decision), at_80,
		"80 columns, plain, ASCII");
	screen.width = 40;
	is_text(screen_full(&screen, &demo_command, &demo_reading, &demo_decision), at_40,
		"40 columns, plain, ASCII");
	screen = screen_of(120);
	screen.colour = screen.utf8 = true;
	is_text(screen_full(&screen, &demo_command, &demo_reading, &demo_decision),
		at_120, "120 columns, colour, UTF-8");
	screen = screen_of(0);
	is_text(screen_short(&screen, "denied", &demo_reading, &demo_decision),
		"tallygate: denied: pdsh would stop 400 hosts (idx[001-400])\n"
		"  deny     index floor: 0 of index would be left, the floor is 300 "
		"(fleet/demo.cfg:3)\n"
		"  confirm  confirm_above: 400 hosts are more than 0 "
		"(policy/demo.cfg:7)\n"
		"  instead  100 hosts would fit now, one more fits at 13:51:40 (in 5 "
		"min).\n"
		"           Name fewer targets, or take them in steps; `tally explain -- "
		"COMMAND` shows what another line would do.\n",
		"a log gets unbroken lines");
}

static void blind(void)
{
	struct screen screen = screen_of(80);
	const char *text = screen_blind(&screen, &demo_command, &demo_reading);

	is_text(text,
		"tallygate: pdsh would stop hosts\n"
		"\n"
		"  command  pdsh -w idx[001-400] 'sudo systemctl stop index'\n"
		"\n",
		"the blind screen shows the command and no number");
	demo_operation.everything = true;
	text = screen_blind(&screen, &demo_command, &demo_reading);
	ok(text && strstr(text, "! targets  everything\n"), "but that it is everything");
	ok(text && !strstr(text, "400 hosts"), "and still no number");
	demo_operation.everything = false;
}

/* Columns of the widest line, escape sequences of ours left out. */
static size_t widest(const char *text)
{
	size_t most = 0;

	while (*text) {
		size_t columns = 0;

		while (*text && *text != '\n') {
			size_t step = visible_step(text);

			if (*text == '\033') {
				text += strcspn(text, "m") + 1;
				continue;
			}
			columns += visible_width(text, step);
			text += step;
		}
		if (columns > most)
			most = columns;
		text += *text == '\n';
	}
	return most;
}

static size_t lines(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static const struct hostset *scattered(size_t count)
{
	const char **names = calloc(count, sizeof(*names));

	for (size_t i = 0; i < count; i++)
		names[i] = arena_printf(arena, "n%zux%zu", i * 7 + 3, (i * i) % 9973);
	const struct hostset *set = hostset_names(arena, names, count);
	free(names);
	return set;
}

static void wide_and_narrow(void)
{
	static const char long_word[] = "rm -rf /very/long/path/without/any/blank/"
					"in/it/at/all/that/goes/on/and/on/and/on/and/on";
	static const char *const words[] = {
		"clush", "-w", "@all", long_word, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
		NULL};
	const struct command command = {.argv = words, .argc = 5};
	struct operation operation = {.action = ACTION_REMOVE,
				      .unit = "host",
				      .targets = scattered(10000),
				      .everything = true};
	struct reading reading = {.tool = "clush",
				  .operations = &operation,
				  .count = 1,
				  .action = ACTION_REMOVE,
				  .unit = "host",
				  .environment = "production-eu-west-1-with-a-long-name"};
	struct decision decision = demo_decision;
	size_t bad = 0, long_screens = 0;

	decision.count = 10000;
	for (unsigned width = 40; width <= 200; width++) {
		for (int kind = 0; kind < 4; kind++) {
			struct screen screen = screen_of(width);
			const char *text;

			screen.colour = kind & 1;
			screen.utf8 = kind & 2;
			text = screen_full(&screen, &command, &reading, &decision);
			if (!text || widest(text) > width) {
				printf("# width %u kind %d: %zu\n", width, kind,
				       text ? widest(text) : 0);
				bad++;
			}
			if (text && lines(text) > 50)
				long_screens++;
			text = screen_blind(&screen, &command, &reading);
			if (!text || widest(text) > width)
				bad++;
		}
	}
	ok(bad == 0, "no line is wider than the terminal, 40 to 200 columns");
	ok(long_screens == 0, "10,000 scattered targets fit on one screen");
}

/* The number behind "and" in "... and 9,874 more". */
static unsigned long long more(const char *text)
{
	const char *at = strstr(text, " and ");
	unsigned long long value = 0;

	for (at = at ? at + 5 : ""; (*at >= '0' && *at <= '9') || *at == ','; at++)
		if (*at != ',')
			value = value * 10 + (unsigned long long)(*at - '0');
	return value;
}

static void long_lists(void)
{
	struct layout layout = {.arena = arena, .width = 80};
	const struct hostset *set = scattered(10000);
	const char *text = target_text(&layout, set, 200);
	char names[512];
	size_t shown = 1;

	ok(text && strlen(text) < 240, "a long list is cut");
	snprintf(names, sizeof(names), "%s", text ? text : "");
	*strstr(names, "...") = '\0';
	for (const char *c = names; *c; c++)
		shown += *c == ',' && c[1];
	ok(text && more(text) + shown == 10000, "and says how many are not shown: %s",
	   text ? text : "");
	set = hostset_union(arena, range("a", 1, 3, 0),
			    hostset_difference(arena, range("web", 1, 9999, 4),
					       range("web", 100, 200, 4)));
	is_text(target_text(&layout, set, 0), "a[1-3],web[0001-0099,0201-9999]",
		"0 columns: all of it");
	is_text(target_text(&layout, set, 24), "a[1-3],web[0001-0099,...] and 9,799 more",
		"cut inside of a bracket, counted to the name");
	text = target_text(&layout, range("long", 1, 4000, 0), 20);
	is_text(text, "long[1-4000]", "what is folded well is not cut");
}

static void escapes(void)
{
	static const char *const words[] = {
		"ssh", "web\033[2J1", "a\nb",	 "caf\xc3\xa9", "\xff\xfe",  "it's",
		"",    "--password",  "hunter2", "--token=abc", "\u202egpj", NULL};
	static const char *const secrets[] = {"--password", "--token", NULL};

	is_text(visible_command(arena, words, secrets, true),
		"ssh $'web\\e[2J1' $'a\\nb' 'caf\xc3\xa9' $'\\xff\\xfe' $'it\\'s' '' "
		"--password *** --token=*** $'\\u{202e}gpj'",
		"escapes, quotes and secrets of a command line");
	is_text(visible_text(arena, "caf\xc3\xa9", false), "caf\\u{00e9}",
		"ASCII only where the locale is");
	is_text(visible_count(arena, 1, "policy"), "1 policy", "one");
	is_text(visible_count(arena, 9874, "policy"), "9,874 policies", "many");
	is_text(visible_count(arena, 1000000, "switch"), "1,000,000 switches",
		"thousands");
	is_text(visible_number(arena, 100), "100", "no separator below 1,000");

	struct reason evil = {.rule = "x\033]0;owned\a",
			      .file = "a\nb",
			      .line = 1,
			      .verdict = VERDICT_DENY,
			      .text = "stderr: \033[31mred\r"};
	struct decision decision = demo_decision;
	struct screen screen = screen_of(80);
	const char *text;

	decision.reasons = &evil;
	decision.reason_count = 1;
	text = screen_full(&screen, &demo_command, &demo_reading, &decision);
	ok(text && !strchr(text, '\033') && !strchr(text, '\r') && !strchr(text, '\a'),
	   "no control character of a rule or probe reaches the screen");
}

static void unknown_and_observed(void)
{
	struct operation operation = {.action = ACTION_REMOVE,
				      .unit = "pod",
				      .unknown = "the selector cannot be evaluated"};
	struct reading reading = {.tool = "kubectl",
				  .operations = &operation,
				  .count = 1,
				  .action = ACTION_REMOVE,
				  .unit = "pod"};
	struct reason observed = {.rule = "cells",
				  .file = "p.cfg",
				  .line = 2,
				  .verdict = VERDICT_DENY,
				  .observed = true,
				  .text = "two cells"};
	struct impact blind_impact = {.subsystem = "web",
				      .source = &idx,
				      .hit_count = 2,
				      .declared = 10,
				      .floor = 5};
	struct decision decision = {.verdict = VERDICT_DENY,
				    .reasons = &observed,
				    .reason_count = 1,
				    .impacts = &blind_impact,
				    .impact_count = 1};
	struct screen screen = screen_of(100);
	const char *text = screen_full(&screen, &demo_command, &reading, &decision);

	ok(text && strstr(text, "kubectl would remove an unknown number of pods"),
	   "an unknown count is said to be unknown");
	ok(text && strstr(text, "! targets  unknown: the selector cannot be evaluated"),
	   "with its cause");
	ok(text && strstr(text, "deny     (observed only) cells: two cells (p.cfg:2)"),
	   "an observed limit is marked");
	ok(text && strstr(text, "! web      2 of 10 hit; in service: unknown, floor 5"),
	   "an unknown capacity is no number");
}

int main(void)
{
	arena = arena_new((size_t)1 << 30);
	demo_operation.targets = range("idx", 1, 400, 3);
	golden();
	blind();
	wide_and_narrow();
	long_lists();
	escapes();
	unknown_and_observed();
	arena_free(arena);
	return done();
}
