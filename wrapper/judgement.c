#include "judgement.h"

/* Each round answers all that was asked; a line that asks on has a reader that is broken. */
enum { ROUNDS = 64 };

int judgement_read(struct judgement *judgement, struct rules *rules,
		   const struct command *command, struct answer_options *options,
		   struct fault *fault)
{
	facts_init(&judgement->facts, judgement->arena);
	judgement->facts.reads_uncounted = options->reads_uncounted;
	for (int round = 0; round < ROUNDS; round++) {
		int result = judge_read(judgement->arena, rules, command,
					&judgement->facts, &judgement->reading, fault);

		if (result <= 0)
			return result;
		/* Probes and files are the inner command's: sudo, env -C change both. */
		if (answer_facts(&judgement->facts,
				 judgement->reading.command ? judgement->reading.command
							    : command,
				 options, fault) < 0)
			return -1;
	}
	return fault_set(fault,
			 "the description of this tool asks for facts without end");
}

int judgement_decide(struct judgement *judgement, const struct policy *policy,
		     const struct fleet *fleet, const struct asker *asker,
		     const struct history *history, const struct command *command,
		     struct answer_options *options, struct fault *fault)
{
	for (int round = 0; round < ROUNDS; round++) {
		int result = decide(judgement->arena, policy, fleet, &judgement->reading,
				    asker, history, &judgement->facts,
				    &judgement->decision, fault);

		if (result <= 0)
			return result;
		if (answer_facts(&judgement->facts, command, options, fault) < 0)
			return -1;
	}
	return fault_set(fault, "the policy asks for facts without end");
}

bool judgement_only_reads(const struct reading *reading)
{
	for (size_t i = 0; i < reading->count; i++)
		if (reading->operations[i].action != ACTION_READ)
			return false;
	return reading->count > 0 || reading->action == ACTION_READ;
}
