#include "tests/random/network_maker.h"

const char *maker_host(unsigned host)
{
	static const char *const names[MAKER_HOSTS] = {"you", "hf", "hb", "ha",
						       "hd",  "hc", "hg", "he"};

	return names[host];
}

const char *maker_vlan(unsigned vlan)
{
	static const char *const names[MAKER_VLANS] = {"vb", "va", "vd", "vc"};

	return names[vlan];
}

unsigned maker_any_host(struct maker *maker)
{
	return 1 + lists(&maker->dice, maker->host_count - 1);
}

unsigned maker_hop(struct maker *maker)
{
	unsigned host = maker_any_host(maker);

	for (int tries = 0; maker->none[host] && tries < 20; tries++)
		host = maker_any_host(maker);
	return maker->none[host] ? maker->host_count - 1 : host;
}

unsigned maker_vlan_of(struct maker *maker, unsigned host)
{
	unsigned vlan = lists(&maker->dice, maker->vlan_count);

	while (!(maker->on[host] & 1u << vlan))
		vlan = (vlan + 1) % maker->vlan_count;
	return vlan;
}

/* --- VLANs */

void maker_vlans(struct maker *maker)
{
	strbuf_puts(maker->text, "vlans:\n");
	for (unsigned v = 0; v < maker->vlan_count; v++) {
		const unsigned kind = lists(&maker->dice, 6);

		strbuf_printf(maker->text, "  %s:\n", maker_vlan(v));
		maker->families[v] = kind < 3 ? 1 : kind == 3 ? 2 : 3;
		if (kind < 2)
			strbuf_printf(maker->text, "    cidr: 10.%u.0.0/16\n", v);
		if (kind == 3)
			strbuf_printf(maker->text, "    cidr: [\"fd00:%u::/64\"]\n", v);
		if (kind == 4)
			strbuf_printf(maker->text, "    cidr: [10.%u.0.0/16, \"fd00:%u::/64\"]\n",
				      v, v);
		if (chance(&maker->dice, 35))
			strbuf_printf(maker->text, "    trust: %s\n",
				      maker_pick(maker, "none", "low", "high"));
		if (kind == 4)
			strbuf_puts(maker->text, "    encrypted: wireguard\n");
	}
}

/* --- hosts */

void maker_address(struct maker *maker, unsigned host, unsigned vlan, bool brackets)
{
	const unsigned families = maker->families[vlan];
	const bool six = families == 2 || (families == 3 && chance(&maker->dice, 50));

	if (!six)
		strbuf_printf(maker->text, "10.%u.0.%u", vlan, host + 1);
	else
		strbuf_printf(maker->text, brackets ? "[fd00:%u::%u]" : "fd00:%u::%u", vlan,
			      host + 1);
}

static void maker_interfaces(struct maker *maker, unsigned host)
{
	strbuf_puts(maker->text, "    vlans:\n");
	for (unsigned v = 0; v < maker->vlan_count; v++) {
		const unsigned kind = lists(&maker->dice, 12);

		if (!(maker->on[host] & 1u << v))
			continue;
		strbuf_printf(maker->text, "      %s: [", maker_vlan(v));
		if (kind == 0)
			strbuf_printf(maker->text, "%s.example", maker_host(host));
		if (kind > 3) {
			strbuf_puts(maker->text, "\"");
			maker_address(maker, host, v, false);
			strbuf_puts(maker->text, "\"");
		}
		if (kind > 8 && maker->families[v] == 3)
			strbuf_printf(maker->text, ", \"fd00:%u::1%u\", 10.%u.0.1%u", v, host + 1,
				      v, host + 1);
		if (kind == 11 && maker->families[v] == 1)
			strbuf_printf(maker->text, ", 10.%u.0.1%u", v, host + 1);
		strbuf_puts(maker->text, "]\n");
	}
}

static void maker_ssh(struct maker *maker, unsigned host)
{
	const unsigned kind = lists(&maker->dice, 20);

	maker->none[host] = kind == 0;
	if (kind == 0)
		strbuf_puts(maker->text, "    ssh: none\n");
	else if (kind < 9)
		strbuf_printf(maker->text, "    ssh: {%s}\n",
			      chance(&maker->dice, 15)
				      ? maker_pick(maker, "options: {AddressFamily: inet}",
						   "options: {AddressFamily: inet6}")
				      : "");
	else if (kind < 11)
		strbuf_puts(maker->text, "    ssh: {port: 2222}\n");
	else if (kind < 13)
		strbuf_puts(maker->text, "    ssh: {interactive: yes}\n");
}

/* An entry of PermitOpen, as likely one that is of use. */
static void maker_permit_open(struct maker *maker)
{
	const unsigned host = maker_any_host(maker);
	const char *port = maker_pick(maker, "22", "22", "80", "*", "9000", "2222");

	strbuf_puts(maker->text, "\"");
	switch (lists(&maker->dice, 7)) {
	case 0:
		strbuf_puts(maker->text, "*");
		break;
	case 1:
		strbuf_puts(maker->text, maker_pick(maker, "127.0.0.1", "localhost"));
		break;
	case 2:
		strbuf_puts(maker->text, maker_host(host));
		break;
	case 3:
		strbuf_puts(maker->text, "*");
		port = "*";
		break;
	default:
		maker_address(maker, host, maker_vlan_of(maker, host), true);
	}
	strbuf_printf(maker->text, ":%s\"", port);
}

static void maker_permit_listen(struct maker *maker)
{
	const char *port = maker_pick(maker, "7000", "7001", "*", "9000");

	if (chance(&maker->dice, 40))
		strbuf_puts(maker->text, maker_pick(maker, "7000", "7001", "9000"));
	else
		strbuf_printf(maker->text, "\"%s:%s\"",
			      maker_pick(maker, "*", "127.0.0.1", "localhost", "10.*", "127.0.0.?"),
			      port);
}

static void maker_list(struct maker *maker, const char *key, void (*item)(struct maker *maker))
{
	strbuf_printf(maker->text, "      %s: [", key);
	for (unsigned i = 1 + lists(&maker->dice, 3); i > 0; i--) {
		item(maker);
		strbuf_puts(maker->text, i > 1 ? ", " : "");
	}
	strbuf_puts(maker->text, "]\n");
}

static void maker_sshd(struct maker *maker)
{
	strbuf_puts(maker->text, "    sshd:\n");
	if (chance(&maker->dice, 40))
		strbuf_printf(maker->text, "      AllowTcpForwarding: %s\n",
			      maker_pick(maker, "no", "local", "remote", "yes"));
	if (chance(&maker->dice, 15))
		strbuf_printf(maker->text, "      AllowStreamLocalForwarding: %s\n",
			      maker_pick(maker, "no", "local", "remote", "all"));
	if (chance(&maker->dice, 10))
		strbuf_printf(maker->text, "      DisableForwarding: %s\n",
			      maker_pick(maker, "yes", "no"));
	if (chance(&maker->dice, 20))
		strbuf_printf(maker->text, "      GatewayPorts: %s\n",
			      maker_pick(maker, "yes", "no", "clientspecified"));
	if (chance(&maker->dice, 50))
		maker_list(maker, "PermitOpen", maker_permit_open);
	else if (chance(&maker->dice, 10))
		strbuf_printf(maker->text, "      PermitOpen: %s\n",
			      maker_pick(maker, "any", "none"));
	if (chance(&maker->dice, 25))
		maker_list(maker, "PermitListen", maker_permit_listen);
	if (chance(&maker->dice, 15))
		strbuf_printf(maker->text, "      MaxSessions: %u\n", lists(&maker->dice, 2));
}

/* Hosts of a list: each of them once, and not one of them. */
static void maker_hosts(struct maker *maker, unsigned but, unsigned percent)
{
	const char *comma = "";

	for (unsigned h = 1; h < maker->host_count; h++) {
		if (h == but || !chance(&maker->dice, percent))
			continue;
		strbuf_printf(maker->text, "%s%s", comma, maker_host(h));
		comma = ", ";
	}
}

static void maker_keys(struct maker *maker, unsigned host)
{
	if (!chance(&maker->dice, host ? maker->keys : maker->keys / 5))
		return;
	strbuf_puts(maker->text, "    keys: [");
	maker_hosts(maker, host, 50);
	strbuf_puts(maker->text, "]\n");
}

/* Where something is reached besides its own address; indent is that of the key. */
static void maker_published(struct maker *maker, unsigned host, const char *indent)
{
	const unsigned vlan = lists(&maker->dice, maker->vlan_count);
	const unsigned other = maker_any_host(maker);

	strbuf_printf(maker->text, "%sat:\n", indent);
	if (chance(&maker->dice, 60)) {
		strbuf_printf(maker->text, "%s  %s: [\"", indent, maker_vlan(vlan));
		maker_address(maker, 100 + host, vlan, true);
		strbuf_puts(maker->text, ":2201\"");
		if (chance(&maker->dice, 20))
			strbuf_puts(maker->text, ", \"nat.example:2202\"");
		strbuf_puts(maker->text, "]\n");
	}
	if (other != host && chance(&maker->dice, 50))
		strbuf_printf(maker->text, "%s  %s: \"%s:2203\"\n", indent, maker_host(other),
			      maker_pick(maker, "localhost", "127.0.0.1"));
}

static void maker_service(struct maker *maker, unsigned host)
{
	strbuf_printf(maker->text, "      %s:\n        port: %s\n",
		      maker_pick(maker, "web", "web", "api"), "80");
	if (chance(&maker->dice, 12))
		strbuf_puts(maker->text, "        listen: loopback\n");
	else if (chance(&maker->dice, 15))
		strbuf_printf(maker->text, "        listen: [%s]\n",
			      maker_vlan(maker_vlan_of(maker, host)));
	if (chance(&maker->dice, 15))
		strbuf_printf(maker->text, "        encrypted: %s\n",
			      maker_pick(maker, "tls", "ssh"));
	if (chance(&maker->dice, 15))
		maker_published(maker, host, "        ");
}

static void maker_services(struct maker *maker, unsigned host)
{
	maker->web[host] = chance(&maker->dice, 60);
	maker->socket[host] = chance(&maker->dice, 15);
	if (!maker->web[host] && !maker->socket[host])
		return;
	strbuf_puts(maker->text, "    services:\n");
	if (maker->web[host])
		maker_service(maker, host);
	if (maker->socket[host])
		strbuf_puts(maker->text, "      sock: {socket: /run/s.sock}\n");
}

static void maker_traits(struct maker *maker)
{
	if (chance(&maker->dice, maker->relay))
		strbuf_printf(maker->text, "    relay: [%s]\n", maker_pick(maker, "socat", "nc"));
	if (chance(&maker->dice, 15))
		strbuf_printf(maker->text, "    jump: %s\n", maker_pick(maker, "no", "avoid"));
	if (chance(&maker->dice, 25))
		strbuf_printf(maker->text, "    trust: %s\n",
			      maker_pick(maker, "none", "low", "low", "high"));
	if (chance(&maker->dice, 20))
		strbuf_printf(maker->text, "    cost: %u\n", 1 + lists(&maker->dice, 5));
}

void maker_spread(struct maker *maker)
{
	for (unsigned h = 0; h < maker->host_count; h++) {
		maker->on[h] = 1u << lists(&maker->dice, maker->vlan_count);
		for (unsigned v = 0; v < maker->vlan_count; v++)
			if (chance(&maker->dice, !h ? 5 : maker->crowded ? 60 : 30))
				maker->on[h] |= 1u << v;
	}
}

void maker_host_block(struct maker *maker, unsigned host)
{
	strbuf_printf(maker->text, "  %s:\n", maker_host(host));
	maker_interfaces(maker, host);
	if (host) {
		maker_ssh(maker, host);
		maker_traits(maker);
	}
	if (host && chance(&maker->dice, maker->sshd))
		maker_sshd(maker);
	maker_keys(maker, host);
	maker_services(maker, host);
	if (host && chance(&maker->dice, 10))
		maker_published(maker, host, "    ");
}
