#include "rulebook.h"

int rulebook_open(struct arena *arena, const char *const *directories,
		  struct rulebook *book, struct fault *fault)
{
	if (rules_open(arena, directories, &book->rules, fault) < 0 ||
	    fleet_load(arena, directories, &book->fleet, fault) < 0)
		return -1;
	return policy_load(arena, directories, &book->fleet, &book->policy, fault);
}
