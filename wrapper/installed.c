#include "installed.h"

#include <string.h>

#include "daemon_config.h"
#include "session.h"

int installed_find(struct arena *arena, struct installed *installed, struct fault *fault)
{
	static const char below[] = "/lib/tallygate";
	const char *library = session_program_directory(arena);
	struct daemon_config config;
	size_t length = library ? strlen(library) : 0, tail = sizeof(below) - 1;

	if (length <= tail || strcmp(library + length - tail, below) != 0)
		return fault_set(fault,
				 "this tally runs from %s, which is no installation: "
				 "scripts/install makes one",
				 library ? library : "an unknown place");
	installed->library = library;
	installed->tallysh =
		arena_printf(arena, "%.*s/bin/tallysh", (int)(length - tail), library);
	if (!installed->tallysh)
		return fault_set(fault, "out of memory");
	if (daemon_config_load(arena, DAEMON_CONFIG, &config, fault) < 0)
		return -1;
	installed->break_glass = config.break_glass;
	return 0;
}
