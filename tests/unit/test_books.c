/* The books of tallyd, asked without a socket: who gets what admitted, and what is granted. */
#include <signal.h>
#include <sys/wait.h>

#include "books_ask.h"
#include "process.h"

/* ---- commands ---- */

static void check_reads(void)
{
	const char *line = "drain --list web001";
	json_t *again = books_about("read", EVENT "1", line);

	ok(has(handle_as(&self, books_about("read", EVENT "1", line)), "admitted"),
	   "a read is let through");
	ok(last_action("command-read"), "and recorded");
	ok(allows(line), "it may be executed");
	ok(allows(line), "as often as the exec is seen");
	ok(!allows("drain --list web002"), "with these arguments only");
	ok(!books_grant_allows(books, self.who.pid, self.who.start + 1, 1, 2, ""),
	   "by this process only");
	json_object_set_new(again, "again", json_true());
	ok(has(handle_as(&self, again), "admitted"), "asked again, it is admitted again");
	ok(records() == 1, "and recorded once");
	ok(is_error(handle_as(&self, books_about("read", EVENT "1", "drain web001")),
		    "refused"),
	   "what is no read is not let through as one");
	ok(!allows("drain web001"), "and not granted");
	ok(has(handle_as(&self, books_about("read", EVENT "1", "something else")),
	       "admitted"),
	   "what is no known tool is let through");
	end();
	ok(!allows(line), "nothing is left of it at its end");
}

static void check_admission(void)
{
	const char *line = "drain web[001-003]";
	json_t *answer = handle_as(&self, books_about("look", EVENT "2", line)), *record;

	ok(json_is_false(json_object_get(answer, "granted")) &&
		   json_is_object(json_object_get(answer, "history")) &&
		   json_is_object(json_object_get(answer, "asker")) &&
		   json_is_string(json_object_get(answer, "policy")),
	   "a look tells what the decision goes by");
	json_decref(answer);
	ok(!allows(line) && reserved() == 0, "and grants and reserves nothing");
	answer = handle_as(&self, books_admission(EVENT "2", line, "allow"));
	ok(json_is_false(json_object_get(answer, "admitted")) &&
		   json_is_object(json_object_get(answer, "history")) &&
		   json_is_string(json_object_get(answer, "reason")),
	   "what has to be confirmed is not admitted unconfirmed");
	json_decref(answer);
	ok(!allows(line) && reserved() == 0, "so it is neither granted nor reserved");
	ok(admits(EVENT "2", line, "confirm"), "confirmed, it is");
	record = last_record();
	is_text(member(record, "event", "action"), "command-confirmed", "it is recorded");
	is_text(member(record, "event", "id"), EVENT "2", "by the event of its gate");
	json_decref(record);
	ok(reserved() == 1 && allows(line), "it is reserved and granted");
	end();
	ok(last_action("command-ended"), "its end is recorded");
	ok(reserved() == 1, "what it stopped stays out of service");
	ok(!admits(EVENT "3", "drain web[011-070]", "deny"),
	   "nobody says yes to what is denied");
	ok(!admits(EVENT "3", "drain web[011-070]", "approve"), "by no name");
	ok(reserved() == 1, "what was not admitted reserves nothing");
}

static void check_race(void)
{
	/* 100 - 3 - 30 = 67, and 37 after another 30: the floor is 60. */
	ok(admits(EVENT "4", "drain web[011-040]", "confirm"), "one of two is admitted");
	ok(!admits(EVENT "5", "drain web[041-070]", "confirm"),
	   "the other is not, whatever its gate has seen");
	ok(admits(EVENT "6", "drain web[041-046]", "confirm"),
	   "what the floor allows still is");
	ok(allows("drain web[011-040]") && allows("drain web[041-046]"),
	   "both are granted");
	ok(!allows("drain web[041-070]"), "and the other is not");
	end();
}

static void check_returned(void)
{
	size_t before = reserved();

	ok(admits(EVENT "7", "drain web050", "allow"), "a stop is admitted");
	ok(reserved() == before + 1, "it is reserved");
	ok(has(handle_as(&self, json_pack("{s:i, s:s, s:s}", "v", 1, "op", "withdraw",
					  "event", EVENT "7")),
	       "done"),
	   "it is withdrawn");
	ok(reserved() == before && !allows("drain web050"), "nothing is left of it");
	ok(admits(EVENT "8", "drain web050", "allow") && reserved() == before + 1,
	   "a stop is admitted, and its gate is killed");
	end();
	ok(reserved() == before, "what was never executed is given back");
	for (int i = 0; i < 2; i++) {
		json_t *request = books_admission(EVENT "9", "drain web050", "allow");

		if (i)
			json_object_set_new(request, "again", json_true());
		ok(has(handle_as(&self, request), "admitted"),
		   "it is admitted, whose answer is lost: %d", i);
	}
	ok(reserved() == before + 1, "it counts once");
	end();
}

static void check_expected(void)
{
	json_t *request =
		       books_admission(EVENT "a", "drain --run web[051-053]", "confirm"),
	       *answer;

	json_object_set_new(request, "expected", json_integer(4));
	answer = handle_as(&self, request);
	ok(json_is_false(json_object_get(answer, "admitted")),
	   "a wrong number is no yes");
	is_text(json_string_value(json_object_get(answer, "reason")),
		"it names another number of targets than was declared", "and is told");
	json_decref(answer);
	request = books_admission(EVENT "a", "drain --run web[051-053]", "confirm");
	json_object_set_new(request, "expected", json_integer(3));
	ok(has(handle_as(&self, request), "admitted"), "a right one is");
	request = books_admission(EVENT "a", "drain web[051-053]", "confirm");
	json_object_set_new(request, "expected", json_string("3"));
	ok(is_error(handle_as(&self, request), "malformed"), "a word is none");
	end();
}

static void check_facts(void)
{
	json_t *request =
		books_admission(EVENT "b", "drain --run --everywhere", "confirm");
	json_t *fact = json_pack(
		"{s:i, s:n, s:[s], s:n, s:n, s:i, s:i, s:i, s:s, s:i, s:n, s:n}", "kind",
		4, "path", "argv", "list-hosts", "env", "input", "timeout", 0, "state", 0,
		"status", 0, "data", "web001\nweb002\n", "age", 0, "error", "warnings");

	ok(is_error(handle_as(&self, json_deep_copy(request)), "facts"),
	   "a fact that is missing is told");
	json_array_append_new(json_object_get(request, "facts"), fact);
	ok(has(handle_as(&self, request), "admitted"), "with it, it is judged");
	end();
}

/* ---- who it is ---- */

static void check_forged_admission(void)
{
	json_t *request = books_admission(EVENT "c", "drain --run web060", "allow");
	json_t *record;

	json_object_set_new(request, "pid", json_integer(1));
	json_object_set_new(request, "uid", json_integer(4711));
	json_object_set_new(request, "user", json_string("somebody"));
	json_object_set_new(request, "session", json_string("theirs"));
	ok(has(handle_as(&self, request), "admitted"), "a request that says who it is");
	record = last_record();
	ok(json_integer_value(json_object_get(json_object_get(record, "process"),
					      "pid")) == self.who.pid,
	   "is recorded by the process the kernel names");
	is_text(member(record, "tallygate", "session"), "s1", "and its session");
	ok(strcmp(member(record, "user", "name"), "somebody") != 0, "and its user");
	json_decref(record);
	ok(!books_grant_allows(books, 1, 1, 1, 2, ""), "no other process has its grant");
	end();
}

static void check_forged_record(void)
{
	json_t *told = json_pack("{s:{s:s, s:s, s:s}, s:{s:i, s:s}, s:{s:s}, s:{s:s, "
				 "s:s, s:s, s:[]}, s:s}",
				 "event", "action", "command-denied", "kind", "event",
				 "reason", "said so", "process", "pid", 1, "command_line",
				 "drain web001", "user", "name", "somebody", "tallygate",
				 "session", "theirs", "previous", "0", "tool", "drain",
				 "chain", "@timestamp", "1970-01-01T00:00:00Z");
	json_t *request = json_pack("{s:i, s:s, s:s, s:o}", "v", 1, "op", "record",
				    "event", EVENT "d", "record", told),
	       *record;
	const char *user, *time;

	ok(has(handle_as(&self, json_deep_copy(request)), "done"),
	   "a gate may tell what it did not run");
	record = last_record();
	user = member(record, "user", "name");
	time = json_string_value(json_object_get(record, "@timestamp"));
	ok(user && strcmp(user, "somebody") != 0, "by its own user");
	ok(json_integer_value(json_object_get(json_object_get(record, "process"),
					      "pid")) == self.who.pid,
	   "as itself");
	is_text(member(record, "tallygate", "session"), "s1", "in its session");
	is_text(member(record, "event", "kind"), "alert", "as what it is");
	is_text(member(record, "event", "reason"), "said so", "with its reason");
	is_text(member(record, "process", "command_line"), "drain web001",
		"and its command");
	ok(time && strncmp(time, "1970", 4) != 0, "now");
	ok(json_array_size(
		   json_object_get(json_object_get(record, "tallygate"), "chain")) > 0,
	   "below the processes that are above it");
	json_decref(record);
	json_object_set_new(json_object_get(told, "event"), "action",
			    json_string("command-allowed"));
	ok(is_error(handle_as(&self, request), "malformed"),
	   "but not what it did run: that is written by who lets it");
}

static void check_clients(void)
{
	struct books_peer tally = self;

	tally.client = BOOKS_TALLY;
	ok(is_error(
		   handle_as(&tally, books_admission(EVENT "e", "drain web061", "allow")),
		   "client"),
	   "only a gate has something admitted");
	ok(!allows("drain web061"), "and granted");
	ok(answers(handle_as(&tally, json_pack("{s:i, s:s}", "v", 1, "op", "status")),
		   "rules"),
	   "others may ask how it stands");
}

/* ---- descendants ---- */

static pid_t start_child(struct books_peer *peer, int *hold)
{
	int ends[2];
	pid_t pid;

	if (pipe(ends) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		char byte;

		close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(ends[0]);
	*hold = ends[1];
	*peer = self;
	if (!who_of(pid, self.who.uid, self.who.gid, &peer->who))
		return -1;
	return pid;
}

static void end_child(pid_t pid, int hold)
{
	close(hold);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static bool looks_granted(const struct books_peer *peer, const char *line)
{
	return has(handle_as(peer, books_about("look", EVENT "f", line)), "granted");
}

static void check_descendants(void)
{
	struct books_peer child;
	int hold = -1;
	pid_t pid = start_child(&child, &hold);
	json_t *record, *request;

	ok(!looks_granted(&child, "shut web070"), "a command below nothing is by itself");
	ok(admits(EVENT "0", "drain --run web070", "allow") &&
		   allows("drain --run web070"),
	   "its parent has something admitted");
	ok(looks_granted(&child, "shut web070"),
	   "what that is declared to start is part of it");
	record = last_record();
	is_text(member(record, "event", "action"), "command-granted", "that is recorded");
	is_text(member(record, "tallygate", "parent_event"), EVENT "0",
		"with its parent");
	json_decref(record);
	ok(looks_granted(&child, "drain --run web070"), "and itself, once more");
	ok(!looks_granted(&child, "drain web071"), "another command is not");
	end();
	ok(!looks_granted(&child, "shut web070"), "nor anything behind its end");
	request = json_pack("{s:i, s:s, s:s, s:i, s:[i, i], s:[s, s]}", "v", 1, "op",
			    "probe", "event", EVENT "0", "child", (int)pid, "file", 1, 2,
			    "argv", "drain", "web001");
	ok(has(handle_as(&self, json_deep_copy(request)), "done"), "a child is a probe");
	{
		char digest[GRANT_DIGEST];

		books_line_digest("drain web001", digest);
		ok(books_grant_allows(books, pid, child.who.start, 1, 2, digest),
		   "which may execute what was announced");
	}
	ok(!looks_granted(&child, "drain web002"), "and covers nothing else");
	json_object_set_new(request, "child", json_integer(getppid()));
	ok(is_error(handle_as(&self, request), "refused"), "no other process is");
	books_end(books, pid, child.who.start, false, 0);
	end_child(pid, hold);
}

static void check_restart(void)
{
	const char *line = "drain --run web080";

	ok(admits(EVENT "1", line, "allow") && allows(line), "something runs");
	books_close(books);
	open_books();
	ok(allows(line), "its grant outlives tallyd");
	end();
	ok(last_action("command-ended") && !allows(line), "and ends with it");
}

int main(void)
{
	begin_books();
	check_reads();
	check_admission();
	check_race();
	check_returned();
	check_expected();
	check_facts();
	check_forged_admission();
	check_forged_record();
	check_clients();
	check_descendants();
	check_restart();
	return done_books();
}
