/*
 * Rules that are right by the letter and hardly meant: limits that never speak or never
 * decide, machines in two spellings, options that no grammar knows. For `tally check`; all
 * of it are warnings but what makes a description useless.
 */
#ifndef TALLY_CHECK_H
#define TALLY_CHECK_H

#include "finding.h"
#include "fleet.h"
#include "policy.h"
#include "tool.h"

/* Names of all descriptions, NULL-terminated; a limit's `tool` has to match one of them. */
void check_policy(const struct policy *policy, const struct fleet *fleet,
		  const char *const *tools, struct findings *findings);

/* Limits that another one makes superfluous (part of check_policy()). */
void check_shadows(const struct policy *policy, struct findings *findings);

void check_fleet(const struct fleet *fleet, const struct policy *policy,
		 struct findings *findings);

/* Members that may be one machine in two spellings (part of check_fleet()). */
void check_spellings(const struct fleet *fleet, struct findings *findings);

void check_tool(const struct tool *tool, struct findings *findings);

#endif
