#include "planner/views/picture.h"

#include <string.h>

#include "planner/model/endpoint.h"

/* Characters of a line on each side of the VLAN's name, at least. */
#define DASHES 3

/* A host on the path, and the line from it to the next. */
struct station {
	size_t host; /* TOPOLOGY_NONE outside the file */
	const char *name;
	const char *label;  /* what is under the name, or "" */
	const char *onward; /* the VLAN's name; "" where there is none to name */
	char line;          /* '=' inside ssh, '-' outside, 0 at the last station */
};

struct picture {
	const struct plan *plan;
	size_t of; /* the first of the tunnel's forwards that go by this path */
	struct arena *arena;
	struct station *stations;
	size_t count;
};

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether two of the tunnel's forwards differ in their ports alone. */
static bool same_path(const struct plan *plan, size_t a, size_t b)
{
	const struct plan_forward *left = plan_first_piece(plan, a);
	const struct plan_forward *right = plan_first_piece(plan, b);
	const struct plan_forward *left_end = plan_last_piece(plan, a);
	const struct plan_forward *right_end = plan_last_piece(plan, b);

	return left->type == right->type && left->hop == right->hop &&
	       left_end->hop == right_end->hop && left_end->egress.host == right_end->egress.host &&
	       same_text(left->ingress.address, right->ingress.address) &&
	       same_text(left_end->egress.address, right_end->egress.address);
}

/* What an end's label says, its port apart: nothing where everyone knows it. */
static const char *end_address(const struct picture *picture, const struct plan_end *end)
{
	if (!end->address || end->host == TOPOLOGY_NONE || strcmp(end->address, "127.0.0.1") == 0 ||
	    strcmp(end->address, picture->plan->topology->hosts[end->host].name) == 0)
		return "";
	return arena_format(picture->arena, "%s:", endpoint_host(end->address, picture->arena));
}

static const char *end_port(const struct picture *picture, const struct plan_end *end)
{
	if (end->socks)
		return "socks";
	if (end->socket)
		return end->socket;
	if (end->any_port)
		return "auto";
	return arena_format(picture->arena, "%u", end->port);
}

/* "7999 in", or "80, 443 out" for all forwards that go by this path. */
static const char *end_label(const struct picture *picture, bool ingress)
{
	const struct plan *plan = picture->plan;
	const char *label = "";

	for (size_t of = picture->of; of < plan_tunnel_forwards(plan); of++) {
		const struct plan_end *end = ingress ? &plan_first_piece(plan, of)->ingress
						     : &plan_last_piece(plan, of)->egress;

		if (!same_path(plan, picture->of, of))
			continue;
		label = arena_format(picture->arena, "%s%s%s", label,
				     *label ? ", " : end_address(picture, end),
				     end_port(picture, end));
	}
	return arena_format(picture->arena, "%s %s", label, ingress ? "in" : "out");
}

/* The address by which a hop of the path dials the host, if that is not its name; else "". */
static const char *dialled_as(const struct picture *picture, size_t host, const char *name)
{
	const struct plan *plan = picture->plan;

	for (size_t f = 0; f < plan->forward_count; f++)
		for (size_t h = plan->forwards[f].hop;
		     plan->forwards[f].of == picture->of && h != TOPOLOGY_NONE;
		     h = plan->hops[h].through)
			if (plan->hops[h].host == host && strcmp(plan->hops[h].address, name) != 0)
				return plan->hops[h].address;
	return "";
}

/* Where two pieces of the path meet on a host: "2999 joint"; else "". */
static const char *joint_label(const struct picture *picture, size_t host)
{
	const struct plan *plan = picture->plan;

	for (size_t f = 0; f < plan->forward_count; f++) {
		const struct plan_end *egress = &plan->forwards[f].egress;

		if (plan->forwards[f].of == picture->of &&
		    plan->forwards[f].join != TOPOLOGY_NONE && egress->host == host)
			return egress->joint ? "joint"
					     : arena_format(picture->arena, "%s joint",
							    end_port(picture, egress));
	}
	return "";
}

static const char *join(const struct picture *picture, const char *first, const char *second)
{
	if (!*first || !*second)
		return *first ? first : second;
	return arena_format(picture->arena, "%s, %s", first, second);
}

/* Adds a station for a host of the path. */
static struct station *add_station(struct picture *picture, size_t host)
{
	struct station *station =
		arena_push(picture->arena, &picture->stations, &picture->count, sizeof(*station));

	*station = (struct station){.host = host, .name = "anywhere", .label = "", .onward = ""};
	if (host == TOPOLOGY_NONE)
		return station;
	station->name = picture->plan->topology->hosts[host].name;
	station->label =
		join(picture, dialled_as(picture, host, station->name), joint_label(picture, host));
	return station;
}

/* The segments between hosts, in order, are the lines of a picture. */
static void collect(struct picture *picture)
{
	const struct plan *plan = picture->plan;
	const struct plan_end *egress = &plan_last_piece(plan, picture->of)->egress;
	struct station *last =
		add_station(picture, plan_first_piece(plan, picture->of)->ingress.host);

	last->label = join(picture, last->label, end_label(picture, true));
	for (size_t i = 0; i < plan->exposure_count; i++) {
		const struct plan_segment *segment = &plan->exposure[i];

		if (segment->forward != picture->of || segment->from == segment->to)
			continue;
		last->line = segment->encrypted_by && !segment->own ? '=' : '-';
		last->onward = segment->vlan == TOPOLOGY_NONE ? "" : segment->where;
		last = add_station(picture, segment->to);
	}
	if (egress->host == TOPOLOGY_NONE && egress->address)
		last->name = egress->address;
	if (!egress->socks)
		last->label = join(picture, last->label, end_label(picture, false));
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

static void draw(const struct picture *picture, size_t indent, struct strbuf *text)
{
	struct strbuf top = {0};
	struct strbuf bottom = {0};

	strbuf_fill(&top, ' ', indent);
	for (size_t i = 0; i < picture->count; i++) {
		const struct station *station = &picture->stations[i];
		const size_t start = top.length;

		strbuf_puts(&top, station->name);
		if (*station->label) {
			strbuf_fill(&bottom, ' ', start - bottom.length);
			strbuf_puts(&bottom, station->label);
		}
		if (station->line)
			draw_line(station, start, &top);
	}
	strbuf_printf(text, "%s\n", strbuf_text(&top));
	if (bottom.length)
		strbuf_printf(text, "%s\n", strbuf_text(&bottom));
	strbuf_finish(&top);
	strbuf_finish(&bottom);
}

static bool drawn_already(const struct plan *plan, size_t of)
{
	for (size_t i = 0; i < of; i++)
		if (same_path(plan, i, of))
			return true;
	return false;
}

/* A login has no forward: its hops are the picture. */
static void collect_login(struct picture *picture)
{
	const struct plan *plan = picture->plan;
	struct station *last = add_station(picture, plan->me);

	for (size_t i = 0; i < plan->hop_count; i++) {
		const struct plan_hop *hop = &plan->hops[i];

		last->line = '=';
		last->onward =
			hop->vlan == TOPOLOGY_NONE ? "" : plan->topology->vlans[hop->vlan].name;
		last = add_station(picture, hop->host);
		if (strcmp(hop->address, last->name) != 0)
			last->label = hop->address;
	}
}

void picture_render(const struct plan *plan, size_t indent, struct strbuf *text)
{
	const size_t count = plan_tunnel_forwards(plan);
	struct arena arena = {0};

	for (size_t of = 0; of < count || of == 0; of++) {
		struct picture picture = {.plan = plan, .of = of, .arena = &arena};

		if (count && drawn_already(plan, of))
			continue;
		if (count)
			collect(&picture);
		else
			collect_login(&picture);
		draw(&picture, indent, text);
	}
	arena_finish(&arena);
}
