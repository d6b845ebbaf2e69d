/* The parts that the screens (screen.h) are made of. */
#ifndef TALLY_SCREEN_PARTS_H
#define TALLY_SCREEN_PARTS_H

#include "layout.h"
#include "screen.h"

struct layout screen_layout(const struct screen *screen);

/* One paragraph per operation: how many, `everything`, the first lines of the targets. */
void screen_put_operations(const struct screen *screen, struct layout *layout,
			   const struct reading *reading,
			   const struct decision *decision);

/* Per subsystem: hit, in service now and after, the floor, a bar where there is room. */
void screen_put_impacts(const struct screen *screen, struct layout *layout,
			const struct decision *decision);

/* The limits that spoke, heaviest first, each with its place. */
void screen_put_reasons(const struct screen *screen, struct layout *layout,
			const struct decision *decision);

/* What fits now, when more will, who else could be asked. */
void screen_put_instead(const struct screen *screen, struct layout *layout,
			const struct reading *reading, const struct decision *decision);

#endif
