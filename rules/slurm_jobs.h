/* Jobs of Slurm: one id may be an array of thousands, and filters name none at all. */
#ifndef TALLY_SLURM_JOBS_H
#define TALLY_SLURM_JOBS_H

#include "reader.h"

/*
 * An operation on the jobs `ids` (comma between them, `12_3`, `12_[1-5]`): the tasks that
 * squeue lists for them. READ_DONE, READ_MISSING or READ_FAULT.
 */
int slurm_jobs(struct reader *reader, enum action action, const char *ids);

#endif
