/* A folded target set as text for a screen, with the number of those that did not fit. */
#ifndef TALLY_TARGET_TEXT_H
#define TALLY_TARGET_TEXT_H

#include <stdint.h>

#include "hostset.h"
#include "layout.h"

/*
 * The first targets of `set` in about `columns` columns (0: all): `web[001-399],… and 9,874
 * more`. Visible text, broken nowhere but at commas. NULL when memory is short.
 */
const char *target_text(const struct layout *layout, const struct hostset *set,
			size_t columns);

#endif
