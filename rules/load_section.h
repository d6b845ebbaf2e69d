/* The settings that a tool and its subcommands share: options, operations, targets ... */
#ifndef TALLY_LOAD_SECTION_H
#define TALLY_LOAD_SECTION_H

#include <libconfig.h>

#include "tool.h"

/* Fills `section` from `group`; the caller has checked the names of its settings. */
int load_section(struct arena *arena, const config_setting_t *group,
		 struct section *section, struct fault *fault);

#endif
