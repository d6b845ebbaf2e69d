/* The typed readers of load.h. */
#include "load.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "syntax.h"

/* The setting's value as it might stand in the file, for "what was found". */
static void describe(const config_setting_t *setting, char *text, size_t size)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		snprintf(text, size, "%lld", config_setting_get_int64(setting));
		break;
	case CONFIG_TYPE_FLOAT:
		snprintf(text, size, "%g", config_setting_get_float(setting));
		break;
	case CONFIG_TYPE_BOOL:
		snprintf(text, size, "%s",
			 config_setting_get_bool(setting) ? "true" : "false");
		break;
	case CONFIG_TYPE_STRING:
		snprintf(text, size, "\"%.200s\"", config_setting_get_string(setting));
		break;
	case CONFIG_TYPE_ARRAY:
		snprintf(text, size, "[ ... ]");
		break;
	case CONFIG_TYPE_LIST:
		snprintf(text, size, "( ... )");
		break;
	default:
		snprintf(text, size, "{ ... }");
	}
}

int load_expected(const config_setting_t *setting, struct fault *fault,
		  const char *format, ...)
{
	char expected[FAULT_TEXT / 2], found[256];
	const char *name = config_setting_name(setting);
	const config_setting_t *parent = config_setting_parent(setting);
	va_list args;

	va_start(args, format);
	vsnprintf(expected, sizeof(expected), format, args);
	va_end(args);
	describe(setting, found, sizeof(found));
	if (!name && parent && config_setting_name(parent))
		return load_fault(setting, fault, "%s: element %s: expected %s",
				  config_setting_name(parent), found, expected);
	return load_fault(setting, fault, "%s = %s: expected %s", name ? name : "element",
			  found, expected);
}

/* Levenshtein distance of two short names, SIZE_MAX / 2 for long ones. */
static size_t distance(const char *a, const char *b)
{
	enum { LONGEST = 48 };
	size_t row[LONGEST + 1], n = strlen(b);

	if (n > LONGEST || strlen(a) > LONGEST)
		return SIZE_MAX / 2;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < n; j++) {
			size_t change = corner + (a[i] != b[j]);

			corner = row[j + 1];
			row[j + 1] = change;
			if (corner + 1 < row[j + 1])
				row[j + 1] = corner + 1;
			if (row[j] + 1 < row[j + 1])
				row[j + 1] = row[j] + 1;
		}
	}
	return row[n];
}

const char *load_nearest(const char *text, const char *const *names)
{
	const char *nearest = NULL;
	size_t least = strlen(text) / 3 + 2; /* a third of it may be mistyped */

	for (; *names; names++) {
		size_t d = distance(text, *names);

		if (d < least) {
			least = d;
			nearest = *names;
		}
	}
	return nearest;
}

static void join(const char *const *names, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; names[i] && used < size; i++) {
		int wrote = snprintf(text + used, size - used, "%s%s", i ? ", " : "",
				     names[i]);

		used += wrote > 0 ? (size_t)wrote : 0;
	}
}

int load_check_keys(const config_setting_t *group, const char *const *names,
		    struct fault *fault)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *setting =
			config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(setting);
		const char *nearest;
		char all[FAULT_TEXT / 2];
		size_t n;

		for (n = 0; names[n] && strcmp(names[n], name) != 0;)
			n++;
		if (names[n])
			continue;
		nearest = load_nearest(name, names);
		if (nearest)
			return load_fault(setting, fault,
					  "unknown setting \"%s\": did you mean \"%s\"?",
					  name, nearest);
		join(names, all, sizeof(all));
		return load_fault(setting, fault,
				  "unknown setting \"%s\": expected one of %s", name,
				  all);
	}
	return 0;
}

/* 1 and *setting, 0 when absent, -1 when absent and required. */
static int find(const config_setting_t *group, const char *name, bool required,
		const config_setting_t **setting, struct fault *fault)
{
	*setting = config_setting_get_member(group, name);
	if (*setting)
		return 1;
	if (!required)
		return 0;
	return load_fault(group, fault, "\"%s\" is missing here: it is required", name);
}

static int copy_text(struct arena *arena, const config_setting_t *setting,
		     const char **value, struct fault *fault)
{
	*value = arena_strdup(arena, config_setting_get_string(setting));
	return *value ? 1 : load_fault(setting, fault, "out of memory");
}

int load_text_or_empty(struct arena *arena, const config_setting_t *group,
		       const char *name, bool required, const char **value,
		       struct fault *fault)
{
	const config_setting_t *setting;
	int found = find(group, name, required, &setting, fault);

	if (found <= 0)
		return found;
	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return load_expected(setting, fault, "a text in quotes");
	return copy_text(arena, setting, value, fault);
}

int load_string(struct arena *arena, const config_setting_t *group, const char *name,
		bool required, const char **value, struct fault *fault)
{
	const config_setting_t *setting;
	int found = find(group, name, required, &setting, fault);

	if (found <= 0)
		return found;
	if (config_setting_type(setting) != CONFIG_TYPE_STRING ||
	    !config_setting_get_string(setting)[0])
		return load_expected(setting, fault,
				     "a text in quotes that is not empty");
	return copy_text(arena, setting, value, fault);
}

int load_strings(struct arena *arena, const config_setting_t *group, const char *name,
		 bool required, const char *const **value, struct fault *fault)
{
	static const char wanted[] = "a text in quotes, or an array of them: "
				     "[ \"one\", \"two\" ]";
	const config_setting_t *setting;
	int found = find(group, name, required, &setting, fault);
	const char **texts;
	int count;

	if (found <= 0)
		return found;
	count = config_setting_is_aggregate(setting) ? config_setting_length(setting) : 1;
	texts = arena_array(arena, (size_t)count + 1, sizeof(*texts));
	if (!texts)
		return load_fault(setting, fault, "out of memory");
	if (config_setting_is_group(setting))
		return load_expected(setting, fault, "%s", wanted);
	for (int i = 0; i < count; i++) {
		const config_setting_t *text =
			config_setting_is_aggregate(setting)
				? config_setting_get_elem(setting, (unsigned)i)
				: setting;

		if (config_setting_type(text) != CONFIG_TYPE_STRING)
			return load_expected(text, fault, "%s", wanted);
		if (copy_text(arena, text, &texts[i], fault) < 0)
			return -1;
	}
	*value = texts;
	return 1;
}

int load_int(const config_setting_t *group, const char *name, bool required, int64_t low,
	     int64_t high, int64_t *value, struct fault *fault)
{
	const config_setting_t *setting;
	int found = find(group, name, required, &setting, fault);
	int type;
	long long number;

	if (found <= 0)
		return found;
	type = config_setting_type(setting);
	number = config_setting_get_int64(setting);
	if ((type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) || number < low ||
	    number > high)
		return load_expected(setting, fault, "a whole number from %lld to %lld",
				     (long long)low, (long long)high);
	*value = number;
	return 1;
}

int load_bool(const config_setting_t *group, const char *name, bool required, bool *value,
	      struct fault *fault)
{
	const config_setting_t *setting;
	int found = find(group, name, required, &setting, fault);

	if (found <= 0)
		return found;
	if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
		return load_expected(setting, fault, "true or false, without quotes");
	*value = config_setting_get_bool(setting) != 0;
	return 1;
}

/* "75%", "12.5%", "0.25%": hundredths of a percent; false when it is none of 0..100 %. */
static bool parse_percent(const char *text, uint64_t *value)
{
	uint64_t whole = 0, part = 0;
	unsigned digits = 0, decimals = 0;

	for (; isdigit((unsigned char)*text) && digits < 4; text++, digits++)
		whole = whole * 10 + (uint64_t)(*text - '0');
	if (!digits)
		return false;
	if (*text == '.') {
		for (text++; isdigit((unsigned char)*text) && decimals < 2; decimals++)
			part = part * 10 + (uint64_t)(*text++ - '0');
		if (!decimals)
			return false;
		if (decimals == 1)
			part *= 10;
	}
	*value = whole * 100 + part;
	return strcmp(text, "%") == 0 && *value <= 10000;
}

int load_amount(const config_setting_t *group, const char *name, bool required,
		struct amount *value, struct fault *fault)
{
	static const char wanted[] =
		"a number of targets, or a percentage from \"0%\" to "
		"\"100%\" like \"75%\" or \"12.5%\" (in quotes)";
	const config_setting_t *setting;
	int found = find(group, name, required, &setting, fault);
	struct amount amount = {.set = true};
	long long number;

	if (found <= 0)
		return found;
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		number = config_setting_get_int64(setting);
		if (number < 0)
			return load_expected(setting, fault, "%s", wanted);
		amount.value = (uint64_t)number;
		break;
	case CONFIG_TYPE_STRING:
		amount.percent = true;
		if (parse_percent(config_setting_get_string(setting), &amount.value))
			break;
		return load_expected(setting, fault, "%s", wanted);
	default:
		return load_expected(setting, fault, "%s", wanted);
	}
	*value = amount;
	return 1;
}

int load_set(struct arena *arena, const config_setting_t *group, const char *name,
	     bool required, const struct hostset **value, struct fault *fault)
{
	const config_setting_t *setting;
	int found = find(group, name, required, &setting, fault);
	const struct hostset *set;
	struct fault why = {0};

	if (found <= 0)
		return found;
	if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		return load_expected(setting, fault,
				     "a set of targets in quotes, like \"web[001-400]\"");
	set = syntax_folded(arena, config_setting_get_string(setting), &why);
	if (!set)
		return load_expected(setting, fault,
				     "a set of targets like \"web[001-400],db1\"; %s",
				     why.text[0] ? why.text : "out of memory");
	if (hostset_is_empty(set))
		return load_expected(setting, fault, "a set with at least one target");
	*value = set;
	return 1;
}

int load_choice(const config_setting_t *group, const char *name, bool required,
		const char *const *names, int *value, struct fault *fault)
{
	const config_setting_t *setting;
	int found = find(group, name, required, &setting, fault);
	char all[FAULT_TEXT / 2];

	if (found <= 0)
		return found;
	if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
		for (int i = 0; names[i]; i++) {
			if (strcmp(names[i], config_setting_get_string(setting)) == 0) {
				*value = i;
				return 1;
			}
		}
	}
	join(names, all, sizeof(all));
	return load_expected(setting, fault, "one of %s (in quotes)", all);
}

int load_group(const config_setting_t *group, const char *name, bool required,
	       config_setting_t **value, struct fault *fault)
{
	const config_setting_t *setting;
	int found = find(group, name, required, &setting, fault);

	if (found <= 0)
		return found;
	if (!config_setting_is_group(setting))
		return load_expected(setting, fault, "a group: { name = value; ... }");
	*value = config_setting_get_member(group, name);
	return 1;
}

int load_groups(const config_setting_t *group, const char *name, bool required,
		config_setting_t **value, struct fault *fault)
{
	static const char wanted[] = "a list of groups: ( { name = value; ... }, ... )";
	const config_setting_t *setting;
	int found = find(group, name, required, &setting, fault);

	if (found <= 0)
		return found;
	/* An empty list may be written [ ] as well: libconfig calls that an array. */
	if (!config_setting_is_list(setting) &&
	    !(config_setting_is_array(setting) && config_setting_length(setting) == 0))
		return load_expected(setting, fault, "%s", wanted);
	for (int i = 0; i < config_setting_length(setting); i++) {
		const config_setting_t *element =
			config_setting_get_elem(setting, (unsigned)i);

		if (!config_setting_is_group(element))
			return load_expected(element, fault, "%s", wanted);
	}
	*value = config_setting_get_member(group, name);
	return 1;
}
