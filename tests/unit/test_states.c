#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "exec/states.h"

/* Applies events one after another; those that move nothing are skipped, as in the supervisor. */
static enum hop_state walk_hop(const enum hop_event *events, size_t count)
{
	enum hop_state state = HOP_WAITING;

	for (size_t i = 0; i < count; i++)
		hop_state_next(state, events[i], &state);
	return state;
}

#define WALK(...)                                       \
	walk_hop((const enum hop_event[]){__VA_ARGS__}, \
		 sizeof((const enum hop_event[]){__VA_ARGS__}) / sizeof(enum hop_event))

Test(states, a_hop_comes_up_with_or_without_a_banner)
{
	cr_expect(eq(int, WALK(HOP_START, HOP_BANNER, HOP_READY), HOP_UP));
	cr_expect(eq(int, WALK(HOP_START, HOP_READY), HOP_UP));
}

Test(states, a_hop_that_was_up_is_lost_one_that_was_not_failed)
{
	cr_expect(eq(int, WALK(HOP_START, HOP_READY, HOP_DIED), HOP_LOST));
	cr_expect(eq(int, WALK(HOP_START, HOP_READY, HOP_SILENT), HOP_LOST));
	cr_expect(eq(int, WALK(HOP_START, HOP_DIED), HOP_FAILED));
	cr_expect(eq(int, WALK(HOP_START, HOP_BANNER, HOP_SILENT), HOP_FAILED));
	cr_expect(eq(int, WALK(HOP_PARENT_DIED), HOP_FAILED));
}

Test(states, late_events_do_not_wake_the_dead)
{
	cr_expect(
		eq(int, WALK(HOP_START, HOP_SILENT, HOP_READY, HOP_BANNER, HOP_START), HOP_FAILED));
	cr_expect(
		eq(int, WALK(HOP_START, HOP_READY, HOP_UNNEEDED, HOP_READY, HOP_DIED), HOP_ENDING));
	cr_expect(eq(int, WALK(HOP_START, HOP_READY, HOP_UNNEEDED, HOP_GONE, HOP_START), HOP_DOWN));
}

Test(states, an_event_without_a_row_moves_nothing)
{
	enum hop_state state = HOP_UP;

	cr_expect(not(hop_state_next(HOP_UP, HOP_START, &state)));
	cr_expect(eq(int, state, HOP_UP));
}

Test(states, dead_hops_carry_nothing)
{
	for (int state = HOP_WAITING; state <= HOP_DOWN; state++)
		cr_expect(eq(int, hop_state_is_dead((enum hop_state)state), state >= HOP_LOST),
			  "%s", hop_state_name((enum hop_state)state));
}

Test(states, a_forward_that_was_asked_for_is_looked_for_before_it_is_closed)
{
	static const enum forward_state asked_for[] = {FORWARD_OPENING, FORWARD_PROBING, FORWARD_UP,
						       FORWARD_SILENT, FORWARD_FAILED};

	for (size_t i = 0; i < sizeof(asked_for) / sizeof(asked_for[0]); i++) {
		enum forward_state state = asked_for[i];

		cr_assert(forward_state_next(state, FORWARD_CANCEL, &state));
		cr_assert(forward_state_next(state, FORWARD_CANCELLED, &state));
		cr_expect(eq(int, state, FORWARD_CHECKING), "%s", forward_state_name(asked_for[i]));
		cr_assert(forward_state_next(state, FORWARD_CHECKED, &state));
		cr_expect(eq(int, state, FORWARD_CLOSED));
	}
}

Test(states, a_dead_hop_takes_every_listener_with_it)
{
	for (int i = FORWARD_WAITING; i <= FORWARD_SILENT; i++) {
		enum forward_state state = (enum forward_state)i;

		cr_expect(forward_state_next(state, FORWARD_HOP_DIED, &state));
		cr_expect(eq(int, state, FORWARD_FAILED));
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

Test(states, a_silent_egress_degrades_and_comes_back)
{
	enum tunnel_state state = TUNNEL_STARTING;

	tunnel_state_next(state, TUNNEL_SOME_SILENT, &state);
	cr_expect(eq(int, state, TUNNEL_DEGRADED));
	tunnel_state_next(state, TUNNEL_ALL_REACHED, &state);
	cr_expect(eq(int, state, TUNNEL_UP));
}

Test(states, names_are_the_tokens_of_status)
{
	cr_expect(eq(str, (char *)hop_state_name(HOP_NEEDS_ANSWER), "needs_answer"));
	cr_expect(eq(str, (char *)forward_state_name(FORWARD_SILENT), "egress_silent"));
	cr_expect(eq(str, (char *)tunnel_state_name(TUNNEL_RECONNECTING), "reconnecting"));
}
