/* Which word of an interpreter's command line is the program that it will run. */
#include "interpreter.h"

#include "tap.h"

struct line {
	const char *argv[8];
	enum interpreted_kind kind;
	size_t at;
};

static const struct line lines[] = {
	{{"python3", "/usr/bin/ansible", "all"}, INTERPRETED_SCRIPT, 1},
	{{"python3.11", "-u", "-W", "error", "ansible"}, INTERPRETED_SCRIPT, 4},
	{{"python3", "-Werror", "ansible"}, INTERPRETED_SCRIPT, 2},
	{{"python3", "-m", "ansible", "adhoc"}, INTERPRETED_MODULE, 2},
	{{"python3", "-um", "ansible"}, INTERPRETED_MODULE, 2},
	{{"python3", "-c", "pass", "ansible"}, INTERPRETED_NONE, 4},
	{{"python3"}, INTERPRETED_NONE, 1},
	{{"python3", "-"}, INTERPRETED_SCRIPT, 1},
	{{"pythonic", "ansible"}, INTERPRETED_NONE, 2},
	{{"perl", "-w", "-I", "lib", "/usr/bin/dsh"}, INTERPRETED_SCRIPT, 4},
	{{"perl", "-ne", "print", "dsh"}, INTERPRETED_NONE, 4},
	{{"bash", "-lc", "pdsh"}, INTERPRETED_NONE, 3},
	{{"bash", "--rcfile", "x", "-o", "posix", "drain"}, INTERPRETED_SCRIPT, 5},
	{{"sh", "--", "drain"}, INTERPRETED_SCRIPT, 2},
	{{"sh", "-x", "--"}, INTERPRETED_NONE, 3},
	{{"nodejs", "-r", "x", "tool.js"}, INTERPRETED_SCRIPT, 3},
	{{"ld-linux-x86-64.so.2", "--argv0", "x", "/bin/pdsh"}, INTERPRETED_LOADED, 3},
	{{"ld.so", "--list"}, INTERPRETED_NONE, 2},
	{{"pdsh", "-w", "web1"}, INTERPRETED_NONE, 3},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct line *line = &lines[i];
		struct interpreted got;
		size_t argc = 0;

		while (line->argv[argc])
			argc++;
		got = interpreter_look(line->argv[0], line->argv, argc);
		ok(got.kind == line->kind && got.at == line->at,
		   "%s with %zu words: kind %d at %zu", line->argv[0], argc, got.kind,
		   got.at);
	}
	return done();
}
