#include "topology/language/host_ranges.h"

#include <inttypes.h>
#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/address.h"

/* Most values that ranges make, in all: some hundred MB. A short file could ask for any number. */
#define VALUES_MAX 1000000

bool host_range_room(struct parser *parser, uint64_t values, struct span at)
{
	struct document *document = parser->document;

	if (document->range_values > VALUES_MAX)
		return false;
	document->range_values += values;
	if (document->range_values <= VALUES_MAX)
		return true;
	diag_error(parser->diags, CODE_LIMIT_RANGES, at,
		   "the ranges up to this one stand for more than %d values", VALUES_MAX)
		->help = "use shorter ranges";
	return false;
}

/* --- names */

void host_range_name(struct parser *parser, const struct yaml_node *scalar, struct doc_host *host)
{
	const char *text = parse_text(parser, scalar);
	const char *ends[2];
	struct text_range range;
	struct fault fault;

	if (!text_range_read(text, &range) && (*text == '[' || !strchr(text, '['))) {
		host->name = parse_new_name(parser, scalar);
		return;
	}
	host->name = (struct word){text, scalar->at};
	if (!text_range_read(text, &range)) {
		diag_error(parser->diags, CODE_RANGE, scalar->at, "'%s' is no range of hosts", text)
			->help = "write NAME[FIRST-LAST], as in node[001-128]";
		return;
	}
	ends[0] = text_range_item(&range, 0, parser->arena);
	ends[1] = text_range_item(&range, range.count - 1, parser->arena);
	host->name.text = ends[0];
	for (size_t i = 0; i < 2; i++) {
		if (name_check(ends[i], strlen(ends[i]), parser->scratch, &fault))
			continue;
		fault.offset = 0;
		fault.length = scalar->count;
		parse_fault(parser, scalar, &fault);
		return;
	}
	host->range = arena_alloc(parser->scratch, sizeof(*host->range));
	host->range->names = range;
}

/* --- addresses */

static const struct address *report_range(struct parser *parser, const struct yaml_node *scalar,
					  const char *why, const char *help)
{
	diag_error(parser->diags, CODE_RANGE, scalar->at, "%s", why)->help = help;
	return NULL;
}

/* Whether both the first and the last address are what they should be: then all are. */
static bool read_ends(struct parser *parser, const struct yaml_node *scalar,
		      const struct text_range *range, struct address *ret_first)
{
	struct address last;
	struct fault fault;

	for (size_t i = 0; i < 2; i++) {
		const char *text = text_range_item(range, i ? range->count - 1 : 0, parser->arena);

		if (address_read(text, strlen(text), parser->arena, i ? &last : ret_first, &fault))
			continue;
		fault.offset = 0;
		fault.length = scalar->count;
		return parse_fault(parser, scalar, &fault);
	}
	return true;
}

const struct address *host_range_address(struct parser *parser, const struct yaml_node *scalar,
					 const struct text_range *range,
					 const struct interface *interface)
{
	struct host_range *of = parser->range;
	struct address *first = arena_alloc(parser->scratch, sizeof(*first));

	if (!of)
		return report_range(parser, scalar,
				    "a range of addresses belongs to a range of hosts",
				    "name the hosts the same way: node[1-128]");
	if (range->count != of->names.count)
		return report_range(parser, scalar,
				    arena_format(parser->scratch,
						 "%" PRIu32 " addresses for %" PRIu32 " hosts",
						 range->count, of->names.count),
				    "write as many addresses as hosts, one for each");
	if (!read_ends(parser, scalar, range, first))
		return NULL;
	*ARENA_PUSH(parser->scratch, of->addresses, of->address_count) =
		(struct ranged_address){interface, interface->address_count, *range};
	return first;
}

/* --- from ranges to hosts */

/* How many values each host of a range has: what is copied or made for it. */
static uint64_t values_of(const struct doc_host *host)
{
	const struct doc_host_more *more = host->more;
	uint64_t values = 1 + host->service_count;

	for (size_t i = 0; i < host->interfaces.count; i++)
		values += 1 + host->interfaces.items[i].address_count;
	if (more)
		values += more->publication_count + more->listen_count + more->key_count;
	return values;
}

/* Gives a copy of an interface the addresses of host number index. */
static void set_addresses(struct parser *parser, const struct host_range *range, uint32_t index,
			  const struct interface *from, struct interface *interface)
{
	bool own = false;

	for (size_t i = 0; i < range->address_count; i++) {
		const struct ranged_address *ranged = &range->addresses[i];
		const char *text;
		struct span at;
		struct fault fault;

		if (ranged->interface != from)
			continue;
		if (!own)
			interface->addresses = memcpy(
				arena_array(parser->arena, from->address_count,
					    sizeof(*from->addresses)),
				from->addresses, from->address_count * sizeof(*from->addresses));
		own = true;
		at = from->addresses[ranged->address].at;
		text = text_range_item(&ranged->range, index, parser->arena);
		address_read(text, strlen(text), parser->arena,
			     &interface->addresses[ranged->address], &fault);
		interface->addresses[ranged->address].at = at;
	}
}

/* Makes host number index of a range. What validation fills in is the host's own, the rest is shared. */
static struct doc_host make_host(struct parser *parser, const struct doc_host *from, uint32_t index)
{
	struct doc_host host = *from;

	host.range = NULL;
	host.name.text = text_range_item(&from->range->names, index, parser->arena);
	host.interfaces.items =
		arena_array(parser->arena, from->interfaces.count, sizeof(*host.interfaces.items));
	for (size_t i = 0; i < from->interfaces.count; i++) {
		host.interfaces.items[i] = from->interfaces.items[i];
		set_addresses(parser, from->range, index, &from->interfaces.items[i],
			      &host.interfaces.items[i]);
	}
	host.services = arena_array(parser->arena, from->service_count, sizeof(*host.services));
	for (size_t i = 0; i < from->service_count; i++)
		host.services[i] = from->services[i];
	return host;
}

void host_ranges_expand(struct parser *parser)
{
	struct document *document = parser->document;
	const struct doc_host *from = document->hosts;
	const size_t count = document->host_count;
	size_t total = 0;

	for (size_t i = 0; i < count; i++) {
		struct doc_host *host = &document->hosts[i];

		if (host->range &&
		    !host_range_room(parser, values_of(host) * host->range->names.count,
				     host->name.at))
			host->range = NULL;
		total += host->range ? host->range->names.count : 1;
	}
	if (total == count)
		return;
	document->hosts = arena_array(parser->scratch, total, sizeof(*document->hosts));
	document->host_count = 0;
	for (size_t i = 0; i < count; i++) {
		const uint32_t hosts = from[i].range ? from[i].range->names.count : 1;

		for (uint32_t j = 0; j < hosts; j++)
			document->hosts[document->host_count++] =
				from[i].range ? make_host(parser, &from[i], j) : from[i];
	}
}
