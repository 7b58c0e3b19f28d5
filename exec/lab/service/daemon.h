/*
 * Daemon: a real server that runs on a lab host as long as the lab does, in the foreground of its
 * own process.
 */
#ifndef TUNPLAN_EXEC_LAB_SERVICE_DAEMON_H
#define TUNPLAN_EXEC_LAB_SERVICE_DAEMON_H

#include "exec/lab/service/service.h"

/* Starts the program argv[0]; what it writes goes to the service's log. Returns 0 or -errno. */
int lab_daemon_start(struct lab_service *service, const char *const *argv);

/*
 * Waits until it accepts a connection on the service's port, has ended, or the time is up. Returns
 * 0, or -errno with a sentence that has the first line of its log.
 */
int lab_daemon_ready(struct lab_service *service);

/* Returns the path of a file in the directory of the service, which it makes if need be. */
const char *lab_service_path(struct lab_service *service, const char *name);

/* Writes a file there. Returns 0, or -errno with a sentence. */
int lab_service_write(struct lab_service *service, const char *name, mode_t mode,
		      const struct strbuf *text);

#endif
