#include "exec/supervisor/failed.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "exec/system/clock.h"
#include "exec/system/kernel.h"
#include "exec/tunnel/states.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Of report_identity(). */
static const char *const identity_keys[] = {"id", "name", "file", "me", "state"};

/* Where nobody says how long the machine slept, it never did. */
static json_int_t now_ms(void)
{
	uint64_t slept_ms = 0;

	kernel_slept_ms(&slept_ms);
	return (json_int_t)clock_ms() + (json_int_t)slept_ms;
}

static json_int_t at_ms(const json_t *entry)
{
	return json_integer_value(json_object_get(entry, "at_ms"));
}

const char *failed_text(const json_t *entry, const char *key)
{
	return json_string_value(json_object_get(json_object_get(entry, "tunnel"), key));
}

const char *failed_id(const json_t *entry)
{
	return failed_text(entry, "id");
}

void failed_forget(json_t *failed, const char *id)
{
	for (size_t i = json_array_size(failed); i-- > 0;)
		if (strcmp(failed_id(json_array_get(failed, i)), id) == 0)
			json_array_remove(failed, i);
}

const json_t *failed_wish(const json_t *entry)
{
	return json_object_get(entry, "wish");
}

/* Removes the oldest one if there are too many. */
static void make_room(json_t *failed)
{
	size_t count = 0, oldest = 0;

	for (size_t i = json_array_size(failed); i-- > 0;) {
		if (failed_wish(json_array_get(failed, i)))
			continue;
		count++;
		oldest = i;
	}
	if (count == FAILED_MAX)
		json_array_remove(failed, oldest);
}

/* Adds an entry, whose reference it takes, in the place of an older one. */
static void add(json_t *failed, json_t *entry)
{
	failed_forget(failed, failed_id(entry));
	if (!failed_wish(entry))
		make_room(failed);
	json_array_append_new(failed, entry);
}

void failed_add_wish(json_t *failed, json_t *report, json_t *wish)
{
	add(failed,
	    json_pack("{s:I, s:o, s:o}", "at_ms", now_ms(), "tunnel", report, "wish", wish));
}

/* What would have been tried again has failed. */
static void give_up(json_t *part, const char *waiting)
{
	if (strcmp(json_string_value(json_object_get(part, "state")), waiting) == 0)
		json_object_set_new(part, "state", json_string("failed"));
}

/* No ssh of the hop is left, and none follows. */
static void forget_life(json_t *hop)
{
	give_up(hop, hop_state_name(HOP_RETRY));
	json_object_set_new(hop, "pid", json_null());
	json_object_set_new(hop, "next_try_s", json_null());
}

void failed_add(json_t *failed, json_t *report)
{
	const json_t *hops = json_object_get(report, "hops");
	const json_t *forwards = json_object_get(report, "forwards");

	for (size_t i = 0; i < json_array_size(hops); i++)
		forget_life(json_array_get(hops, i));
	for (size_t i = 0; i < json_array_size(forwards); i++)
		give_up(json_array_get(forwards, i), forward_state_name(FORWARD_WAITING));
	json_object_set_new(report, "next_try_s", json_null());
	json_object_set_new(report, "remembered", json_true());
	add(failed, json_pack("{s:I, s:o}", "at_ms", now_ms(), "tunnel", report));
}

json_t *failed_identity(const json_t *entry)
{
	const json_t *tunnel = json_object_get(entry, "tunnel");
	json_t *identity = json_object();

	for (size_t i = 0; i < COUNT(identity_keys); i++)
		json_object_set(identity, identity_keys[i],
				json_object_get(tunnel, identity_keys[i]));
	json_object_set_new(identity, "remembered", json_true());
	return identity;
}

/* Whether it is an entry, and of this start of the machine: a runtime directory in /tmp may outlive that. */
static bool is_of_now(const json_t *entry)
{
	const json_t *tunnel = json_object_get(entry, "tunnel");

	for (size_t i = 0; i < COUNT(identity_keys); i++)
		if (!json_is_string(json_object_get(tunnel, identity_keys[i])))
			return false;
	return at_ms(entry) <= now_ms();
}

void failed_restore(json_t *failed, const json_t *recorded)
{
	for (size_t i = 0; i < json_array_size(recorded); i++) {
		json_t *entry = json_array_get(recorded, i);

		if (is_of_now(entry) && !failed_wish(entry))
			add(failed, json_incref(entry));
	}
}

static bool is_age(const char *key, const json_t *value)
{
	const size_t length = strlen(key);

	return json_is_integer(value) && length > 2 && strcmp(key + length - 2, "_s") == 0;
}

/* Each …_s of a report tells how long ago something was. */
static void add_age(json_t *value, json_int_t seconds)
{
	const char *key;
	json_t *item;
	size_t i;

	json_object_foreach(value, key, item)
	{
		if (is_age(key, item))
			json_integer_set(item, json_integer_value(item) + seconds);
		else
			add_age(item, seconds);
	}
	json_array_foreach(value, i, item)
	{
		add_age(item, seconds);
	}
}

json_t *failed_report(const json_t *entry)
{
	json_t *report = json_deep_copy(json_object_get(entry, "tunnel"));

	add_age(report, (now_ms() - at_ms(entry)) / 1000);
	return report;
}
