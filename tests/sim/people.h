/* People: the clients of the supervisor: they come, ask, wait or go, and some do not read. */
#ifndef TUNPLAN_TESTS_SIM_PEOPLE_H
#define TUNPLAN_TESTS_SIM_PEOPLE_H

#include <stdbool.h>

#include "exec/supervisor/protocol.h"

/* What one asks for. */
struct wish {
	enum protocol_op op;
	unsigned file;    /* index in networks.h */
	unsigned tunnels; /* bits: the tunnels of that file; 0: all */
	bool all_files;   /* down and status */
	bool wait;        /* up */
	bool persist;     /* up */
	bool probe;       /* status */
};

/* Forgets the run before. */
void people_reset(void);

/* Somebody comes, under a number of their own. */
void people_come(unsigned number, const struct wish *wish);

/* The one of that number abandons an `up`; goes; stops to read; reads again. Nothing if there is none. */
void people_abandon(unsigned number);
void people_leave(unsigned number);
void people_read(unsigned number, bool reads);

/* It says something that is no request. */
void people_babble(unsigned number);

/* Those who do not read go. */
void people_wake(void);

/*
 * Whether all who read have heard the end of their answer: breaks a rule if not. patient: but for those who wait for as
 * long as it takes.
 */
void people_rest(bool patient);

#endif
