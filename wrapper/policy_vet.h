/*
 * A policy whose own tests fail is not used (docs/rules.md, "Tests"). Whoever is about to
 * decide by a policy asks here first.
 */
#ifndef TALLY_POLICY_VET_H
#define TALLY_POLICY_VET_H

#include "fault.h"
#include "fleet.h"
#include "policy.h"
#include "session.h"

/*
 * 0 when the tests of the policy and fleet files of the session pass. What passed is noted
 * in the directory of the session by the digest of these files, so that the tests run once
 * for each state of them and not for each command; where installed, by tallyd. -1 and `fault`, which names the first
 * test that fails.
 */
int policy_vet(const struct session *session, struct policy *policy,
	       const struct fleet *fleet, struct fault *fault);

#endif
