/* Exit statuses of tallygate's own programs (docs/design.md, "Command line"). */
#ifndef TALLY_EXIT_STATUS_H
#define TALLY_EXIT_STATUS_H

enum {
	EXIT_STATUS_USAGE = 2,	   /* the call's own words are off */
	EXIT_STATUS_FAILED = 125,  /* tallygate itself failed; the command did not run */
	EXIT_STATUS_NOT_RUN = 126, /* denied, declined, or no answer */
	EXIT_STATUS_NOT_FOUND = 127,
};

#endif
