/*
 * Hop: one ssh session that one or more tunnels need: what it is, how it fares, and why it failed.
 *
 * A hop is what it is by its parent (the hop that carries it) and its key: what is dialled, as whom,
 * with what. Tunnels that need an equal hop share it. It goes on as long as somebody needs it; each
 * ssh process that holds it open is an incarnation (incarnation.h). A hop whose ssh ended, or did not get
 * up, starts its next incarnation when retry.h says, once however many tunnels wait for it; it waits for
 * the hop that carries it, if that one is not up. One that is stalled, or cut off, gets another beside the
 * present one, for whoever waits for the hop, or by itself (hop_life.h); until that is up, or if it never is, the
 * present one counts.
 *
 * Two counters: `needs` of those for whom it has to be up (tunnels, and the hops that it carries);
 * `refs` of those who look at the struct (the same, and tunnels that have failed or are going down).
 * At needs 0 its ssh is ended, at refs 0 and with no process left the hop is freed (hop_pool.h).
 *
 *     down -> waiting -> connecting -> authenticating -> up <-> stalled      (states.h has all)
 *                ^                           \             |
 *                 \--------------- retry <----------------/
 */
#ifndef TUNPLAN_EXEC_TUNNEL_HOP_H
#define TUNPLAN_EXEC_TUNNEL_HOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "exec/ssh/agent_keys.h"
#include "exec/system/clock.h"
#include "exec/system/delay.h"
#include "exec/system/list.h"
#include "exec/tunnel/engine.h"
#include "exec/tunnel/failure.h"
#include "exec/tunnel/idle.h"
#include "exec/tunnel/incarnation.h"
#include "exec/tunnel/retry.h"
#include "exec/tunnel/states.h"
#include "exec/tunnel/way.h"
#include "planner/model/plan.h"

/* What its far end does with it while it is idle (hop_idle.h). */
struct hop_idle {
	struct failure rule;   /* by which it ends it, if that is known */
	struct idle_ends ends; /* of its ssh processes, as far as they are its own */
	struct idle_end last;  /* the last one */
	const char *refused;   /* why no session is held there; static, or NULL */
	unsigned refusals;     /* of how many ssh in succession */
	enum idle_rule named;  /* which `rule` that is */
	uint64_t named_ms;     /* and after how long it ended */
	unsigned alive_s;      /* ServerAliveInterval of its next ssh; 0: as stated */
	unsigned server;       /* hop_server() of the last one */
	bool pending;          /* `last` may be that of what carries it */
	bool holds;            /* its ssh is to have a session */
};

/*
 * How many ports an `auto` ingress elsewhere tries: an sshd has one word for a taken port and for a forbidden one, and it
 * takes a round trip.
 */
#define HOP_PORTS 3

/* A host that has said no is left alone (hop_alone.h). */
struct hop_alone {
	uint64_t until_ms;    /* monotonic; 0: not any more */
	uint64_t said_ms;     /* monotonic: it was said */
	struct retry retry;   /* as it was then */
	struct failure why;   /* what the host has said, or unset */
	uint64_t login_files; /* what the login needed then */
};

/*
 * For whom a hop is acquired: by itself; for an `up` that is under way, by another path than it has tried; for one that begins,
 * and asks for everything anew.
 */
enum hop_asked { HOP_UNASKED, HOP_ASKED_STILL, HOP_ASKED };

struct live_hop {
	struct engine *engine;
	struct live_hop *parent; /* the hop that carries it, or NULL; referred to */
	char *key;               /* stitched_key() */
	char *identity; /* hop_pool_identity(): its key, behind those of the hops that carry it */
	uint64_t hash;  /* of that, in the names of its sockets */
	struct plan_hop plan; /* texts are copies; indexes are those of the first topology */
	char *host;           /* the tunnel host's name */
	char *from;           /* the name of the host that dials it */
	char *client;         /* the name of the host on which its ssh runs */
	char *login;          /* how a person makes that login by hand (plan_login()) */
	char *command;        /* of a stitched one: what the session runs that has it; else NULL */
	/* and what that reads (plan_session()); of one with an `auto` ingress a program for each choice of ports; else NULL */
	char *programs[HOP_PORTS];
	unsigned choice;         /* of these, for its next ssh */
	unsigned choices_failed; /* how many were refused, one after the other */
	size_t port_count;       /* so many ports are between two choices: forwards of the tunnel */
	char **env;              /* of the `up` that asked for it last, for its next ssh */
	char *facts;             /* hop_facts() */
	unsigned long
		number; /* in the history on disk (history_note.h); 0: it is not told of there yet */
	const char *
		untold; /* the history is to be told that it left this state, and why, later; or NULL */
	size_t needs;
	size_t refs;
	/* why it is stalled, busy, or late to be up; or why its last ssh ended, until the next one is up */
	struct failure failure;
	struct failure stall; /* why it is stalled, or was when another ssh was tried */
	struct failure tried; /* and why that one did not get up, since the hop was up last */
	struct failure
		refused; /* why the last ssh that was to take over did not get up, until one does */
	struct hop_idle idle;
	uint64_t login_files;    /* login_files_signature(), when its last ssh was started */
	struct agent_keys agent; /* what its login may be mended by, once it has failed */
	struct retry retry;      /* how often it was tried since it was lost, or an `up` asked */
	struct hop_alone alone;

	unsigned generation; /* of the last incarnation that was made; 0: none was */
	unsigned
		followed; /* generation of its parent for which another ssh was tried last; 0: is due */
	struct incarnation
		*next; /* the one that is to be started, while that is written down; or NULL */
	struct incarnation *present; /* the one that counts, from connecting on; or NULL */
	struct incarnation
		*fallback;        /* the one before, while a new one is on its way up; or NULL */
	struct list incarnations; /* struct incarnation, all that are not freed, oldest first */
	struct delay *deadline;   /* of the bring-up; or until its next try */
	uint64_t late_ms;         /* monotonic: and when it really is; it may have moved on */
	struct link_request *question; /* does the present one answer? */
	struct link_request *dial;     /* does its far end? */
	struct link_request
		*sign; /* while it is stalled: a dial whose answer ends that, however late */
	struct exit_wait
		*cause;         /* why the one before did not dial it: hop_blame_cause(); or NULL */
	struct list exit_dials; /* struct exit_dial: what its host dials for us (exit_dial.h) */

	/* What this machine's own network is for a first hop (notice.h). */
	struct kernel_tcp_key connection; /* its last one that was found; zeroed: none was */
	struct way way;                   /* to its far end, for a new connection */
	struct way used;                  /* that its present connection took while it was good */
	bool no_way;                      /* there is none for what comes over its connection */
	uint64_t no_way_ms;               /* monotonic: that was seen last */
	bool misjudged;                   /* and something came all the same */
	bool may_return; /* while it is stalled: another is tried beside it at once */
	bool races;      /* the fallback counts again as soon as something comes over it */
	bool heard_old;  /* and that is so */
	bool goes_on;    /* or it was only stopped, and is not any more */

	uint64_t bytes;       /* a first hop's: over its TCP connection, at the last look */
	uint64_t moved;       /* and since the look before that */
	uint64_t passed;      /* while it connects: bytes that moved on its way since it began */
	uint64_t felt_step;   /* of the engine: hop_feel_once() */
	uint64_t since_ms;    /* monotonic: the present state was entered */
	uint64_t fallback_ms; /* monotonic: since when the fallback is up; 0: it was stalled */
	uint64_t stalled_ms;  /* monotonic: it was seen to be stalled, when it was up last */
	uint64_t started_ms;  /* monotonic: ssh was started */
	uint64_t took_ms;     /* from there to up, or to its end */
	uint64_t up_ms;       /* monotonic: the last one was up */
	uint64_t verified_ms; /* monotonic: it last proved that it is alive */

	enum hop_state state;
	bool asks;         /* its login asks a person (`interactive`): none is made by itself */
	bool needs_parent; /* the parent has to be up for it */
	bool asks_cause;   /* hop_blame_end() found that `cause` is to be asked */
	bool moves;        /* `moved` is more than keepalives and keystrokes */
};

/*
 * Makes one that nobody needs yet. The texts are copied. parent may be NULL. late is called with the hop when
 * its deadline has passed.
 */
struct live_hop *hop_create(struct engine *engine, const struct plan *plan, size_t index,
			    struct live_hop *parent, const char *key, const char *const *env,
			    void (*late)(void *));

/* Frees it: nobody refers to it, no process of it is left, and `exit_dials` are finished. */
void hop_destroy(struct live_hop *hop);

/* One more for whom it has to be up, or one less. */
void hop_need(struct live_hop *hop);
void hop_unneed(struct live_hop *hop);

/* One more who looks at it, or one less. */
void hop_refer(struct live_hop *hop);
void hop_forget(struct live_hop *hop);

/* The one place where a hop changes its state. Returns whether there is such a transition. */
bool hop_apply(struct live_hop *hop, enum hop_event event);

/*
 * For the connect of a hop that another one carries, to the sshd's banner. A first hop has ssh's own
 * ConnectTimeout, which would also count the time that this hop's bytes wait behind a transfer.
 */
#define HOP_CONNECT_MS 10000
/* From the banner on. An sshd ends a login after 120 s (LoginGraceTime), if it is not told otherwise. */
#define HOP_LOGIN_MS 130000

/*
 * How long the connect may take; 0: ssh is left to itself, where its own timeout was chosen. A first hop's ssh sees
 * to that, but its login cannot be told from the connect where its banner is not seen.
 */
uint64_t hop_connect_ms(const struct live_hop *hop);

/* From now on it has that long to get up; 0: as long as it takes. */
void hop_start_deadline(struct live_hop *hop, uint64_t ms);

/* Gives it the environment of an `up`, for its next ssh. */
void hop_set_env(struct live_hop *hop, const char *const *env);

/* What the user's ssh_config states of it and of others (ssh_facts.h), or NULL. */
const char *hop_facts(const struct live_hop *hop);

/*
 * Returns the class of why its last ssh ended, or one that carried that, which may not have been told; or NULL. Where one
 * that carried it was closed, its own host may not have heard of that: then it is this class.
 */
#define HOP_BEREFT_CODE "parent"
const char *hop_why_lost(const struct live_hop *hop);

/* Returns when (monotonic) the state of it, or of one that carries it, changed last. */
uint64_t hop_chain_since_ms(const struct live_hop *hop);

/* Keeps the logs of its ssh processes short. */
void hop_cap_logs(const struct live_hop *hop);

/* Whether its sshd may still be slow with small answers, for 50 ms at most: no tunnel ends there before. */
bool hop_is_fresh(const struct live_hop *hop);

/* Returns a flag of enum fault_case: whether its ssh server is OpenSSH's or another one; 0: not known. */
unsigned hop_server(const struct live_hop *hop);

/* Whether no process of it is left. */
bool hop_is_gone(const struct live_hop *hop);

/* Whether its ssh runs on another host, in a session of its parent (stitched.h). */
bool hop_is_stitched(const struct live_hop *hop);

/*
 * Of a stitched one: how far its `auto` ports are from those by the tunnel's name; what they were when it was up last, before
 * it is started; and the next ones, which returns whether it is to be tried with these. Once it was up it keeps its ports.
 */
size_t hop_ports_after(const struct live_hop *hop);
void hop_recall_port(struct live_hop *hop, const char *tunnel, size_t forward, uint16_t port);
bool hop_next_ports(struct live_hop *hop);

/* Whether it needs a session of its parent, of which the sshd may allow only one. */
bool hop_needs_session(const struct live_hop *hop);

/* Whether what it carries can be asked for: it is up, or was and may be again. */
bool hop_carries(const struct live_hop *hop);

/* Whether an ssh of it is on its way up, or could be, for the hop that carries it is. */
bool hop_is_on_its_way(const struct live_hop *hop);

#endif
