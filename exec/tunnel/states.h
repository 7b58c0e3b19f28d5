/*
 * States: the states of a hop, a forward and a tunnel, and their transitions.
 *
 * Pure tables, one row per transition. An event without a row in the present state changes nothing:
 * some events come late (a process dies after it was given up) and must then be harmless. Every row
 * is needed: somewhere its event is raised in its state; test_states.c holds the whole table.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_STATES_H
#define TUNPLAN_EXEC_TUNNEL_STATES_H

#include <stdbool.h>

/* A hop: one ssh session, in as many incarnations as it takes. */
enum hop_state {
	HOP_DOWN,           /* nobody needs it */
	HOP_WAITING,        /* for the hop that carries it */
	HOP_CONNECTING,     /* ssh runs, the sshd has not said anything yet */
	HOP_AUTHENTICATING, /* the sshd answered */
	HOP_UP,             /* the control socket answers */
	HOP_STALLED, /* it was up, and nothing comes from its far end, or its ssh was stopped */
	HOP_RETRY, /* its ssh ended, or did not get up; a next try follows, if a tunnel waits for it */
};

enum hop_event {
	HOP_NEED,        /* a tunnel needs it, or its next try is due */
	HOP_START,       /* its parent is up (or it has none): ssh was started */
	HOP_BANNER,      /* the sshd's banner was read */
	HOP_READY,       /* the control socket answers */
	HOP_DIED,        /* ssh ended by itself */
	HOP_LATE,        /* the deadline of the bring-up passed */
	HOP_PARENT_DIED, /* the hop that carries it is gone */
	HOP_QUIET,       /* nothing comes from its far end */
	HOP_HEARD,       /* something does again */
	HOP_RENEW,       /* another ssh is to take over, beside the one that there is */
	HOP_GO_BACK,     /* that one did not get up, and the old one was well all the time */
	HOP_FALL_BACK,   /* that one did not get up, or is not wanted: it is the old one again */
	HOP_UNNEEDED,    /* no tunnel needs it any more */
};

/* A forward: one listener of a tunnel. */
enum forward_state {
	FORWARD_WAITING,  /* for its hop */
	FORWARD_OPENING,  /* the listener was requested */
	FORWARD_PROBING,  /* it listens; is the egress reached? */
	FORWARD_UP,       /* it is, unless the file asks for no probe */
	FORWARD_SILENT,   /* it listens, the egress was not reached */
	FORWARD_UNPROVEN, /* it listens, and nothing could be learned of the egress */
	FORWARD_FAILED,   /* it does not listen */
	FORWARD_CLOSING,  /* the listener is being cancelled */
	FORWARD_CHECKING, /* and is looked for once more */
	FORWARD_CLOSED,   /* it is gone, or named among what is left */
};

enum forward_event {
	FORWARD_REQUEST,   /* its hop is up: the listener was requested */
	FORWARD_LISTENS,   /* ssh confirmed it */
	FORWARD_UNPROBED,  /* ssh confirmed it, and the file asks for no probe */
	FORWARD_REFUSED,   /* it cannot listen, or does not any more */
	FORWARD_REACHED,   /* the probe reached the egress, or a user's connection did */
	FORWARD_UNREACHED, /* the probe did not */
	FORWARD_UNLEARNED, /* the probe could not be carried out: that says nothing of the egress */
	FORWARD_REPROBE,   /* somebody asks again */
	FORWARD_AGAIN,     /* its hop has another ssh, which has to be asked, too */
	FORWARD_HELD,      /* it cannot listen yet: a dead session of ours has the port */
	FORWARD_HOP_DIED,  /* the ssh that it dealt with is gone */
	FORWARD_CANCEL,    /* the tunnel is taken down, and there is a listener to cancel */
	FORWARD_DROP,      /* the tunnel is taken down, and there is none */
	FORWARD_CANCELLED, /* ssh answered the cancellation */
	FORWARD_CHECKED,   /* the listener was looked for */
};

/* A tunnel: its hops and forwards together. */
enum tunnel_state {
	TUNNEL_STARTING,
	TUNNEL_UP,
	TUNNEL_SILENT,       /* up, but an egress is silent */
	TUNNEL_STALLED,      /* up, but nothing comes from the far end of a hop */
	TUNNEL_RECONNECTING, /* it comes back by itself when the fault ends */
	TUNNEL_FAILED,       /* somebody must act, or its first start failed */
	TUNNEL_STOPPING,     /* being taken down */
	TUNNEL_DOWN,         /* nothing of it is left */
};

enum tunnel_event {
	TUNNEL_ALL_REACHED, /* every forward listens, and no egress is known to be silent */
	TUNNEL_SOME_SILENT, /* every forward listens, some egress does not answer */
	TUNNEL_QUIET,       /* every forward listens, a hop is stalled */
	TUNNEL_LOST,        /* a hop or a forward of it is not up, and is tried again */
	TUNNEL_BROKE,       /* one is not up, and that is not mended by itself */
	TUNNEL_AGAIN,       /* somebody asks for it once more */
	TUNNEL_STOP,        /* somebody takes it down, or nobody waits for it any more */
	TUNNEL_GONE,        /* all that it alone held is gone */
};

/*
 * Each returns whether the event moves this state and sets *ret_state to the next one; it is left
 * alone otherwise.
 */
bool hop_state_next(enum hop_state state, enum hop_event event, enum hop_state *ret_state);
bool forward_state_next(enum forward_state state, enum forward_event event,
			enum forward_state *ret_state);
bool tunnel_state_next(enum tunnel_state state, enum tunnel_event event,
		       enum tunnel_state *ret_state);

/* The tokens of JSON, status and the log: "authenticating", "silent". */
const char *hop_state_name(enum hop_state state);
const char *forward_state_name(enum forward_state state);
const char *tunnel_state_name(enum tunnel_state state);

/* Whether an ssh is on its way up: from waiting to authenticating. */
bool hop_state_is_rising(enum hop_state state);

/* Whether there is a listener: probing, up, silent or unproven. */
bool forward_state_listens(enum forward_state state);

/* Whether there is one, and no probe of it is under way. */
bool forward_state_is_judged(enum forward_state state);

#endif
