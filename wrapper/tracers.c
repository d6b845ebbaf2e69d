#include <stdio.h>
#include <string.h>

#include "supervisor.h"

void tracers_note(struct supervisor *supervisor, const struct caller *caller,
		  const char *name)
{
	struct tracers *tracers = &supervisor->tracers;
	struct caller_status status;

	if (tracers->told)
		return;
	if (tracers->filters == 0) {
		if (caller_status(caller->tid, &status))
			tracers->filters = status.filters;
		return;
	}
	if (strcmp(name, "sudo") == 0 || strcmp(name, "sudoedit") == 0)
		tracers->sudo = true;
	/* To look at each caller is only worth its time once there may be something to see. */
	if (!tracers->sudo || tracers->filters < 0 ||
	    !caller_status(caller->tid, &status) || status.tracer == 0 ||
	    status.filters <= tracers->filters)
		return;
	tracers->told = true;
	session_log(
		supervisor->session,
		"process %ld traces the commands of process %ld by seccomp, as sudo "
		"does with `intercept` or `log_subcmds`: inside of a guarded session it "
		"sees none of them, and denies none",
		(long)status.tracer, (long)caller->tid);
}
