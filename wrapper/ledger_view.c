#include "ledger_view.h"

#include <string.h>
#include <time.h>

#include "books_server.h"
#include "daemon_client.h"
#include "ledger.h"
#include "message_history.h"

/* The window is that of tallyd's policy, which is the one in force. */
static int ask_daemon(struct arena *arena, const struct session *session,
		      struct history *history, struct fault *fault)
{
	json_t *request = json_pack("{s:i, s:s}", "v", BOOKS_VERSION, "op", "view");
	struct daemon_client client;
	json_t *answer = NULL;
	const char *reason;
	int result;

	if (!request)
		return fault_set(fault, "out of memory");
	daemon_client_init(&client, session->daemon, NULL);
	result = daemon_ask(&client, request, &answer, fault);
	daemon_client_close(&client);
	json_decref(request);
	if (result < 0)
		return -1;
	reason = json_string_value(json_object_get(answer, "reason"));
	if (json_object_get(answer, "error"))
		result = fault_set(fault, "%s", reason ? reason : "tallyd refuses");
	else if (message_get_history(arena, json_object_get(answer, "history"), history) <
		 0)
		result = fault_set(fault, "tallyd's answer is none; is it of another "
					  "version than tally? Restart it");
	json_decref(answer);
	return result;
}

int ledger_view_for(struct arena *arena, const struct session *session, int64_t window,
		    struct history *history, struct fault *fault)
{
	struct ledger *ledger;
	int result;

	memset(history, 0, sizeof(*history));
	if (session->installed)
		return ask_daemon(arena, session, history, fault);
	result = ledger_open(session->state, false, &ledger, fault);
	if (result == 1) {
		history->now = time(NULL);
		return 0;
	}
	if (result < 0)
		return -1;
	result = ledger_view(ledger, arena, window, history, fault);
	ledger_close(ledger);
	return result;
}
