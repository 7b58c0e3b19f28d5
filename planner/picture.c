#include "planner/picture.h"

#include <string.h>

#include "planner/endpoint.h"

/* Characters of a line on each side of the VLAN's name, at least. */
#define DASHES 3

/* A host on the way, and the line from it to the next. */
struct station {
	size_t host; /* TOPOLOGY_NONE outside the file */
	const char *name;
	const char *label;  /* what is under the name, or "" */
	const char *onward; /* the VLAN's name; "" where there is none to name */
	char line;          /* '=' inside ssh, '-' outside, 0 at the last station */
};

struct way {
	const struct plan *plan;
	size_t forward; /* the first of those that go this way */
	struct arena *arena;
	struct station *stations;
	size_t count;
};

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether two forwards differ in their ports alone. */
static bool same_way(const struct plan *plan, size_t a, size_t b)
{
	const struct plan_forward *left = &plan->forwards[a];
	const struct plan_forward *right = &plan->forwards[b];

	return left->type == right->type && left->hop == right->hop &&
	       left->egress.host == right->egress.host &&
	       same_text(left->ingress.address, right->ingress.address) &&
	       same_text(left->egress.address, right->egress.address);
}

/* What an end's label says, its port apart: nothing where everyone knows it. */
static const char *end_address(const struct way *way, const struct plan_end *end)
{
	if (!end->address || end->host == TOPOLOGY_NONE || strcmp(end->address, "127.0.0.1") == 0 ||
	    strcmp(end->address, way->plan->topology->hosts[end->host].name) == 0)
		return "";
	return arena_format(way->arena, "%s:", endpoint_host(end->address, way->arena));
}

static const char *end_port(const struct way *way, const struct plan_end *end)
{
	if (end->socks)
		return "socks";
	if (end->socket)
		return end->socket;
	if (end->any_port)
		return "auto";
	return arena_format(way->arena, "%u", end->port);
}

/* "7999 in", or "80, 443 out" for all forwards that go this way. */
static const char *end_label(const struct way *way, bool ingress)
{
	const struct plan *plan = way->plan;
	const char *label = "";

	for (size_t i = way->forward; i < plan->forward_count; i++) {
		const struct plan_end *end =
			ingress ? &plan->forwards[i].ingress : &plan->forwards[i].egress;

		if (!same_way(plan, way->forward, i))
			continue;
		label = arena_format(way->arena, "%s%s%s", label,
				     *label ? ", " : end_address(way, end), end_port(way, end));
	}
	return arena_format(way->arena, "%s %s", label, ingress ? "in" : "out");
}

/* Adds a station for a host of the way, with the address by which a hop's host is dialled. */
static struct station *add_station(struct way *way, size_t host)
{
	const struct plan *plan = way->plan;
	struct station *station =
		arena_push(way->arena, &way->stations, &way->count, sizeof(*station));

	station->host = host;
	station->label = "";
	station->name = host == TOPOLOGY_NONE ? "anywhere" : plan->topology->hosts[host].name;
	for (size_t h = plan->forwards[way->forward].hop; h != TOPOLOGY_NONE;
	     h = plan->hops[h].through)
		if (plan->hops[h].host == host && strcmp(plan->hops[h].address, station->name) != 0)
			station->label = plan->hops[h].address;
	return station;
}

static const char *join(const struct way *way, const char *address, const char *label)
{
	return *address ? arena_format(way->arena, "%s, %s", address, label) : label;
}

/* The segments between hosts, in order, are the lines of a picture. */
static void collect(struct way *way)
{
	const struct plan *plan = way->plan;
	const struct plan_forward *forward = &plan->forwards[way->forward];
	struct station *last = add_station(way, forward->ingress.host);

	last->label = join(way, last->label, end_label(way, true));
	for (size_t i = 0; i < plan->exposure_count; i++) {
		const struct plan_segment *segment = &plan->exposure[i];

		if (segment->forward != way->forward || segment->from == segment->to)
			continue;
		last->line = segment->encrypted_by && !segment->own ? '=' : '-';
		last->onward = segment->vlan == TOPOLOGY_NONE ? "" : segment->where;
		last = add_station(way, segment->to);
	}
	if (forward->egress.host == TOPOLOGY_NONE && forward->egress.address)
		last->name = forward->egress.address;
	if (!forward->egress.socks)
		last->label = join(way, last->label, end_label(way, false));
}

/* Draws a line that ends where the next station begins: right of the name and of the label. */
static void draw_line(const struct station *station, size_t start, struct strbuf *top)
{
	const size_t label_end = start + strlen(station->label) + 2;
	const size_t fixed = strlen(station->onward) + DASHES + 1;
	const size_t least = top->length + 1 + DASHES + fixed;
	const size_t extra = label_end > least ? label_end - least : 0;

	strbuf_puts(top, " ");
	strbuf_fill(top, station->line, DASHES + extra);
	strbuf_puts(top, station->onward);
	strbuf_fill(top, station->line, DASHES);
	strbuf_puts(top, " ");
}

static void draw(const struct way *way, size_t indent, struct strbuf *text)
{
	struct strbuf top = {0};
	struct strbuf bottom = {0};

	strbuf_fill(&top, ' ', indent);
	for (size_t i = 0; i < way->count; i++) {
		const struct station *station = &way->stations[i];
		const size_t start = top.length;

		strbuf_puts(&top, station->name);
		if (*station->label) {
			strbuf_fill(&bottom, ' ', start - bottom.length);
			strbuf_puts(&bottom, station->label);
		}
		if (station->line)
			draw_line(station, start, &top);
	}
	strbuf_printf(text, "%s\n%s\n", strbuf_text(&top), strbuf_text(&bottom));
	strbuf_finish(&top);
	strbuf_finish(&bottom);
}

static bool drawn_already(const struct plan *plan, size_t forward)
{
	for (size_t i = 0; i < forward; i++)
		if (same_way(plan, i, forward))
			return true;
	return false;
}

void picture_render(const struct plan *plan, size_t indent, struct strbuf *text)
{
	struct arena arena = {0};

	for (size_t i = 0; i < plan->forward_count; i++) {
		struct way way = {.plan = plan, .forward = i, .arena = &arena};

		if (drawn_already(plan, i))
			continue;
		collect(&way);
		draw(&way, indent, text);
	}
	arena_finish(&arena);
}
