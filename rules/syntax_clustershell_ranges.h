/* The brackets of ClusterShell's notation, for syntax_clustershell.c only. */
#ifndef TALLY_SYNTAX_CLUSTERSHELL_RANGES_H
#define TALLY_SYNTAX_CLUSTERSHELL_RANGES_H

#include "fault.h"
#include "hostset_node.h"

/*
 * What stands in one bracket, with the digits that touch it in the text before and behind
 * (`n1[0-9]5`). ClusterShell puts these digits to the *bounds* of each range, so that
 * n1[8-12] is n18 to n112: this is followed, for it is what the tool will do.
 * 0, or -1 with `fault`.
 */
int clustershell_ranges(struct arena *arena, struct span inner, struct span before,
			struct span behind, struct hostset_part *part,
			struct fault *fault);

/* White space as Python's str.strip() takes it. */
bool clustershell_blank(char byte);

#endif
