/* One group of `limits` -> struct limit. The settings are described in docs/rules.md. */
#ifndef TALLY_LOAD_LIMIT_H
#define TALLY_LOAD_LIMIT_H

#include <libconfig.h>

#include "limit.h"

int load_limit(struct arena *arena, const config_setting_t *group,
	       const struct fleet *fleet, struct limit *limit, struct fault *fault);

#endif
