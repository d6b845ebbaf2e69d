/* The books of an installed session: tallyd has them, and judges each command anew. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "books_server.h"
#include "gate_state.h"
#include "limit.h"
#include "message_command.h"
#include "message_history.h"
#include "message_text.h"
#include "probe.h"

/* ---- asking ---- */

static struct daemon_client *client(struct gate *gate)
{
	if (!gate->books.daemon.path)
		daemon_client_init(&gate->books.daemon, gate->session.daemon,
				   &gate->terminal);
	return &gate->books.daemon;
}

/* The answer as long as it is no error. What went wrong is in `fault`; NULL. */
static json_t *ask(struct gate *gate, json_t *request, struct fault *fault)
{
	const char *error, *reason;
	json_t *answer = NULL;
	int result;

	if (!request) {
		fault_set(fault, "out of memory while tallyd was asked");
		return NULL;
	}
	result = daemon_ask(client(gate), request, &answer, fault);
	json_decref(request);
	/* As a probe that is stopped by Ctrl-C, it is a no. */
	if (gate->books.daemon.signal)
		gate->options.stopped = gate->books.daemon.signal;
	if (result < 0)
		return NULL;
	error = json_string_value(json_object_get(answer, "error"));
	if (!error)
		return answer;
	reason = json_string_value(json_object_get(answer, "reason"));
	fault_set(fault, "%s", reason ? reason : error);
	/* Rules that have changed meanwhile may ask for more than was known. */
	if (strcmp(error, "facts") == 0)
		gate->books.stale = true;
	if (strcmp(error, "ledger") == 0)
		gate->books.down = arena_strdup(gate->arena, fault->text);
	json_decref(answer);
	return NULL;
}

static json_t *text(const char *string)
{
	return message_text(string, string ? strlen(string) : 0);
}

static json_t *file_of(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return json_pack("[]");
	return json_pack("[I, I]", (json_int_t)status.st_dev, (json_int_t)status.st_ino);
}

/* What tallyd has to know of this command to judge it. */
static json_t *request_about(struct gate *gate, const char *op)
{
	const struct judgement *judgement = &gate->judgement;

	return json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:I}", "v",
			 BOOKS_VERSION, "op", op, "event", gate->books.event, "command",
			 message_command(&gate->command), "facts",
			 message_facts(&judgement->facts), "program", text(gate->program),
			 "tool", text(judgement->reading.tool), "file",
			 file_of(gate->call->path), "interactive", gate->terminal.fd >= 0,
			 "latency", (json_int_t)(probe_clock() - gate->started));
}

/* ---- taking answers ---- */

static int bad_answer(struct gate *gate)
{
	return fault_set(&gate->fault,
			 "tallyd's answer is none; is it of another version "
			 "than the gate? Restart it");
}

static int take_asker(struct gate *gate, const json_t *answer)
{
	const json_t *asker = json_object_get(answer, "asker");
	struct asker *to = &gate->asker;

	if (!json_is_object(asker) ||
	    message_get_text(gate->arena, json_object_get(asker, "user"), &to->user,
			     NULL) < 0 ||
	    message_get_texts(gate->arena, json_object_get(asker, "groups"), &to->groups,
			      NULL) < 0 ||
	    message_get_text(gate->arena, json_object_get(asker, "parent"),
			     &to->parent_program, NULL) < 0 ||
	    message_get_text(gate->arena, json_object_get(asker, "host"), &to->host,
			     NULL) < 0 ||
	    !to->user || !to->groups || !to->host)
		return -1;
	to->terminal = gate->terminal.fd >= 0;
	return 0;
}

/* The ledger's view and what else the decision goes by. */
static int take_view(struct gate *gate, const json_t *answer)
{
	const char *down = json_string_value(json_object_get(answer, "down"));
	const char *digest = json_string_value(json_object_get(answer, "policy"));

	if (!digest || take_asker(gate, answer) < 0 ||
	    message_get_history(gate->arena, json_object_get(answer, "history"),
				&gate->books.history) < 0)
		return bad_answer(gate);
	gate->books.down = down ? arena_strdup(gate->arena, down) : NULL;
	gate->books.stale =
		gate->book.policy && strcmp(gate->book.policy->digest, digest) != 0;
	return 0;
}

static int daemon_granted(struct gate *gate)
{
	json_t *answer = ask(gate, request_about(gate, "look"), &gate->fault);
	int result;

	if (!answer)
		return -1;
	if (json_is_true(json_object_get(answer, "granted")))
		result = 1;
	else
		result = take_view(gate, answer);
	json_decref(answer);
	gate->books.viewed = result == 0;
	return result;
}

static int daemon_asker(struct gate *gate)
{
	/* It came with the view. */
	return gate->asker.user ? 0 : bad_answer(gate);
}

static int daemon_view(struct gate *gate)
{
	int result;

	/* That of the first look is as new as another one. */
	if (gate->books.viewed) {
		gate->books.viewed = false;
		return 0;
	}
	result = daemon_granted(gate);
	gate->books.viewed = false;
	return result < 0 ? -1 : 0;
}

static json_t *admit_request(struct gate *gate)
{
	json_t *request = request_about(gate, "admit");

	if (request &&
	    json_object_update_new(
		    request,
		    json_pack("{s:s, s:o, s:o, s:o, s:b}", "accepted",
			      verdict_name(gate->books.accepted), "expected",
			      gate->expected ? json_integer((json_int_t)gate->expect)
					     : json_null(),
			      "answer", text(gate->answer), "reason", text(gate->reason),
			      "terminal", gate->terminal.fd >= 0)) == 0)
		return request;
	json_decref(request);
	return NULL;
}

static int daemon_admit(struct gate *gate)
{
	json_t *answer = ask(gate, admit_request(gate), &gate->fault);
	const char *reason;
	int result;

	if (!answer)
		return gate->books.stale || gate->books.down ? 0 : -1;
	if (json_is_true(json_object_get(answer, "admitted"))) {
		json_decref(answer);
		gate->books.admission = 1;
		return 1;
	}
	result = take_view(gate, answer);
	reason = json_string_value(json_object_get(answer, "reason"));
	gate->books.heavier = reason ? arena_strdup(gate->arena, reason) : NULL;
	/* That the ledger is down is for tallyd to act on: it has done so by its answer. */
	gate->books.down = NULL;
	json_decref(answer);
	return result;
}

/* ---- what is told ---- */

static int tell(struct gate *gate, json_t *request, struct fault *fault)
{
	json_t *answer = ask(gate, request, fault);

	if (!answer)
		return -1;
	json_decref(answer);
	return 0;
}

static void daemon_withdraw(struct gate *gate)
{
	struct fault fault;

	/* Otherwise it is returned when tallyd sees this process end. */
	if (gate->books.admission)
		(void)tell(gate,
			   json_pack("{s:i, s:s, s:s}", "v", BOOKS_VERSION, "op",
				     "withdraw", "event", gate->books.event),
			   &fault);
	gate->books.admission = 0;
}

static int daemon_record(struct gate *gate, enum gate_outcome outcome,
			 struct fault *fault)
{
	json_t *record;

	/* tallyd writes itself what it lets run. */
	if (outcome <= OUTCOME_CONFIRMED)
		return 0;
	record = gate_record_json(gate, outcome);
	if (!record)
		return fault_set(fault, "out of memory while the audit record was made");
	return tell(gate,
		    json_pack("{s:i, s:s, s:s, s:o}", "v", BOOKS_VERSION, "op", "record",
			      "event", gate->books.event, "record", record),
		    fault);
}

static int daemon_start(struct gate *gate)
{
	(void)gate;
	return 0;
}

static int daemon_read(struct gate *gate)
{
	if (tell(gate, request_about(gate, "read"), &gate->fault) < 0)
		return -1;
	gate->books.admission = 1;
	return 0;
}

static int daemon_through_shell(struct gate *gate, const char *const *argv,
				struct fault *fault)
{
	return tell(gate,
		    json_pack("{s:i, s:s, s:s, s:o, s:o}", "v", BOOKS_VERSION, "op",
			      "shell", "event", gate->books.event, "file",
			      file_of("/bin/sh"), "argv", message_texts(argv)),
		    fault);
}

static void daemon_becomes(struct gate *gate)
{
	/* tallyd watches the process of a grant by itself. */
	(void)gate;
}

static void daemon_close(struct gate *gate)
{
	daemon_client_close(&gate->books.daemon);
}

static int daemon_announce(struct gate *gate, pid_t child, const char *path,
			   const char *const *argv, struct fault *fault)
{
	return tell(gate,
		    json_pack("{s:i, s:s, s:s, s:I, s:o, s:o}", "v", BOOKS_VERSION, "op",
			      "probe", "event", gate->books.event, "child",
			      (json_int_t)child, "file", file_of(path), "argv",
			      message_texts(argv)),
		    fault);
}

const struct gate_books_kind books_daemon = {
	.granted = daemon_granted,
	.asker = daemon_asker,
	.view = daemon_view,
	.admit = daemon_admit,
	.withdraw = daemon_withdraw,
	.record = daemon_record,
	.start = daemon_start,
	.read = daemon_read,
	.through_shell = daemon_through_shell,
	.becomes = daemon_becomes,
	.close = daemon_close,
	.announce = daemon_announce,
};
