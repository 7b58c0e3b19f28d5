/* Why there is no plan, and which paths would be complete after a few changes. */
#include "planner/views/page.h"
#include "planner/views/plan_view.h"

/* Whether a change is about the step from one host of a path to the next. */
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
static const char *path_text(const struct page *page, const struct plan_failure *failure,
			     const struct plan_near_miss *near_miss)
{
	const char *text = page->hosts[failure->me].name;
	size_t at = failure->me;

	for (size_t i = 0; i < near_miss->count; i++) {
		text = arena_format(page->arena, "%s =%s=> %s", text,
				    is_about(near_miss, at, near_miss->hosts[i]) ? "X" : "=",
				    page->hosts[near_miss->hosts[i]].name);
		at = near_miss->hosts[i];
	}
	if (near_miss->to_ingress || !failure->to)
		return text;
	return arena_format(page->arena, "%s -%s-> %s", text, is_about_end(near_miss) ? "X" : "-",
			    failure->to);
}

static void near_misses_text(const struct page *page, const struct plan_failure *failure)
{
	struct page inside = *page;

	inside.indent += PAGE_INDENT;
	for (size_t i = 0; i < failure->near_miss_count; i++) {
		const struct plan_near_miss *near_miss = &failure->near_misses[i];

		page_line(page, "%s, %zu change%s:", i ? "or" : "the nearest complete path",
			  near_miss->change_count, near_miss->change_count == 1 ? "" : "s");
		page_line(&inside, "%s", path_text(page, failure, near_miss));
		for (size_t c = 0; c < near_miss->change_count; c++) {
			const struct plan_change *change = &near_miss->changes[c];
			const char *place =
				sources_text(page->topology->sources, change->at, page->arena);

			page_item(&inside, "%s%s%s [%s]", place ? place : "", place ? ": " : "",
				  change->what, plan_reason_code(change->reason));
		}
	}
}

void plan_failure_text(const struct topology *topology, const struct plan_failure *failure,
		       struct strbuf *text)
{
	struct arena arena = {0};
	const struct page page = {topology, topology->hosts, NULL, PAGE_INDENT, &arena, text};
	const char *place = sources_text(topology->sources, failure->at, &arena);

	strbuf_printf(text, "%s%serror[%s]: %s\n", place ? place : "", place ? ": " : "",
		      failure->code, failure->text);
	page_where(&page, failure->me, &failure->where);
	near_misses_text(&page, failure);
	page_rejected(&page, failure->rejected, failure->rejected_count);
	if (failure->help)
		page_line(&page, "= help: %s", failure->help);
	arena_finish(&arena);
}
