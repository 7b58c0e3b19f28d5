/* Who can read what crosses the segments of a plan, as a table: forwards that cross one alike share a row. */
#include <string.h>

#include "planner/model/endpoint.h"
#include "planner/views/page.h"

/* Most columns of the egresses beside a segment; those that do not fit stand below. */
#define EGRESSES_WIDTH 40

static const char *segment_name(const struct page *page, const struct plan_segment *segment)
{
	const struct host *hosts = page->hosts;
	const struct plan_end *egress = &plan_last_piece(page->plan, segment->forward)->egress;
	const char *to = "anywhere";

	if (segment->from == segment->to)
		return segment->where;
	if (segment->to != TOPOLOGY_NONE)
		to = hosts[segment->to].name;
	else if (egress->address)
		to = egress->address;
	return arena_format(page->arena, "%s - %s", hosts[segment->from].name, to);
}

static const char *cipher_text(const struct page *page, const struct plan_segment *segment)
{
	if (!segment->encrypted_by)
		return "nothing";
	return arena_format(page->arena, "%s%s", segment->encrypted_by,
			    segment->of_vlan ? ", the VLAN's own"
			    : segment->own   ? ", the service's own"
					     : "");
}

/* What is shown of each segment; whose bytes cross it comes behind. */
static struct table_row *segment_rows(const struct page *page)
{
	const struct plan *plan = page->plan;
	struct table_row *rows = arena_array(page->arena, plan->exposure_count, sizeof(*rows));

	for (size_t i = 0; i < plan->exposure_count; i++) {
		const struct plan_segment *segment = &plan->exposure[i];

		rows[i] = (struct table_row){{
			segment_name(page, segment),
			segment->vlan == TOPOLOGY_NONE ? "" : segment->where,
			segment->readable_by,
			cipher_text(page, segment),
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
static const char **crossing(const struct page *page, const struct table_row *rows, size_t segment,
			     size_t *ret_count)
{
	const struct plan *plan = page->plan;
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
		name = endpoint_name(plan, &plan_last_piece(plan, of)->egress, page->arena);
		if (!is_named(names, *ret_count, name))
			*(const char **)arena_push(page->arena, &names, ret_count, sizeof(*names)) =
				name;
	}
	return forwards < plan_tunnel_forwards(plan) ? names : NULL;
}

/* Adds a row, with more lines under it where the egresses need them. */
static void add_row(const struct page *page, struct table *table, struct table_row row,
		    const char *const *egresses, size_t count)
{
	const char *line = "to";

	for (size_t i = 0; egresses && i < count; i++) {
		if (i && strlen(line) + 1 + strlen(egresses[i]) > EGRESSES_WIDTH) {
			row.cells[TABLE_COLUMNS - 1] = line;
			page_row(page, table, row);
			row = (struct table_row){{NULL}};
			line = "  ";
		}
		line = arena_format(page->arena, "%s %s%s", line, egresses[i],
				    i + 1 < count ? "," : "");
		row.cells[TABLE_COLUMNS - 1] = line;
	}
	page_row(page, table, row);
}

void exposure_text(const struct page *page)
{
	const struct table_row *rows = segment_rows(page);
	struct table table = {0};

	if (page->plan->exposure_count == 0)
		return;
	page_row(page, &table, (struct table_row){{"", "over", "readable by", "encrypted by"}});
	for (size_t i = 0; i < page->plan->exposure_count; i++) {
		const char **egresses;
		size_t count;

		if (!is_first(rows, i))
			continue;
		egresses = crossing(page, rows, i, &count);
		add_row(page, &table, rows[i], egresses, count);
	}
	page_table(page, "who can read it on the way", &table);
}
