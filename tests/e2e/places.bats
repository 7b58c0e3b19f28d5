#!/usr/bin/env bats
# Places: how they are recognised, on a machine made of namespaces whose network comes and goes. The other
# end of its one link is the router of its network.

load helper

setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
	unset TUNPLAN_FILE TUNPLAN_ME TUNPLAN_PLACE
	FILE=$BATS_TEST_TMPDIR/tunplan.yaml
	world_start
}

teardown() {
	[ -z "${HERE:-}" ] || kill "$HERE" "$ROUTER" ${LISTENER:+"$LISTENER"}
	wait
}

# world_start: a machine with one link, lan0, and a router at its other end, far0.
world_start() {
	local pids=$BATS_TEST_TMPDIR/pids as_root=()
	[ "$(id -u)" = 0 ] || as_root=(--map-root-user)
	unshare "${as_root[@]}" --net --mount bash -c \
		'unshare --net sleep infinity & echo "$$ $!" >"$0"; exec sleep infinity' "$pids" 3>&- &
	eventually 5 test -s "$pids"
	read -r HERE ROUTER <"$pids"
	eventually 5 are_apart
	here ip link set lo up
	here ip link add lan0 type veth peer name far0 netns "$ROUTER"
	here ip link set lan0 up
	there ip link set far0 address 02:00:00:00:00:01 up
}

# Both exist before they are in namespaces of their own.
are_apart() {
	[ "$(readlink "/proc/$HERE/ns/net")" != "$(readlink /proc/self/ns/net)" ] &&
		[ "$(readlink "/proc/$HERE/ns/net")" != "$(readlink "/proc/$ROUTER/ns/net")" ]
}

# enter PID COMMAND…
enter() {
	local as_root=()
	[ "$(id -u)" = 0 ] || as_root=(--user --preserve-credentials)
	nsenter --target "$1" "${as_root[@]}" --net --mount -- "${@:2}"
}

here() {
	enter "$HERE" "$@"
}

there() {
	enter "$ROUTER" "$@"
}

# topology: writes the file; its places come from standard input.
topology() {
	cat - >"$FILE" <<-'FILE'
		tunplan: 1
		me: laptop
		vlans: [internet, office, dmz]
		hosts:
		  laptop: {ssh: none}
		  gw: {vlans: [internet, dmz], ssh: {}}
		  desk: {vlans: [office, dmz], ssh: {}}
		  intranet: {vlans: [dmz], ssh: none, services: {web: 80}}
		tunnels: {web: 8080 -> intranet/web}
		places:
	FILE
	cat >>"$FILE"
}

# place KEY: VALUE…: writes the file with a place that is recognised so, and a fallback.
place() {
	printf '  at-office: {when: {%s}, vlans: [office]}\n  away: {vlans: [internet]}\n' "$1" | topology
}

# where [OPTION…]: at which places it is, and how that is known.
where() {
	here "$TUNPLAN" -f "$FILE" --json "$@" plan web | jq -r '[.place[], .place_by] | join(" ")'
}

# is_at PLACES…, is_away: what where says.
is_at() {
	equal "$(where)" "$*"
}

is_away() {
	is_at away fallback
}

# within SECONDS COMMAND…: it succeeds, and soon.
within() {
	local began=$SECONDS
	"${@:2}"
	((SECONDS - began <= $1))
}

# resolves LINE…: what resolv.conf says here.
resolves() {
	local own
	own=$(realpath /etc/resolv.conf) || skip "this machine has no /etc/resolv.conf"
	printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/resolv.conf"
	here sh -c 'mkdir -p "${2%/*}"; [ -e "$2" ] || : >"$2"; mount --bind "$1" "$2"' sh \
		"$BATS_TEST_TMPDIR/resolv.conf" "$own"
}

# hear PORT: a listener here, which writes down who connected, one line a connection, in $HEARD.
hear() {
	HEARD=$BATS_TEST_TMPDIR/heard
	: >"$HEARD"
	here perl -MIO::Socket::INET -e '
		my $listener = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 20) or die $!;
		open(my $pid, ">", "$ARGV[1].pid") or die $!;
		print $pid $$;
		close($pid);
		open(my $out, ">>", $ARGV[1]) or die $!;
		$out->autoflush(1);
		while (my $peer = $listener->accept()) { print $out $peer->peerhost(), "\n" }' \
		"$1" "$HEARD" 3>&- &
	eventually 5 hears "$1"
	eventually 5 test -s "$HEARD.pid"
	LISTENER=$(cat "$HEARD.pid")
}

hears() {
	[ -n "$(here ss -Hltn "sport = :$1")" ]
}

@test "addr: an address in the range, on a link that is up" {
	place 'addr: 10.10.0.0/16'
	is_away
	here ip addr add 10.10.3.3/24 dev lan0
	is_at at-office recognised
	here ip addr replace 10.11.3.3/24 dev lan0
	is_at at-office recognised
	here ip addr del 10.10.3.3/24 dev lan0
	is_away
}

@test "addr: a link that is down, or without its cable, is nowhere" {
	place 'addr: 10.10.0.0/16'
	here ip addr add 10.10.3.3/24 dev lan0
	here ip link set lan0 down
	is_away
	here ip link set lan0 up
	eventually 5 is_at at-office recognised
	there ip link set far0 down
	eventually 5 is_away
}

@test "addr: IPv6, too" {
	place 'addr: "2001:db8:10::/48"'
	is_away
	here ip addr add 2001:db8:10:3::3/64 dev lan0 nodad
	is_at at-office recognised
}

@test "gateway: the default route leads to it, not to another" {
	place 'gateway: 10.10.0.1'
	here ip addr add 10.10.3.3/16 dev lan0
	is_away
	here ip route add default via 10.10.0.1
	is_at at-office recognised
	here ip route replace default via 10.10.0.2
	is_away
	here ip route replace default nexthop via 10.10.0.2 nexthop via 10.10.0.1
	is_at at-office recognised
	here ip route replace default via 10.10.0.2
	here ip route add 192.0.2.0/24 via 10.10.0.1
	is_away
}

@test "gateway: a route by a link without its cable leads nowhere" {
	place 'gateway: 10.10.0.1'
	here ip addr add 10.10.3.3/16 dev lan0
	here ip route add default via 10.10.0.1
	is_at at-office recognised
	there ip link set far0 down
	eventually 5 is_away
}

@test "gateway: neither does one of several ways by such a link" {
	place 'gateway: 10.10.0.1'
	here ip link add lan1 type veth peer name far1 netns "$ROUTER"
	there ip link set far1 up
	here ip link set lan1 up
	here ip addr add 10.10.3.3/16 dev lan0
	here ip addr add 10.20.3.3/16 dev lan1
	here ip route add default nexthop via 10.20.0.1 nexthop via 10.10.0.1
	is_at at-office recognised
	there ip link set far0 down
	eventually 5 is_away
}

@test "gateway: the halves of everything that a VPN puts before the default route count" {
	place 'gateway: 10.10.0.1'
	here ip addr add 10.10.3.3/16 dev lan0
	here ip route add default via 10.10.0.2
	is_away
	here ip route add 0.0.0.0/1 via 10.10.0.1
	here ip route add 128.0.0.0/1 via 10.10.0.1
	is_at at-office recognised
}

@test "gateway: also of another routing table, and none that leads nowhere" {
	place 'gateway: 10.10.0.1'
	here ip addr add 10.10.3.3/16 dev lan0
	here ip route add default via 10.10.0.1 table 77
	is_at at-office recognised
	here ip route flush table 77
	here ip route add unreachable default
	is_away
}

@test "gateway: IPv6, and IPv4 by an IPv6 router" {
	place 'gateway: "2001:db8:10::1"'
	here ip addr add 2001:db8:10::3/64 dev lan0 nodad
	is_away
	here ip -6 route add default via 2001:db8:10::1
	is_at at-office recognised
	here ip -6 route del default
	is_away
	place 'gateway: "fe80::1"'
	here ip -4 route add default via inet6 fe80::1 dev lan0
	is_at at-office recognised
}

@test "gateway_mac: of the default route's router, also when nobody has spoken to it yet" {
	place 'gateway_mac: "02:00:00:00:00:01"'
	here ip addr add 10.10.3.3/16 dev lan0
	there ip addr add 10.10.0.1/16 dev far0
	is_away
	here ip route add default via 10.10.0.1
	equal "$(here ip -4 neigh show)" ""
	is_at at-office recognised
	is_at at-office recognised
	# Another router with the same address.
	there ip link set far0 address 02:00:00:00:00:02
	here ip neigh flush dev lan0
	is_away
}

@test "gateway_mac: a neighbour that is not the router is no sign, and a silent router costs little" {
	place 'gateway_mac: "02:00:00:00:00:01"'
	here ip addr add 10.10.3.3/16 dev lan0
	here ip neigh add 10.10.0.9 lladdr 02:00:00:00:00:01 dev lan0 nud permanent
	here ip route add default via 10.10.0.1
	within 3 is_away
	here ip neigh replace 10.10.0.1 lladdr 02:00:00:00:00:01 dev lan0 nud permanent
	is_at at-office recognised
}

@test "gateway and gateway_mac mean one router" {
	place 'gateway: 10.10.0.1, gateway_mac: "02:00:00:00:00:01"'
	here ip addr add 10.10.3.3/16 dev lan0
	here ip neigh add 10.10.0.1 lladdr 02:00:00:00:00:07 dev lan0 nud permanent
	here ip neigh add 10.10.0.2 lladdr 02:00:00:00:00:01 dev lan0 nud permanent
	here ip route add default nexthop via 10.10.0.1 nexthop via 10.10.0.2
	is_away
	here ip neigh replace 10.10.0.1 lladdr 02:00:00:00:00:01 dev lan0 nud permanent
	is_at at-office recognised
}

@test "dns: whom it asks, and where it searches" {
	resolves "nameserver 192.0.2.53"
	place 'dns: 10.10.0.53'
	is_away
	resolves "nameserver 192.0.2.53" "nameserver 10.10.0.53"
	is_at at-office recognised
	resolves "search example.org"
	place 'dns: plant.example'
	is_away
	resolves "search example.org plant.example"
	is_at at-office recognised
	resolves "search example.org plant.example" "search example.org"
	is_away
}

@test "dns: behind systemd-resolved it is what that asks" {
	local uplink=$BATS_TEST_TMPDIR/uplink
	printf '%s\n' "nameserver 10.10.0.53" "search plant.example" >"$uplink"
	here mount -t tmpfs tmpfs /run
	here mkdir -p /run/systemd/resolve
	here cp "$uplink" /run/systemd/resolve/resolv.conf
	place 'dns: 10.10.0.53'
	resolves "nameserver 192.0.2.53"
	is_away
	resolves "nameserver 127.0.0.53"
	is_at at-office recognised
	place 'dns: plant.example'
	is_at at-office recognised
	here rm /run/systemd/resolve/resolv.conf
	is_away
}

@test "what cannot be found out is said, for the place that it keeps from being recognised" {
	topology <<-'FILE'
		  at-office: {when: {addr: 10.10.0.0/16, dns: plant.example}, vlans: [office]}
		  vpn: {when: {addr: 10.20.0.0/16, dns: plant.example}, vlans: [office]}
		  away: {vlans: [internet]}
	FILE
	here ip addr add 10.10.3.3/16 dev lan0
	# A file whose first byte cannot be read, where one is that can be.
	resolves ""
	here mount --bind "/proc/$HERE/mem" "$(realpath /etc/resolv.conf)"
	exits 0 here "$TUNPLAN" -f "$FILE" plan web
	says "laptop is at away (no other place is recognised)"
	equal "$stderr" "tunplan: cannot tell whether this machine is at 'at-office': whom it asks for names cannot be found out here; --place says where it is"
	exits 0 here "$TUNPLAN" -f "$FILE" --place away plan web
	equal "$stderr" ""
}

@test "tcp: a port that answers; one that refuses is none" {
	place 'tcp: "127.0.0.1:2222"'
	is_away
	hear 2222
	is_at at-office recognised
	place 'tcp: ["127.0.0.1:2223", "localhost:2222"]'
	is_at at-office recognised
	kill "$LISTENER"
	LISTENER=
	eventually 5 fails hears 2222
	is_away
}

@test "tcp: ports that are silent and names that nobody knows cost a second, all together" {
	here ip addr add 10.10.3.3/16 dev lan0
	resolves "nameserver 10.10.0.53"
	place 'tcp: ["10.10.0.77:22", "10.10.0.78:22", "10.10.0.79:22", "nobody.example:22", "no.example:22"]'
	within 3 is_away
}

@test "tcp: a port is tried only where all else fits" {
	hear 2222
	place 'addr: 10.10.0.0/16, tcp: "127.0.0.1:2222"'
	is_away
	equal "$(cat "$HEARD")" ""
	here ip addr add 10.10.3.3/16 dev lan0
	is_at at-office recognised
	eventually 5 equal_to 127.0.0.1 cat "$HEARD"
}

# Two places beside a fallback.
three_places() {
	topology <<-'FILE'
		  at-office: {when: {addr: 10.10.0.0/16, gateway: 10.10.0.1}, vlans: [office]}
		  vpn: {when: {dns: plant.example}, vlans: {internet: 203.0.113.9}}
		  away: {vlans: [internet]}
	FILE
}

@test "several facts have to be there all, and several places add up" {
	three_places
	resolves "search example.org"
	is_away
	here ip addr add 10.10.3.3/16 dev lan0
	is_away
	here ip route add default via 10.10.0.1
	is_at at-office recognised
	resolves "search plant.example"
	is_at at-office vpn recognised
	here ip addr flush dev lan0
	is_at vpn recognised
}

@test "plan goes another way at another place, and says where it is" {
	three_places
	resolves "search example.org"
	exits 0 here "$TUNPLAN" -f "$FILE" plan web
	says "laptop is at away (no other place is recognised)"
	says "laptop ===internet=== gw ---dmz--- intranet"
	here ip addr add 10.10.3.3/16 dev lan0
	here ip route add default via 10.10.0.1
	exits 0 here "$TUNPLAN" -f "$FILE" plan web
	says "laptop is at at-office (recognised)"
	says "laptop ===office=== desk ---dmz--- intranet"
}

@test "--place and TUNPLAN_PLACE go before what is recognised" {
	three_places
	resolves "search plant.example"
	is_at vpn recognised
	equal "$(where --place at-office)" "at-office said"
	equal "$(where --place vpn --place away)" "vpn away said"
	TUNPLAN_PLACE=away equal_to "away said" where
	TUNPLAN_PLACE=away equal_to "at-office said" where --place at-office
	equal "$(where --place none)" "said"
	exits 4 here "$TUNPLAN" -f "$FILE" --place none plan web
	complains "laptop is at no place of the file (as you say)"
	complains NOT_HERE
}

@test "an unknown place is exit 2, with the nearest name, for every command" {
	three_places
	local command
	for command in "plan web" list status "lab up"; do
		# shellcheck disable=SC2086
		exits 2 here "$TUNPLAN" -f "$FILE" --place at-ofice $command
		complains "has no place 'at-ofice'; did you mean 'at-office'?"
	done
	sed '/^places:/,$d' "$FILE" >"$BATS_TEST_TMPDIR/nowhere.yaml"
	exits 2 here "$TUNPLAN" -f "$BATS_TEST_TMPDIR/nowhere.yaml" --place away list
	complains "nowhere.yaml has no places (key \`places\`): only 'none' can be said"
	TUNPLAN_PLACE=avay exits 2 here "$TUNPLAN" -f "$FILE" plan web
	complains "TUNPLAN_PLACE"
	complains "did you mean 'away'?"
}

@test "the file's places are those of its me: another host is where its own VLANs are" {
	three_places
	resolves "search plant.example"
	equal "$(where --me desk)" ""
	equal "$(where --me desk --place away)" "away said"
	sed -i '/^me:/d' "$FILE"
	equal "$(where --me desk)" "vpn recognised"
}

@test "up --dry-run goes the way that plan shows" {
	three_places
	resolves "search example.org"
	exits 0 here "$TUNPLAN" -f "$FILE" up --dry-run web
	says " gw"
	exits 0 here "$TUNPLAN" -f "$FILE" --place at-office up --dry-run web
	says " desk"
}
