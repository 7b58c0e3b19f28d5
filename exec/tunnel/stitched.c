#include "exec/tunnel/stitched.h"

#include "exec/ssh/ssh_argv.h"

static bool has_forward(const struct plan *plan, size_t index)
{
	for (size_t i = 0; i < plan->forward_count; i++)
		if (plan->forwards[i].hop == index)
			return true;
	return false;
}

/* Whether the piece that ends with a hop passes another one. */
static bool passes(const struct plan *plan, size_t hop, size_t other)
{
	while (hop != other && plan->hops[hop].method != PLAN_STITCHED)
		hop = plan->hops[hop].through;
	return hop == other;
}

size_t stitched_whole(const struct plan *plan, size_t index)
{
	if (!plan_is_stitched(plan, index) || has_forward(plan, index))
		return index;
	for (size_t i = index + 1; i < plan->hop_count; i++)
		if (plan_is_stitched(plan, i) && has_forward(plan, i) && passes(plan, i, index))
			return i;
	return index;
}

size_t stitched_parent(const struct plan *plan, size_t index)
{
	if (!plan_is_stitched(plan, index))
		return plan->hops[index].through;
	while (plan_is_stitched(plan, index))
		index = plan_carrier(plan, index);
	return index;
}

static void put_end(const struct plan_end *end, struct strbuf *text)
{
	if (end->socket)
		strbuf_printf(text, " %s", end->socket);
	else if (end->socks)
		strbuf_puts(text, " socks");
	else
		strbuf_printf(text, " %s %u", end->address, end->any_port ? 0 : end->port);
}

static void put_forward(const struct plan *plan, const struct plan_forward *forward,
			struct strbuf *text)
{
	strbuf_printf(text, "forward %s", plan_type_name(forward->type));
	put_end(&forward->ingress, text);
	put_end(&forward->egress, text);
	/* The port of `auto` comes from that. */
	if (forward->ingress.any_port)
		strbuf_printf(text, " %s %zu", plan->name, forward->of);
	strbuf_puts(text, "\n");
}

void stitched_key(const struct plan *plan, size_t index, struct strbuf *text)
{
	const size_t through = plan->hops[index].through;

	if (!plan_is_stitched(plan, index)) {
		ssh_argv_key(&plan->hops[index], text);
		return;
	}
	if (plan_is_stitched(plan, through))
		stitched_key(plan, through, text);
	ssh_argv_key(&plan->hops[index], text);
	for (size_t i = 0; i < plan->forward_count; i++)
		if (plan->forwards[i].hop == index)
			put_forward(plan, &plan->forwards[i], text);
}
