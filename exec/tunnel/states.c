#include "exec/tunnel/states.h"

#include <stddef.h>

/* One move of any of the three machines; their enums all fit an int. */
struct move {
	int from;
	int event;
	int to;
};

static const struct move hop_moves[] = {
	{HOP_DOWN, HOP_NEED, HOP_WAITING},

	{HOP_WAITING, HOP_START, HOP_CONNECTING},
	{HOP_WAITING, HOP_PARENT_DIED, HOP_FAILED},
	{HOP_WAITING, HOP_DIED, HOP_FAILED},
	{HOP_WAITING, HOP_FALL_BACK, HOP_STALLED},
	{HOP_WAITING, HOP_UNNEEDED, HOP_DOWN},

	{HOP_CONNECTING, HOP_BANNER, HOP_AUTHENTICATING},
	{HOP_CONNECTING, HOP_READY, HOP_UP},
	{HOP_CONNECTING, HOP_DIED, HOP_FAILED},
	{HOP_CONNECTING, HOP_LATE, HOP_FAILED},
	{HOP_CONNECTING, HOP_PARENT_DIED, HOP_FAILED},
	{HOP_CONNECTING, HOP_FALL_BACK, HOP_STALLED},
	{HOP_CONNECTING, HOP_UNNEEDED, HOP_DOWN},

	{HOP_AUTHENTICATING, HOP_READY, HOP_UP},
	{HOP_AUTHENTICATING, HOP_DIED, HOP_FAILED},
	{HOP_AUTHENTICATING, HOP_LATE, HOP_FAILED},
	{HOP_AUTHENTICATING, HOP_PARENT_DIED, HOP_FAILED},
	{HOP_AUTHENTICATING, HOP_FALL_BACK, HOP_STALLED},
	{HOP_AUTHENTICATING, HOP_UNNEEDED, HOP_DOWN},

	{HOP_UP, HOP_DIED, HOP_LOST},
	{HOP_UP, HOP_PARENT_DIED, HOP_LOST},
	{HOP_UP, HOP_QUIET, HOP_STALLED},
	{HOP_UP, HOP_RENEW, HOP_WAITING},
	{HOP_UP, HOP_UNNEEDED, HOP_DOWN},

	{HOP_STALLED, HOP_HEARD, HOP_UP},
	{HOP_STALLED, HOP_DIED, HOP_LOST},
	{HOP_STALLED, HOP_PARENT_DIED, HOP_LOST},
	{HOP_STALLED, HOP_RENEW, HOP_WAITING},
	{HOP_STALLED, HOP_UNNEEDED, HOP_DOWN},

	{HOP_LOST, HOP_NEED, HOP_WAITING},
	{HOP_LOST, HOP_UNNEEDED, HOP_DOWN},

	{HOP_FAILED, HOP_NEED, HOP_WAITING},
	{HOP_FAILED, HOP_UNNEEDED, HOP_DOWN},
};

static const struct move forward_moves[] = {
	{FORWARD_WAITING, FORWARD_REQUEST, FORWARD_OPENING},
	{FORWARD_WAITING, FORWARD_REFUSED, FORWARD_FAILED},
	{FORWARD_WAITING, FORWARD_HOP_DIED, FORWARD_FAILED},
	/* One whose ssh died may have left something. */
	{FORWARD_WAITING, FORWARD_CANCEL, FORWARD_CLOSING},
	{FORWARD_WAITING, FORWARD_DROP, FORWARD_CLOSED},

	{FORWARD_OPENING, FORWARD_LISTENS, FORWARD_PROBING},
	{FORWARD_OPENING, FORWARD_UNPROBED, FORWARD_UP},
	{FORWARD_OPENING, FORWARD_REFUSED, FORWARD_FAILED},
	{FORWARD_OPENING, FORWARD_HOP_DIED, FORWARD_FAILED},
	{FORWARD_OPENING, FORWARD_CANCEL, FORWARD_CLOSING},

	{FORWARD_PROBING, FORWARD_REACHED, FORWARD_UP},
	{FORWARD_PROBING, FORWARD_UNREACHED, FORWARD_SILENT},
	{FORWARD_PROBING, FORWARD_UNLEARNED, FORWARD_UNPROVEN},
	{FORWARD_PROBING, FORWARD_UNPROBED, FORWARD_UP},
	{FORWARD_PROBING, FORWARD_REFUSED, FORWARD_FAILED},
	{FORWARD_PROBING, FORWARD_HOP_DIED, FORWARD_FAILED},
	{FORWARD_PROBING, FORWARD_AGAIN, FORWARD_WAITING},
	{FORWARD_PROBING, FORWARD_CANCEL, FORWARD_CLOSING},

	{FORWARD_UP, FORWARD_REPROBE, FORWARD_PROBING},
	{FORWARD_UP, FORWARD_REFUSED, FORWARD_FAILED},
	{FORWARD_UP, FORWARD_HOP_DIED, FORWARD_FAILED},
	{FORWARD_UP, FORWARD_AGAIN, FORWARD_WAITING},
	{FORWARD_UP, FORWARD_CANCEL, FORWARD_CLOSING},

	{FORWARD_SILENT, FORWARD_REPROBE, FORWARD_PROBING},
	{FORWARD_SILENT, FORWARD_REACHED, FORWARD_UP},
	{FORWARD_SILENT, FORWARD_REFUSED, FORWARD_FAILED},
	{FORWARD_SILENT, FORWARD_HOP_DIED, FORWARD_FAILED},
	{FORWARD_SILENT, FORWARD_AGAIN, FORWARD_WAITING},
	{FORWARD_SILENT, FORWARD_CANCEL, FORWARD_CLOSING},

	{FORWARD_UNPROVEN, FORWARD_REPROBE, FORWARD_PROBING},
	{FORWARD_UNPROVEN, FORWARD_REACHED, FORWARD_UP},
	{FORWARD_UNPROVEN, FORWARD_HOP_DIED, FORWARD_FAILED},
	{FORWARD_UNPROVEN, FORWARD_AGAIN, FORWARD_WAITING},
	{FORWARD_UNPROVEN, FORWARD_CANCEL, FORWARD_CLOSING},

	/* A failed one may still have a listener: wider than asked, or one that does not accept. */
	{FORWARD_FAILED, FORWARD_AGAIN, FORWARD_WAITING},
	{FORWARD_FAILED, FORWARD_CANCEL, FORWARD_CLOSING},
	{FORWARD_FAILED, FORWARD_DROP, FORWARD_CLOSED},

	{FORWARD_CLOSING, FORWARD_CANCELLED, FORWARD_CHECKING},
	{FORWARD_CLOSING, FORWARD_HOP_DIED, FORWARD_CHECKING},
	{FORWARD_CHECKING, FORWARD_CHECKED, FORWARD_CLOSED},
};

static const struct move tunnel_moves[] = {
	{TUNNEL_STARTING, TUNNEL_ALL_REACHED, TUNNEL_UP},
	{TUNNEL_STARTING, TUNNEL_SOME_SILENT, TUNNEL_SILENT},
	{TUNNEL_STARTING, TUNNEL_QUIET, TUNNEL_STALLED},
	{TUNNEL_STARTING, TUNNEL_BROKE, TUNNEL_FAILED},
	{TUNNEL_STARTING, TUNNEL_STOP, TUNNEL_STOPPING},

	{TUNNEL_UP, TUNNEL_SOME_SILENT, TUNNEL_SILENT},
	{TUNNEL_UP, TUNNEL_QUIET, TUNNEL_STALLED},
	{TUNNEL_UP, TUNNEL_BROKE, TUNNEL_FAILED},
	{TUNNEL_UP, TUNNEL_STOP, TUNNEL_STOPPING},

	{TUNNEL_SILENT, TUNNEL_ALL_REACHED, TUNNEL_UP},
	{TUNNEL_SILENT, TUNNEL_QUIET, TUNNEL_STALLED},
	{TUNNEL_SILENT, TUNNEL_BROKE, TUNNEL_FAILED},
	{TUNNEL_SILENT, TUNNEL_STOP, TUNNEL_STOPPING},

	{TUNNEL_STALLED, TUNNEL_ALL_REACHED, TUNNEL_UP},
	{TUNNEL_STALLED, TUNNEL_SOME_SILENT, TUNNEL_SILENT},
	{TUNNEL_STALLED, TUNNEL_BROKE, TUNNEL_FAILED},
	{TUNNEL_STALLED, TUNNEL_STOP, TUNNEL_STOPPING},

	{TUNNEL_FAILED, TUNNEL_ALL_REACHED, TUNNEL_UP},
	{TUNNEL_FAILED, TUNNEL_SOME_SILENT, TUNNEL_SILENT},
	{TUNNEL_FAILED, TUNNEL_AGAIN, TUNNEL_STARTING},
	{TUNNEL_FAILED, TUNNEL_STOP, TUNNEL_STOPPING},

	{TUNNEL_STOPPING, TUNNEL_GONE, TUNNEL_DOWN},
};

static const char *const hop_names[] = {
	[HOP_DOWN] = "down",
	[HOP_WAITING] = "waiting",
	[HOP_CONNECTING] = "connecting",
	[HOP_AUTHENTICATING] = "authenticating",
	[HOP_UP] = "up",
	[HOP_STALLED] = "stalled",
	[HOP_LOST] = "lost",
	[HOP_FAILED] = "failed",
};

static const char *const forward_names[] = {
	[FORWARD_WAITING] = "waiting", [FORWARD_OPENING] = "opening",
	[FORWARD_PROBING] = "probing", [FORWARD_UP] = "up",
	[FORWARD_SILENT] = "silent",   [FORWARD_FAILED] = "failed",
	[FORWARD_CLOSING] = "closing", [FORWARD_CHECKING] = "checking",
	[FORWARD_CLOSED] = "closed",   [FORWARD_UNPROVEN] = "unproven",
};

static const char *const tunnel_names[] = {
	[TUNNEL_STARTING] = "starting", [TUNNEL_UP] = "up",         [TUNNEL_SILENT] = "silent",
	[TUNNEL_STALLED] = "stalled",   [TUNNEL_FAILED] = "failed", [TUNNEL_STOPPING] = "stopping",
	[TUNNEL_DOWN] = "down",
};

static const struct move *find_move(const struct move *moves, size_t count, int from, int event)
{
	for (size_t i = 0; i < count; i++)
		if (moves[i].from == from && moves[i].event == event)
			return &moves[i];
	return NULL;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool hop_state_next(enum hop_state state, enum hop_event event, enum hop_state *ret_state)
{
	const struct move *move = find_move(hop_moves, COUNT(hop_moves), (int)state, (int)event);

	if (move)
		*ret_state = (enum hop_state)move->to;
	return move != NULL;
}

bool forward_state_next(enum forward_state state, enum forward_event event,
			enum forward_state *ret_state)
{
	const struct move *move =
		find_move(forward_moves, COUNT(forward_moves), (int)state, (int)event);

	if (move)
		*ret_state = (enum forward_state)move->to;
	return move != NULL;
}

bool tunnel_state_next(enum tunnel_state state, enum tunnel_event event,
		       enum tunnel_state *ret_state)
{
	const struct move *move =
		find_move(tunnel_moves, COUNT(tunnel_moves), (int)state, (int)event);

	if (move)
		*ret_state = (enum tunnel_state)move->to;
	return move != NULL;
}

const char *hop_state_name(enum hop_state state)
{
	return hop_names[state];
}

const char *forward_state_name(enum forward_state state)
{
	return forward_names[state];
}

const char *tunnel_state_name(enum tunnel_state state)
{
	return tunnel_names[state];
}

bool hop_state_is_dead(enum hop_state state)
{
	return state >= HOP_LOST;
}

bool hop_state_is_rising(enum hop_state state)
{
	return state >= HOP_WAITING && state <= HOP_AUTHENTICATING;
}

bool forward_state_listens(enum forward_state state)
{
	return state == FORWARD_PROBING || forward_state_is_judged(state);
}

bool forward_state_is_judged(enum forward_state state)
{
	return state == FORWARD_UP || state == FORWARD_SILENT || state == FORWARD_UNPROVEN;
}

bool tunnel_state_at_rest(enum tunnel_state state)
{
	return state != TUNNEL_STARTING && state != TUNNEL_STOPPING;
}
