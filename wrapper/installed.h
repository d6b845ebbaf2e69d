/* Where an installation has its parts, and what its configuration says. */
#ifndef TALLY_INSTALLED_H
#define TALLY_INSTALLED_H

#include "arena.h"
#include "fault.h"

struct installed {
	const char *library;	 /* PREFIX/lib/tallygate */
	const char *tallysh;	 /* PREFIX/bin/tallysh, as it stands in /etc/shells */
	const char *break_glass; /* group whose members keep their own shell */
};

/*
 * That of the running program. -1 and `fault` when it runs from somewhere else than an
 * installation, or tallygate.cfg is broken.
 */
int installed_find(struct arena *arena, struct installed *installed, struct fault *fault);

#endif
