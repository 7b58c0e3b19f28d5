/*
 * Survivor: an ssh of a supervisor that is no more, as that has written it down, until its hop takes it over.
 *
 * A hop has the right to those whose recorded identity is its own, to the letter (hop_adopt.h). What nobody has a right to is
 * ended, the deepest first.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_SURVIVOR_H
#define TUNPLAN_EXEC_TUNNEL_SURVIVOR_H

#include "exec/ssh/master.h"
#include "exec/tunnel/engine.h"
#include "exec/tunnel/hop.h"

struct survivor {
	struct engine *engine;
	char *identity; /* of its hop */
	char *host;     /* on which it ends */
	char *socket;
	char *log;
	char *through; /* the socket of the one that carries it, or "" */
	unsigned generation;
	unsigned choice; /* of the ports of a stitched one (hop.h) */
	bool was_up;
	uint64_t since; /* monotonic, in ms: its hop was up by it; 0: it was not */
	bool asks;      /* its login asks a person */
	bool drains;
	bool refused; /* its hop cannot have it: it is ended */
	bool kept; /* it has no hop, and is not ended: it is that of a wish which cannot be planned */
	pid_t pid;             /* of one that drains, else 0 */
	uint64_t start;        /* likewise: kernel_process.start_ticks */
	struct master *master; /* while it is ended because nobody wants it; else NULL */
	bool ended;
};

/* Adds a copy to those of the engine, unless one of that socket is there. */
void survivor_add(struct engine *engine, const struct survivor *survivor);

/* Returns what master_adopt() is told of it; the texts are the survivor's. */
struct master_left survivor_left(const struct survivor *survivor);

/* Whether its process runs. */
bool survivor_lives(const struct survivor *survivor);

/* Returns the oldest one to which a hop has the right, or NULL; none that is being ended. */
struct survivor *survivor_of(const struct live_hop *hop);

/* Whether any of an identity runs. */
bool survivor_lives_of(const struct engine *engine, const char *identity);

/* Whether one is carried by that of a socket. */
bool survivor_goes_through(const struct engine *engine, const char *socket);

/* Whether there is one of that socket. */
bool survivor_has(const struct engine *engine, const char *socket);

/* Whether the one of that socket goes on as it is, with all that it listens for. */
bool survivor_is_kept(const struct engine *engine, const char *socket);

/* Frees one; its files go, if `remove`. */
void survivor_remove(struct survivor *survivor, bool remove);

/*
 * Ends those that nobody has a right to, nor may have: no hop that is needed, and none of those that `kept` says (given the
 * hash of an identity).
 */
void survivor_step(struct engine *engine, bool (*kept)(uint64_t hash, void *data), void *data);

#endif
