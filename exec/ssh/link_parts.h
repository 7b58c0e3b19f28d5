/*
 * Link parts: what a link is made of, and the ways in which it asks for listeners. Used by link*.c alone.
 *
 * A request (link.h) has one question to the master, or two: a listener that nobody waits for any more is
 * closed again. Natively (link_question.c) a question goes over the held connection, or over one of its own.
 * Listeners can be asked for by the system's ssh instead (link_ssh.c), should its protocol not be ours.
 */
#ifndef TUNPLAN_EXEC_SSH_LINK_PARTS_H
#define TUNPLAN_EXEC_SSH_LINK_PARTS_H

#include <stdbool.h>
#include <uv.h>

#include "exec/ssh/link.h"
#include "exec/ssh/mux_wire.h"
#include "exec/system/list.h"

/* One question to the master. */
struct link_question {
	struct link_request *request;
	enum { LINK_UNASKED, LINK_PENDING, LINK_SAID_YES, LINK_SAID_NO } state;
	uint32_t id;           /* while it is asked natively */
	struct mux_wire *wire; /* and its connection, unless that is the held one */
	struct link_run *run;  /* while it is asked by ssh */
};

struct link_request {
	struct link *link;
	enum link_kind { LINK_ASK, LINK_DIAL, LINK_LISTEN, LINK_UNLISTEN, LINK_STOP } kind;
	struct mux_forward
		forward; /* of a listener; its texts are copies. What is dialled is its target */
	struct link_question open;  /* of all but unlisten */
	struct link_question close; /* of listen and unlisten */
	bool closed_open;           /* it was asked to close after it had said that it listens */
	bool hears;                 /* a dial: what comes over its connection counts */
	bool opened;                /* and that stands */
	uint64_t hear_ms;           /* for how long */
	uint64_t passed;  /* bytes that moved since it was made, as far as that was told */
	uint64_t ends_ms; /* the deadline by the loop's clock, or LINK_NEVER */
	link_done done;   /* NULL: nobody waits for it */
	void *data;
};

#define LINK_NEVER UINT64_MAX

struct link {
	uv_loop_t *loop;
	char *path;
	const struct link_way *way;
	struct mux_wire *held; /* NULL: the master is gone, or link_destroy() is done */
	enum link_answer why;  /* it is gone */
	uint32_t last_id;
	uint32_t first;       /* id of the question that opens the link; 0 once it is answered */
	uv_timer_t timer;     /* to the next deadline */
	uint64_t due_ms;      /* when that is, or LINK_NEVER */
	struct list requests; /* in the order in which they were made */
	size_t unasked;       /* of these, listeners that wait for others */
	struct strbuf words;  /* the master's latest */
	bool destroyed;       /* only what must be taken back is left */
	const struct link_events *events;
	void *data;
};

/* How listeners are asked for. */
struct link_way {
	const char *name;
	bool apart; /* each question costs something of its own, not only those for the tunnel host */
	/* Asks either question of a request; link_answered() follows from the loop. */
	void (*ask)(struct link_question *question);
};

/* Returns the way with that name (NULL or "": the usual one), or NULL when there is none. */
const struct link_way *link_way_find(const char *name);

extern const struct link_way link_native, link_ssh;

/* Whether the request concerns a listener, and one on the tunnel host. */
bool link_is_listener(const struct link_request *request);
bool link_is_remote(const struct link_request *request);

/* Whether the master was asked, or else the request waits. */
bool link_is_asked(const struct link_request *request);

/* Asks for the listeners whose turn has come. */
void link_ask_next(struct link *link);

/*
 * Takes the next step for a request that was asked and is no longer wanted, until nothing of it is left, and
 * frees it then.
 */
void link_take_back(struct link_request *request);

/* Frees the request, whatever it waits for. */
void link_free_request(struct link_request *request);

/* Opens the held connection and asks who is there. */
void link_hold(struct link *link);

/* Puts a question that has no way but the protocol: alive, dial, stop. */
void link_ask_native(struct link_question *question, enum mux_type type);

/* Nothing is heard of the question any more; its state stays. */
void link_question_end(struct link_question *question);

/* A question was answered, or will never be. The words live until this returns. */
void link_answered(struct link_question *question, const struct link_result *result);

/* A dial that hears has its connection: from now on it is held for some time. */
void link_hears(struct link_request *request);

/* The held connection ended; of LINK_PROTOCOL the link's words say what is wrong. */
void link_lost(struct link *link, enum link_answer why);

/* Ends an ssh; nothing is heard of it any more. */
void link_run_end(struct link_run *run);

#endif
