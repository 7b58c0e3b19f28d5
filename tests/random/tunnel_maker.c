#include "tests/random/tunnel_maker.h"

/* --- rules */

static void maker_end(struct maker *maker)
{
	const unsigned host = lists(&maker->dice, maker->host_count);
	const unsigned vlan = lists(&maker->dice, maker->vlan_count);

	switch (lists(&maker->dice, 10)) {
	case 0:
		strbuf_puts(maker->text, "any");
		break;
	case 1:
	case 2:
	case 3:
		strbuf_puts(maker->text, maker_vlan(vlan));
		break;
	case 4:
		strbuf_printf(maker->text, "%s@%s", maker_host(host),
			      maker_vlan(maker_vlan_of(maker, host)));
		break;
	case 5:
		strbuf_puts(maker->text, "some");
		break;
	case 6:
		if (maker->families[vlan] == 2)
			strbuf_printf(maker->text, "fd00:%u::/%s", vlan,
				      maker_pick(maker, "64", "32"));
		else
			strbuf_printf(maker->text, "10.%u.0.0/%s", vlan,
				      maker_pick(maker, "16", "30", "29"));
		break;
	default:
		strbuf_puts(maker->text, maker_host(host));
	}
}

static void maker_rules(struct maker *maker)
{
	const unsigned host = maker_any_host(maker), hop = maker_hop(maker);

	strbuf_printf(maker->text, "sets:\n  some: [%s, %s, %s@%s, 10.0.0.8/29]\n",
		      maker_host(maker_any_host(maker)),
		      maker_vlan(lists(&maker->dice, maker->vlan_count)), maker_host(host),
		      maker_vlan(maker_vlan_of(maker, host)));
	maker->hops = !maker->none[hop];
	if (maker->hops)
		strbuf_printf(maker->text, "  hops: [%s, %s, %s]\n", maker_host(hop),
			      maker_host(maker_hop(maker)), maker_host(maker_any_host(maker)));
	strbuf_puts(maker->text, "reachability:\n");
	for (unsigned i = lists(&maker->dice, 6); i > 0; i--) {
		strbuf_puts(maker->text, chance(&maker->dice, 60) ? "  - allow: " : "  - deny: ");
		maker_end(maker);
		strbuf_puts(maker->text, " -> ");
		maker_end(maker);
		if (chance(&maker->dice, 45))
			strbuf_puts(maker->text,
				    maker_pick(maker, " 22", " 22 2222", " 80", " 1-1024", " 22 80",
					       " 2201-2203", " 7000"));
		strbuf_puts(maker->text, "\n");
	}
}

/* --- tunnels */

static void maker_ingress(struct maker *maker)
{
	const unsigned port = 7000 + maker->listeners++;
	const unsigned host = maker_hop(maker);

	if (maker->none[host] || chance(&maker->dice, 55)) {
		strbuf_printf(maker->text, "%u", port);
		return;
	}
	strbuf_puts(maker->text, maker_host(host));
	switch (lists(&maker->dice, 8)) {
	case 0:
		strbuf_printf(maker->text, "@%s:%u", maker_vlan(maker_vlan_of(maker, host)), port);
		break;
	case 1:
		strbuf_printf(maker->text, ":/run/in%u.sock", port);
		break;
	case 2:
		strbuf_puts(maker->text, ":auto");
		break;
	case 3:
		strbuf_printf(
			maker->text, ":%s:%u",
			maker_pick(maker, "0.0.0.0", "10.0.0.3", "127.0.0.2", "[::1]", "[::]"),
			port);
		break;
	default:
		strbuf_printf(maker->text, ":%u", port);
	}
}

/* Returns whether it has to be said where the tunnel leaves. */
static bool maker_egress(struct maker *maker)
{
	const unsigned host = maker_any_host(maker);
	const bool me = chance(&maker->dice, 6);
	const char *name = me ? "me" : maker_host(host);
	const unsigned kind = lists(&maker->dice, 20);

	if (kind < 2 && !me && !maker->none[host]) {
		strbuf_printf(maker->text, "socks@%s", name);
	} else if (kind < 3 && (me || !maker->none[host])) {
		strbuf_printf(maker->text, "%s:/run/s.sock", name);
	} else if (kind < 5 && chance(&maker->dice, 40)) {
		maker_address(maker, host, maker_vlan_of(maker, host), true);
		strbuf_puts(maker->text, ":80");
		return true;
	} else if (kind < 5) {
		strbuf_puts(maker->text, maker_pick(maker, "10.0.0.99:80", "10.77.0.1:443",
						    "\"[fd00:1::77]:80\"", "web.example:80",
						    "127.0.0.1:80", "\"[::1]:3000\""));
		return true;
	} else if (kind < 7 && !me) {
		strbuf_printf(maker->text, "%s@%s:80", name,
			      maker_vlan(maker_vlan_of(maker, host)));
	} else if (kind < 8 && maker->socket[host] && !me && !maker->none[host]) {
		strbuf_printf(maker->text, "%s/sock", name);
	} else {
		strbuf_printf(maker->text, "%s:%s", name, maker_pick(maker, "80", "80", "9000"));
	}
	return false;
}

/* Returns whether it has to be said where the tunnel leaves. */
static bool maker_forward(struct maker *maker, const char *begin, const char *next)
{
	bool needs_exit;

	strbuf_printf(maker->text, "%singress: ", begin);
	maker_ingress(maker);
	strbuf_printf(maker->text, "\n%segress: ", next);
	needs_exit = maker_egress(maker);
	strbuf_puts(maker->text, "\n");
	return needs_exit;
}

static bool maker_forwards(struct maker *maker)
{
	unsigned count = 1;
	bool needs_exit = false;

	if (maker->forwards > 1 && chance(&maker->dice, 15))
		count = 2;
	if (count == 1)
		return maker_forward(maker, "    ", "    ");
	strbuf_puts(maker->text, "    forwards:\n");
	for (unsigned i = 0; i < count; i++)
		needs_exit |= maker_forward(maker, "      - ", "        ");
	return needs_exit;
}

/* Returns a host's name, or that of a set of hosts. */
static const char *maker_stop(struct maker *maker, unsigned host)
{
	return maker->hops && chance(&maker->dice, 35) ? "hops" : maker_host(host);
}

static void maker_passing(struct maker *maker, bool needs_exit)
{
	const unsigned exit = maker_hop(maker);
	const unsigned first = maker_hop(maker), second = maker_hop(maker);
	/* It leaves behind that host then, from any other or none. */
	const bool by_via = needs_exit && !maker->none[first] && chance(&maker->dice, 40);

	if (!maker->none[exit] && !by_via && (needs_exit || chance(&maker->dice, 10)))
		strbuf_printf(maker->text, "    exit: %s\n", maker_stop(maker, exit));
	if (maker->none[first] || !(by_via || chance(&maker->dice, 15)))
		return;
	strbuf_printf(maker->text, "    via: [%s", maker_stop(maker, first));
	if (first != second && !maker->none[second] && chance(&maker->dice, 50))
		strbuf_printf(maker->text, ", %s", maker_stop(maker, second));
	strbuf_puts(maker->text, "]\n");
}

static void maker_options(struct maker *maker)
{
	const bool stitched = chance(&maker->dice, maker->stitched);

	if (chance(&maker->dice, 8))
		strbuf_printf(maker->text, "    avoid: [%s]\n",
			      chance(&maker->dice, 50)
				      ? maker_host(maker_any_host(maker))
				      : maker_vlan(lists(&maker->dice, maker->vlan_count)));
	if (stitched)
		strbuf_puts(maker->text, "    method: stitched\n");
	else if (chance(&maker->dice, 8))
		strbuf_puts(maker->text, "    method: nested\n");
	if (stitched && chance(&maker->dice, 30))
		strbuf_printf(maker->text, "    stitch: [%s]\n",
			      maker_pick(maker, "9000", "/run/joint.sock", "9000, 9001",
					 "9000, /run/joint.sock"));
	if (chance(&maker->dice, 10))
		strbuf_printf(maker->text, "    max_hops: %u\n", 1 + lists(&maker->dice, 4));
	if (chance(&maker->dice, 8))
		strbuf_printf(maker->text, "    min_trust: %s\n",
			      maker_pick(maker, "low", "medium", "high"));
	if (chance(&maker->dice, 15))
		strbuf_puts(maker->text, "    on_demand: yes\n");
}

static void maker_tunnel(struct maker *maker, unsigned tunnel)
{
	strbuf_printf(maker->text, "  t%u:\n", tunnel);
	maker_passing(maker, maker_forwards(maker));
	maker_options(maker);
}

/* --- all of it */

/* What is frequent in a network: each third is about keys, permits or neither. */
static void maker_theme(struct maker *maker)
{
	const unsigned theme = lists(&maker->dice, 3);

	maker->keys = theme == 0 ? 75 : 25;
	maker->stitched = theme == 0 ? 35 : 8;
	maker->sshd = theme == 1 ? 60 : 20;
	maker->relay = theme == 1 ? 50 : 10;
	maker->crowded = chance(&maker->dice, 25);
	if (maker->crowded && maker->vlan_count > 2)
		maker->vlan_count = 2;
}

void maker_make(uint64_t seed, unsigned forwards, struct strbuf *text)
{
	struct maker maker = {.dice = dice_of(seed), .text = text, .forwards = forwards};

	maker.host_count = 3 + lists(&maker.dice, MAKER_HOSTS - 2);
	maker.vlan_count = 1 + lists(&maker.dice, MAKER_VLANS);
	if (maker.host_count > 5 && chance(&maker.dice, 50))
		maker.vlan_count = MAKER_VLANS;
	maker_theme(&maker);
	maker.tunnel_count = 1 + lists(&maker.dice, 3);
	maker_spread(&maker);
	strbuf_puts(text, "tunplan: 1\nme: you\n");
	maker_vlans(&maker);
	strbuf_puts(text, "hosts:\n");
	for (unsigned h = 0; h < maker.host_count; h++)
		maker_host_block(&maker, h);
	maker_rules(&maker);
	strbuf_puts(text, "tunnels:\n");
	for (unsigned t = 0; t < maker.tunnel_count; t++)
		maker_tunnel(&maker, t);
}
