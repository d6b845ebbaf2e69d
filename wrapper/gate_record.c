/* The gate and the audit log. */
#include "gate_state.h"

int gate_record(struct gate *gate, enum gate_outcome outcome)
{
	(void)gate;
	(void)outcome;
	return 0;
}
