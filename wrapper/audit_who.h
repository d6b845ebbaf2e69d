/* The fields of a record that say who, from where, on which machine, below which programs. */
#ifndef TALLY_AUDIT_WHO_H
#define TALLY_AUDIT_WHO_H

#include "audit_json.h"
#include "who.h"

enum { AUDIT_CHAIN = 24 }; /* processes above the command that are named */

/* host.name */
void audit_host(struct audit_json *record);

/*
 * user.* (of the login uid, which survives su and sudo), user.effective.*, related.user and
 * the audit login uid and session id (tallygate.audit.*, left out when they were never set).
 */
void audit_who(struct audit_json *record, const struct who *who);

/* source.ip: `connection` is an address, or begins with one as SSH_CONNECTION does; NULL. */
void audit_source(struct audit_json *record, const char *connection);

/*
 * tallygate.chain: the processes from `pid` upwards, nearest first, up to and including the
 * process `top` (0: up to init).
 */
void audit_above(struct audit_json *record, pid_t pid, pid_t top);

#endif
