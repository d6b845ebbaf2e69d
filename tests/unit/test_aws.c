/*
 * Lines of the aws client: what stands in rules/tools/aws.cfg as tests is not repeated; here
 * is hostile and large input, every line of the table of operations, and the shorthand.
 */
#include <dirent.h>
#include <stdlib.h>

#include "action.h"
#include "aws_alias.h"
#include "aws_shorthand.h"
#include "aws_table.h"
#include "judge.h"
#include "tap.h"

enum { BYTES = 256 << 20, MOST_WORDS = 16 };

static const char *const rules_directories[] = {"rules", NULL};
static const char *const environment[] = {"HOME=/h", NULL};

/* Reads one line; a file it asks for holds `file`, every other fact fails. */
static int read_line(struct arena *arena, const char *const *argv, const char *file,
		     size_t length, struct reading *reading, struct fault *fault)
{
	struct command command = {.argv = argv, .env = environment, .cwd = "/"};
	struct facts facts;
	struct rules *rules;
	int result = 1;

	while (argv[command.argc])
		command.argc++;
	facts_init(&facts, arena);
	facts.reads_uncounted = true;
	if (rules_open(arena, rules_directories, &rules, fault) < 0)
		return -1;
	for (int round = 0; result == 1 && round < 8; round++) {
		result = judge_read(arena, rules, &command, &facts, reading, fault);
		while (facts.missing_count) {
			struct fact fact = {.need = facts.missing[0],
					    .state = FACT_FAILED,
					    .error = "not in this test"};

			if (fact.need.kind == FACT_FILE &&
			    strcmp(fact.need.path, "f") == 0 && file) {
				fact.state = FACT_OK;
				fact.data = file;
				fact.length = length;
			}
			if (facts_answer(&facts, &fact) < 0)
				return -1;
		}
	}
	return result;
}

static const struct {
	const char *argv[MOST_WORDS];
	const char *action;
	long count; /* -1: unknown */
	const char *file;
} lines[] = {
	/* The client's own options are taken out first, wherever they stand. */
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "--region", "r", "i-1",
	  "--no-verify-ssl", "i-2"},
	 "remove",
	 2,
	 NULL},
	{{"aws", "--region=r", "ec2", "--dry-run", "terminate-instances",
	  "--instance-ids", "i-1"},
	 "read",
	 0,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--d", "--instance-ids", "i-1"},
	 "remove",
	 1,
	 NULL}, /* --debug, not --dry-run */
	{{"aws", "ec2", "terminate-instances", "--no-d", "--dry", "--no-dr",
	  "--instance-ids", "i-1"},
	 "remove",
	 1,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "i-1", "--version"},
	 "read",
	 0,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "-1", "-a b", "-"},
	 "remove",
	 3,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "i-1", "-x"},
	 "remove",
	 -1,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "i-1", "--", "i-2"},
	 "remove",
	 -1,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "i-1", "--region"},
	 "remove",
	 -1,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids"}, "remove", -1, NULL},
	{{"aws", "ec2", "terminate-instances"}, "remove", -1, NULL},
	{{"aws", "ec2", "terminate-instances", "--dry-run=true", "--instance-ids", "i-1"},
	 "remove",
	 -1,
	 NULL},
	{{"aws"}, "remove", -1, NULL},
	/* An id that is empty is one thing the client asks for. */
	{{"aws", "ec2", "terminate-instances", "--instance-ids", ""}, "remove", 1, NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "", "i-1"},
	 "remove",
	 2,
	 NULL},
	/* Values of all kinds, broken ones too. */
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "[\"i-1\","},
	 "remove",
	 -1,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "[]"},
	 "remove",
	 -1,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "[{\"a\":1}]"},
	 "remove",
	 -1,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "{\"a\":\"b\"}"},
	 "remove",
	 1,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "https://h/ids"},
	 "remove",
	 -1,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "file://~x/ids"},
	 "remove",
	 -1,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "file://$X/ids"},
	 "remove",
	 -1,
	 NULL},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "file://f"},
	 "remove",
	 7,
	 "i-0123\n"},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "file://f"},
	 "remove",
	 -1,
	 ""},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "file://f"},
	 "remove",
	 -1,
	 "[\"i-1\""},
	{{"aws", "ec2", "terminate-instances", "--instance-ids", "file://f", "i-1"},
	 "remove",
	 2,
	 "[\"i-3\",\"i-4\"]"},
	{{"aws", "ec2", "terminate-instances", "--cli-input-json", "file://f"},
	 "remove",
	 -1,
	 "[\"i-1\"]"},
	{{"aws", "ec2", "terminate-instances", "--cli-input-json", "file://f"},
	 "remove",
	 -1,
	 "{}"},
	{{"aws", "ec2", "terminate-instances", "--cli-input-json", "file://f"},
	 "remove",
	 -1,
	 "{\"InstanceIds\":null}"},
	{{"aws", "ec2", "terminate-instances", "--cli-input-yaml", "file://f"},
	 "remove",
	 -1,
	 "a: [b\n"},
	{{"aws", "ec2", "terminate-instances", "--cli-input-yaml", "a: 1",
	  "--cli-input-json", "{}", "--instance-ids", "i-1"},
	 "remove",
	 -1,
	 NULL},
	/* Structures. */
	{{"aws", "elbv2", "deregister-targets", "--target-group-arn", "a", "--targets",
	  "Id=i-1,Id=i-2"},
	 "stop",
	 -1,
	 NULL},
	{{"aws", "elbv2", "deregister-targets", "--target-group-arn", "a", "--targets",
	  "Port=80"},
	 "stop",
	 -1,
	 NULL},
	{{"aws", "elb", "deregister-instances-from-load-balancer", "--load-balancer-name",
	  "l", "--instances", "{\"InstanceId\":\"i-1\"}", "{\"InstanceId\":\"i-2\"}"},
	 "stop",
	 2,
	 NULL},
	{{"aws", "ecr", "batch-delete-image", "--repository-name", "r", "--image-ids",
	  "imageTag=v1", "imageDigest=sha256:a"},
	 "remove",
	 2,
	 NULL},
	{{"aws", "s3api", "delete-objects", "--bucket", "b", "--delete", "Objects=["},
	 "remove",
	 -1,
	 NULL},
	/* What nobody knows is not read. */
	{{"aws", "nosuch", "delete-thing", "--id", "x"}, "remove", -1, NULL},
	{{"aws", "../tools/aws", "delete-thing"}, "remove", -1, NULL},
	{{"aws", "ec2", "frobnicate-instances", "--instance-ids", "i-1"},
	 "remove",
	 -1,
	 NULL},
	{{"aws", "nosuch", "describe-things"}, "read", 0, NULL},
	/* Conditions of an action. */
	{{"aws", "ecs", "update-service", "--service", "s", "--force-new-deployment"},
	 "restart",
	 1,
	 NULL},
	{{"aws", "ecs", "update-service", "--service", "s", "--no-force-new-deployment"},
	 "config",
	 1,
	 NULL},
	{{"aws", "ecs", "update-service", "--service", "s", "--desired-count", "0"},
	 "scale",
	 1,
	 NULL},
	{{"aws", "lambda", "put-function-concurrency", "--function-name", "f",
	  "--reserved-concurrent-executions", "0"},
	 "stop",
	 1,
	 NULL},
	{{"aws", "lambda", "put-function-concurrency", "--function-name", "f",
	  "--reserved-concurrent-executions", "9"},
	 "scale",
	 1,
	 NULL},
	{{"aws", "eks", "delete-nodegroup", "--cluster-name", "c"}, "remove", -1, NULL},
	/* s3 */
	{{"aws", "s3", "rm", "s3://b/a", "s3://b/c"}, "remove", -1, NULL},
	{{"aws", "s3", "rm", "b/a"}, "remove", -1, NULL},
	{{"aws", "s3", "mv", "s3://b/a", "s3://c/"}, "remove", 1, NULL},
	{{"aws", "s3", "cp", "a", "s3://c/"}, "config", 1, NULL},
	{{"aws", "s3", "cp", "s3://c/a", "."}, "read", 0, NULL},
	{{"aws", "s3", "rb", "s3://b"}, "remove", 1, NULL},
	{{"aws", "s3", "sync", "a", "s3://b", "--delete"}, "remove", -1, NULL},
};

static void test_line(size_t i)
{
	const char *file = lines[i].file;
	struct arena *arena = arena_new(BYTES);
	struct reading reading = {0};
	struct fault fault = {0};
	char name[512] = "";
	bool known, good;

	for (const char *const *word = lines[i].argv; *word; word++)
		snprintf(name + strlen(name), sizeof(name) - strlen(name), "%s%.40s",
			 *name ? " " : "", **word ? *word : "''");
	good = read_line(arena, lines[i].argv, file, file ? strlen(file) : 0, &reading,
			 &fault) == 0 &&
	       reading.count == 1;
	known = good && reading.operations[0].targets;
	ok(good && strcmp(action_name(reading.action), lines[i].action) == 0 &&
		   (lines[i].count < 0
			    ? !known
			    : known && hostset_count(reading.operations[0].targets) ==
					       (uint64_t)lines[i].count),
	   "%.200s: %s %ld", name, lines[i].action, lines[i].count);
	if (good)
		printf("#   %s %s\n", action_name(reading.action),
		       known ? "known" : reading.operations[0].unknown);
	arena_free(arena);
}

/* A list of so many ids in a file, and brackets nested so deep. */
static void test_large(void)
{
	static const char *const argv[] = {
		"aws", "ec2", "terminate-instances", "--instance-ids", "file://f", NULL};
	enum { IDS = 100000, DEEP = 100000 };
	char *text = malloc(IDS * 32 + 2 * DEEP + 8), *end = text;
	struct arena *arena = arena_new(BYTES);
	struct reading reading = {0};
	struct fault fault = {0};

	if (!text || !arena)
		exit(1);
	for (unsigned i = 0; i < IDS; i++)
		end += sprintf(end, "%c\"i-%017x\"", i ? ',' : '[', i);
	end += sprintf(end, "]");
	ok(read_line(arena, argv, text, (size_t)(end - text), &reading, &fault) == 0 &&
		   reading.operations[0].targets &&
		   hostset_count(reading.operations[0].targets) == IDS,
	   "a hundred thousand ids in a file");
	arena_reset(arena);
	memset(text, '[', DEEP);
	memset(text + DEEP, ']', DEEP);
	text[2 * DEEP] = '\0';
	ok(read_line(arena, argv, text, 2 * DEEP, &reading, &fault) == 0 &&
		   !reading.operations[0].targets,
	   "brackets nested a hundred thousand deep are unknown");
	arena_reset(arena);
	ok(read_line(arena, argv, "i-1\0i-2", 7, &reading, &fault) == 0 &&
		   !reading.operations[0].targets,
	   "a file with a NUL in it is unknown");
	arena_free(arena);
	free(text);
}

/* ---- the table ---- */

static bool has_option(const struct aws_operation *operation, const char *name,
		       size_t length)
{
	for (size_t i = 0; i < operation->count; i++)
		if (strlen(operation->options[i].name) == length &&
		    memcmp(operation->options[i].name, name, length) == 0)
			return true;
	return false;
}

/* Every option that the target column names is one of the operation. */
static bool good_target(const struct aws_operation *operation)
{
	const char *p = operation->target;

	if (strchr("-?'", *p))
		return true;
	if (*p == '/') {
		while ((p = strchr(p, '{')) != NULL) {
			size_t length = strcspn(++p, "}");

			if (!has_option(operation, p, length))
				return false;
		}
		return true;
	}
	while (*p) {
		size_t length = strcspn(p, ":|");

		if (!has_option(operation, p, length))
			return false;
		p += strcspn(p, "|");
		p += *p == '|';
	}
	return true;
}

/* Four parts, and every {option} of the probe is one of the operation. */
static bool good_effect(const struct aws_operation *operation)
{
	const char *p = operation->effect;
	size_t bars = 0;

	if (*p == '-')
		return true;
	for (const char *c = p; *c; c++)
		bars += *c == '|';
	while ((p = strchr(p, '{')) != NULL) {
		size_t length = strcspn(++p, "}");

		if (!has_option(operation, p, length))
			return false;
	}
	return bars == 3;
}

static bool good_action(const char *column)
{
	enum action action;
	char name[32];

	while (*column) {
		size_t length = strcspn(column, "? ");

		snprintf(name, sizeof(name), "%.*s", (int)length, column);
		if (!action_parse(name, &action))
			return false;
		column += strcspn(column, " ");
		column += *column == ' ';
	}
	return true;
}

static bool good_operation(struct arena *arena, const char *service, const char *name)
{
	struct aws_operation operation;
	struct fault fault = {0};
	enum aws_found found;
	bool good = aws_table_find(arena, rules_directories, service, name, &found,
				   &operation, &fault) == 0 &&
		    found == AWS_FOUND && good_action(operation.action) &&
		    (strcmp(operation.action, "read") == 0 || good_target(&operation)) &&
		    good_effect(&operation);

	if (!good)
		printf("#   aws %s %s: %s\n", service, name, fault.text);
	return good;
}

static size_t test_service(struct arena *arena, const char *file, size_t *bad)
{
	char path[300], service[64], line[65536];
	size_t count = 0;
	FILE *stream;

	snprintf(service, sizeof(service), "%.*s", (int)strlen(file) - 4, file);
	snprintf(path, sizeof(path), "rules/aws/%s", file);
	stream = fopen(path, "r");
	while (stream && fgets(line, sizeof(line), stream)) {
		if (line[0] == '#')
			continue;
		line[strcspn(line, "\t")] = '\0';
		*bad += !good_operation(arena, service, line);
		count++;
		arena_reset(arena);
	}
	if (stream)
		fclose(stream);
	return count;
}

static void test_table(void)
{
	struct arena *arena = arena_new(BYTES);
	DIR *directory = opendir("rules/aws");
	size_t count = 0, bad = 0;
	struct dirent *entry;

	while (directory && (entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.')
			count += test_service(arena, entry->d_name, &bad);
	if (directory)
		closedir(directory);
	ok(count > 15000 && bad == 0, "all %zu operations of the table can be used",
	   count);
	arena_free(arena);
}

/* ---- shorthand and aliases ---- */

static void dump(const struct yaml_value *value, char *text, size_t size)
{
	size_t at = strlen(text);
	bool map = value->kind == YAML_MAPPING;

	if (value->kind == YAML_SCALAR) {
		snprintf(text + at, size - at, "'%s'", value->text);
		return;
	}
	snprintf(text + at, size - at, "%c", map ? '{' : '[');
	for (size_t i = 0; i < value->count; i++) {
		at = strlen(text);
		snprintf(text + at, size - at, "%s%s%s", i ? " " : "",
			 map ? value->keys[i] : "", map ? "=" : "");
		dump(value->items[i], text, size);
	}
	at = strlen(text);
	snprintf(text + at, size - at, "%c", map ? '}' : ']');
}

static void test_shorthand(void)
{
	static const char *const cases[][2] = {
		{"A=b", "{A='b'}"},
		{"A=b,c,D=e", "{A=['b' 'c'] D='e'}"},
		{"A=b\\,c", "{A='b,c'}"},
		{"A=\"b,c\",d", "{A=['b,c' 'd']}"},
		{"A=[b,c],D={E=f,G=[h]}", "{A=['b' 'c'] D={E='f' G=['h']}}"},
		{"A= b ,C=d", "{A='b' C='d'}"},
		{"A=", "{A=''}"},
		{"A='it\\'s'", "{A='it's'}"},
		{"A=b=c", "{A='b=c'}"},
		{"A", NULL},
		{"A=b,A=c", NULL},
		{"A=[b", NULL},
		{"A={b", NULL},
		{"A=\"b", NULL},
		{"A=b,", NULL},
		{"", NULL},
	};
	struct arena *arena = arena_new(BYTES);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct yaml_value *value = aws_shorthand(arena, cases[i][0], NULL);
		char text[256] = "";

		if (value)
			dump(value, text, sizeof(text));
		is_text(value ? text : NULL, cases[i][1], cases[i][0]);
	}
	arena_free(arena);
}

static void test_alias(void)
{
	static const char text[] = "# comment\n[toplevel]\n  first = ec2 a\n\n"
				   "many =\n  x\n\n  y\n; comment\nsecond: z\n"
				   "[command  ec2]\nfirst = terminate-instances\n";
	static const char *const cases[][3] = {
		{"toplevel", "first", "ec2 a"},
		{"toplevel", "many", "x\n\ny"},
		{"toplevel", "second", "z"},
		{"toplevel", "none", NULL},
		{"command ec2", "first", "terminate-instances"},
		{"command ec", "first", NULL}};
	struct arena *arena = arena_new(BYTES);
	bool failed;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_text(aws_alias_find(arena, text, cases[i][0], cases[i][1], &failed),
			cases[i][2], cases[i][1]);
	arena_free(arena);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		test_line(i);
	test_large();
	test_table();
	test_shorthand();
	test_alias();
	return done();
}
