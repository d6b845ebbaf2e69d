/* Node sets as ClusterShell 1.9.1 reads them (NodeSet.py, ParsingEngine._scan_string). */
#include <string.h>

#include "hostset_gather.h"
#include "syntax.h"
#include "syntax_clustershell_ranges.h"

struct reader {
	struct arena *arena;
	struct fault *fault;
	const char *at, *end; /* what is left of the expression */
	/* The result so far; operands of , or ! that follow each other are gathered. */
	const struct hostset *total;
	struct gather gather;
	char gather_op;
	/* The item at hand. */
	struct hostset_part *parts;
	size_t part_count, part_capacity;
	char next_op; /* the operator behind it, 0 at the end */
};

static int refuse(struct reader *reader, const char *what)
{
	size_t length = (size_t)(reader->end - reader->at);

	return fault_set(reader->fault,
			 "%s at \"%.*s\"; expected a node set such as "
			 "node[1-9,12],login1",
			 what, length > 60 ? 60 : (int)length, reader->at);
}

static int short_of_memory(struct reader *reader)
{
	return fault_set(reader->fault,
			 "the node set is too large or too scattered to be kept folded");
}

static bool is_operator(char byte)
{
	return byte == ',' || byte == '!' || byte == '&' || byte == '^';
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static const char *find_operator(const char *at, const char *end)
{
	while (at < end && !is_operator(*at))
		at++;
	return at < end ? at : NULL;
}

static const char *find_byte(const char *at, const char *end, char byte)
{
	return at < end ? memchr(at, byte, (size_t)(end - at)) : NULL;
}

static const char *strip_end(const char *start, const char *end)
{
	while (end > start && clustershell_blank(end[-1]))
		end--;
	return end;
}

static int add_part(struct reader *reader, const struct hostset_part *part)
{
	struct hostset_part *parts =
		arena_grow(reader->arena, reader->parts, reader->part_count,
			   &reader->part_capacity, sizeof(*parts));

	if (!parts)
		return short_of_memory(reader);
	reader->parts = parts;
	parts[reader->part_count++] = *part;
	return 0;
}

/* Text of a name. What needs the group configuration cannot be read here. */
static int add_text(struct reader *reader, const char *start, const char *end)
{
	struct hostset_part part = {.text = start, .length = (size_t)(end - start)};
	int digits = 0;

	if (start == end)
		return 0;
	if (*start == '@' && reader->part_count == 0)
		return refuse(reader,
			      "found a group, whose members only ClusterShell knows,");
	for (const char *at = start; at < end; at++) {
		if (*at == '*' || *at == '?')
			return refuse(reader,
				      "found a wildcard, which only ClusterShell can "
				      "resolve,");
		digits = is_digit(*at) ? digits + 1 : 0;
		if (digits > 100)
			return refuse(reader, "found a number of more than 100 digits");
	}
	return add_part(reader, &part);
}

/*
 * The next bracket: text from *at to `open`, then what it holds. Leaves *at behind it and
 * behind the digits that belong to it.
 */
static int read_bracket(struct reader *reader, const char **at, const char *open)
{
	const char *end = reader->end, *start = *at, *behind, *other, *digits = open;
	const char *close = find_byte(open, end, ']'), *more;
	struct hostset_part part;

	if (!close)
		return refuse(reader, "found an open bracket");
	if (find_byte(start, open, ']'))
		return refuse(reader, "found ] without [");
	more = find_byte(close + 1, end, '[');
	other = find_byte(close + 1, end, ']');
	if (other && (!more || other < more))
		return refuse(reader, "found ] without [");
	for (behind = close + 1; behind < end && is_digit(*behind);)
		behind++;
	while (digits > start && is_digit(digits[-1]))
		digits--;
	if (clustershell_ranges(reader->arena,
				(struct span){open + 1, (size_t)(close - open - 1)},
				(struct span){digits, (size_t)(open - digits)},
				(struct span){close + 1, (size_t)(behind - close - 1)},
				&part, reader->fault))
		return -1;
	if (behind < end && *behind == '[')
		return refuse(reader, "found two brackets without text between them");
	*at = behind;
	if (add_text(reader, start, digits))
		return -1;
	return add_part(reader, &part);
}

/* One operand; reader->at moves behind the operator that follows it. */
static int read_operand(struct reader *reader)
{
	const char *at = reader->at, *end = reader->end, *open, *op, *stop;

	reader->part_count = 0;
	op = find_operator(at, end);
	open = find_byte(at, end, '[');
	while (open && (!op || op > open)) {
		if (read_bracket(reader, &at, open))
			return -1;
		open = find_byte(at, end, '[');
		op = find_operator(at, end);
	}
	stop = op ? op : end;
	if (reader->part_count == 0 && stop == at)
		return refuse(reader, "found an operator without a node set before it");
	if (op && op + 1 == end)
		return refuse(reader, "found an operator without a node set behind it");
	if (find_byte(at, stop, ']'))
		return refuse(reader, "found ] without [");
	if (add_text(reader, at, strip_end(at, stop)))
		return -1;
	reader->next_op = op ? *op : '\0';
	reader->at = op ? op + 1 : end;
	return 0;
}

static const struct hostset *apply(struct arena *arena, const struct hostset *a, char op,
				   const struct hostset *b)
{
	switch (op) {
	case ',':
		return hostset_union(arena, a, b);
	case '!':
		return hostset_difference(arena, a, b);
	case '&':
		return hostset_intersection(arena, a, b);
	default:
		return hostset_union(arena, hostset_difference(arena, a, b),
				     hostset_difference(arena, b, a));
	}
}

/* Applies the operands gathered so far. */
static int flush(struct reader *reader)
{
	const struct hostset *operand;

	if (!reader->gather_op)
		return 0;
	operand = gather_finish(&reader->gather);
	if (operand)
		reader->total =
			apply(reader->arena, reader->total, reader->gather_op, operand);
	reader->gather = (struct gather){.arena = reader->arena};
	reader->gather_op = '\0';
	return operand && reader->total ? 0 : short_of_memory(reader);
}

/* Gathers the operand. A & B & C and A ^ B ^ C are worked off one by one. */
static int take_operand(struct reader *reader, char op)
{
	const struct hostset_part *first = &reader->parts[0];

	if ((op != reader->gather_op || op == '&' || op == '^') && flush(reader))
		return -1;
	reader->gather_op = op;
	if (reader->part_count == 1 && !first->ranges)
		return gather_name(&reader->gather, first->text, first->length)
			       ? 0
			       : short_of_memory(reader);
	if (!gather_set(&reader->gather, hostset_product(reader->arena, reader->parts,
							 reader->part_count)))
		return fault_set(
			reader->fault,
			"a node set of this expression cannot be kept folded; write "
			"it as several smaller ones");
	return 0;
}

const struct hostset *syntax_clustershell(struct arena *arena, const char *text,
					  struct fault *fault)
{
	struct reader reader = {.arena = arena, .fault = fault, .next_op = ','};

	reader.gather.arena = arena;
	reader.total = hostset_empty(arena);
	reader.at = text;
	reader.end = strip_end(text, text + strlen(text));
	for (const char *byte = text; *byte; byte++) {
		if ((unsigned char)*byte >= 0x80) {
			fault_set(fault,
				  "found a byte that is not ASCII in the node set "
				  "\"%.60s\"; how ClusterShell takes it depends on the "
				  "locale",
				  text);
			return NULL;
		}
	}
	while (reader.at < reader.end) {
		char op = reader.next_op;

		while (reader.at < reader.end && clustershell_blank(*reader.at))
			reader.at++;
		if (read_operand(&reader) || take_operand(&reader, op))
			return NULL;
	}
	if (flush(&reader))
		return NULL;
	return reader.total;
}
