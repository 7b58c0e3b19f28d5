#include "planner/model/endpoint.h"
#include "planner/model/list.h"
#include "planner/views/page.h"
#include "planner/views/picture.h"
#include "planner/views/plan_view.h"
#include "planner/views/shell.h"

#include <string.h>

/* --- what is built */

/* "local"; "remote, joined on you with local" where two paths meet. */
static const char *type_text(const struct page *page, size_t of)
{
	const struct plan_forward *first = plan_first_piece(page->plan, of);
	const struct plan_forward *last = plan_last_piece(page->plan, of);

	if (first->type == last->type || first->type == PLAN_LOCAL)
		return plan_type_name(last->type);
	if (last->type == PLAN_REMOTE_DYNAMIC)
		return "remote dynamic";
	return arena_format(page->arena, "%s, joined on %s with %s", plan_type_name(first->type),
			    page->hosts[page->plan->me].name, plan_type_name(last->type));
}

static void forwards_text(const struct page *page)
{
	const struct plan *plan = page->plan;

	for (size_t of = 0; of < plan_tunnel_forwards(plan); of++) {
		const struct plan_end *ingress = &plan_first_piece(plan, of)->ingress;
		const struct plan_end *egress = &plan_last_piece(plan, of)->egress;

		page_line(page, "%s: programs on %s open %s and %s", type_text(page, of),
			  page->hosts[ingress->host].name, endpoint_dialled(ingress, page->arena),
			  egress->socks ? arena_format(page->arena, "leave, by SOCKS, from %s",
						       page->hosts[egress->host].name)
					: arena_format(page->arena, "talk to %s",
						       endpoint_name(plan, egress, page->arena)));
	}
	if (plan->forward_count == 0)
		page_line(page, "a login on %s",
			  page->hosts[plan->hops[plan->hop_count - 1].host].name);
}

static const char *login(const struct page *page, const struct plan_hop *hop)
{
	return arena_format(page->arena, "%s%s%s", hop->user ? hop->user : "", hop->user ? "@" : "",
			    endpoint_text(hop->address, hop->port, page->arena));
}

/* Who dials, and how that hangs together with the hop before. */
static const char *by_text(const struct page *page, const struct plan_hop *hop)
{
	const char *by = page->hosts[hop->from].name;
	const size_t before = hop->through + 1;

	if (hop->through == TOPOLOGY_NONE)
		return by;
	if (hop->method == PLAN_STITCHED)
		return arena_format(page->arena, "an ssh on %s, joined to h%zu", by, before);
	if (hop->method == PLAN_RELAYED)
		return arena_format(page->arena, "%s on %s, inside h%zu",
				    hop->relay == RELAY_SOCAT ? "socat" : "nc", by, before);
	return arena_format(page->arena, "%s, inside h%zu", by, before);
}

static void hops_text(const struct page *page)
{
	const struct vlan *vlans = page->topology->vlans;
	struct table table = {0};

	page_row(page, &table, (struct table_row){{"", "to", "dialled as", "over", "by"}});
	for (size_t i = 0; i < page->plan->hop_count; i++) {
		const struct plan_hop *hop = &page->plan->hops[i];

		page_row(page, &table,
			 (struct table_row){{
				 arena_format(page->arena, "h%zu", i + 1),
				 page->hosts[hop->host].name,
				 login(page, hop),
				 hop->vlan == TOPOLOGY_NONE ? "held-open port"
							    : vlans[hop->vlan].name,
				 by_text(page, hop),
			 }});
	}
	page_table(page, "ssh sessions, in the order in which they are made", &table);
}

/* Loopback on me goes without saying: only what others can get at, or where else something listens. */
static void listeners_text(const struct page *page)
{
	struct table table = {0};

	for (size_t i = 0; i < page->plan->listener_count; i++) {
		const struct plan_listener *listener = &page->plan->listeners[i];
		const struct plan_end *end = &page->plan->forwards[listener->forward].ingress;

		page_row(page, &table,
			 (struct table_row){{
				 page->hosts[end->host].name,
				 endpoint_dialled(end, page->arena),
				 listener->open_to,
			 }});
	}
	if (table.count)
		page_table(page, "who can connect to what listens", &table);
}

/* --- why this path */

/* What is said of a part of the cost that told the best path from the next. */
static const struct {
	const char *token;
	const char *sentence;
} decisions[] = {
	{"only path", "there is no other path"},
	{"unknown",
	 "the runner-up is not known: the search was given up, because there are too many paths"},
	{"avoid", "the runner-up passes more hosts with `jump: avoid`"},
	{"interactive", "the runner-up has more logins that ask a person"},
	{"exposure", "the runner-up has more segments in the clear"},
	{"relays", "the runner-up has more relayed or stitched hops"},
	{"trust", "the runner-up passes more hosts of low trust"},
	{"hops", "the runner-up needs more ssh sessions"},
	{"cost", "the hosts of the runner-up cost more (`cost`)"},
	{"assumed", "the runner-up has more logins that the file does not state (`ssh`)"},
	{"names", "the runner-up is as good; tie: decided by host name"},
};

/* Names hosts, but for those that a path passes (NULL: all); "" if there are no others. */
static const char *names_text(const struct page *page, const size_t *hosts, size_t count,
			      const struct plan_path *except)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++)
		if (!except || !list_has(except->hosts, except->count, hosts[i]))
			text = arena_format(page->arena, "%s%s%s", text, *text ? ", " : "",
					    page->hosts[hosts[i]].name);
	return text;
}

/* Of a tie, who else would do, and what decides. */
static const char *tie_text(const struct page *page)
{
	for (size_t r = 0; r < page->plan->route_count; r++) {
		const struct plan_route *route = &page->plan->routes[r];
		const char *rivals = names_text(page, route->runner_up.hosts,
						route->runner_up.count, &route->path);

		if (route->next == PLAN_NEXT && route->decider == COST_NAMES && *rivals)
			return arena_format(page->arena,
					    "as good: by %s; decided by host name (`cost` and "
					    "`exit` come before that)",
					    rivals);
	}
	return NULL;
}

static void decision_text(const struct page *page)
{
	const char *by = page->plan->decided_by;
	const char *tie = strcmp(by, cost_part_name(COST_NAMES)) == 0 ? tie_text(page) : NULL;

	for (size_t i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++)
		if (strcmp(decisions[i].token, by) == 0) {
			page_heading(page, "why this path");
			page_item(page, "%s", tie ? tie : decisions[i].sentence);
		}
}

/* "2. you -> bastion-host -> test-server" */
static void path_line(const struct page *page, size_t number, const struct plan_path *path)
{
	const char *text = page->hosts[page->plan->me].name;

	for (size_t i = 0; i < path->count; i++)
		text = arena_format(page->arena, "%s -> %s", text,
				    page->hosts[path->hosts[i]].name);
	page_line(page, "%zu. %s", number, text);
}

/* The paths beside the one that is taken, and the hosts that none of them does without. */
static void alternatives_text(const struct page *page)
{
	for (size_t r = 0; r < page->plan->route_count; r++) {
		const struct plan_route *route = &page->plan->routes[r];

		if (!route->depends)
			continue;
		page_heading(page, route->to_ingress ? "paths to the ingress, the chosen one first"
						     : "paths to the egress, the chosen one first");
		path_line(page, 1, &route->path);
		for (size_t i = 0; i < route->alternative_count; i++)
			path_line(page, i + 2, &route->alternatives[i]);
		if (route->given_up)
			page_item(page, "there may be more: the search was given up, because there "
					"are too many paths");
		if (route->depends_count)
			page_item(page, "there is no path without %s",
				  names_text(page, route->depends, route->depends_count, NULL));
		else if (!route->given_up) /* what was not found out is no promise */
			page_item(page, "no host is needed by every path");
	}
}

/* --- all of it */

static void sentences_text(const struct page *page, const char *title, const char *const *sentences,
			   size_t count)
{
	if (count)
		page_heading(page, title);
	for (size_t i = 0; i < count; i++)
		page_item(page, "%s", sentences[i]);
}

static void commands_text(const struct page *page)
{
	struct plan_command *commands;
	size_t count;

	plan_commands(page->plan, page->arena, &commands, &count);
	page_heading(page, "the same by hand");
	for (size_t i = 0; i < count; i++)
		page_line(page, "%s: $ %s", page->hosts[commands[i].on].name,
			  shell_line(commands[i].argv, page->arena));
}

void plan_text(const struct plan *plan, struct strbuf *text)
{
	struct arena arena = {0};
	const struct page page = {
		plan->topology, plan->topology->hosts, plan, PAGE_INDENT, &arena, text};

	strbuf_printf(text, "%s\n", plan->name);
	page_where(&page, plan->me, &plan->where);
	forwards_text(&page);
	strbuf_puts(text, "\n");
	picture_render(plan, PAGE_INDENT, text);
	hops_text(&page);
	exposure_text(&page);
	listeners_text(&page);
	decision_text(&page);
	alternatives_text(&page);
	if (plan->rejected_count)
		page_heading(&page, "why no other exit");
	page_rejected(&page, plan->rejected, plan->rejected_count);
	sentences_text(&page, "assumed", plan->assumed, plan->assumed_count);
	sentences_text(&page, "worth knowing", plan->notes, plan->note_count);
	commands_text(&page);
	arena_finish(&arena);
}
