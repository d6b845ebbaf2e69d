/*
 * /etc/tallygate/tallygate.cfg: where an installed tallygate keeps its things, and which shell
 * its users get. Read by tallyd and, for the shell, by tallysh.
 *
 *   socket = "/run/tallygate/tallyd.sock";
 *   state = "/var/lib/tallygate";  log = "/var/log/tallygate";
 *   rules = [ "/usr/share/tallygate/rules", "/etc/tallygate" ];
 *   shell = "/bin/bash";                    # of everybody whose own shell is tallysh
 *   shells = ( { user = "ada"; shell = "/bin/zsh"; }, { group = "net"; shell = "/bin/sh"; } );
 *   break_glass = "tallygate-break-glass";  # group whose members get their shell plainly
 */
#ifndef TALLY_DAEMON_CONFIG_H
#define TALLY_DAEMON_CONFIG_H

#include <stdbool.h>
#include <sys/types.h>

#include "arena.h"
#include "fault.h"

#define DAEMON_CONFIG "/etc/tallygate/tallygate.cfg"

/* Who gets which shell; one of user and group is set. The first that fits counts. */
struct daemon_shell {
	const char *user, *group, *shell;
};

struct daemon_config {
	const char *socket, *run, *state, *log; /* run: the directory of the socket */
	const char *const *rules;		/* NULL: the ones beside the program */
	const char *shell;			/* NULL: none is set for all */
	const struct daemon_shell *shells;
	size_t shell_count;
	const char *break_glass;
};

/* The values that hold where no file says otherwise. */
void daemon_config_defaults(struct daemon_config *config);

/*
 * Reads `path`; a missing file leaves the defaults. All strings in the arena. -1 and `fault`
 * when it is broken, or somebody else than root may write it: the defaults are in `config`.
 */
int daemon_config_load(struct arena *arena, const char *path,
		       struct daemon_config *config, struct fault *fault);

/* The shell that is set for the user `uid`, or NULL. */
const char *daemon_config_shell(const struct daemon_config *config, uid_t uid);

/* Is the user in the group that is called `group`? */
bool daemon_config_member(uid_t uid, const char *group);

#endif
