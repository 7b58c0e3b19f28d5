#include "cmd/endpoint_text.h"

static void host_text(const struct topology *topology, size_t host, size_t vlan,
		      struct strbuf *text)
{
	strbuf_puts(text, host == TOPOLOGY_ME ? "me" : topology->hosts[host].name);
	if (vlan != TOPOLOGY_NONE)
		strbuf_printf(text, "@%s", topology->vlans[vlan].name);
}

static void address_text(const struct address *address, struct strbuf *text)
{
	strbuf_printf(text, address->family == ADDRESS_IPV6 ? "[%s]" : "%s", address->text);
}

void ingress_text(const struct topology *topology, const struct ingress *ingress,
		  struct strbuf *text)
{
	if (ingress->host != TOPOLOGY_ME || ingress->vlan != TOPOLOGY_NONE) {
		host_text(topology, ingress->host, ingress->vlan, text);
		strbuf_puts(text, ":");
	}
	if (ingress->bind.text) {
		address_text(&ingress->bind, text);
		strbuf_puts(text, ":");
	}
	if (ingress->path)
		strbuf_puts(text, ingress->path);
	else if (ingress->any_port)
		strbuf_puts(text, "auto");
	else
		strbuf_printf(text, "%u", ingress->port);
}

void egress_text(const struct topology *topology, const struct egress *egress, struct strbuf *text)
{
	if (egress->kind == EGRESS_SOCKS)
		strbuf_puts(text, "socks@");
	if (egress->address.text)
		address_text(&egress->address, text);
	else
		host_text(topology, egress->host, egress->vlan, text);
	switch (egress->kind) {
	case EGRESS_SERVICE:
		strbuf_printf(text, "/%s", egress->service_name);
		break;
	case EGRESS_PORT:
	case EGRESS_ADDRESS:
		strbuf_printf(text, ":%u", egress->port);
		break;
	case EGRESS_PATH:
		strbuf_printf(text, ":%s", egress->path);
		break;
	case EGRESS_SOCKS:
		break;
	}
}
