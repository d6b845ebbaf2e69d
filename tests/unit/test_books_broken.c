/* The books of tallyd when a request is none, or when rules, log or ledger are broken. */
#include "books_ask.h"

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
	begin_books();
	check_garbage();
	check_huge();
	check_rules();
	check_paths();
	check_log();
	check_ledger();
	return done_books();
}
