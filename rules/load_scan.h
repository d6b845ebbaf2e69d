/* What libconfig 1.5 accepts without a word and should not: see load_open() in load.h. */
#ifndef TALLY_LOAD_SCAN_H
#define TALLY_LOAD_SCAN_H

#include "fault.h"
#include "load.h"

/* 0, or -1 and `fault` with the line of the first offence. */
int load_scan(const struct load_source *source, struct fault *fault);

#endif
