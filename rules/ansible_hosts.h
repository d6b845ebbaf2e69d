/* Which hosts an Ansible pattern names: asked of ansible itself (`--list-hosts`). */
#ifndef TALLY_ANSIBLE_HOSTS_H
#define TALLY_ANSIBLE_HOSTS_H

#include "reader.h"

/* Options that choose inventory, hosts and variables; asking for passwords is left out. */
#define ANSIBLE_HOST_OPTIONS                                                             \
	"@options:-i,-l,-e,-M,--playbook-dir,--vault-id,--vault-password-file"

/* One play of `ansible-playbook --list-hosts`, or the one answer of `ansible`. */
struct ansible_play {
	const char *pattern; /* "web:!db"; patterns of a list are joined by "," */
	const struct hostset *hosts;
	const char *first; /* the first host that was printed, or NULL */
};

struct ansible_plays {
	struct ansible_play *items;
	size_t count;
	const char
		*refusal; /* ansible's last words, when it refused the line; else NULL */
	bool unparsed;	  /* an inventory could not be read: hosts may be missing */
};

/* Runs the probe `argv` (reader_words() notation) and reads what it prints. */
int ansible_list_hosts(struct reader *reader, const char *const *argv,
		       struct ansible_plays *plays);

/* The hosts of `pattern` in the inventory of this line. *hosts NULL: not to be had. */
int ansible_pattern_hosts(struct reader *reader, const char *pattern, bool limited,
			  struct ansible_play *play);

#endif
