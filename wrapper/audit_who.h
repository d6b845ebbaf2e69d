/* The fields of a record that say who, from where, on which machine, below which programs. */
#ifndef TALLY_AUDIT_WHO_H
#define TALLY_AUDIT_WHO_H

#include "audit_json.h"
#include "command.h"

enum { AUDIT_CHAIN = 24 }; /* processes above the command that are named */

/* host.name */
void audit_host(struct audit_json *record);

/*
 * user.* (of the login uid, which survives su and sudo), user.effective.*, related.user, the
 * audit login uid and session id of /proc/self (tallygate.audit.*, left out when they were
 * never set) and source.ip, where SSH_CONNECTION of the command's environment has one.
 */
void audit_who(struct audit_json *record, const struct command *command);

/*
 * tallygate.chain: the processes above this one, nearest first, up to and including the
 * process `top` (0: up to init).
 */
void audit_above(struct audit_json *record, pid_t top);

#endif
