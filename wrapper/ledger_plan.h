/* From a decision to what the ledger writes when it runs. */
#ifndef TALLY_LEDGER_PLAN_H
#define TALLY_LEDGER_PLAN_H

#include "arena.h"
#include "fault.h"
#include "ledger.h"
#include "policy.h"

/* Its admissions, and the capacities that probes have shown. -1 and `fault`: memory. */
int ledger_plan_of(struct arena *arena, const struct decision *decision,
		   struct ledger_plan *plan, struct fault *fault);

#endif
