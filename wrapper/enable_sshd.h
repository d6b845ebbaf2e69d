/*
 * tallysh by sshd instead of by the login shell: a file of ours in sshd_config.d with
 * ForceCommand for groups, which needs no change of accounts and works for those of a
 * directory service too.
 */
#ifndef TALLY_ENABLE_SSHD_H
#define TALLY_ENABLE_SSHD_H

#include "enable_users.h"

#define SSHD_DROP_IN "/etc/ssh/sshd_config.d/50-tallygate.conf"

/*
 * Writes the file for `groups` (each as %NAME, NULL-terminated), in place of an earlier one.
 * Tried first as a member; checked with sshd -t and, for who gets it, sshd -T; what does not
 * pass is undone. sshd takes it up when it is told to. -1 and `fault`.
 */
int sshd_enable(const struct enable_call *call, char **groups, struct fault *fault);

/* Takes the file away and tells sshd. 1: done; 0: there was none; -1 and `fault`. */
int sshd_disable(const struct enable_call *call, struct fault *fault);

#endif
