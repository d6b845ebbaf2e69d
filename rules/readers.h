/* The list of all readers: one line each, name in a description and function. */
#ifndef TALLY_READERS_H
#define TALLY_READERS_H

#include "reader.h"

int reader_pdsh(struct reader *reader, struct fault *fault);

#define READERS                                \
	READER("grammar", reader_grammar) \
	READER("pdsh", reader_pdsh)

#endif
