/*
 * Sshd: the machine's own sshd, started for each connection by a lab host's listener (`sshd -i`).
 */
#ifndef TUNPLAN_EXEC_LAB_SERVICE_SSHD_H
#define TUNPLAN_EXEC_LAB_SERVICE_SSHD_H

#include "exec/lab/service/service.h"

/*
 * Listens on a port with an sshd of the given configuration: the name of a file in LAB_SSHD, also
 * of its log in LAB_LOG; it outlives the host. Returns 0, or -errno with a sentence in
 * host->problem.
 */
int lab_sshd_listen(struct lab_host *host, const struct lab_listen *listen,
		    const char *configuration);

#endif
