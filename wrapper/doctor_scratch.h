/*
 * The scratch directory of `tally doctor`: rules that guard a throw-away program, the program
 * itself, and a place for state and sessions. Nothing of the user's is touched by what is
 * tried in it.
 *
 *   rules/  tally-canary may stop one host and no more, and may start tally-canary-far
 *   bin/    tally-canary writes its arguments into the file `ran`; with a2 it starts the other
 */
#ifndef TALLY_DOCTOR_SCRATCH_H
#define TALLY_DOCTOR_SCRATCH_H

#include "doctor.h"

#define CANARY "tally-canary"
#define CANARY_FAR "tally-canary-far"
#define CANARY_MANY "a[1-99]"
#define CANARY_ONE "a1"
#define CANARY_THROUGH "a2"

/* Makes it and sets doctor->scratch. -1 and `fault`. */
int doctor_scratch_make(struct doctor *doctor, struct fault *fault);
void doctor_scratch_remove(struct doctor *doctor);

/* "SCRATCH/NAME"; NULL when memory is short. */
const char *doctor_scratch_path(const struct doctor *doctor, const char *name);

/*
 * An environment in which everything is in the scratch directory, with these further
 * variables (NULL: none). NULL when memory is short.
 */
const char *const *doctor_scratch_env(const struct doctor *doctor,
				      const char *const *further);

/* What the throw-away programs have written, "" for nothing; forgets it. */
const char *doctor_scratch_ran(const struct doctor *doctor);

#endif
