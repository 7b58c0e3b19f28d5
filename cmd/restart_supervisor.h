/* restart --supervisor: lets another process, of this program, hold what is up. */
#ifndef TUNPLAN_CMD_RESTART_SUPERVISOR_H
#define TUNPLAN_CMD_RESTART_SUPERVISOR_H

#include "cmd/cli.h"

/* Does it, and says what was taken over. timeout_ms: -1: none. Returns an exit status. */
int restart_supervisor(const struct cli *cli, int timeout_ms);

#endif
