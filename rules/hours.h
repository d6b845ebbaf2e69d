/* Hours of the week in rule files: "Mon-Fri 09:00-17:00", "Fri 15:00-24:00 +02:00". */
#ifndef TALLY_HOURS_H
#define TALLY_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hours {
	unsigned days;	      /* bit 0 is Monday */
	unsigned from, until; /* minutes of the day; until <= from goes past midnight */
	int64_t offset;	      /* seconds east of UTC */
};

/*
 * Reads "DAYS FROM-UNTIL [OFFSET]": days are names, ranges and lists of names ("Mon-Fri,Sun",
 * "*" for all), the times hh:mm (until may be 24:00), the offset from UTC is +hh:mm and 0
 * when it is not given. False when the text is not of this form.
 */
bool hours_parse(const char *text, struct hours *hours);

/* Whether the moment (epoch seconds) lies within; the last minute is not part of it. */
bool hours_contain(const struct hours *hours, int64_t at);

#endif
