#include "audit.h"

#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>

#include "audit_json.h"
#include "audit_log.h"
#include "audit_who.h"

const char *audit_event_id(struct arena *arena)
{
	unsigned char id[16];
	struct timespec now;
	uint64_t ms;

	clock_gettime(CLOCK_REALTIME, &now);
	ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id))
		return NULL;
	for (int i = 0; i < 6; i++)
		id[i] = (unsigned char)(ms >> (40 - 8 * i));
	id[6] = (unsigned char)(0x70 | (id[6] & 0x0f));
	id[8] = (unsigned char)(0x80 | (id[8] & 0x3f));
	return arena_printf(arena,
			    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
			    "%02x%02x%02x%02x%02x%02x",
			    id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7], id[8],
			    id[9], id[10], id[11], id[12], id[13], id[14], id[15]);
}

static const char *signal_text(struct arena *arena, int number)
{
	const char *name = sigabbrev_np(number);

	return name ? arena_printf(arena, "SIG%s", name)
		    : arena_printf(arena, "signal %d", number);
}

static void put_status(struct audit_json *record, const struct audit_end *end)
{
	json_t *process = audit_json_group(record, NULL, "process");
	json_t *event = audit_json_group(record, NULL, "event");
	json_t *tallygate = audit_json_group(record, NULL, "tallygate");
	int status = end->status;

	if (!end->status_known) {
		audit_json_text(record, event, "outcome", "unknown");
	} else if (WIFEXITED(status)) {
		audit_json_text(record, event, "outcome",
				WEXITSTATUS(status) == 0 ? "success" : "failure");
		audit_json_number(record, process, "exit_code",
				  (uint64_t)WEXITSTATUS(status));
	} else {
		/* As a shell reports it: 128 and the number of the signal. */
		audit_json_text(record, event, "outcome", "failure");
		audit_json_number(record, process, "exit_code",
				  128 + (uint64_t)WTERMSIG(status));
		audit_json_text(record, tallygate, "signal",
				signal_text(record->arena, WTERMSIG(status)));
	}
}

int audit_write_end(struct arena *arena, const char *state, const struct audit_end *end,
		    struct fault *fault)
{
	struct audit_json record;
	json_t *event, *list, *object;
	int result;

	audit_json_start(&record, arena);
	audit_host(&record);
	audit_json_number(&record, audit_json_group(&record, NULL, "process"), "pid",
			  (uint64_t)end->pid);
	audit_json_text(&record, audit_json_group(&record, NULL, "tallygate"), "tool",
			end->tool);
	event = audit_json_group(&record, NULL, "event");
	audit_json_text(&record, event, "kind", "event");
	list = audit_json_list(&record, event, "category");
	audit_json_word(&record, list, "process");
	list = audit_json_list(&record, event, "type");
	audit_json_word(&record, list, "end");
	audit_json_text(&record, event, "action", "command-ended");
	put_status(&record, end);
	audit_json_text(&record, event, "id", end->event);
	if (end->milliseconds >= 0)
		audit_json_number(&record, event, "duration",
				  (uint64_t)end->milliseconds * 1000000);
	object = audit_json_end(&record);
	if (!object)
		return fault_set(fault, "out of memory while the audit record was made");
	result = audit_append(arena, state, object, false, fault);
	json_decref(object);
	return result;
}
