/* Waiting for the audit log to grow. */
#ifndef TALLY_AUDIT_FOLLOW_H
#define TALLY_AUDIT_FOLLOW_H

#include "audit_read.h"
#include "fault.h"

/*
 * An inotify descriptor for the directory of `path`, made before the log is read, so that
 * nothing is missed in between. -1 and `fault`.
 */
int audit_follow_start(const char *path, struct fault *fault);

/*
 * Waits until something happens to the log at reader->path; it need not have grown. When
 * another file has taken its place and the old one is read to its end, the reader goes on
 * with the new one. -1 and `fault`.
 */
int audit_follow_wait(int watch, struct audit_reader *reader, struct fault *fault);

#endif
