#include "cmd/locate.h"

#include <stdlib.h>
#include <string.h>

#include "exec/place/place_facts.h"

/* Between the names of $TUNPLAN_PLACE. */
static const char separators[] = ", \t\n";

/* The name of no place; no place can have it (name.h). */
static const char none[] = "none";

/* --- what is said */

/* The names that are said, and by what. */
struct said {
	const char *origin; /* "--place" */
	const char **names;
	size_t count;
};

static void add_names(struct said *said, const char *text, struct arena *arena)
{
	for (text += strspn(text, separators); *text; text += strspn(text, separators)) {
		const size_t length = strcspn(text, separators);

		*(const char **)arena_push(arena, &said->names, &said->count, sizeof(text)) =
			arena_copy(arena, text, length);
		text += length;
	}
}

static struct said read_said(const struct cli *cli, struct arena *arena)
{
	const char *environment = getenv("TUNPLAN_PLACE");
	struct said said = {.origin = "--place"};

	for (size_t i = 0; i < cli->places.count; i++)
		add_names(&said, cli->places.items[i], arena);
	if (cli->places.count || !environment)
		return said;
	said.origin = "TUNPLAN_PLACE";
	add_names(&said, environment, arena);
	return said;
}

static int unknown_place(const struct loaded *loaded, const char *origin, const char *name)
{
	const char *near = topology_suggest_place(loaded->topology, name);

	if (!loaded->topology->place_count)
		cli_error("%s: %s has no places (key `places`): only 'none' can be said", origin,
			  loaded->name);
	else if (near)
		cli_error("%s: %s has no place '%s'; did you mean '%s'?", origin, loaded->name,
			  name, near);
	else
		cli_error("%s: %s has no place '%s'", origin, loaded->name, name);
	return EXIT_USAGE;
}

int locate_said(const struct cli *cli, struct loaded *loaded)
{
	const struct said said = read_said(cli, &loaded->arena);
	const char *unknown;
	size_t count = said.count;

	/* The environment is for every file, also for those without places. */
	if (count == 0 || (!cli->places.count && !loaded->topology->place_count))
		return EXIT_DONE;
	if (count == 1 && strcmp(said.names[0], none) == 0)
		count = 0;
	if (!places_named(loaded->topology, said.names, count, &loaded->arena, &loaded->where,
			  &unknown))
		return unknown_place(loaded, said.origin, unknown);
	return EXIT_DONE;
}

/* --- looking */

/* What cannot be found out everywhere, in words. */
static const char *const facts_unknown[PLACE_FACTS] = {
	[PLACE_ADDR] = "the addresses of this machine",
	[PLACE_GATEWAY] = "where its default routes lead",
	[PLACE_GATEWAY_MAC] = "the MAC addresses of its routers",
	[PLACE_DNS] = "whom it asks for names",
	[PLACE_TCP] = "which ports answer",
};

/* Names the places that may be where me is, if only one knew. */
static void warn_unknown(const struct topology *topology, const struct place_facts *facts)
{
	/* Ports are not even tried where something else is unknown. */
	const unsigned known = PLACE_ALL_FACTS & ~facts->unknown & ~PLACE_BIT(PLACE_TCP);

	for (size_t i = 0; i < topology->place_count; i++) {
		const struct place *place = &topology->places[i];
		size_t sign = 0;

		while (sign < place->sign_count &&
		       !(facts->unknown & PLACE_BIT(place->signs[sign].fact)))
			sign++;
		if (sign < place->sign_count && place_fits(place, facts, known))
			cli_note("cannot tell whether this machine is at '%s': %s cannot be found "
				 "out here; --place says where it is",
				 place->name, facts_unknown[place->signs[sign].fact]);
	}
}

static void find(struct loaded *loaded, bool look)
{
	struct place_facts facts = {0};

	if (loaded->where.how == WHEREABOUTS_UNASKED &&
	    places_apply(loaded->topology, loaded->me)) {
		if (look)
			place_facts_gather(loaded->topology, &loaded->arena, &facts);
		loaded->where = places_recognise(loaded->topology, &facts, &loaded->arena);
		warn_unknown(loaded->topology, &facts);
	}
	if (loaded->me != TOPOLOGY_NONE)
		loaded->here =
			topology_at(loaded->topology, loaded->me, &loaded->where, &loaded->arena);
}

void locate_me(struct loaded *loaded)
{
	find(loaded, true);
}

void locate_me_in_lab(struct loaded *loaded)
{
	find(loaded, false);
}

const char **locate_names(struct loaded *loaded)
{
	const struct whereabouts *where = &loaded->where;
	const char **names = arena_array(&loaded->arena, where->count, sizeof(*names));

	for (size_t i = 0; i < where->count; i++)
		names[i] = loaded->topology->places[where->places[i]].name;
	return names;
}
