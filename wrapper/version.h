/* The version of this tree; `make` and the package take it from here. */
#ifndef TALLY_VERSION_H
#define TALLY_VERSION_H

#define TALLY_VERSION "0.1.0"

#endif
