/* The list of all readers: one line each, name in a description and function. */
#ifndef TALLY_READERS_H
#define TALLY_READERS_H

#include "reader.h"

#define READERS READER("grammar", reader_grammar)

#endif
