/* What libconfig 1.5 accepts without a word and should not: see load_open() in load.h. */
#ifndef TALLY_LOAD_SCAN_H
#define TALLY_LOAD_SCAN_H

#include "fault.h"
#include "load.h"

/*
 * 0, or -1 and `fault` with the line of the first offence. `blank` is NULL or a copy of
 * the text: then a top-level setting `tests = ( ... );` in it becomes blanks, so that
 * the parser need not read what only `tally test` wants. Lines keep their numbers.
 */
int load_scan(const struct load_source *source, char *blank, struct fault *fault);

#endif
