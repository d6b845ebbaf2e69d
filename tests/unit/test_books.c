/* The books of tallyd, asked without a socket. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "books_case.h"
#include "process.h"
#include "tap.h"

static struct books *books;
static struct books_peer self;

/* ---- asking ---- */

static json_t *handle_as(const struct books_peer *peer, json_t *request)
{
	json_t *answer = books_handle(books, peer, request);

	json_decref(request);
	return answer;
}

static bool has(json_t *answer, const char *name)
{
	bool found = json_is_true(json_object_get(answer, name));

	if (!found) {
		char *text = json_dumps(answer, JSON_COMPACT);

		printf("# answer: %.400s\n", text ? text : "(null)");
		free(text);
	}
	json_decref(answer);
	return found;
}

/* Whether that is in the answer at all. */
static bool answers(json_t *answer, const char *name)
{
	bool found = json_object_get(answer, name) != NULL;

	json_decref(answer);
	return found;
}

static bool is_error(json_t *answer, const char *error)
{
	const char *found = json_string_value(json_object_get(answer, "error"));
	bool same = found && strcmp(found, error) == 0;

	if (!same)
		printf("# error: %s\n", found ? found : "none");
	json_decref(answer);
	return same;
}

static bool admits(const char *event, const char *line, const char *accepted)
{
	return has(handle_as(&self, books_admission(event, line, accepted)), "admitted");
}

/* Admissions in the ledger's view. */
static size_t reserved(void)
{
	json_t *answer = handle_as(&self, json_pack("{s:i, s:s}", "v", 1, "op", "view"));
	size_t count = json_array_size(
		json_object_get(json_object_get(answer, "history"), "admissions"));

	json_decref(answer);
	return count;
}

static bool allows(const char *line)
{
	char digest[GRANT_DIGEST];

	books_line_digest(line, digest);
	return books_grant_allows(books, self.who.pid, self.who.start, 1, 2, digest);
}

/* Ends what this process has been granted. */
static void end(void)
{
	books_end(books, self.who.pid, self.who.start, true, 0);
}

/* The last record of the log: an object. */
static json_t *last_record(void)
{
	static char line[1 << 20];
	char path[400];
	json_t *record = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "%s/audit.jsonl", books_log);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		json_decref(record);
		record = json_loads(line, 0, NULL);
	}
	if (file)
		fclose(file);
	return record;
}

static const char *member(const json_t *record, const char *group, const char *name)
{
	return json_string_value(json_object_get(json_object_get(record, group), name));
}

static bool last_action(const char *action)
{
	json_t *record = last_record();
	const char *found = member(record, "event", "action");
	bool same = found && strcmp(found, action) == 0;

	if (!same)
		printf("# last action: %s\n", found ? found : "none");
	json_decref(record);
	return same;
}

static void open_books(void)
{
	struct fault fault = {0};

	books = books_open(&books_options, &fault);
	if (!books) {
		printf("Bail out! %s\n", fault.text);
		exit(1);
	}
}

/* ---- commands ---- */

static void check_reads(void)
{
	const char *line = "drain --list web001";

	ok(has(handle_as(&self, books_about("read", EVENT "1", line)), "admitted"),
	   "a read is let through");
	ok(last_action("command-read"), "and recorded");
	ok(allows(line), "it may be executed");
	ok(allows(line), "as often as the exec is seen");
	ok(!allows("drain --list web002"), "with these arguments only");
	ok(!books_grant_allows(books, self.who.pid, self.who.start + 1, 1, 2, ""),
	   "by this process only");
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

/* ---- what is no request ---- */

static void check_garbage(void)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"7",
		"{\"v\":1}",
		"{\"v\":1,\"op\":7}",
		"{\"v\":1,\"op\":\"fly\"}",
		"{\"v\":\"1\",\"op\":\"view\"}",
		"{\"v\":1,\"op\":\"admit\"}",
		"{\"v\":1,\"op\":\"look\",\"event\":\"x\"}",
		"{\"v\":1,\"op\":\"look\",\"event\":\"" EVENT "1\"}",
		"{\"v\":1,\"op\":\"look\",\"event\":\"" EVENT "1\",\"command\":7}",
		"{\"v\":1,\"op\":\"look\",\"event\":\"" EVENT
		"1\",\"command\":{\"path\":null,\"argv\":[],\"env\":[],\"cwd\":\"/\"}}",
		"{\"v\":1,\"op\":\"look\",\"event\":\"" EVENT
		"1\",\"command\":{\"path\":null,\"argv\":[\"drain\",null],\"env\":[],"
		"\"cwd\":\"/\"}}",
		"{\"v\":1,\"op\":\"record\",\"event\":\"" EVENT "1\"}",
		"{\"v\":1,\"op\":\"probe\",\"event\":\"" EVENT "1\",\"child\":-1}",
		"{\"v\":1,\"op\":\"shell\",\"event\":\"" EVENT "1\",\"file\":[1]}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *request = json_loads(texts[i], JSON_DECODE_ANY, NULL);

		ok(request && is_error(handle_as(&self, request), "malformed"),
		   "malformed: %.60s", texts[i]);
	}
	ok(is_error(handle_as(&self, json_pack("{s:i, s:s}", "v", 2, "op", "view")),
		    "version"),
	   "another version is told apart");
}

static void check_huge(void)
{
	json_t *request = books_about("look", EVENT "2", "drain"), *argv, *facts;
	size_t size = 8 << 20;
	char *text = malloc(size + 1);

	argv = json_object_get(json_object_get(request, "command"), "argv");
	for (int i = 0; i < 100000; i++)
		json_array_append_new(argv, json_sprintf("web%d", i));
	ok(answers(handle_as(&self, request), "granted"), "100,000 words are judged");
	memset(text, 'x', size);
	text[size] = '\0';
	request = books_about("look", EVENT "2", "drain");
	argv = json_object_get(json_object_get(request, "command"), "argv");
	json_array_append_new(argv, json_stringn(text, size));
	ok(answers(handle_as(&self, request), "granted"), "and a word of 8 MiB");
	free(text);
	request = books_about("look", EVENT "2", "drain web001");
	facts = json_object_get(request, "facts");
	for (int i = 0; i < 20000; i++)
		json_array_append_new(facts, json_object());
	ok(is_error(handle_as(&self, request), "malformed"), "20,000 facts are too many");
}

/* ---- when something is broken ---- */

static const char *status_text(const char *group, const char *name, char text[512])
{
	json_t *answer =
		handle_as(&self, json_pack("{s:i, s:s}", "v", 1, "op", "status"));
	const char *found = member(answer, group, name);

	text[0] = '\0';
	if (found)
		snprintf(text, 512, "%s", found);
	json_decref(answer);
	return found ? text : NULL;
}

static void check_rules(void)
{
	struct fault fault = {0};
	char before[512], text[512];

	status_text("rules", "policy", before);
	books_write("rules/policy/policy.cfg", "limits = ( { action = \"stop\"; deny_");
	ok(books_reload(books, &fault) == -1 && strstr(fault.file, "rules/policy"),
	   "broken rules are refused, by the name of the file: %s", fault.file);
	ok(last_action("rules-refused"), "that is an alert");
	ok(status_text("rules", "broken", text) && strstr(text, "policy.cfg"),
	   "and told by status");
	is_text(status_text("rules", "policy", text), before, "the last good ones hold");
	ok(admits(EVENT "3", "drain --run web081", "allow"), "and are judged by");
	end();
	books_write("rules/tools/drain.cfg", "tool = { name = \"drain\"; };");
	books_write("rules/policy/policy.cfg", books_policy);
	ok(books_reload(books, &fault) == -1, "so is a broken description");
	books_write("rules/tools/drain.cfg", books_drain);
	books_write(
		"rules/policy/policy.cfg",
		"limits = ( { action = \"stop\"; deny_above = 0; } );\n"
		"tests = ( { command = \"drain web001\"; verdict = \"allow\"; } );\n");
	ok(books_reload(books, &fault) == -1 && strstr(fault.text, "own test"),
	   "and a policy that fails its own test");
	books_write("rules/policy/policy.cfg", "limits = ( { bad");
	books_close(books);
	open_books();
	is_text(status_text("rules", "policy", text), before,
		"a tallyd that starts with broken rules has the last good ones");
	books_write("rules/policy/policy.cfg",
		    "limits = ( { action = \"run\"; deny_above = 0; } );");
	ok(books_reload(books, &fault) == 0 && !status_text("rules", "broken", text),
	   "mended ones come into force: %s", fault.text);
	ok(!admits(EVENT "3", "drain --run web081", "confirm"), "and are judged by");
	chmod(books_rules, 0777);
	books_write("rules/actions.cfg", "");
	ok(books_reload(books, &fault) == -1,
	   "rules that others may write are refused: %s", fault.text);
	chmod(books_rules, 0755);
	books_write("rules/policy/policy.cfg", books_policy);
	ok(books_reload(books, &fault) == 0, "the old ones again: %s", fault.text);
}

static void check_paths(void)
{
	const char *const *directories = books_rules_directories(books);
	char real[4096];

	ok(realpath(directories[0], real) != NULL, "the rules in force have a place");
	ok(strncmp(real, books_snapshots, strlen(books_snapshots)) == 0,
	   "that is a copy");
}

static void check_log(void)
{
	char path[400], away[420];
	size_t before = reserved();

	snprintf(path, sizeof(path), "%s/audit.jsonl", books_log);
	snprintf(away, sizeof(away), "%s.away", path);
	rename(path, away);
	mkdir(path, 0700);
	ok(is_error(handle_as(&self, books_admission(EVENT "4", "drain web055", "allow")),
		    "audit"),
	   "without a record nothing is admitted");
	ok(reserved() == before && !allows("drain web055"), "reserved or granted");
	ok(is_error(handle_as(&self,
			      books_about("read", EVENT "4", "drain --list web055")),
		    "audit"),
	   "not even a read");
	rmdir(path);
	rename(away, path);
	ok(has(handle_as(&self, books_about("read", EVENT "4", "drain --list web055")),
	       "admitted"),
	   "as soon as it can be written it is");
	end();
}

static void check_ledger(void)
{
	char text[512];

	books_close(books);
	snprintf(books_state, sizeof(books_state), "%s/rules/policy/policy.cfg",
		 books_top);
	open_books();
	ok(status_text("ledger", "down", text), "a ledger that cannot be opened is told");
	ok(is_error(handle_as(&self, books_admission(EVENT "5", "drain web056", "allow")),
		    "ledger"),
	   "without it nothing is stopped");
	ok(!allows("drain web056"), "really not");
	ok(has(handle_as(&self, books_about("read", EVENT "5", "drain --list web056")),
	       "admitted"),
	   "reads go on");
	end();
	snprintf(books_state, sizeof(books_state), "%s/state", books_top);
}

int main(void)
{
	if (!books_files_make()) {
		printf("Bail out! %s\n", strerror(errno));
		return 1;
	}
	self = books_peer_self();
	open_books();
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
	check_garbage();
	check_huge();
	check_rules();
	check_paths();
	check_log();
	check_ledger();
	books_close(books);
	books_files_remove();
	return done();
}
