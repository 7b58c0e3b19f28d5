#include "cmd/status_past.h"

#include <stdlib.h>

#include "cmd/cli.h"
#include "cmd/event_text.h"
#include "cmd/supervise.h"

/* So many changes are told of a tunnel. */
#define CHANGES 2

/* Where the history cannot be read it is empty. */
static const struct past *read_once(struct status_past *past)
{
	char *why = NULL;

	if (!past->read && past_read(&past->past, &why)) {
		cli_note("%s", why);
		past_parse("", &past->past);
	}
	past->read = true;
	free(why);
	return &past->past;
}

void status_past_add_changes(struct status_past *past, bool json, json_t *tunnel)
{
	json_t *changes = past_changes(read_once(past), supervise_text(tunnel, "id"), CHANGES);

	for (size_t i = 0; json && i < json_array_size(changes); i++)
		json_array_set_new(changes, i, event_json(json_array_get(changes, i)));
	json_object_set_new(tunnel, "changes", changes);
}

void status_past_find_end(struct status_past *past, const struct ended_asked *asked)
{
	past_find_end(read_once(past), &past->end);
	ended_ask(&past->end, asked);
}

void status_past_say_end(const struct status_past *past, bool with_file)
{
	struct strbuf text = {0};
	struct boot now;

	if (!json_array_size(past->end.tunnels))
		return;
	boot_read(&now);
	ended_text(&past->end, &now, with_file, &text);
	cli_note("%s", strbuf_text(&text));
	strbuf_finish(&text);
}

json_t *status_past_end_json(const struct status_past *past)
{
	struct boot now;

	if (!json_array_size(past->end.tunnels))
		return NULL;
	boot_read(&now);
	return ended_json(&past->end, &now);
}

void status_past_finish(struct status_past *past)
{
	past_end_finish(&past->end);
	past_finish(&past->past);
	past->read = false;
}
