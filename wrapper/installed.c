#include "installed.h"

#include <string.h>
#include <unistd.h>

#include "load.h"
#include "session.h"

#define CONFIGURATION "/etc/tallygate/tallygate.cfg"

static int read_configuration(struct arena *arena, struct installed *installed,
			      struct fault *fault)
{
	config_t config;
	int result;

	installed->break_glass = "tallygate-break-glass";
	if (access(CONFIGURATION, F_OK) < 0)
		return 0;
	if (load_open(arena, CONFIGURATION, &config, fault) < 0)
		return -1;
	result = load_string(arena, config_root_setting(&config), "break_glass", false,
			     &installed->break_glass, fault);
	config_destroy(&config);
	return result < 0 ? -1 : 0;
}

int installed_find(struct arena *arena, struct installed *installed, struct fault *fault)
{
	static const char below[] = "/lib/tallygate";
	const char *library = session_program_directory(arena);
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
	return read_configuration(arena, installed, fault);
}
