/* What a command that was let through may start without being asked again. */
#include "tap.h"
#include "transport.h"

static const char *const entries[] = {"ssh", "stop: systemctl stop *",
				      "restart: systemctl restart *", NULL};

static bool covers(struct arena *arena, enum action action, const char *tool,
		   const char *line)
{
	return transports_cover(transports_for(arena, entries, action), tool, line);
}

static void check_entries(void)
{
	static const struct {
		const char *entry;
		bool valid;
	} cases[] = {{"ssh", true},
		     {"stop: systemctl stop *", true},
		     {"", false},
		     {"a b", false},
		     {"stop:systemctl stop *", false},
		     {"stpo: systemctl stop *", false},
		     {"stop: systemctl", false},
		     {"stop: *", false},
		     {"stop:  x *", false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(transport_valid(cases[i].entry) == cases[i].valid,
		   "\"%s\" is %s entry", cases[i].entry, cases[i].valid ? "an" : "no");
}

int main(void)
{
	static const char *const words[] = {"/bin/systemctl", "stop", "a b", NULL};
	struct arena *arena = arena_new(1 << 20);
	char large[8192];
	const char *const long_words[] = {"systemctl", "stop", large, NULL};

	check_entries();
	ok(covers(arena, ACTION_READ, "ssh", "ssh web1 reboot"),
	   "a tool, for any action");
	ok(!covers(arena, ACTION_REMOVE, "aws", "aws ec2 terminate-instances"),
	   "another tool for none");
	ok(covers(arena, ACTION_STOP, "systemctl", "systemctl stop index"),
	   "a shape, for its action");
	ok(covers(arena, ACTION_REMOVE, "systemctl", "systemctl stop index"),
	   "and for a heavier one");
	ok(!covers(arena, ACTION_RUN, "systemctl", "systemctl stop index"),
	   "not for a lighter one");
	ok(!covers(arena, ACTION_RESTART, "systemctl", "systemctl stop index"),
	   "a restart is no stop");
	ok(covers(arena, ACTION_RESTART, "systemctl", "systemctl restart index"),
	   "but a restart");
	ok(!covers(arena, ACTION_REMOVE, "systemctl", "systemctl poweroff"),
	   "another shape for none");
	ok(!covers(arena, ACTION_REMOVE, "systemctl", "systemctl stop"),
	   "and without operands neither");
	is_text(transport_line(arena, words, 3), "systemctl stop a b",
		"a line is base name and words");
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	is_text(transport_line(arena, long_words, 3), "",
		"one that is too long is covered by no shape");
	ok(transports_for(arena, NULL, ACTION_STOP) &&
		   !transports_for(arena, NULL, ACTION_STOP)[0],
	   "no entries, no transports");
	arena_free(arena);
	return done();
}
