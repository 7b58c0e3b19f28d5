#include <string.h>

#include "planner/model/endpoint.h"
#include "planner/model/list.h"
#include "planner/views/picture.h"
#include "planner/views/plan_view.h"
#include "planner/views/shell.h"
#include "planner/views/table.h"

#define INDENT  2
#define COLUMNS 100

/* Most rejected hosts that are shown; --json has them all. */
#define REJECTED_SHOWN 12

/* Most columns of the egresses beside a segment; those that do not fit stand below. */
#define EGRESSES_WIDTH 40

static void heading(struct strbuf *text, const char *title)
{
	strbuf_printf(text, "\n%s\n", title);
}

/* Appends a sentence with a dash before it, broken into lines that stand under it. */
static void item_at(struct strbuf *text, size_t indent, const char *sentence)
{
	size_t column = indent + 1;

	strbuf_fill(text, ' ', indent);
	strbuf_puts(text, "-");
	while (*sentence) {
		const size_t length = strcspn(sentence, " ");

		if (column + 1 + length > COLUMNS && column > indent + 2) {
			strbuf_puts(text, "\n");
			strbuf_fill(text, ' ', indent + 1);
			column = indent + 1;
		}
		strbuf_puts(text, " ");
		strbuf_add(text, sentence, length);
		column += 1 + length;
		sentence += length + (sentence[length] == ' ');
	}
	strbuf_puts(text, "\n");
}

static void item(struct strbuf *text, const char *sentence)
{
	item_at(text, INDENT, sentence);
}

static void items(struct strbuf *text, const char *title, const char *const *sentences,
		  size_t count)
{
	if (count == 0)
		return;
	heading(text, title);
	for (size_t i = 0; i < count; i++)
		item(text, sentences[i]);
}

/* Where me is, and how that is known; nothing when nobody asked. */
static void where_text(const struct topology *topology, size_t me, const struct whereabouts *where,
		       struct arena *arena, struct strbuf *text)
{
	static const char *const how[] = {
		[WHEREABOUTS_SAID] = "as you say",
		[WHEREABOUTS_RECOGNISED] = "recognised",
		[WHEREABOUTS_FALLBACK] = "no other place is recognised",
	};
	const char *reason = how[where->how];

	if (!reason)
		return;
	if (where->count == 0 && where->how == WHEREABOUTS_FALLBACK)
		reason = "none is recognised";
	strbuf_printf(text, "%*s%s is at %s (%s)\n", INDENT, "", topology->hosts[me].name,
		      where->count ? whereabouts_names(topology, where, ", ", arena)
				   : "no place of the file",
		      reason);
}

/* "local"; "remote, joined on you with local" where two ways meet. */
static const char *type_text(const struct plan *plan, size_t of, struct arena *arena)
{
	const struct plan_forward *first = plan_first_piece(plan, of);
	const struct plan_forward *last = plan_last_piece(plan, of);

	if (first->type == last->type || first->type == PLAN_LOCAL)
		return plan_type_name(last->type);
	if (last->type == PLAN_REMOTE_DYNAMIC)
		return "remote dynamic";
	return arena_format(arena, "%s, joined on %s with %s", plan_type_name(first->type),
			    plan->topology->hosts[plan->me].name, plan_type_name(last->type));
}

static void forwards_text(const struct plan *plan, struct arena *arena, struct strbuf *text)
{
	const struct host *hosts = plan->topology->hosts;

	for (size_t of = 0; of < plan_tunnel_forwards(plan); of++) {
		const struct plan_end *ingress = &plan_first_piece(plan, of)->ingress;
		const struct plan_end *egress = &plan_last_piece(plan, of)->egress;

		strbuf_printf(text, "%*s%s: programs on %s open %s and ", INDENT, "",
			      type_text(plan, of, arena), hosts[ingress->host].name,
			      endpoint_dialled(ingress, arena));
		if (egress->socks)
			strbuf_printf(text, "leave, by SOCKS, from %s\n", hosts[egress->host].name);
		else
			strbuf_printf(text, "talk to %s\n", endpoint_name(plan, egress, arena));
	}
	if (plan->forward_count == 0)
		strbuf_printf(text, "%*sa login on %s\n", INDENT, "",
			      hosts[plan->hops[plan->hop_count - 1].host].name);
}

static const char *login(const struct plan_hop *hop, struct arena *arena)
{
	return arena_format(arena, "%s%s%s", hop->user ? hop->user : "", hop->user ? "@" : "",
			    endpoint_text(hop->address, hop->port, arena));
}

/* Who dials, and how that hangs together with the hop before. */
static const char *by_text(const struct plan *plan, const struct plan_hop *hop, struct arena *arena)
{
	const char *by = plan->topology->hosts[hop->from].name;

	if (hop->through == TOPOLOGY_NONE)
		return by;
	if (hop->method == PLAN_STITCHED)
		return arena_format(arena, "an ssh on %s, joined to h%zu", by, hop->through + 1);
	if (hop->method == PLAN_RELAYED)
		return arena_format(arena, "%s on %s, inside h%zu",
				    hop->relay == RELAY_SOCAT ? "socat" : "nc", by,
				    hop->through + 1);
	return arena_format(arena, "%s, inside h%zu", by, hop->through + 1);
}

static void hops_text(const struct plan *plan, struct arena *arena, struct strbuf *text)
{
	const struct topology *topology = plan->topology;
	struct table table = {.arena = arena};

	heading(text, "ssh sessions, in the order in which they are made");
	table_add(&table, &(struct table_row){{"", "to", "dialled as", "over", "by"}});
	for (size_t i = 0; i < plan->hop_count; i++) {
		const struct plan_hop *hop = &plan->hops[i];

		table_add(&table,
			  &(struct table_row){{
				  arena_format(arena, "h%zu", i + 1),
				  topology->hosts[hop->host].name,
				  login(hop, arena),
				  hop->vlan == TOPOLOGY_NONE ? "held-open port"
							     : topology->vlans[hop->vlan].name,
				  by_text(plan, hop, arena),
			  }});
	}
	table_render(&table, INDENT, text);
}

static const char *segment_name(const struct plan *plan, const struct plan_segment *segment,
				struct arena *arena)
{
	const struct host *hosts = plan->topology->hosts;
	const struct plan_end *egress = &plan_last_piece(plan, segment->forward)->egress;
	const char *to = "anywhere";

	if (segment->from == segment->to)
		return segment->where;
	if (segment->to != TOPOLOGY_NONE)
		to = hosts[segment->to].name;
	else if (egress->address)
		to = egress->address;
	return arena_format(arena, "%s - %s", hosts[segment->from].name, to);
}

static const char *cipher_text(const struct plan_segment *segment, struct arena *arena)
{
	if (!segment->encrypted_by)
		return "nothing";
	return arena_format(arena, "%s%s", segment->encrypted_by,
			    segment->of_vlan ? ", the VLAN's own"
			    : segment->own   ? ", the service's own"
					     : "");
}

/* What is shown of each segment; whose bytes cross it comes behind. */
static struct table_row *segment_rows(const struct plan *plan, struct arena *arena)
{
	struct table_row *rows = arena_array(arena, plan->exposure_count, sizeof(*rows));

	for (size_t i = 0; i < plan->exposure_count; i++) {
		const struct plan_segment *segment = &plan->exposure[i];

		rows[i] = (struct table_row){{
			segment_name(plan, segment, arena),
			segment->vlan == TOPOLOGY_NONE ? "" : segment->where,
			segment->readable_by,
			cipher_text(segment, arena),
		}};
	}
	return rows;
}

/* Whether two segments differ in nothing that is shown: where they lead, who reads, and what encrypts. */
static bool same_row(const struct table_row *a, const struct table_row *b)
{
	for (size_t c = 0; c < TABLE_COLUMNS - 1; c++)
		if (strcmp(a->cells[c], b->cells[c]) != 0)
			return false;
	return true;
}

static bool is_first(const struct table_row *rows, size_t segment)
{
	for (size_t i = 0; i < segment; i++)
		if (same_row(&rows[i], &rows[segment]))
			return false;
	return true;
}

static bool is_named(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* The egresses of the forwards that cross a segment in the same way, each once; NULL: all forwards do. */
static const char **crossing(const struct plan *plan, const struct table_row *rows, size_t segment,
			     struct arena *arena, size_t *ret_count)
{
	const char **names = NULL;
	size_t last = TOPOLOGY_NONE, forwards = 0;

	*ret_count = 0;
	/* The segments of a forward stand together. */
	for (size_t i = segment; i < plan->exposure_count; i++) {
		const size_t of = plan->exposure[i].forward;
		const char *name;

		if (of == last || !same_row(&rows[i], &rows[segment]))
			continue;
		last = of;
		forwards++;
		name = endpoint_name(plan, &plan_last_piece(plan, of)->egress, arena);
		if (!is_named(names, *ret_count, name))
			*(const char **)arena_push(arena, &names, ret_count, sizeof(*names)) = name;
	}
	return forwards < plan_tunnel_forwards(plan) ? names : NULL;
}

/* Adds a row, with more lines under it where the egresses need them. */
static void add_row(struct table *table, struct table_row row, const char *const *egresses,
		    size_t count)
{
	const char *line = "to";

	for (size_t i = 0; egresses && i < count; i++) {
		if (i && strlen(line) + 1 + strlen(egresses[i]) > EGRESSES_WIDTH) {
			row.cells[TABLE_COLUMNS - 1] = line;
			table_add(table, &row);
			row = (struct table_row){{NULL}};
			line = "  ";
		}
		line = arena_format(table->arena, "%s %s%s", line, egresses[i],
				    i + 1 < count ? "," : "");
		row.cells[TABLE_COLUMNS - 1] = line;
	}
	table_add(table, &row);
}

static void exposure_text(const struct plan *plan, struct arena *arena, struct strbuf *text)
{
	const struct table_row *rows = segment_rows(plan, arena);
	struct table table = {.arena = arena};

	if (plan->exposure_count == 0)
		return;
	heading(text, "who can read it on the way");
	table_add(&table, &(struct table_row){{"", "over", "readable by", "encrypted by"}});
	for (size_t i = 0; i < plan->exposure_count; i++) {
		const char **egresses;
		size_t count;

		if (!is_first(rows, i))
			continue;
		egresses = crossing(plan, rows, i, arena, &count);
		add_row(&table, rows[i], egresses, count);
	}
	table_render(&table, INDENT, text);
}

/* --- who may enter */

/* Loopback on me goes without saying: only what others can get at, or where else something listens. */
static void listeners_text(const struct plan *plan, struct arena *arena, struct strbuf *text)
{
	struct table table = {.arena = arena};

	for (size_t i = 0; i < plan->listener_count; i++) {
		const struct plan_listener *listener = &plan->listeners[i];
		const struct plan_end *end = &plan->forwards[listener->forward].ingress;

		table_add(&table, &(struct table_row){{
					  plan->topology->hosts[end->host].name,
					  endpoint_dialled(end, arena),
					  listener->open_to,
				  }});
	}
	if (table.count == 0)
		return;
	heading(text, "who can connect to what listens");
	table_render(&table, INDENT, text);
}

/* --- why this way */

/* What is said of a part of the cost that told the best way from the next. */
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

/* Names the hosts of the runner-up that the chosen path does not pass; "" if it has no others. */
static const char *rivals_text(const struct plan *plan, const struct plan_route *route,
			       struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < route->runner_up.count; i++) {
		const size_t host = route->runner_up.hosts[i];

		if (!list_has(route->path.hosts, route->path.count, host))
			text = arena_format(arena, "%s%s%s", text, *text ? ", " : "",
					    plan->topology->hosts[host].name);
	}
	return text;
}

/* Of a tie, who else would do, and what decides. */
static const char *tie_text(const struct plan *plan, struct arena *arena)
{
	for (size_t r = 0; r < plan->route_count; r++) {
		const struct plan_route *route = &plan->routes[r];
		const char *rivals = rivals_text(plan, route, arena);

		if (route->next == PLAN_NEXT && route->decider == COST_NAMES && *rivals)
			return arena_format(arena,
					    "as good: by %s; decided by host name (`cost` and "
					    "`exit` come before that)",
					    rivals);
	}
	return NULL;
}

static void decision_text(const struct plan *plan, struct arena *arena, struct strbuf *text)
{
	for (size_t i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++) {
		const char *tie = NULL;

		if (strcmp(decisions[i].token, plan->decided_by) != 0)
			continue;
		if (strcmp(decisions[i].token, cost_part_name(COST_NAMES)) == 0)
			tie = tie_text(plan, arena);
		heading(text, "why this path");
		item(text, tie ? tie : decisions[i].sentence);
	}
}

/* "you -> bastion-host -> test-server" */
static const char *way_text(const struct plan *plan, const struct plan_path *path,
			    struct arena *arena)
{
	const char *text = plan->topology->hosts[plan->me].name;

	for (size_t i = 0; i < path->count; i++)
		text = arena_format(arena, "%s -> %s", text,
				    plan->topology->hosts[path->hosts[i]].name);
	return text;
}

static const char *names_text(const struct plan *plan, const size_t *hosts, size_t count,
			      struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++)
		text = arena_format(arena, "%s%s%s", text, i ? ", " : "",
				    plan->topology->hosts[hosts[i]].name);
	return text;
}

/* The ways beside the one that is taken, and the hosts that none of them does without. */
static void alternatives_text(const struct plan *plan, struct arena *arena, struct strbuf *text)
{
	for (size_t r = 0; r < plan->route_count; r++) {
		const struct plan_route *route = &plan->routes[r];

		if (!route->depends)
			continue;
		heading(text, route->to_ingress ? "paths to the ingress, the chosen one first"
						: "paths to the egress, the chosen one first");
		strbuf_printf(text, "%*s1. %s\n", INDENT, "", way_text(plan, &route->path, arena));
		for (size_t i = 0; i < route->alternative_count; i++)
			strbuf_printf(text, "%*s%zu. %s\n", INDENT, "", i + 2,
				      way_text(plan, &route->alternatives[i], arena));
		if (route->given_up)
			item(text, "there may be more: the search was given up, because there are "
				   "too many paths");
		/* What was not found out is no promise. */
		if (route->given_up && !route->depends_count)
			continue;
		item(text, route->depends_count
				   ? arena_format(arena, "there is no path without %s",
						  names_text(plan, route->depends,
							     route->depends_count, arena))
				   : "no host is needed by every path");
	}
}

static void rejections_text(const struct topology *topology, const struct plan_rejection *rejected,
			    size_t count, struct arena *arena, struct strbuf *text)
{
	for (size_t i = 0; i < count && i < REJECTED_SHOWN; i++) {
		const struct plan_rejection *rejection = &rejected[i];
		const char *place = sources_text(topology->sources, rejection->at, arena);

		item(text,
		     arena_format(arena, "%s: %s [%s]%s%s%s", topology->hosts[rejection->host].name,
				  rejection->text, plan_reason_code(rejection->reason),
				  place ? " (" : "", place ? place : "", place ? ")" : ""));
	}
	if (count > REJECTED_SHOWN)
		item(text, arena_format(arena, "and %zu more, which --json lists",
					count - REJECTED_SHOWN));
}

static void commands_text(const struct plan *plan, struct arena *arena, struct strbuf *text)
{
	struct plan_command *commands;
	size_t count;

	plan_commands(plan, arena, &commands, &count);
	heading(text, "the same by hand");
	for (size_t i = 0; i < count; i++) {
		strbuf_printf(text, "%*s%s: $ ", INDENT, "",
			      plan->topology->hosts[commands[i].on].name);
		shell_join(text, commands[i].argv);
		strbuf_puts(text, "\n");
	}
}

void plan_text(const struct plan *plan, struct strbuf *text)
{
	struct arena arena = {0};

	strbuf_printf(text, "%s\n", plan->name);
	where_text(plan->topology, plan->me, &plan->where, &arena, text);
	forwards_text(plan, &arena, text);
	strbuf_puts(text, "\n");
	picture_render(plan, INDENT, text);
	hops_text(plan, &arena, text);
	exposure_text(plan, &arena, text);
	listeners_text(plan, &arena, text);
	decision_text(plan, &arena, text);
	alternatives_text(plan, &arena, text);
	if (plan->rejected_count) {
		heading(text, "why no other exit");
		rejections_text(plan->topology, plan->rejected, plan->rejected_count, &arena, text);
	}
	items(text, "assumed", plan->assumed, plan->assumed_count);
	items(text, "worth knowing", plan->notes, plan->note_count);
	commands_text(plan, &arena, text);
	arena_finish(&arena);
}

/* --- no path */

/* Whether a change is about the step from one host of a way to the next. */
static bool is_about(const struct plan_near_miss *near_miss, size_t from, size_t to)
{
	for (size_t i = 0; i < near_miss->change_count; i++) {
		const struct plan_change *change = &near_miss->changes[i];

		if (change->of_end)
			continue;
		if (change->from == from && (change->to == to || change->to == TOPOLOGY_NONE))
			return true;
		if (change->from == TOPOLOGY_NONE && change->to == to)
			return true;
	}
	return false;
}

/* Whether a change is about what the last host opens, or about that it listens. */
static bool is_about_end(const struct plan_near_miss *near_miss)
{
	for (size_t i = 0; i < near_miss->change_count; i++)
		if (near_miss->changes[i].of_end)
			return true;
	return false;
}

/* "laptop =X=> ops ===> dbadm ---> db1:5432", where an X needs a change. */
static const char *miss_way(const struct plan_failure *failure,
			    const struct plan_near_miss *near_miss, struct arena *arena)
{
	const struct host *hosts = failure->topology->hosts;
	const char *text = hosts[failure->me].name;
	size_t at = failure->me;

	for (size_t i = 0; i < near_miss->count; i++) {
		text = arena_format(arena, "%s =%s=> %s", text,
				    is_about(near_miss, at, near_miss->hosts[i]) ? "X" : "=",
				    hosts[near_miss->hosts[i]].name);
		at = near_miss->hosts[i];
	}
	if (near_miss->to_ingress || !failure->to)
		return text;
	return arena_format(arena, "%s -%s-> %s", text, is_about_end(near_miss) ? "X" : "-",
			    failure->to);
}

static void change_text(const struct plan_failure *failure, const struct plan_change *change,
			struct arena *arena, struct strbuf *text)
{
	const char *place = sources_text(failure->topology->sources, change->at, arena);

	item_at(text, INDENT + 2,
		arena_format(arena, "%s%s%s [%s]", place ? place : "", place ? ": " : "",
			     change->what, plan_reason_code(change->reason)));
}

static void misses_text(const struct plan_failure *failure, struct arena *arena,
			struct strbuf *text)
{
	for (size_t i = 0; i < failure->near_miss_count; i++) {
		const struct plan_near_miss *near_miss = &failure->near_misses[i];

		strbuf_printf(text, "%*s%s, %zu change%s:\n%*s%s\n", INDENT, "",
			      i ? "or" : "the nearest complete path", near_miss->change_count,
			      near_miss->change_count == 1 ? "" : "s", INDENT + 2, "",
			      miss_way(failure, near_miss, arena));
		for (size_t c = 0; c < near_miss->change_count; c++)
			change_text(failure, &near_miss->changes[c], arena, text);
	}
}

void plan_failure_text(const struct topology *topology, const struct plan_failure *failure,
		       struct strbuf *text)
{
	struct arena arena = {0};
	const char *place = sources_text(topology->sources, failure->at, &arena);

	strbuf_printf(text, "%s%serror[%s]: %s\n", place ? place : "", place ? ": " : "",
		      failure->code, failure->text);
	where_text(topology, failure->me, &failure->where, &arena, text);
	misses_text(failure, &arena, text);
	rejections_text(topology, failure->rejected, failure->rejected_count, &arena, text);
	if (failure->help)
		strbuf_printf(text, "%*s= help: %s\n", INDENT, "", failure->help);
	arena_finish(&arena);
}
