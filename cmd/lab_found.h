/*
 * Lab found: the lab that a command is about, and the topology that the lab was made from.
 *
 * A lab is identified by its file's real path. Commands about a running lab read the topology from
 * the lab's record, never from the file, which may have changed or be gone.
 */
#ifndef TUNPLAN_CMD_LAB_FOUND_H
#define TUNPLAN_CMD_LAB_FOUND_H

#include "cmd/cli.h"
#include "exec/lab/network/lab.h"
#include "exec/lab/record.h"

struct lab_found {
	struct arena arena;
	const char *name;         /* of the file, as messages show it */
	struct lab_record record; /* of its lab */
	bool alive;               /* then lab and record agree, and lab.network is set */
	struct lab lab;
};

/* Whether the command changes the lab, and so must have its record to itself. */
enum lab_access { LAB_READ, LAB_CHANGE };

/*
 * Finds the file as every command does, and its lab's record. Prints what is wrong and returns an
 * exit status, else EXIT_DONE. lab_found_finish() it in either case.
 */
int lab_find(const struct cli *cli, enum lab_access access, struct lab_found *ret_found);

/* The same, and there must be a living lab: prints how to make one and returns EXIT_FAILED. */
int lab_find_alive(const struct cli *cli, struct lab_found *ret_found);

/* Fills in the lab of a record that is there already, for `lab list`. Returns whether it lives. */
bool lab_found_load(struct lab_found *found);

/* Frees it and unlocks the record. Accepts a zeroed struct. */
void lab_found_finish(struct lab_found *found);

#endif
