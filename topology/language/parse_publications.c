#include "topology/language/parse.h"

static void read_publication(struct parser *parser, struct word where,
			     const struct yaml_node *scalar, struct doc_host *host, size_t service)
{
	struct doc_host_more *more = parse_more(parser, host);
	struct doc_publication publication = {.where = where, .service = service};
	struct fault fault;

	if (!parse_scalar(parser, scalar, "an address and a port"))
		return;
	if (!grammar_at(parse_text(parser, scalar), parser->arena, &publication.values.address,
			&publication.values.port, &fault)) {
		parse_fault(parser, scalar, &fault);
		return;
	}
	publication.values.at = scalar->at;
	*ARENA_PUSH(parser->scratch, more->publications, more->publication_count) = publication;
}

void parse_at(struct parser *parser, const struct yaml_pair *pair, struct doc_host *host,
	      size_t service)
{
	struct yaml_walk walk = yaml_walk(pair->value);
	struct yaml_pair entry;
	size_t count = 0;

	while (yaml_next_pair(&walk, &entry) && parse_room(parser, count++, pair->key->at)) {
		const struct yaml_node *item;
		struct parse_items items;
		struct word where;

		if (entry.key->reported ||
		    !parse_kind(parser, &entry, KEY_ONE_OR_MORE, "VLAN: \"ADDRESS:PORT\"") ||
		    !parse_reference(parser, entry.key, "a VLAN or a host", &where))
			continue;
		items = parse_items(parser, entry.value, NULL);
		while ((item = parse_next(&items)))
			read_publication(parser, where, item, host, service);
	}
}
