/* What a change of this machine's network means for a connection: each rule of way.h, and what is said of it. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>

#include "exec/tunnel/way.h"

static struct kernel_end end_of(const char *address)
{
	struct kernel_end end = {.family = strchr(address, ':') ? AF_INET6 : AF_INET};

	inet_pton(end.family, address, end.address);
	return end;
}

/* A machine with a cable, a radio and a VPN; the cable is as a test has it. */
struct machine {
	struct kernel_interface interfaces[4];
	struct kernel_address addresses[4];
	struct kernel_network network;
};

static void init(struct machine *machine)
{
	*machine = (struct machine){
		.interfaces = {{"eth0", true, true, false},
			       {"wlan0", true, true, false},
			       {"tun0", true, true, true}},
		.addresses = {{end_of("10.0.0.5"), "eth0"},
			      {end_of("192.168.1.5"), "wlan0"},
			      {end_of("10.8.0.2"), "tun0"},
			      {end_of("2001:db8::5"), "eth0"}},
	};
	machine->network = (struct kernel_network){
		.interfaces = machine->interfaces,
		.interface_count = 3,
		.addresses = machine->addresses,
		.address_count = 4,
	};
}

static struct way way_by(const struct machine *machine, const char *interface, const char *source)
{
	const struct way none = {.known = false};
	struct kernel_route route = {.source = end_of(source)};

	strcpy(route.interface, interface);
	return way_of(&machine->network, 0, &route, &none);
}

static struct way no_way(const struct machine *machine, const struct way *before)
{
	return way_of(&machine->network, -ENETUNREACH, NULL, before);
}

/* Judges the connection from 10.0.0.5, or another address, that went by eth0 before. */
static enum way_verdict judge(const struct machine *machine, const char *here,
			      const struct way *now, const char *words)
{
	const struct way before = {true, true, {.interface = "eth0", .source = end_of(here)}};
	const struct kernel_tcp_key key = {
		.here = end_of(here),
		.there = end_of(strchr(here, ':') ? "2001:db8:1::1" : "10.9.9.9")};
	struct strbuf said = {0};
	enum way_verdict verdict = way_judge(&machine->network, &key, &before, now, &said);

	cr_expect(eq(str, (char *)strbuf_text(&said), (char *)words));
	strbuf_finish(&said);
	return verdict;
}

Test(way, what_goes_as_before_stands)
{
	struct machine machine;
	struct way now;

	init(&machine);
	now = way_by(&machine, "eth0", "10.0.0.5");
	cr_expect(eq(int, judge(&machine, "10.0.0.5", &now, ""), WAY_STANDS));
	cr_expect(eq(int, judge(&machine, "2001:db8::5", &now, ""), WAY_STANDS));
	/* A new connection would have another address of the same interface. */
	now = way_by(&machine, "eth0", "10.0.0.6");
	cr_expect(eq(int, judge(&machine, "10.0.0.5", &now, ""), WAY_STANDS));
}

Test(way, an_interface_that_is_down_or_gone_is_named)
{
	struct machine machine;
	struct way before, now;

	init(&machine);
	before = way_by(&machine, "eth0", "10.0.0.5");
	/* Switched off: its routes are gone, and what goes elsewhere cannot have its address. */
	machine.interfaces[0].enabled = machine.interfaces[0].up = false;
	now = no_way(&machine, &before);
	cr_expect(
		eq(int, judge(&machine, "10.0.0.5", &now, "the interface eth0 is down"), WAY_LOST));
	now = way_by(&machine, "wlan0", "192.168.1.5");
	cr_expect(
		eq(int, judge(&machine, "10.0.0.5", &now, "the interface eth0 is down"), WAY_LOST));
	/* The cable is pulled: the route is there. */
	machine.interfaces[0].enabled = true;
	now = way_by(&machine, "eth0", "10.0.0.5");
	cr_expect(
		eq(int, judge(&machine, "10.0.0.5", &now, "the interface eth0 is down"), WAY_LOST));
	/* The adapter is pulled. */
	strcpy(machine.interfaces[0].name, "other");
	now = no_way(&machine, &before);
	cr_expect(
		eq(int, judge(&machine, "10.0.0.5", &now, "the interface eth0 is gone"), WAY_LOST));
}

Test(way, an_address_that_is_no_longer_ours_is_named_with_its_interface)
{
	struct machine machine;
	struct way now;

	init(&machine);
	machine.addresses[0].at = end_of("10.0.0.77");
	now = way_by(&machine, "eth0", "10.0.0.77");
	cr_expect(eq(int,
		     judge(&machine, "10.0.0.5", &now, "eth0 no longer has the address 10.0.0.5"),
		     WAY_LOST));
	/* An address of the same bytes is not one of the other family. */
	cr_expect(eq(
		int,
		judge(&machine, "2001:db8::6", &now, "eth0 no longer has the address 2001:db8::6"),
		WAY_LOST));
}

Test(way, without_a_route_the_far_end_is_named)
{
	struct machine machine;
	struct way before, now;

	init(&machine);
	before = way_by(&machine, "eth0", "10.0.0.5");
	now = no_way(&machine, &before);
	cr_expect(eq(int,
		     judge(&machine, "10.0.0.5", &now,
			   "this machine has no route to 10.9.9.9 any more, by eth0 or another "
			   "interface"),
		     WAY_LOST));
}

Test(way, what_moves_to_another_interface_with_its_address_is_asked)
{
	struct machine machine;
	struct way now;

	init(&machine);
	now = way_by(&machine, "wlan0", "192.168.1.5");
	cr_expect(eq(int, judge(&machine, "10.0.0.5", &now, ""), WAY_ASK));
	/* Also while the cable is out, as long as nobody has switched that off. */
	machine.interfaces[0].up = false;
	cr_expect(eq(int, judge(&machine, "10.0.0.5", &now, ""), WAY_ASK));
}

Test(way, what_a_vpn_carries_is_asked)
{
	const struct way before = {true, true, {.interface = "tun0", .source = end_of("10.8.0.2")}};
	const struct kernel_tcp_key key = {.here = end_of("10.8.0.2"), .there = end_of("10.9.9.9")};
	struct strbuf words = {0};
	struct machine machine;
	struct way now;

	init(&machine);
	now = way_by(&machine, "tun0", "10.8.0.2");
	cr_expect(eq(int, way_judge(&machine.network, &key, &before, &now, &words), WAY_ASK));
	machine.interfaces[2].enabled = machine.interfaces[2].up = false;
	now = no_way(&machine, &before);
	cr_expect(eq(int, way_judge(&machine.network, &key, &before, &now, &words), WAY_LOST));
	cr_expect(eq(str, (char *)strbuf_text(&words), "the interface tun0 is down"));
	strbuf_finish(&words);
}

Test(way, a_way_has_returned_when_there_was_none_or_another)
{
	const struct way unknown = {.known = false};
	struct machine machine;
	struct way eth, wlan, none, renumbered;

	init(&machine);
	eth = way_by(&machine, "eth0", "10.0.0.5");
	wlan = way_by(&machine, "wlan0", "192.168.1.5");
	renumbered = way_by(&machine, "eth0", "10.0.0.77");
	none = no_way(&machine, &eth);
	cr_expect(way_returned(&unknown, &eth));
	cr_expect(way_returned(&none, &eth));
	cr_expect(way_returned(&eth, &wlan));
	cr_expect(way_returned(&eth, &renumbered));
	cr_expect(not(way_returned(&eth, &eth)));
	cr_expect(not(way_returned(&eth, &none)));
	cr_expect(not(way_returned(&unknown, &none)));
	/* What it was last is remembered. */
	cr_expect(eq(str, none.route.interface, "eth0"));
}

Test(way, the_signature_is_another_for_each_change_and_no_other_for_another_order)
{
	struct machine machine, other;
	uint64_t before;

	init(&machine);
	before = way_signature(&machine.network);
	init(&other);
	other.interfaces[0] = machine.interfaces[1];
	other.interfaces[1] = machine.interfaces[0];
	cr_expect(eq(u64, way_signature(&other.network), before));
	other.interfaces[0].up = false;
	cr_expect(ne(u64, way_signature(&other.network), before));
	init(&other);
	other.addresses[2].at = end_of("10.8.0.3");
	cr_expect(ne(u64, way_signature(&other.network), before));
}
