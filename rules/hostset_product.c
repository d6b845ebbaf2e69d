/* A pattern with ranges, as it stands in a command line, to a set. */
#include "hostset_number.h"

#include <string.h>

/* Text between numbers (`pieces` 0), or a number of some pieces. */
struct segment {
	struct span text;
	size_t first, pieces;
	struct number number;
};

struct product {
	struct work work;
	struct piece *pieces;
	size_t piece_count, piece_capacity;
	struct segment *segments;
	size_t count, capacity;
	/* The pattern at hand while the alternatives are tried. */
	char *text;
	size_t text_length, text_capacity;
	const struct node *dims[HOSTSET_MAX_DIMS];
	unsigned dim_count;
	struct pattern *patterns;
	size_t pattern_count, pattern_capacity;
};

static struct segment *new_segment(struct product *product)
{
	struct segment *segments =
		arena_grow(product->work.scratch, product->segments, product->count,
			   &product->capacity, sizeof(*segments));

	if (!segments)
		return NULL;
	product->segments = segments;
	segments[product->count] = (struct segment){.first = product->piece_count};
	return &segments[product->count++];
}

static bool add_piece(struct product *product, const struct piece *piece)
{
	struct segment *last =
		product->count ? &product->segments[product->count - 1] : NULL;
	struct piece *pieces =
		arena_grow(product->work.scratch, product->pieces, product->piece_count,
			   &product->piece_capacity, sizeof(*pieces));

	if (!pieces)
		return false;
	product->pieces = pieces;
	if (!last || last->pieces == 0)
		last = new_segment(product);
	if (!last)
		return false;
	last->pieces++;
	pieces[product->piece_count++] = *piece;
	return true;
}

static bool add_text(struct product *product, const char *text, size_t length)
{
	size_t at = 0;

	while (at < length) {
		size_t start = at;
		struct segment *segment;

		while (at < length && text[at] >= '0' && text[at] <= '9')
			at++;
		if (at > start) {
			struct piece piece = {text + start, at - start, NULL, 0};

			if (!add_piece(product, &piece))
				return false;
			continue;
		}
		while (at < length && (text[at] < '0' || text[at] > '9'))
			at++;
		segment = new_segment(product);
		if (!segment)
			return false;
		segment->text = (struct span){text + start, at - start};
	}
	return true;
}

static bool append(struct product *product, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char *text = arena_grow(product->work.scratch, product->text,
					product->text_length, &product->text_capacity, 1);

		if (!text)
			return false;
		product->text = text;
		text[product->text_length++] = bytes[i];
	}
	return true;
}

/* Text of a pattern: percent signs are doubled. */
static bool append_text(struct product *product, const struct span *span)
{
	for (size_t i = 0; i < span->length; i++)
		if (!append(product, span->text + i, 1) ||
		    (span->text[i] == '%' && !append(product, "%", 1)))
			return false;
	return true;
}

static bool end_pattern(struct product *product)
{
	struct pattern *patterns = arena_grow(
		product->work.scratch, product->patterns, product->pattern_count,
		&product->pattern_capacity, sizeof(*patterns));
	const struct node *root = &hostset_leaf;
	struct encoder encoder;

	if (!patterns)
		return false;
	product->patterns = patterns;
	for (unsigned dim = product->dim_count; dim > 0 && root; dim--) {
		const struct node *node = product->dims[dim - 1];

		encoder_begin(&encoder, &product->work);
		for (size_t i = 0; i < node->length; i++)
			encoder_run(&encoder, node->runs[i].low, node->runs[i].high,
				    node->runs[i].step, root);
		root = encoder_finish(&encoder);
	}
	patterns += product->pattern_count++;
	patterns->text =
		arena_strndup(product->work.arena, product->text ? product->text : "",
			      product->text_length);
	patterns->root = root;
	patterns->dims = product->dim_count;
	return patterns->text && root;
}

static bool try_from(struct product *product, size_t at);

static bool try_text(struct product *product, const struct span *span, size_t next)
{
	size_t text_length = product->text_length;
	unsigned dim_count = product->dim_count;
	bool good = append_text(product, span) && try_from(product, next);

	product->text_length = text_length;
	product->dim_count = dim_count;
	return good;
}

/* The number written out: one alternative of the rest for each of its strings. */
static bool try_spelled(struct product *product, const struct segment *segment,
			size_t next)
{
	struct span *spelled;
	size_t count;

	if (!number_spell(&product->work, segment->number.node, &spelled, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!try_text(product, &spelled[i], next))
			return false;
	return true;
}

static bool try_number(struct product *product, const struct segment *segment,
		       size_t next)
{
	const struct number *number = &segment->number;
	size_t text_length = product->text_length;
	unsigned dim_count = product->dim_count;
	bool good = true;

	if (number->node && dim_count < HOSTSET_MAX_DIMS) {
		product->dims[product->dim_count++] = number->node;
		good = append(product, "%s", 2) && try_from(product, next);
		product->text_length = text_length;
		product->dim_count = dim_count;
	} else if (number->node) {
		good = try_spelled(product, segment, next);
	}
	for (size_t i = 0; good && i < number->longer_count; i++)
		good = try_text(product, &number->longer[i], next);
	return good;
}

/*
 * The segments from `at` on. Only segments with more than one alternative recurse, and
 * count_patterns() allows 16 of them, so that the depth is bounded.
 */
static bool try_from(struct product *product, size_t at)
{
	for (; at < product->count; at++) {
		const struct segment *segment = &product->segments[at];
		const struct number *number = &segment->number;

		if (segment->pieces == 0) {
			if (!append_text(product, &segment->text))
				return false;
		} else if (number->longer_count == 0 &&
			   product->dim_count < HOSTSET_MAX_DIMS) {
			product->dims[product->dim_count++] = number->node;
			if (!append(product, "%s", 2))
				return false;
		} else if (!number->node && number->longer_count == 1) {
			if (!append_text(product, &number->longer[0]))
				return false;
		} else if (number->longer_count == 0 && number->node->count == 1) {
			char digits[HOSTSET_MAX_DIGITS];
			struct span span = {digits,
					    key_print(digits, number->node->runs[0].low)};

			if (!append_text(product, &span))
				return false;
		} else {
			return try_number(product, segment, at + 1);
		}
	}
	return end_pattern(product);
}

/* False when the alternatives are too many. `dims`: numbers that are certain so far. */
static bool count_patterns(const struct product *product)
{
	uint64_t patterns = 1;
	unsigned dims = 0;

	for (size_t i = 0; i < product->count; i++) {
		const struct segment *segment = &product->segments[i];
		uint64_t ways = segment->number.longer_count;

		if (segment->pieces == 0)
			continue;
		if (segment->number.node)
			ways += dims < HOSTSET_MAX_DIMS ? 1 : segment->number.node->count;
		if (segment->number.node)
			dims++;
		if (__builtin_mul_overflow(patterns, ways, &patterns) ||
		    patterns > PRODUCT_MAX_SPELLED)
			return false;
	}
	return true;
}

static const struct hostset *make_product(struct product *product,
					  const struct hostset_part *parts, size_t count)
{
	bool empty = false;

	for (size_t i = 0; i < count; i++) {
		struct piece piece = {NULL, 0, parts[i].ranges, parts[i].range_count};

		if (!(parts[i].ranges
			      ? add_piece(product, &piece)
			      : add_text(product, parts[i].text, parts[i].length)))
			return NULL;
	}
	for (size_t i = 0; i < product->count; i++) {
		struct segment *segment = &product->segments[i];

		if (segment->pieces == 0)
			continue;
		if (!number_make(&product->work, product->pieces + segment->first,
				 segment->pieces, &segment->number))
			return NULL;
		empty |= !segment->number.node && segment->number.longer_count == 0;
	}
	if (!empty &&
	    (product->count == 0 || !count_patterns(product) || !try_from(product, 0)))
		return NULL;
	return hostset_of_patterns(&product->work, product->patterns,
				   product->pattern_count);
}

const struct hostset *hostset_product(struct arena *arena,
				      const struct hostset_part *parts, size_t count)
{
	struct product product = {0};
	const struct hostset *set = NULL;

	if (work_begin(&product.work, arena))
		set = make_product(&product, parts, count);
	work_end(&product.work);
	return set;
}
