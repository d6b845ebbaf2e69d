/* Node lists of Slurm, and which nodes there are. Sources: slurm.conf(5), scontrol(1) 22.05. */
#ifndef TALLY_SLURM_NODES_H
#define TALLY_SLURM_NODES_H

#include "reader.h"

/*
 * A host list as Slurm reads it: comma or blank between items, any number of brackets, no
 * steps, nothing behind the last bracket, at most 65536 names a range. NULL and `fault`
 * when Slurm takes it for no list.
 */
const struct hostset *slurm_list(struct arena *arena, const char *text,
				 struct fault *fault);

/* True when the list says ALL: every node of the cluster. */
bool slurm_all(const char *text);

/*
 * The nodes that `text` names: ALL and NodeSets are replaced by their nodes, and what is no
 * node is left out, by slurm.conf where it can be read, else by `scontrol show nodes`. Gives
 * *set, or NULL and *why. READ_DONE, READ_MISSING or READ_FAULT.
 */
int slurm_nodes(struct reader *reader, const char *text, const struct hostset **set,
		const char **why);

#endif
