/* Session parts: what the three kinds of sessions share. Used only by session*.c. */
#ifndef TUNPLAN_EXEC_SUPERVISOR_SESSION_PARTS_H
#define TUNPLAN_EXEC_SUPERVISOR_SESSION_PARTS_H

#include "exec/supervisor/protocol.h"
#include "exec/supervisor/session.h"
#include "exec/tunnel/tunnel.h"
#include "planner/planner.h"

/* One tunnel of a session. */
struct item {
	const struct plan *plan;    /* up: what it is to be, while that is decided */
	const char *const *without; /* up: likewise, the hosts that it may not pass, or NULL */
	struct arena arena;         /* the plan's; a tunnel that is made of it takes it */
	struct live_tunnel *tunnel; /* held, or NULL */
	json_t *failed; /* down, status: an entry of failed.h, held, or NULL; with neither the item is done */
	bool on_trial; /* down: it was on trial for another one of the answer */
	bool keeps; /* up: without those who do, the tunnel is not kept, or unattended, while it starts */
	unsigned
		trials; /* up: how many of the tunnel's are waited for: one that runs, or the next */
	bool waits;     /* up: it counts among those who wait for the tunnel */
	bool verifying;  /* up: it was up already, and is being asked */
	unsigned renews; /* up: generation of the first hop's ssh that is to be replaced; 0: none */
	struct failure refused; /* up: why the one that was to replace it did not get up */
	size_t rank;            /* down, status: where it stands in the answer */
	int *seen_hops;         /* what the client was told last of each (session_up.c), or -1 */
	int *seen_forwards;
};

struct session {
	struct engine *engine;
	struct session_host *host;
	struct client *client;
	enum protocol_op op;
	struct item *items;
	size_t item_count;
	struct snapshot *snapshot; /* up: as it was sent; status: of text, once it was needed */
	char **env;                /* up: the client's */
	char **without; /* up: the hosts that no path may pass; NULL-terminated; NULL: as before */
	char *file;     /* status: the file of which text and digest are */
	char *digest;   /* status: that of what it says now, or NULL */
	char *text;     /* status: what it says now, or NULL: not sent */
	bool wait;      /* up: the client waits for the result */
	bool persist;   /* up: until the tunnel is up, however often that is tried */
	bool roams;     /* up: the places of its snapshot were recognised */
	bool renew;     /* up: what is up gets new masters */
	bool probe;     /* status: it waits for new probes */
	bool brief;     /* status: a table is made of the answer */
	bool of_file;   /* status: all tunnels of that file are asked for, and no others */
	bool abandoned; /* up: and not any more */
	bool done;
};

/* Starts what was asked for. An up may be refused as a whole: then it is done. */
void session_up(struct session *session, const struct request *request);
void session_down(struct session *session, const struct request *request);
void session_status(struct session *session, const struct request *request);

/* One step of an item that is not done. */
void session_up_step(struct session *session, struct item *item);
void session_down_step(struct session *session, struct item *item);

/* One step of a status, which answers for all of its items at once. */
void session_status_step(struct session *session);

/* Makes room for count items. */
void session_items(struct session *session, size_t count);

/* Makes the item look at a tunnel, and no longer at the one before. NULL: at none. */
void item_watch(struct item *item, struct live_tunnel *tunnel);

/* Whether nothing more is to be said of it; makes it so. */
bool item_is_done(const struct item *item);
void item_finish(struct item *item);

/* Returns an item of any session that keeps the tunnel, or NULL. */
struct item *session_find_keeper(const struct live_tunnel *tunnel);

/* Adds a sentence to an event if the history on disk is not written. */
void session_add_history_trouble(const struct session *session, json_t *event);

/* Sends the result of an item, and makes the item done. */
void item_result(struct session *session, struct item *item);

#endif
