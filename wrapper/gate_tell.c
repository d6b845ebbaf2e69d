/* What the gate says on stderr when the command does not run. */
#include "gate_state.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "visible.h"

struct screen gate_screen(struct gate *gate, int fd)
{
	struct terminal look = {.fd = fd};
	time_t now = time(NULL);
	struct tm local = {0};

	terminal_look(&look, fd, gate->command.env);
	localtime_r(&now, &local);
	return (struct screen){
		.arena = gate->arena,
		.width = look.width,
		.colour = look.colour,
		.utf8 = look.utf8,
		.secrets = gate->book.rules && gate->judgement.reading.tool
				   ? rules_secrets(gate->book.rules,
						   gate->judgement.reading.tool)
				   : NULL,
		.now = now,
		.utc_offset = local.tm_gmtoff,
	};
}

static void put(const char *text)
{
	/* A closed or full stderr changes nothing: the command is not run either way. */
	if (text)
		terminal_write(STDERR_FILENO, text, strlen(text));
}

void gate_tell_denied(struct gate *gate, const char *outcome)
{
	struct screen screen = gate_screen(gate, STDERR_FILENO);
	const struct judgement *judgement = &gate->judgement;
	const char *text;

	if (isatty(STDERR_FILENO)) {
		text = screen_full(&screen, &gate->command, &judgement->reading,
				   &judgement->decision);
	} else {
		screen.width = 0;
		text = screen_short(&screen, outcome, &judgement->reading,
				    &judgement->decision);
	}
	put(text ? text : "tallygate: denied (no memory to say why)\n");
}

void gate_tell_not_run(struct gate *gate, const char *why)
{
	struct screen screen = gate_screen(gate, STDERR_FILENO);
	const char *tool = gate->judgement.reading.tool, *text;

	gate->why = why ? arena_strdup(gate->arena, why) : NULL;
	tool = visible_text(gate->arena, tool ? tool : gate->call->argv[0], screen.utf8);
	text = arena_printf(gate->arena, "%stallygate: %s was not run: %s%s\n",
			    screen.colour ? "\033[1;31m" : "", tool ? tool : "it",
			    why ? why : "out of memory", screen.colour ? "\033[0m" : "");
	put(text ? text : "tallygate: not run: out of memory\n");
}

int gate_tell_fault(struct gate *gate)
{
	char text[FAULT_LINE];
	const struct fault *fault = &gate->fault;
	const char *visible;
	bool utf8 = terminal_utf8((const char *const *)gate->env);

	fault_line(fault, text);
	visible = gate->arena ? visible_text(gate->arena, text, utf8) : NULL;
	put("tallygate: ");
	put(visible ? visible : text);
	put("\n");
	visible =
		gate->arena ? visible_text(gate->arena, gate->call->argv[0], utf8) : NULL;
	put("tallygate: ");
	put(visible ? visible : "the command");
	put(" was not run, because tallygate itself failed\n");
	return EXIT_STATUS_FAILED;
}
