/* Strict reading of rule files: every fault has its line, what was found and expected. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "load.h"
#include "rule_files.h"
#include "tap.h"

/* A text that is refused: the line and parts of the sentence. */
static const struct {
	const char *text;
	int line;
	const char *says;
} refused[] = {
	{"a = 1;\nb = 75%;\n", 2, "syntax error"},
	{"a = 1;\nb = 2;\na = 3;\n", 3, "given twice"},
	{"a = [ 1, \"x\" ];\n", 1, "not all of one type"},
	{"a = ( { x = 1; }\n", 2, "syntax error"},
	{"a = 5000000000;\n", 1, "5000000000: expected a number of at most 2147483647"},
	{"a = 1;\nb = 0xFFFFFFFF;\n", 2, "0xFFFFFFFF: expected"},
	{"a = 99999999999999999999L;\n", 1, "expected a number of at most"},
	{"a = 1;\n@include \"b.cfg\"\n", 2, "@include is not allowed"},
	{"a = 1;\n/* open\n\n", 2, "never closed"},
	{"a = \"open\n", 1, "no closing quote"},
	{"a = ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1", 1,
	 "nested too deeply"},
};

/* Readers of single values: the setting `x` of the text. */
enum reader { STRING, STRINGS, INT, BOOL, AMOUNT, DURATION, DATE, SET, CHOICE, GROUPS };

static const struct {
	enum reader reader;
	const char *text;
	int found; /* 1, 0 or -1 */
	long long value;
	const char *says;
} values[] = {
	{STRING, "x = \"a\";", 1, 0, NULL},
	{STRING, "y = 1;", 0, 0, NULL},
	{STRING, "x = \"\";", -1, 0, "x = \"\": expected a text"},
	{STRING, "x = 5;", -1, 0, "x = 5: expected a text"},
	{STRINGS, "x = \"a\";", 1, 1, NULL},
	{STRINGS, "x = [ \"a\", \"b\" ];", 1, 2, NULL},
	{STRINGS, "x = ( \"a\", \"b\", \"c\" );", 1, 3, NULL},
	{STRINGS, "x = [ ];", 1, 0, NULL},
	{STRINGS, "x = [ 1, 2 ];", -1, 0, "x: element 1: expected"},
	{STRINGS, "x = { a = 1; };", -1, 0, "x = { ... }: expected"},
	{INT, "x = 7;", 1, 7, NULL},
	{INT, "x = 0x10;", 1, 16, NULL},
	{INT, "x = 5000000000L;", 1, 5000000000LL, NULL},
	{INT, "x = -1;", -1, 0, "x = -1: expected a whole number from 0"},
	{INT, "x = 1.5;", -1, 0, "x = 1.5: expected a whole number"},
	{INT, "x = 1.99999999999;", -1, 0, "expected a whole number"},
	{INT, "x = \"7\";", -1, 0, "x = \"7\": expected a whole number"},
	{BOOL, "x = true;", 1, 1, NULL},
	{BOOL, "x = FALSE;", 1, 0, NULL},
	{BOOL, "x = 1;", -1, 0, "x = 1: expected true or false"},
	{BOOL, "x = \"true\";", -1, 0, "expected true or false"},
	{AMOUNT, "x = 300;", 1, 300, NULL},
	{AMOUNT, "x = 0;", 1, 0, NULL},
	{AMOUNT, "x = \"75%\";", 1, 7500, NULL},
	{AMOUNT, "x = \"12.5%\";", 1, 1250, NULL},
	{AMOUNT, "x = \"0.25%\";", 1, 25, NULL},
	{AMOUNT, "x = \"0.05%\";", 1, 5, NULL},
	{AMOUNT, "x = \"100%\";", 1, 10000, NULL},
	{AMOUNT, "x = \"100.01%\";", -1, 0, "\"100.01%\": expected a number of targets"},
	{AMOUNT, "x = \"101%\";", -1, 0, "expected a number of targets"},
	{AMOUNT, "x = \"75 percent\";", -1, 0,
	 "x = \"75 percent\": expected a number of targets, or a percentage"},
	{AMOUNT, "x = \"75\";", -1, 0, "like \"75%\""},
	{AMOUNT, "x = \"%\";", -1, 0, "like \"75%\""},
	{AMOUNT, "x = \"7.%\";", -1, 0, "like \"75%\""},
	{AMOUNT, "x = \"1.234%\";", -1, 0, "like \"75%\""},
	{AMOUNT, "x = \"-5%\";", -1, 0, "like \"75%\""},
	{AMOUNT, "x = \"75% \";", -1, 0, "like \"75%\""},
	{AMOUNT, "x = 0.75;", -1, 0, "x = 0.75: expected a number of targets"},
	{AMOUNT, "x = -1;", -1, 0, "x = -1: expected a number of targets"},
	{DURATION, "x = 600;", 1, 600, NULL},
	{DURATION, "x = \"10 min\";", 1, 600, NULL},
	{DURATION, "x = \"90s\";", 1, 90, NULL},
	{DURATION, "x = \"2 h\";", 1, 7200, NULL},
	{DURATION, "x = \"365 days\";", 1, 31536000, NULL},
	{DURATION, "x = \"10\";", -1, 0, "expected seconds, or a text"},
	{DURATION, "x = \"10 fortnights\";", -1, 0, "expected seconds, or a text"},
	{DURATION, "x = -5;", -1, 0, "expected seconds, or a text"},
	{DURATION, "x = \"9999999999 days\";", -1, 0, "expected seconds"},
	{DATE, "x = \"1970-01-01\";", 1, 0, NULL},
	{DATE, "x = \"2014-06-01\";", 1, 1401580800, NULL},
	{DATE, "x = \"2024-02-29\";", 1, 1709164800, NULL},
	{DATE, "x = \"2026-01-01T12:00:00Z\";", 1, 1767268800, NULL},
	{DATE, "x = \"2023-02-29\";", -1, 0, "expected a day"},
	{DATE, "x = \"2014-6-1\";", -1, 0, "expected a day"},
	{DATE, "x = \"2014-13-01\";", -1, 0, "expected a day"},
	{DATE, "x = \"2026-01-01 12:00:00\";", -1, 0, "expected a day"},
	{DATE, "x = \"2026-01-01T12:00:00+02\";", -1, 0, "expected a day"},
	{DATE, "x = 2014;", -1, 0, "expected a day"},
	{SET, "x = \"web[001-400],db1\";", 1, 401, NULL},
	{SET, "x = \"\";", -1, 0, "expected a set with at least one target"},
	{SET, "x = \"web[1-\";", -1, 0, "x = \"web[1-\": expected a set of targets"},
	{SET, "x = 5;", -1, 0, "expected a set of targets"},
	{CHOICE, "x = \"two\";", 1, 1, NULL},
	{CHOICE, "x = \"Two\";", -1, 0, "expected one of one, two"},
	{GROUPS, "x = ( { a = 1; }, { a = 2; } );", 1, 2, NULL},
	{GROUPS, "x = ( );", 1, 0, NULL},
	{GROUPS, "x = ( 1 );", -1, 0, "expected a list of groups"},
	{GROUPS, "x = { a = 1; };", -1, 0, "expected a list of groups"},
};

static const char *const choices[] = {"one", "two", NULL};

static long long strings_value(const char *const *texts)
{
	long long count = 0;

	while (texts[count])
		count++;
	return count;
}

static int read_value(struct arena *arena, enum reader reader,
		      const config_setting_t *root, long long *value, struct fault *fault)
{
	const char *text = NULL, *const *texts = choices + 2;
	const struct hostset *set = NULL;
	struct amount amount = {0};
	config_setting_t *list = NULL;
	int64_t number = 0;
	bool yes = false;
	int choice = 0, found = 0;

	switch (reader) {
	case STRING:
		return load_string(arena, root, "x", false, &text, fault);
	case STRINGS:
		found = load_strings(arena, root, "x", false, &texts, fault);
		*value = strings_value(texts);
		return found;
	case INT:
		found = load_int(root, "x", false, 0, INT64_MAX, &number, fault);
		break;
	case BOOL:
		found = load_bool(root, "x", false, &yes, fault);
		number = yes;
		break;
	case AMOUNT:
		found = load_amount(root, "x", false, &amount, fault);
		number = (int64_t)amount.value;
		break;
	case DURATION:
		found = load_duration(root, "x", false, &number, fault);
		break;
	case DATE:
		found = load_date(root, "x", false, &number, fault);
		break;
	case SET:
		found = load_set(arena, root, "x", false, &set, fault);
		number = set ? (int64_t)hostset_count(set) : 0;
		break;
	case CHOICE:
		found = load_choice(root, "x", false, choices, &choice, fault);
		number = choice;
		break;
	case GROUPS:
		found = load_groups(root, "x", false, &list, fault);
		number = list ? config_setting_length(list) : 0;
		break;
	}
	*value = number;
	return found;
}

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		struct arena *arena = arena_new(1 << 20);
		struct fault fault = {0};
		config_t config;
		int result = load_text(arena, "f.cfg", refused[i].text,
				       strlen(refused[i].text), &config, &fault);

		if (!ok(result == -1 && fault.line == refused[i].line &&
				strstr(fault.text, refused[i].says) &&
				strcmp(fault.file, "f.cfg") == 0,
			"refused: %s", refused[i].says))
			printf("# %s:%d: %s\n", fault.file, fault.line, fault.text);
		if (result == 0)
			config_destroy(&config);
		arena_free(arena);
	}
}

static void test_values(void)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct arena *arena = arena_new(1 << 20);
		struct fault fault = {0};
		config_t config;
		char text[200];
		long long value = 0;
		int found;

		/* Two lines down, so that a line number is not right by chance. */
		snprintf(text, sizeof(text), "# comment\n\n%s\n", values[i].text);
		if (load_text(arena, "f.cfg", text, strlen(text), &config, &fault)) {
			ok(false, "%s is read: %s", values[i].text, fault.text);
			arena_free(arena);
			continue;
		}
		found = read_value(arena, values[i].reader, config_root_setting(&config),
				   &value, &fault);
		if (!ok(found == values[i].found &&
				(found < 0 ? fault.line == 3 &&
						     strstr(fault.text, values[i].says)
					   : value == values[i].value),
			"%s -> %d", values[i].text, values[i].found))
			printf("# found %d, value %lld, %d: %s\n", found, value,
			       fault.line, fault.text);
		config_destroy(&config);
		arena_free(arena);
	}
}

static void test_keys(void)
{
	static const char *const names[] = {"floor", "members", "name", NULL};
	static const char text[] = "floor = 1;\nmenbers = 2;\n";
	static const char other[] = "zzz = 1;\n";
	struct arena *arena = arena_new(1 << 20);
	struct fault fault = {0};
	const char *value = NULL;
	config_t config;

	ok(load_text(arena, "f.cfg", text, strlen(text), &config, &fault) == 0, "text");
	ok(load_check_keys(config_root_setting(&config), names, &fault) == -1 &&
		   fault.line == 2,
	   "an unknown name is a fault in its line");
	is_text(fault.text, "unknown setting \"menbers\": did you mean \"members\"?",
		"that names the nearest");
	ok(load_string(arena, config_root_setting(&config), "name", true, &value,
		       &fault) == -1,
	   "a required name that is missing is a fault");
	is_text(fault.text, "\"name\" is missing here: it is required", "that says so");
	config_destroy(&config);
	ok(load_text(arena, "f.cfg", other, strlen(other), &config, &fault) == 0, "text");
	load_check_keys(config_root_setting(&config), names, &fault);
	is_text(fault.text,
		"unknown setting \"zzz\": expected one of floor, members, name",
		"or lists them all");
	config_destroy(&config);
	arena_free(arena);
}

/* What load_open_rules() makes of a file: its `tests` are gone, nothing else is. */
static void check_blanked_tests(struct arena *arena)
{
	static const struct {
		const char *text;
		int tests, limits,
			line; /* settings that are left; the line of `limits` */
	} cases[] = {
		{"tests = (\n {a=1;},\n {b=\")\";} );\nlimits = ();\n", 0, 1, 4},
		{"limits = ();\ntests:(({a=1;})),\n", 0, 1, 1},
		{"tests = true;\nlimits = ( 1, 2 );\n", 1, 1, 2},
		{"tests = \"(\";\nlimits = ( 1, 2 );\n", 1, 1, 2},
		{"mytests = ( 1 ); limits = ( 1 );", 0, 1, 1},
		{"a = { tests = ( 1 ); }; limits = ( 1 );", 0, 1, 1},
		{"# tests = (\nlimits = ( 1 );", 0, 1, 2},
		{"tests = ( 1 ); tests = ( 2 ); limits = ( 1 );", 0, 1, 1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rule_files files;
		struct fault fault = {0};
		const config_setting_t *limits;
		char path[300];
		config_t config;

		rule_files_make(&files, NULL, cases[i].text);
		snprintf(path, sizeof(path), "%s/policy/t.cfg", files.path);
		ok(load_open_rules(arena, path, &config, &fault) == 0, "case %zu is read",
		   i);
		limits = config_lookup(&config, "limits");
		ok((config_lookup(&config, "tests") != NULL) == cases[i].tests &&
			   (limits != NULL) == cases[i].limits &&
			   load_line(limits) == cases[i].line,
		   "and only its tests are gone: %s", cases[i].text);
		config_destroy(&config);
		rule_files_remove(&files);
	}
}

static void test_files(void)
{
	static const char *const nowhere[] = {"/no/such/rules", NULL};
	static const char nul[] = "a = 1;\n\0b = 2;\n";
	struct arena *arena = arena_new(32 << 20);
	struct rule_files files;
	struct fault fault = {0};
	const char *const *paths;
	config_t config;
	char path[300];

	ok(load_text(arena, "f.cfg", nul, sizeof(nul) - 1, &config, &fault) == -1 &&
		   fault.line == 2 && strstr(fault.text, "NUL"),
	   "a NUL byte does not end the file unseen");
	check_blanked_tests(arena);
	ok(rule_files_make(&files, "a = 1;\n", NULL), "a rule directory");
	ok(load_files(arena, files.rules, "fleet", &paths, &fault) == 0 && paths[0] &&
		   !paths[1],
	   "its one file is found");
	ok(load_open(arena, paths[0], &config, &fault) == 0, "and read");
	config_destroy(&config);
	ok(load_files(arena, files.rules, "policy", &paths, &fault) == 0 && paths[0] &&
		   !paths[1],
	   "and that of another kind");
	ok(load_files(arena, files.rules, "tools", &paths, &fault) == 0 && !paths[0],
	   "a directory that is not there has none");
	ok(load_files(arena, nowhere, "tools", &paths, &fault) == -1 &&
		   strstr(fault.text, "no such rule directory"),
	   "a rule directory has to be there");
	snprintf(path, sizeof(path), "%s/fleet", files.path);
	ok(load_open(arena, path, &config, &fault) == -1 &&
		   strstr(fault.text, "not a regular file"),
	   "a directory is no rule file");
	snprintf(path, sizeof(path), "%s/fleet/none.cfg", files.path);
	ok(load_open(arena, path, &config, &fault) == -1 &&
		   strstr(fault.text, "cannot be opened"),
	   "nor is what is not there");
	snprintf(path, sizeof(path), "%s/fleet/t.cfg", files.path);
	chmod(path, 0644);
	ok(load_trusted(path, getuid(), &fault) == 0, "our own file is trusted");
	chmod(path, 0666);
	ok(load_trusted(path, getuid(), &fault) == -1 && strstr(fault.text, "mode 0666"),
	   "a file that all may write is not");
	chmod(path, 0644);
	snprintf(path, sizeof(path), "%s/fleet", files.path);
	chmod(path, 0770);
	snprintf(path, sizeof(path), "%s/fleet/t.cfg", files.path);
	ok(load_trusted(path, getuid(), &fault) == -1, "nor one in such a directory");
	rule_files_remove(&files);
	arena_free(arena);
}

int main(void)
{
	test_refused();
	test_values();
	test_keys();
	test_files();
	return done();
}
