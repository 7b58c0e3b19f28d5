#include "tests/sim/said.h"

#include <string.h>

#include "exec/supervisor/report.h"
#include "exec/tunnel/engine.h"

const char *said_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

bool said_is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

bool said_hop_lives(const json_t *hop)
{
	static const char *const states[] = {"connecting", "authenticating", "up", "stalled", NULL};

	return said_is_one_of(said_text(hop, "state"), states);
}

bool said_hop_is_up(const json_t *hop)
{
	static const char *const states[] = {"up", "stalled", NULL};

	return said_is_one_of(said_text(hop, "state"), states);
}

bool said_forward_listens(const json_t *forward)
{
	static const char *const states[] = {"probing", "up", "silent", "unproven", NULL};

	return said_is_one_of(said_text(forward, "state"), states);
}

bool said_tunnel_carries(const json_t *tunnel)
{
	static const char *const states[] = {"up", "silent", "stalled", NULL};

	return said_is_one_of(said_text(tunnel, "state"), states);
}

json_t *said_all(const struct engine *engine)
{
	json_t *all = json_array();

	for (size_t i = 0; i < engine->tunnels.count; i++)
		json_array_append_new(all, report_tunnel(engine->tunnels.items[i]));
	return all;
}

bool said_claims_place(const json_t *all, const char *place)
{
	static const char *const without[] = {"waiting", "closed", NULL};

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *forwards = json_object_get(json_array_get(all, i), "forwards");

		for (size_t j = 0; j < json_array_size(forwards); j++) {
			const json_t *forward = json_array_get(forwards, j);

			if (strcmp(said_text(forward, "listen"), place) == 0 &&
			    !said_is_one_of(said_text(forward, "state"), without))
				return true;
		}
	}
	return false;
}
