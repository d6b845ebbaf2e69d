/* What an admitted operation takes out of service, and until when. */
#ifndef TALLY_ADMISSION_H
#define TALLY_ADMISSION_H

#include "policy.h"

/*
 * Sets `out` and `until` of an admission from its action, targets (by identity), unit and
 * `at`: the members among the targets and when they are taken for back. A restart (or what
 * is `temporary`) lasts as long as its subsystems take to settle; what is stopped or removed
 * is out until a restore gives it back (0), or, where every subsystem concerned has a probe,
 * until that has had time to show it. What takes nothing is out of nothing. -1 when memory
 * is short.
 */
int admission_note_out(struct arena *arena, const struct policy *policy,
		       const struct fleet *fleet, bool temporary,
		       struct admission *admission);

#endif
