#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "exec/tunnel/states.h"

/*
 * Where each event leads from each state: the state and one. What does not stand here is 0: such an event
 * moves nothing.
 */
#define TO(state) ((int)(state) + 1)

static const int hop_moves[HOP_RETRY + 1][HOP_UNNEEDED + 1] = {
	[HOP_DOWN] = {[HOP_NEED] = TO(HOP_WAITING)},
	[HOP_WAITING] = {[HOP_START] = TO(HOP_CONNECTING),
			 [HOP_DIED] = TO(HOP_RETRY),
			 [HOP_GO_BACK] = TO(HOP_UP),
			 [HOP_FALL_BACK] = TO(HOP_STALLED),
			 [HOP_UNNEEDED] = TO(HOP_DOWN)},
	[HOP_CONNECTING] = {[HOP_BANNER] = TO(HOP_AUTHENTICATING),
			    [HOP_READY] = TO(HOP_UP),
			    [HOP_DIED] = TO(HOP_RETRY),
			    [HOP_LATE] = TO(HOP_RETRY),
			    [HOP_PARENT_DIED] = TO(HOP_WAITING),
			    [HOP_GO_BACK] = TO(HOP_UP),
			    [HOP_FALL_BACK] = TO(HOP_STALLED),
			    [HOP_UNNEEDED] = TO(HOP_DOWN)},
	[HOP_AUTHENTICATING] = {[HOP_READY] = TO(HOP_UP),
				[HOP_DIED] = TO(HOP_RETRY),
				[HOP_LATE] = TO(HOP_RETRY),
				[HOP_PARENT_DIED] = TO(HOP_WAITING),
				[HOP_GO_BACK] = TO(HOP_UP),
				[HOP_FALL_BACK] = TO(HOP_STALLED),
				[HOP_UNNEEDED] = TO(HOP_DOWN)},
	[HOP_UP] = {[HOP_DIED] = TO(HOP_RETRY),
		    [HOP_PARENT_DIED] = TO(HOP_WAITING),
		    [HOP_QUIET] = TO(HOP_STALLED),
		    [HOP_RENEW] = TO(HOP_WAITING),
		    [HOP_UNNEEDED] = TO(HOP_DOWN)},
	[HOP_STALLED] = {[HOP_HEARD] = TO(HOP_UP),
			 [HOP_DIED] = TO(HOP_RETRY),
			 [HOP_PARENT_DIED] = TO(HOP_WAITING),
			 [HOP_RENEW] = TO(HOP_WAITING),
			 [HOP_UNNEEDED] = TO(HOP_DOWN)},
	[HOP_RETRY] = {[HOP_NEED] = TO(HOP_WAITING),
		       [HOP_PARENT_DIED] = TO(HOP_WAITING),
		       [HOP_UNNEEDED] = TO(HOP_DOWN)},
};

static const int forward_moves[FORWARD_CLOSED + 1][FORWARD_CHECKED + 1] = {
	[FORWARD_WAITING] = {[FORWARD_REQUEST] = TO(FORWARD_OPENING),
			     [FORWARD_REFUSED] = TO(FORWARD_FAILED),
			     [FORWARD_CANCEL] = TO(FORWARD_CLOSING),
			     [FORWARD_DROP] = TO(FORWARD_CLOSED)},
	[FORWARD_OPENING] = {[FORWARD_LISTENS] = TO(FORWARD_PROBING),
			     [FORWARD_UNPROBED] = TO(FORWARD_UP),
			     [FORWARD_REFUSED] = TO(FORWARD_FAILED),
			     [FORWARD_HELD] = TO(FORWARD_WAITING),
			     [FORWARD_HOP_DIED] = TO(FORWARD_WAITING),
			     [FORWARD_CANCEL] = TO(FORWARD_CLOSING)},
	[FORWARD_PROBING] = {[FORWARD_REACHED] = TO(FORWARD_UP),
			     [FORWARD_UNREACHED] = TO(FORWARD_SILENT),
			     [FORWARD_UNLEARNED] = TO(FORWARD_UNPROVEN),
			     [FORWARD_UNPROBED] = TO(FORWARD_UP),
			     [FORWARD_REFUSED] = TO(FORWARD_FAILED),
			     [FORWARD_HOP_DIED] = TO(FORWARD_WAITING),
			     [FORWARD_AGAIN] = TO(FORWARD_WAITING),
			     [FORWARD_CANCEL] = TO(FORWARD_CLOSING)},
	[FORWARD_UP] = {[FORWARD_REPROBE] = TO(FORWARD_PROBING),
			[FORWARD_REFUSED] = TO(FORWARD_FAILED),
			[FORWARD_HOP_DIED] = TO(FORWARD_WAITING),
			[FORWARD_AGAIN] = TO(FORWARD_WAITING),
			[FORWARD_CANCEL] = TO(FORWARD_CLOSING)},
	[FORWARD_SILENT] = {[FORWARD_REPROBE] = TO(FORWARD_PROBING),
			    [FORWARD_REACHED] = TO(FORWARD_UP),
			    [FORWARD_REFUSED] = TO(FORWARD_FAILED),
			    [FORWARD_HOP_DIED] = TO(FORWARD_WAITING),
			    [FORWARD_AGAIN] = TO(FORWARD_WAITING),
			    [FORWARD_CANCEL] = TO(FORWARD_CLOSING)},
	[FORWARD_UNPROVEN] = {[FORWARD_REPROBE] = TO(FORWARD_PROBING),
			      [FORWARD_REFUSED] = TO(FORWARD_FAILED),
			      [FORWARD_REACHED] = TO(FORWARD_UP),
			      [FORWARD_HOP_DIED] = TO(FORWARD_WAITING),
			      [FORWARD_AGAIN] = TO(FORWARD_WAITING),
			      [FORWARD_CANCEL] = TO(FORWARD_CLOSING)},
	[FORWARD_FAILED] = {[FORWARD_AGAIN] = TO(FORWARD_WAITING),
			    [FORWARD_CANCEL] = TO(FORWARD_CLOSING),
			    [FORWARD_DROP] = TO(FORWARD_CLOSED)},
	[FORWARD_CLOSING] = {[FORWARD_CANCELLED] = TO(FORWARD_CHECKING),
			     [FORWARD_HOP_DIED] = TO(FORWARD_CHECKING)},
	[FORWARD_CHECKING] = {[FORWARD_CHECKED] = TO(FORWARD_CLOSED)},
	[FORWARD_CLOSED] = {[FORWARD_AGAIN] = TO(FORWARD_WAITING)},
};

static const int tunnel_moves[TUNNEL_DOWN + 1][TUNNEL_GONE + 1] = {
	[TUNNEL_STARTING] = {[TUNNEL_ALL_REACHED] = TO(TUNNEL_UP),
			     [TUNNEL_SOME_SILENT] = TO(TUNNEL_SILENT),
			     [TUNNEL_QUIET] = TO(TUNNEL_STALLED),
			     [TUNNEL_LOST] = TO(TUNNEL_RECONNECTING),
			     [TUNNEL_BROKE] = TO(TUNNEL_FAILED),
			     [TUNNEL_STOP] = TO(TUNNEL_STOPPING)},
	[TUNNEL_UP] = {[TUNNEL_SOME_SILENT] = TO(TUNNEL_SILENT),
		       [TUNNEL_QUIET] = TO(TUNNEL_STALLED),
		       [TUNNEL_LOST] = TO(TUNNEL_RECONNECTING),
		       [TUNNEL_BROKE] = TO(TUNNEL_FAILED),
		       [TUNNEL_STOP] = TO(TUNNEL_STOPPING)},
	[TUNNEL_SILENT] = {[TUNNEL_ALL_REACHED] = TO(TUNNEL_UP),
			   [TUNNEL_QUIET] = TO(TUNNEL_STALLED),
			   [TUNNEL_LOST] = TO(TUNNEL_RECONNECTING),
			   [TUNNEL_BROKE] = TO(TUNNEL_FAILED),
			   [TUNNEL_STOP] = TO(TUNNEL_STOPPING)},
	[TUNNEL_STALLED] = {[TUNNEL_ALL_REACHED] = TO(TUNNEL_UP),
			    [TUNNEL_SOME_SILENT] = TO(TUNNEL_SILENT),
			    [TUNNEL_LOST] = TO(TUNNEL_RECONNECTING),
			    [TUNNEL_BROKE] = TO(TUNNEL_FAILED),
			    [TUNNEL_STOP] = TO(TUNNEL_STOPPING)},
	[TUNNEL_RECONNECTING] = {[TUNNEL_ALL_REACHED] = TO(TUNNEL_UP),
				 [TUNNEL_SOME_SILENT] = TO(TUNNEL_SILENT),
				 [TUNNEL_QUIET] = TO(TUNNEL_STALLED),
				 [TUNNEL_BROKE] = TO(TUNNEL_FAILED),
				 [TUNNEL_AGAIN] = TO(TUNNEL_STARTING),
				 [TUNNEL_STOP] = TO(TUNNEL_STOPPING)},
	[TUNNEL_FAILED] = {[TUNNEL_ALL_REACHED] = TO(TUNNEL_UP),
			   [TUNNEL_SOME_SILENT] = TO(TUNNEL_SILENT),
			   [TUNNEL_QUIET] = TO(TUNNEL_STALLED),
			   [TUNNEL_LOST] = TO(TUNNEL_RECONNECTING),
			   [TUNNEL_AGAIN] = TO(TUNNEL_STARTING),
			   [TUNNEL_STOP] = TO(TUNNEL_STOPPING)},
	[TUNNEL_STOPPING] = {[TUNNEL_GONE] = TO(TUNNEL_DOWN)},
};

Test(states, a_hop_moves_as_the_table_says_and_not_otherwise)
{
	for (int from = HOP_DOWN; from <= HOP_RETRY; from++)
		for (int event = HOP_NEED; event <= HOP_UNNEEDED; event++) {
			const int to = hop_moves[from][event];
			enum hop_state state = (enum hop_state)from;
			bool moved = hop_state_next(state, (enum hop_event)event, &state);

			cr_expect(eq(int, moved, to != 0), "%s, event %d",
				  hop_state_name((enum hop_state)from), event);
			cr_expect(eq(int, (int)state, to ? to - 1 : from), "%s, event %d",
				  hop_state_name((enum hop_state)from), event);
		}
}

Test(states, a_forward_moves_as_the_table_says_and_not_otherwise)
{
	for (int from = FORWARD_WAITING; from <= FORWARD_CLOSED; from++)
		for (int event = FORWARD_REQUEST; event <= FORWARD_CHECKED; event++) {
			const int to = forward_moves[from][event];
			enum forward_state state = (enum forward_state)from;
			bool moved = forward_state_next(state, (enum forward_event)event, &state);

			cr_expect(eq(int, moved, to != 0), "%s, event %d",
				  forward_state_name((enum forward_state)from), event);
			cr_expect(eq(int, (int)state, to ? to - 1 : from), "%s, event %d",
				  forward_state_name((enum forward_state)from), event);
		}
}

Test(states, a_tunnel_moves_as_the_table_says_and_not_otherwise)
{
	for (int from = TUNNEL_STARTING; from <= TUNNEL_DOWN; from++)
		for (int event = TUNNEL_ALL_REACHED; event <= TUNNEL_GONE; event++) {
			const int to = tunnel_moves[from][event];
			enum tunnel_state state = (enum tunnel_state)from;
			bool moved = tunnel_state_next(state, (enum tunnel_event)event, &state);

			cr_expect(eq(int, moved, to != 0), "%s, event %d",
				  tunnel_state_name((enum tunnel_state)from), event);
			cr_expect(eq(int, (int)state, to ? to - 1 : from), "%s, event %d",
				  tunnel_state_name((enum tunnel_state)from), event);
		}
}

/* Applies events one after another; those that move nothing are skipped, as in the supervisor. */
static enum hop_state walk_hop(const enum hop_event *events, size_t count)
{
	enum hop_state state = HOP_DOWN;

	for (size_t i = 0; i < count; i++)
		hop_state_next(state, events[i], &state);
	return state;
}

#define WALK(...)                                       \
	walk_hop((const enum hop_event[]){__VA_ARGS__}, \
		 sizeof((const enum hop_event[]){__VA_ARGS__}) / sizeof(enum hop_event))

Test(states, late_events_do_not_wake_the_dead)
{
	cr_expect(eq(int, WALK(HOP_NEED, HOP_START, HOP_LATE, HOP_READY, HOP_BANNER, HOP_START),
		     HOP_RETRY));
	cr_expect(eq(int, WALK(HOP_NEED, HOP_START, HOP_READY, HOP_UNNEEDED, HOP_READY, HOP_DIED),
		     HOP_DOWN));
}

Test(states, what_is_lost_comes_back_when_its_next_try_is_due)
{
	cr_expect(eq(int, WALK(HOP_NEED, HOP_START, HOP_READY, HOP_DIED, HOP_READY, HOP_HEARD),
		     HOP_RETRY));
	cr_expect(eq(int, WALK(HOP_NEED, HOP_START, HOP_READY, HOP_DIED, HOP_NEED, HOP_START),
		     HOP_CONNECTING));
}

Test(states, what_its_carrier_took_along_waits_for_the_carrier)
{
	cr_expect(eq(int, WALK(HOP_NEED, HOP_START, HOP_READY, HOP_PARENT_DIED, HOP_START),
		     HOP_CONNECTING));
	/* Whichever of the two is told first. */
	cr_expect(eq(int, WALK(HOP_NEED, HOP_START, HOP_READY, HOP_DIED, HOP_PARENT_DIED),
		     HOP_WAITING));
}

Test(states, a_stalled_hop_is_renewed_or_is_what_it_was)
{
	cr_expect(
		eq(int,
		   WALK(HOP_NEED, HOP_START, HOP_READY, HOP_QUIET, HOP_RENEW, HOP_START, HOP_READY),
		   HOP_UP));
	cr_expect(eq(int,
		     WALK(HOP_NEED, HOP_START, HOP_READY, HOP_QUIET, HOP_RENEW, HOP_START,
			  HOP_FALL_BACK, HOP_HEARD),
		     HOP_UP));
	cr_expect(eq(int, WALK(HOP_NEED, HOP_START, HOP_READY, HOP_RENEW, HOP_START, HOP_GO_BACK),
		     HOP_UP));
}

Test(states, a_forward_that_was_asked_for_is_looked_for_before_it_is_closed)
{
	static const enum forward_state asked_for[] = {FORWARD_OPENING,  FORWARD_PROBING,
						       FORWARD_UP,       FORWARD_SILENT,
						       FORWARD_UNPROVEN, FORWARD_FAILED};

	for (size_t i = 0; i < sizeof(asked_for) / sizeof(asked_for[0]); i++) {
		enum forward_state state = asked_for[i];

		cr_assert(forward_state_next(state, FORWARD_CANCEL, &state));
		cr_assert(forward_state_next(state, FORWARD_CANCELLED, &state));
		cr_expect(eq(int, state, FORWARD_CHECKING), "%s", forward_state_name(asked_for[i]));
		cr_assert(forward_state_next(state, FORWARD_CHECKED, &state));
		cr_expect(eq(int, state, FORWARD_CLOSED));
	}
}

Test(states, a_dead_ssh_takes_every_listener_with_it_and_all_are_asked_for_again)
{
	for (int i = FORWARD_OPENING; i <= FORWARD_UNPROVEN; i++) {
		enum forward_state state = (enum forward_state)i;

		cr_expect(forward_state_next(state, FORWARD_HOP_DIED, &state));
		cr_expect(eq(int, state, FORWARD_WAITING));
	}
}

Test(states, every_living_tunnel_can_be_stopped)
{
	for (int i = TUNNEL_STARTING; i <= TUNNEL_FAILED; i++) {
		enum tunnel_state state = (enum tunnel_state)i;

		cr_expect(tunnel_state_next(state, TUNNEL_STOP, &state), "%s",
			  tunnel_state_name((enum tunnel_state)i));
		cr_expect(eq(int, state, TUNNEL_STOPPING));
	}
}

Test(states, a_stopping_tunnel_only_goes_down)
{
	for (int event = TUNNEL_ALL_REACHED; event <= TUNNEL_GONE; event++) {
		enum tunnel_state state = TUNNEL_STOPPING;

		tunnel_state_next(state, (enum tunnel_event)event, &state);
		cr_expect(eq(int, state, event == TUNNEL_GONE ? TUNNEL_DOWN : TUNNEL_STOPPING));
	}
}

Test(states, names_are_the_tokens_of_status)
{
	cr_expect(eq(str, (char *)hop_state_name(HOP_AUTHENTICATING), "authenticating"));
	cr_expect(eq(str, (char *)forward_state_name(FORWARD_SILENT), "silent"));
	cr_expect(eq(str, (char *)tunnel_state_name(TUNNEL_STALLED), "stalled"));
}
