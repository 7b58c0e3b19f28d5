# Prints a topology of so many hosts through which tunnels go far, always the same one for the same
# numbers:
#
#     awk -v hosts=1000 [-v widths="1 1 2 8"] -f tests/bench/dice.awk -f tests/bench/internet.awk
#
# A tenth as many VLANs and a twentieth as many rules. Hosts are on 1 to 8 VLANs (widths: as often as a
# number is there), half of them near each other and half of them anywhere, so that everything is a few
# hops from everything: the worst that there is for a search, which sees most of the network before it
# is deep in it.
#
# To be deep in it there are lines: LAN behind LAN, with two gateways between each two, and a tunnel to
# each (line-3-2: the second LAN of the third line). And there are vaults, to which no way leads: what
# it lacks is a port of a rule (vault-port), a rule (vault-rule), or that a rule denies it (vault-deny). One
# port of a vault is open to all hosts (open), and some addresses outside to none (outside).

# --- VLANs: those of the crowd, then the lines, then the vaults

function vlan(number) {
	return sprintf("net-%05d", number)
}

function prefix4(number) {
	return sprintf("10.%d.%d", int(number / 256), number % 256)
}

function print_vlans(    i) {
	print "vlans:"
	for (i = 0; i < vlans; i++)
		if (i % 7 == 3)
			printf "  %s: {cidr: %s.0/24, trust: %s}\n", vlan(i), prefix4(i), pick("low high")
		else
			printf "  %s: %s.0/24\n", vlan(i), prefix4(i)
}

# --- hosts

# A host's presence on a VLAN: with an address, or dialled by its name.
function presence(number) {
	if (used[number] >= 240 || chance(20))
		return vlan(number) ": "
	return vlan(number) ": " prefix4(number) "." (10 + used[number]++)
}

# Near: among the forty VLANs around the host's first one.
function another(first) {
	if (chance(50))
		return draw(crowd)
	return (first + crowd + draw(40) - 20) % crowd
}

function crowd_vlans(number,    count, first, text, on, at, i) {
	first = draw(crowd)
	text = presence(first)
	on[first] = 1
	count = number ? pick(widths) : 1
	for (i = 1; i < count; i++) {
		at = another(first)
		if (!(at in on))
			text = text ", " presence(at)
		on[at] = 1
	}
	return "{" text "}"
}

# What is special about some hosts of the crowd.
function extras(    text) {
	if (chance(5))
		text = text ", sshd: {AllowTcpForwarding: no}" (chance(40) ? ", relay: [socat]" : "")
	else if (chance(5))
		text = text ", sshd: {PermitOpen: [\"*:22\", \"*:443\"]}"
	if (chance(15))
		text = text ", trust: " pick("low low high")
	if (chance(4))
		text = text ", jump: " pick("no avoid")
	if (chance(20))
		text = text ", cost: " (1 + draw(9))
	return text
}

function login() {
	if (chance(10))
		return ", ssh: none"
	return chance(60) ? ", ssh: {user: ops}" : ""
}

function print_line_lan(line, lan,    number, before, i) {
	number = crowd + line * 4 + lan
	before = lan ? number - 1 : draw(crowd)
	for (i = 1; i <= 2; i++)
		printf "  gate-%d-%d-%d: {vlans: {%s, %s}, ssh: {user: ops}}\n", line, lan, i,
			presence(before), presence(number)
	for (i = 0; i < 6; i++)
		printf "  end-%d-%d-%d: {vlans: {%s}, ssh: none, services: {http: 80}}\n", line, lan, i,
			presence(number)
}

function print_hosts(    i, j) {
	print "hosts:"
	for (i = 0; i < hosts - lines * 32 - 15; i++)
		printf "  h%06d: {vlans: %s%s%s, services: {http: 80}}\n", i, crowd_vlans(i), login(),
			i ? extras() : ""
	for (i = 0; i < lines; i++)
		for (j = 0; j < 4; j++)
			print_line_lan(i, j)
	for (i = 0; i < 3; i++)
		for (j = 0; j < 5; j++)
			printf "  safe-%d-%d: {vlans: {%s}, ssh: none, services: {http: 80}}\n", i, j,
				presence(crowd + lines * 4 + i)
}

# --- rules

# Some host that is not me.
function host() {
	return sprintf("h%06d", 1 + draw(hosts - lines * 32 - 16))
}

function print_rule(number,    kind) {
	kind = number % 10
	if (kind < 3)
		printf "  - allow: %s -> %s 22\n", vlan(draw(crowd)), host()
	else if (kind < 5)
		printf "  - allow: %s -> %s 22 80\n", host(), host()
	else if (kind == 5)
		printf "  - {deny: %s -> %s 22, id: fw-%d}\n", vlan(draw(crowd)), host(), number
	else if (kind == 6)
		printf "  - allow: %s -> %s 443\n", vlan(draw(crowd)), vlan(draw(crowd))
	else if (kind == 7)
		printf "  - allow: site-%d -> %s 22\n", draw(sets), host()
	else if (kind == 8)
		printf "  - allow: %s.0/22 -> %s.0/24 22\n", prefix4(4 * draw(int(crowd / 4))),
			prefix4(draw(crowd))
	else
		printf "  - allow: %s.0/24 -> %s 80\n", prefix4(draw(crowd)), host()
}

function print_rules(    i, vault) {
	vault = crowd + lines * 4
	print "sets:"
	for (i = 0; i < sets; i++)
		printf "  site-%d: [%s, %s, %s]\n", i, vlan(draw(crowd)), vlan(draw(crowd)), host()
	print "reachability:"
	print "  - deny: any -> any 23"
	printf "  - allow: %s -> %s 443\n", vlan(draw(crowd)), vlan(vault)
	printf "  - {deny: any -> %s, reason: nobody goes there}\n", vlan(vault + 2)
	for (i = 3; i < hosts / 20; i++)
		print_rule(i)
	print "  - allow: any -> safe-0-1 8443"
	print "  - deny: any -> 203.0.113.0/24"
}

# --- tunnels

function print_tunnels(    i, j) {
	print "tunnels:"
	for (i = 0; i < lines; i++)
		for (j = 0; j < 4; j++)
			printf "  line-%d-%d: %d -> end-%d-%d-0/http\n", i + 1, j + 1, 10000 + i * 4 + j, i, j
	print "  vault-port: 11000 -> safe-0-0/http"
	print "  vault-rule: 11001 -> safe-1-0/http"
	print "  vault-deny: 11002 -> safe-2-0/http"
	print "  open: 11003 -> safe-0-1:8443"
	print "  outside: {ingress: 11004, egress: \"203.0.113.7:443\", via: [gate-0-0-1]}"
}

BEGIN {
	state = 42
	lines = 5
	if (!widths)
		widths = "1 1 1 1 1 1 2 2 3 8"
	vlans = int(hosts / 10)
	sets = 1 + int(hosts / 1000)
	crowd = vlans - lines * 4 - 3
	print "# Made by tests/bench/internet.awk.\ntunplan: 1\nme: h000000"
	print_vlans()
	print_hosts()
	print_rules()
	print_tunnels()
}
