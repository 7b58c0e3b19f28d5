/*
 * Lab commands: the subcommands of `tunplan lab`. argv[0] is the subcommand's name; each returns
 * the exit status.
 */
#ifndef TUNPLAN_CMD_LAB_COMMANDS_H
#define TUNPLAN_CMD_LAB_COMMANDS_H

#include "cmd/cli.h"

int lab_up(struct cli *cli, int argc, char **argv);
int lab_down(struct cli *cli, int argc, char **argv);
int lab_exec(struct cli *cli, int argc, char **argv);
int lab_shell(struct cli *cli, int argc, char **argv);
int lab_status(struct cli *cli, int argc, char **argv);
int lab_list(struct cli *cli, int argc, char **argv);
int lab_check(struct cli *cli, int argc, char **argv);

#endif
