#include <string.h>

#include "topology/print/print_parts.h"

static const struct span nowhere;

/* --- ends */

/* An address as it stands before a colon. */
static const char *bracketed(const struct printer *printer, const struct address *address)
{
	return address->family == ADDRESS_IPV6
		       ? arena_format(printer->scratch, "[%s]", address->text)
		       : address->text;
}

/* "web", "web@dmz", "me@office"; "me" itself only where a host has to be written. */
static const char *host_text(const struct printer *printer, size_t host, size_t vlan)
{
	const struct topology *topology = printer->topology;
	const char *name = host == TOPOLOGY_ME ? "me" : topology->hosts[host].name;

	return vlan == TOPOLOGY_NONE
		       ? name
		       : arena_format(printer->scratch, "%s@%s", name, topology->vlans[vlan].name);
}

static const char *ingress_text(const struct printer *printer, const struct ingress *ingress)
{
	const bool here = ingress->host == TOPOLOGY_ME && ingress->vlan == TOPOLOGY_NONE;
	const char *host =
		here ? ""
		     : arena_format(printer->scratch,
				    "%s:", host_text(printer, ingress->host, ingress->vlan));

	if (ingress->path)
		return arena_format(printer->scratch, "%s%s", host, ingress->path);
	if (ingress->any_port)
		return arena_format(printer->scratch, "%sauto", host);
	if (ingress->bind.text)
		return arena_format(printer->scratch, "%s%s:%u", host,
				    bracketed(printer, &ingress->bind), ingress->port);
	return arena_format(printer->scratch, "%s%u", host, ingress->port);
}

static const char *egress_text(const struct printer *printer, const struct egress *egress)
{
	const char *host = egress->address.text ? bracketed(printer, &egress->address)
						: host_text(printer, egress->host, egress->vlan);

	switch (egress->kind) {
	case EGRESS_SERVICE:
		return arena_format(printer->scratch, "%s/%s", host, egress->service_name);
	case EGRESS_PATH:
		return arena_format(printer->scratch, "%s:%s", host, egress->path);
	case EGRESS_SOCKS:
		return arena_format(printer->scratch, "socks@%s", host);
	case EGRESS_PORT:
	case EGRESS_ADDRESS:
		break;
	}
	return arena_format(printer->scratch, "%s:%u", host, egress->port);
}

/* --- what a tunnel is held to */

static bool same_numbers(const size_t *a, size_t a_count, const size_t *b, size_t b_count)
{
	return a_count == b_count && (a_count == 0 || memcmp(a, b, a_count * sizeof(*a)) == 0);
}

static bool same_avoid(const struct tunnel_options *a, const struct tunnel_options *b)
{
	return same_numbers(a->avoid_hosts, a->avoid_host_count, b->avoid_hosts,
			    b->avoid_host_count) &&
	       same_numbers(a->avoid_vlans, a->avoid_vlan_count, b->avoid_vlans,
			    b->avoid_vlan_count);
}

/* Also when it is empty: then it takes back what the defaults avoid. */
static void print_avoid(struct printer *printer, const struct tunnel_options *options)
{
	const struct topology *topology = printer->topology;

	print_words_begin(printer, options->avoid_host_count + options->avoid_vlan_count);
	for (size_t i = 0; i < options->avoid_host_count; i++)
		print_words_add(printer, topology->hosts[options->avoid_hosts[i]].name);
	for (size_t i = 0; i < options->avoid_vlan_count; i++)
		print_words_add(printer, topology->vlans[options->avoid_vlans[i]].name);
	writer_list(&printer->writer, "avoid", printer->words, printer->word_count, nowhere);
}

static void print_seconds(struct printer *printer, const char *key, unsigned seconds)
{
	writer_scalar(&printer->writer, key, arena_format(printer->scratch, "%us", seconds),
		      nowhere);
}

static void print_probe(struct printer *printer, const struct tunnel_options *options)
{
	if (options->probe_s)
		print_seconds(printer, "probe", options->probe_s);
	else
		writer_boolean(&printer->writer, "probe", !options->no_probe, nowhere);
}

void print_tunnel_options(struct printer *printer, const struct tunnel_options *options,
			  const struct tunnel_options *defaults)
{
	struct writer *writer = &printer->writer;

	if (!same_avoid(options, defaults))
		print_avoid(printer, options);
	if (options->method != defaults->method)
		writer_scalar(writer, "method",
			      options->method == METHOD_STITCHED ? "stitched" : "nested", nowhere);
	if (options->max_hops != defaults->max_hops)
		writer_number(writer, "max_hops", options->max_hops, nowhere);
	if (options->min_trust != defaults->min_trust)
		writer_scalar(writer, "min_trust", topology_trust_name(options->min_trust),
			      nowhere);
	if (options->no_probe != defaults->no_probe || options->probe_s != defaults->probe_s)
		print_probe(printer, options);
	if (options->no_failover != defaults->no_failover)
		writer_boolean(writer, "failover", !options->no_failover, nowhere);
	if (options->on_demand != defaults->on_demand)
		writer_boolean(writer, "on_demand", options->on_demand, nowhere);
	if (options->idle_timeout_s != defaults->idle_timeout_s)
		print_seconds(printer, "idle_timeout", options->idle_timeout_s);
}

/* --- tunnels */

static void print_forwards(struct printer *printer, const struct tunnel *tunnel)
{
	struct writer *writer = &printer->writer;

	writer_open_list(writer, "forwards");
	for (size_t i = 0; i < tunnel->forward_count; i++) {
		const struct forward *forward = &tunnel->forwards[i];

		writer_item(writer);
		writer_scalar(writer, "ingress", ingress_text(printer, &forward->ingress),
			      forward->ingress.at);
		writer_scalar(writer, "egress", egress_text(printer, &forward->egress),
			      forward->egress.at);
	}
	writer_close_list(writer);
}

static void print_stitch(struct printer *printer, const struct tunnel *tunnel)
{
	print_words_begin(printer, tunnel->stitch_count);
	for (size_t i = 0; i < tunnel->stitch_count; i++)
		print_words_add(printer, tunnel->stitch[i].path
						 ? tunnel->stitch[i].path
						 : arena_format(printer->scratch, "%u",
								tunnel->stitch[i].port));
	print_words_end(printer, "stitch");
}

static void print_tunnel(struct printer *printer, const struct tunnel *tunnel)
{
	const struct topology *topology = printer->topology;
	struct writer *writer = &printer->writer;

	writer_open(writer, tunnel->name, tunnel->at);
	print_forwards(printer, tunnel);
	print_words_begin(printer, tunnel->via_count);
	for (size_t i = 0; i < tunnel->via_count; i++)
		print_words_add(printer, stop_name(topology, &tunnel->via[i]));
	print_words_end(printer, "via");
	if (tunnel->exit.count)
		writer_scalar(writer, "exit", stop_name(topology, &tunnel->exit), nowhere);
	print_stitch(printer, tunnel);
	print_tunnel_options(printer, &tunnel->options, &topology->defaults.tunnel);
	writer_close(writer);
}

void print_tunnels(struct printer *printer)
{
	const struct topology *topology = printer->topology;

	writer_open(&printer->writer, "tunnels", nowhere);
	for (size_t i = 0; i < topology->tunnel_count; i++)
		print_tunnel(printer, &topology->tunnels[i]);
	writer_close_full(&printer->writer);
}
