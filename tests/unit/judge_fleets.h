/* Fleets and short forms that several tests of the policy share. */
#ifndef TALLY_JUDGE_FLEETS_H
#define TALLY_JUDGE_FLEETS_H

#include "judge_case.h"

/* The subsystems of the day: billing overlaps with index. */
#define DAY                                                                              \
	"subsystems = ("                                                                 \
	"{ name = \"index\"; members = \"idx[001-400]\"; floor = 300; settle = 900;"     \
	"  restarted = \"2014-06-01\"; },"                                               \
	"{ name = \"placement\"; members = \"plc[001-120]\"; floor = \"75%\"; },"        \
	"{ name = \"billing\"; members = \"bill[01-40],idx[390-400]\"; floor = \"80%\";" \
	"  restarted = \"2025-12-01\"; } );"                                             \
	"identity = { domains = [ \"example.com\" ];"                                    \
	"  aliases = [ \"idx001 10.0.0.1\" ]; self = [ \"ctl1\" ]; };"

#define ONE(members, rest)                                                               \
	"subsystems = ( { name = \"s\"; members = \"" members "\"; " rest " } );"
#define LIMIT(text) "limits = ( { " text " } );"

#define A VERDICT_ALLOW
#define C VERDICT_CONFIRM
#define P VERDICT_APPROVE
#define D VERDICT_DENY

/* Under no floor, so that only limits speak. */
#define WIDE ONE("idx[001-400]", "floor = 0;")

#define PROBED(rest)                                                                     \
	ONE("a[1-10]",                                                                   \
	    "floor = 8; settle = 100; capacity = { probe = \"in-service\"; " rest " };")

/* Checks every line of a table. */
#define RUN(table)                                                                       \
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)                      \
	case_check(&table[i])

#endif
