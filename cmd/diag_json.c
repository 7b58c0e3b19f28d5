#include "cmd/diag_json.h"

/* A source as a whole has no line. */
static json_t *place_json(struct span at, const struct sources *sources)
{
	const struct position position = sources_position(sources, at);

	if (!position.line)
		return json_null();
	return json_pack("{ss si si si}", "file", position.source->name, "line", (int)position.line,
			 "column", (int)position.column, "length", (int)position.length);
}

static json_t *one_json(const struct diag *diag, const struct sources *sources)
{
	json_t *object = json_pack(
		"{ss ss so ss}", "level", diag->level == DIAG_ERROR ? "error" : "warning", "code",
		diag->code, "at", place_json(diag->at, sources), "message", diag->message);

	if (diag->help)
		json_object_set_new(object, "help", json_string(diag->help));
	if (diag->related.at) {
		json_t *related = place_json(diag->related, sources);

		json_object_set_new(related, "text", json_string(diag->related_text));
		json_object_set_new(object, "related", related);
	}
	return object;
}

json_t *diag_json(const struct diag_list *list, const struct sources *sources)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++) {
		if (json_array_append_new(array, one_json(&list->items[i], sources))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}
