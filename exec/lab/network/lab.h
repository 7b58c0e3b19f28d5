/*
 * Lab: what all processes of a lab know about it from the start.
 *
 * A topology becomes a network (network.h), which the lab's first process (init.h) makes real: that
 * process owns the bridges and the links between them, and forks one small process per host
 * (agent.h), which owns that host's namespaces and answers for its sshd and services. build.h
 * starts the lab and ends it by ending one process; record.h remembers it, so that lab_exec.h can
 * run commands on its hosts.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_LAB_H
#define TUNPLAN_EXEC_LAB_NETWORK_LAB_H

#include <sys/types.h>

#include "exec/lab/network/network.h"
#include "topology/model/places.h"

/* Whose lab it is, and as whom everything on its hosts runs. */
struct lab_user {
	uid_t uid;
	gid_t gid;
	const char *name;  /* as the machine's passwd has it */
	const char *shell; /* one that can be logged in with */
};

/* One variable of the environment on a host. */
struct lab_variable {
	const char *name; /* NULL after the last */
	const char *value;
};

/* Const once made; forked processes inherit it. */
struct lab {
	const struct lab_network *network;
	struct lab_user user;
	size_t me; /* the host that is at places (the network is as it is from there), or none */
	struct whereabouts where;
	const char *file;    /* real path of the topology: what the lab is known by */
	const char *program; /* real path of tunplan */
};

#endif
