/*
 * Record: what is remembered about a lab outside of it, so that other commands find it.
 *
 *     RUNTIME/lab/0123456789abcdef/   one directory per lab, named by its file's real path
 *       record.json      the file's path, the host that is me, the pids of the lab's processes and
 *                        their start times
 *       topology.yaml    the topology that the lab was made from, in canonical form
 *       log              what the lab's processes had to say
 *
 * The directory is locked while a command makes or ends the lab, and exists only as long as the
 * lab. A pid counts only together with its start time, so a record that outlives its lab is
 * harmless.
 */
#ifndef TUNPLAN_EXEC_LAB_RECORD_H
#define TUNPLAN_EXEC_LAB_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "exec/lab/kernel/problem.h"
#include "exec/lab/kernel/process_id.h"
#include "topology/base/arena.h"

struct lab_record {
	struct arena arena;
	const char *directory; /* of the record */
	const char *file;      /* real path of the topology */
	const char *text;      /* what the lab was made from; NULL without record */
	size_t text_size;
	const char *me;      /* name of the host that is at places, or NULL: none is */
	const char **places; /* their names */
	size_t place_count;
	struct lab_process_id init;
	struct lab_process_id
		*nodes; /* per host of the topology in its order; then the router, if any */
	size_t node_count;
	int lock; /* the locked directory, or -1 */
};

/*
 * Finds the record of a file's lab; with lock also makes its directory and waits until nobody else
 * has it locked. Returns 0, also when there is no lab (init.pid is 0 then), or -errno with a
 * sentence. lab_record_finish() it in either case.
 */
int lab_record_find(const char *file, bool lock, struct lab_record *ret_record,
		    struct lab_problem *problem);

/* Unlocks and frees; removes the directory if no record is in it. Accepts a zeroed record. */
void lab_record_finish(struct lab_record *record);

/* Whether the lab of a record lives. */
bool lab_record_alive(const struct lab_record *record);

/* Writes the record as it stands; it must be locked. Returns 0 or -errno with a sentence. */
int lab_record_save(const struct lab_record *record, struct lab_problem *problem);

/* Removes what is recorded; it must be locked. */
void lab_record_forget(struct lab_record *record);

/* Opens the lab's log for appending, emptied; the record must be locked. Returns it or -errno. */
int lab_record_log(const struct lab_record *record);

/*
 * Finds the records of all labs of this user, dead ones too, sorted by file. Returns 0 and the
 * array (in arena; lab_record_finish() each of them) or -errno with a sentence.
 */
int lab_record_all(struct arena *arena, struct lab_record **ret_records, size_t *ret_count,
		   struct lab_problem *problem);

#endif
