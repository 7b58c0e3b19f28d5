#include "cmd/diag_json.h"

static json_t *place_json(const struct span *at, const struct source *sources)
{
	if (!at->line)
		return json_null();
	return json_pack("{ss si si si}", "file", sources[at->source].name, "line", (int)at->line,
			 "column", (int)at->column, "length", (int)at->length);
}

static json_t *one_json(const struct diag *diag, const struct source *sources)
{
	json_t *object = json_pack("{ss ss so ss}", "level",
				   diag->level == DIAG_ERROR ? "error" : "lint", "code", diag->code,
				   "at", place_json(&diag->at, sources), "message", diag->message);

	if (diag->help)
		json_object_set_new(object, "help", json_string(diag->help));
	if (diag->related.line) {
		json_t *related = place_json(&diag->related, sources);

		json_object_set_new(related, "text", json_string(diag->related_text));
		json_object_set_new(object, "related", related);
	}
	return object;
}

json_t *diag_json(const struct diag_list *list, const struct source *sources)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(array, one_json(&list->items[i], sources));
	return array;
}
