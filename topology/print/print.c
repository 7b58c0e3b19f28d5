#include "topology/print/print.h"

#include <string.h>

#include "topology/print/print_parts.h"

static const struct span nowhere;

static void print_vlans(struct printer *printer)
{
	const struct topology *topology = printer->topology;

	writer_open(&printer->writer, "vlans", nowhere);
	for (size_t i = 0; i < topology->vlan_count; i++) {
		const struct vlan *vlan = &topology->vlans[i];

		writer_open(&printer->writer, vlan->name, vlan->at);
		print_words_begin(printer, vlan->cidr_count);
		for (size_t j = 0; j < vlan->cidr_count; j++)
			print_words_add(printer, vlan->cidrs[j].text);
		print_words_end(printer, "cidr");
		if (vlan->id)
			writer_number(&printer->writer, "id", vlan->id, nowhere);
		print_trust(printer, "trust", vlan->trust);
		if (vlan->encrypted)
			writer_scalar(&printer->writer, "encrypted",
				      topology_vlan_cipher(vlan->encrypted), nowhere);
		writer_close(&printer->writer);
	}
	writer_close_full(&printer->writer);
}

/* --- rules */

static const char *end_text(const struct printer *printer, const struct rule_end *end)
{
	const struct topology *topology = printer->topology;

	switch (end->kind) {
	case RULE_ANY:
		return "any";
	case RULE_HOST:
		return topology->hosts[end->host].name;
	case RULE_VLAN:
		return topology->vlans[end->vlan].name;
	case RULE_HOST_AT_VLAN:
		return arena_format(printer->scratch, "%s@%s", topology->hosts[end->host].name,
				    topology->vlans[end->vlan].name);
	case RULE_CIDR:
		return end->cidr.text;
	case RULE_SET:
		return topology->sets[end->set].name;
	}
	return "";
}

static void print_sets(struct printer *printer)
{
	const struct topology *topology = printer->topology;

	writer_open(&printer->writer, "sets", nowhere);
	/* SET@VLAN stands in rules alone. */
	for (size_t i = 0; i < topology->set_count && !topology->sets[i].at_vlan; i++) {
		const struct set *set = &topology->sets[i];
		const char **words = arena_array(printer->scratch, set->end_count, sizeof(*words));

		for (size_t j = 0; j < set->end_count; j++)
			words[j] = end_text(printer, &set->ends[j]);
		writer_list(&printer->writer, set->name, words, set->end_count, set->at);
	}
	writer_close_full(&printer->writer);
}

static const char *rule_text(const struct printer *printer, const struct rule *rule)
{
	const char *text =
		arena_format(printer->scratch, "%s -> %s", end_text(printer, &rule->from),
			     end_text(printer, &rule->to));
	struct strbuf ports = {0};

	for (size_t i = 0; i < rule->port_count; i++) {
		const struct port_range *range = &rule->ports[i];

		strbuf_printf(&ports, " %u", range->first);
		if (range->last > range->first)
			strbuf_printf(&ports, "-%u", range->last);
	}
	text = arena_format(printer->scratch, "%s%s", text, strbuf_text(&ports));
	strbuf_finish(&ports);
	return text;
}

static void print_rules(struct printer *printer)
{
	const struct topology *topology = printer->topology;
	struct writer *writer = &printer->writer;

	if (topology->rule_count == 0)
		return;
	writer_open_list(writer, "reachability");
	for (size_t i = 0; i < topology->rule_count; i++) {
		const struct rule *rule = &topology->rules[i];

		writer_item(writer);
		writer_scalar(writer, rule->allow ? "allow" : "deny", rule_text(printer, rule),
			      rule->at);
		if (rule->id)
			writer_scalar(writer, "id", rule->id, nowhere);
		if (rule->reason)
			writer_scalar(writer, "reason", rule->reason, nowhere);
		if (rule->action == RULE_REJECT)
			writer_scalar(writer, "action", "reject", nowhere);
	}
	writer_close_list(writer);
}

/* --- groups, places, defaults, lints */

static void print_groups(struct printer *printer)
{
	const struct topology *topology = printer->topology;

	writer_open(&printer->writer, "groups", nowhere);
	for (size_t i = 0; i < topology->group_count; i++) {
		const struct group *group = &topology->groups[i];
		const char **words =
			arena_array(printer->scratch, group->tunnel_count, sizeof(*words));

		for (size_t j = 0; j < group->tunnel_count; j++)
			words[j] = topology->tunnels[group->tunnels[j]].name;
		writer_list(&printer->writer, group->name, words, group->tunnel_count, group->at);
	}
	writer_close_full(&printer->writer);
}

static void print_signs(struct printer *printer, const struct place *place)
{
	static const char *const names[PLACE_FACTS] = {
		[PLACE_ADDR] = "addr",
		[PLACE_GATEWAY] = "gateway",
		[PLACE_GATEWAY_MAC] = "gateway_mac",
		[PLACE_DNS] = "dns",
		[PLACE_TCP] = "tcp",
	};

	writer_open(&printer->writer, "when", nowhere);
	for (enum place_fact fact = 0; fact < PLACE_FACTS; fact++) {
		print_words_begin(printer, place->sign_count);
		for (size_t i = 0; i < place->sign_count; i++) {
			if (place->signs[i].fact == fact)
				print_words_add(printer, place->signs[i].text);
		}
		print_words_end(printer, names[fact]);
	}
	writer_close_full(&printer->writer);
}

static void print_places(struct printer *printer)
{
	const struct topology *topology = printer->topology;

	writer_open(&printer->writer, "places", nowhere);
	for (size_t i = 0; i < topology->place_count; i++) {
		const struct place *place = &topology->places[i];

		writer_open(&printer->writer, place->name, place->at);
		print_signs(printer, place);
		print_interfaces(printer, place->interfaces, place->interface_count);
		writer_close(&printer->writer);
	}
	writer_close_full(&printer->writer);
}

/* Without anything in it, the key is left out. */
static void print_defaults(struct printer *printer)
{
	const struct ssh_login unset = {.port = PRINT_SSH_PORT};
	const struct tunnel_options none = {0};
	const struct defaults *defaults = &printer->topology->defaults;

	writer_open(&printer->writer, "defaults", defaults->at);
	writer_open(&printer->writer, "ssh", nowhere);
	print_login(printer, &defaults->ssh, &unset);
	writer_close_full(&printer->writer);
	writer_open(&printer->writer, "tunnel", nowhere);
	print_tunnel_options(printer, &defaults->tunnel, &none);
	writer_close_full(&printer->writer);
	writer_close_full(&printer->writer);
}

static void print_allowed_lints(struct printer *printer)
{
	const struct topology *topology = printer->topology;

	print_words_begin(printer, topology->allowed_lint_count);
	for (size_t i = 0; i < topology->allowed_lint_count; i++)
		print_words_add(printer, topology->allowed_lints[i]);
	print_words_end(printer, "allow_lints");
}

void topology_print(const struct topology *topology, bool origins, struct strbuf *ret_text)
{
	struct arena scratch = {0};
	struct printer printer = {
		.topology = topology,
		.writer = {.text = ret_text, .origins = origins ? topology->sources : NULL},
		.scratch = &scratch,
	};

	writer_number(&printer.writer, "tunplan", 1, nowhere);
	if (topology->me != TOPOLOGY_NONE)
		writer_scalar(&printer.writer, "me", topology->hosts[topology->me].name,
			      topology->me_at);
	print_vlans(&printer);
	print_hosts(&printer);
	print_sets(&printer);
	print_rules(&printer);
	print_tunnels(&printer);
	print_groups(&printer);
	print_places(&printer);
	print_defaults(&printer);
	print_allowed_lints(&printer);
	arena_finish(&scratch);
}
