#include <string.h>

#include "planner/endpoint.h"
#include "planner/picture.h"
#include "planner/plan_view.h"
#include "planner/table.h"

#define INDENT  2
#define COLUMNS 100

/* Most rejected hosts that are shown; --json has them all. */
#define REJECTED_SHOWN 12

static void heading(struct strbuf *text, const char *title)
{
	strbuf_printf(text, "\n%s\n", title);
}

/* Appends a sentence with a dash before it, broken into lines. */
static void item(struct strbuf *text, const char *sentence)
{
	size_t column = INDENT + 1;

	strbuf_printf(text, "%*s-", INDENT, "");
	while (*sentence) {
		const size_t length = strcspn(sentence, " ");

		if (column + 1 + length > COLUMNS && column > INDENT + 2) {
			strbuf_printf(text, "\n%*s", INDENT + 1, "");
			column = INDENT + 1;
		}
		strbuf_puts(text, " ");
		strbuf_add(text, sentence, length);
		column += 1 + length;
		sentence += length + (sentence[length] == ' ');
	}
	strbuf_puts(text, "\n");
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

static void forwards_text(const struct plan *plan, struct arena *arena, struct strbuf *text)
{
	for (size_t i = 0; i < plan->forward_count; i++) {
		const struct plan_forward *forward = &plan->forwards[i];
		const struct host *hosts = plan->topology->hosts;

		strbuf_printf(text, "%*s%s: programs on %s open %s and ", INDENT, "",
			      plan_type_name(forward->type), hosts[forward->ingress.host].name,
			      endpoint_dialled(&forward->ingress, arena));
		if (forward->egress.socks)
			strbuf_printf(text, "leave, by SOCKS, from %s\n",
				      hosts[forward->egress.host].name);
		else
			strbuf_printf(text, "talk to %s\n",
				      endpoint_name(plan, &forward->egress, arena));
	}
}

static const char *login(const struct plan_hop *hop, struct arena *arena)
{
	return arena_format(arena, "%s%s%s", hop->user ? hop->user : "", hop->user ? "@" : "",
			    endpoint_text(hop->address, hop->port, arena));
}

static void hops_text(const struct plan *plan, struct arena *arena, struct strbuf *text)
{
	const struct topology *topology = plan->topology;
	struct table table = {.arena = arena};

	heading(text, "ssh sessions, in the order in which they are made");
	table_add(&table, &(struct table_row){{"", "to", "dialled as", "over", "by"}});
	for (size_t i = 0; i < plan->hop_count; i++) {
		const struct plan_hop *hop = &plan->hops[i];
		const char *by = topology->hosts[hop->from].name;

		if (hop->through != TOPOLOGY_NONE)
			by = arena_format(arena, "%s, inside h%zu", by, hop->through + 1);
		table_add(&table, &(struct table_row){{
					  arena_format(arena, "h%zu", i + 1),
					  topology->hosts[hop->host].name,
					  login(hop, arena),
					  topology->vlans[hop->vlan].name,
					  by,
				  }});
	}
	table_render(&table, INDENT, text);
}

static bool same_segment(const struct plan_segment *a, const struct plan_segment *b)
{
	return a->from == b->from && a->to == b->to && strcmp(a->where, b->where) == 0 &&
	       strcmp(a->readable_by, b->readable_by) == 0;
}

/* How many forwards cross a segment in the same way, counted from the segment on. */
static size_t sharing(const struct plan *plan, size_t segment, bool *ret_first)
{
	size_t count = 0;

	*ret_first = true;
	for (size_t i = 0; i < plan->exposure_count; i++) {
		if (!same_segment(&plan->exposure[i], &plan->exposure[segment]))
			continue;
		count++;
		*ret_first &= i >= segment;
	}
	return count;
}

static const char *segment_name(const struct plan *plan, const struct plan_segment *segment,
				struct arena *arena)
{
	const struct host *hosts = plan->topology->hosts;
	const struct plan_end *egress = &plan->forwards[segment->forward].egress;
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
			    segment->own ? ", the service's own" : "");
}

static void exposure_text(const struct plan *plan, struct arena *arena, struct strbuf *text)
{
	struct table table = {.arena = arena};

	heading(text, "who can read it on the way");
	table_add(&table, &(struct table_row){{"", "over", "readable by", "encrypted by"}});
	for (size_t i = 0; i < plan->exposure_count; i++) {
		const struct plan_segment *segment = &plan->exposure[i];
		struct table_row row = {{segment_name(plan, segment, arena)}};
		bool first;
		const size_t count = sharing(plan, i, &first);

		if (!first)
			continue;
		row.cells[1] = segment->vlan == TOPOLOGY_NONE ? "" : segment->where;
		row.cells[2] = segment->readable_by;
		row.cells[3] = cipher_text(segment, arena);
		if (count < plan->forward_count)
			row.cells[4] = arena_format(
				arena, "to %s",
				endpoint_name(plan, &plan->forwards[segment->forward].egress,
					      arena));
		table_add(&table, &row);
	}
	table_render(&table, INDENT, text);
}

static void decision_text(const struct plan *plan, struct strbuf *text)
{
	static const struct {
		const char *token;
		const char *sentence;
	} decisions[] = {
		{"only path", "there is no other"},
		{"exposure", "the next best one has more segments in the clear"},
		{"hops", "the next best one needs more ssh sessions"},
		{"names", "the next best one is as good; the names of the hosts decided, in order"},
	};

	for (size_t i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++) {
		if (strcmp(decisions[i].token, plan->decided_by) != 0)
			continue;
		heading(text, "why this path");
		item(text, decisions[i].sentence);
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
		plan_command_text(&commands[i], text);
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
	decision_text(plan, text);
	if (plan->rejected_count) {
		heading(text, "why no other exit");
		rejections_text(plan->topology, plan->rejected, plan->rejected_count, &arena, text);
	}
	items(text, "assumed", plan->assumed, plan->assumed_count);
	items(text, "worth knowing", plan->notes, plan->note_count);
	commands_text(plan, &arena, text);
	arena_finish(&arena);
}

void plan_failure_text(const struct topology *topology, const struct plan_failure *failure,
		       struct strbuf *text)
{
	struct arena arena = {0};
	const char *place = sources_text(topology->sources, failure->at, &arena);

	strbuf_printf(text, "%s%serror[%s]: %s\n", place ? place : "", place ? ": " : "",
		      failure->code, failure->text);
	where_text(topology, failure->me, &failure->where, &arena, text);
	rejections_text(topology, failure->rejected, failure->rejected_count, &arena, text);
	if (failure->help)
		strbuf_printf(text, "%*s= help: %s\n", INDENT, "", failure->help);
	arena_finish(&arena);
}
