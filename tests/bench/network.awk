# Prints a topology of so many hosts, always the same one for the same number:
#
#     awk -v hosts=1000 -f tests/bench/dice.awk -f tests/bench/network.awk
#
# It is made like those that people write: most hosts on one line and some on several, comments,
# addresses of both families, whatever a large network has much of. A host takes about 100 bytes and
# shares VLANs with its neighbours only: a larger network is more of the same.

# --- VLANs: 25 hosts have it as their first one

function vlan(number) {
	return sprintf("net-%04d", number % vlans)
}

function prefix4(number) {
	return sprintf("10.%d.%d", int(number / 256), number % 256)
}

function prefix6(number) {
	return sprintf("2001:db8:%x", number + 1)
}

function is_dual(number) {
	return number % 5 == 2
}

function ranges(number) {
	if (is_dual(number))
		return "[" prefix4(number) ".0/24, \"" prefix6(number) "::/64\"]"
	return prefix4(number) ".0/24"
}

function print_vlans(    i) {
	print "vlans:"
	for (i = 0; i < vlans; i++) {
		if (i % 40 == 0)
			printf "  # site %d: from its core to its workshops\n", 1 + i / 40
		if (i % 7 == 3)
			printf "  %s: {cidr: %s, id: %d, trust: %s}\n", vlan(i), ranges(i), 100 + i % 3000,
				pick("low high")
		else
			printf "  %s: %s\n", vlan(i), ranges(i)
	}
}

# --- hosts

function host(number) {
	return sprintf("%s%05d", role[number], number)
}

# The addresses of the next host on a VLAN, or nothing: then it is dialled by its name.
function addresses(number,    rest) {
	rest = 10 + used[number]++
	if (chance(25))
		return ""
	if (!is_dual(number) || chance(30))
		return prefix4(number) "." rest
	if (chance(50))
		return "\"" prefix6(number) "::" rest "\""
	return "[" prefix4(number) "." rest ", \"" prefix6(number) "::" rest "\"]"
}

# Up to three VLANs that stand side by side, as a list or with addresses.
function host_vlans(number, with_addresses,    count, first, text, i) {
	first = int(number / 25)
	count = pick("1 1 1 1 2 2 2 2 2 3")
	for (i = 0; i < count && i < vlans; i++) {
		text = text (i ? ", " : "") vlan(first + i)
		if (with_addresses)
			text = text ": " addresses((first + i) % vlans)
	}
	return with_addresses ? "{" text "}" : "[" text "]"
}

# Tunnels pass every 20th host, which so has an sshd.
function login(number) {
	if (number % 20 != 1 && chance(5))
		return "none"
	if (chance(85))
		return "{user: " pick("ops ops ops root deploy") "}"
	return "{user: ops, port: 2222" (chance(30) ? ", identity: ~/.ssh/id_ops" : "") "}"
}

# What the roles offer. All have http.
function services(number) {
	if (role[number] == "db")
		return "{http: 80, pg: " pick("5432 5432 6432") "}"
	if (role[number] == "git")
		return "{http: 80, git: {port: 7999, encrypted: ssh}}"
	if (role[number] == "app" && chance(30))
		return "{http: 80, app: {socket: /run/app/http.sock}}"
	if (chance(10))
		return "{http: 80, https: {port: 443, encrypted: tls}}"
	return chance(5) ? "{http: {port: 80, listen: any, lab: http}}" : "{http: 80}"
}

function print_block(number) {
	printf "  %s:\n    vlans: %s\n", host(number), host_vlans(number, 1)
	if (chance(60))
		printf "    ssh: %s%s\n", login(number), chance(20) ? "  # ticket " draw(9000) : ""
	printf "    services: %s\n", services(number)
	if (chance(20))
		printf "    trust: %s\n", pick("low high")
	if (chance(10))
		print "    sshd: {AllowTcpForwarding: local, MaxSessions: 4}"
	if (chance(10))
		print "    jump: " pick("no avoid")
}

function print_hosts(    i) {
	print "hosts:"
	for (i = 0; i < hosts; i++)
		role[i] = pick("web web web app app db git ci")
	for (i = 0; i < hosts; i++) {
		if (i % 25 == 0)
			printf "  # --- rack %d\n", 1 + i / 25
		if (chance(15))
			print_block(i)
		else if (chance(35))
			printf "  %s: {vlans: %s, services: %s}\n", host(i), host_vlans(i, chance(50)),
				services(i)
		else
			printf "  %s: {vlans: %s, ssh: %s, services: %s}\n", host(i), host_vlans(i, 1),
				login(i), services(i)
	}
}

# --- rules

function print_rule(number,    from, to) {
	from = vlan(number)
	to = host((number * 20 + 60) % hosts)
	if (number % 8 == 3)
		printf "  - {deny: %s -> %s 8000-8099, id: fw-%d, reason: \"seen in audit %d\", action: %s}\n",
			from, to, number, 2000 + draw(25), pick("drop reject")
	else if (number % 8 == 5)
		printf "  - allow:  # both ways\n      - %s -> %s 22 443\n      - %s -> %s 80\n", from, to,
			to, vlan(number + 3)
	else if (number % 8 == 6)
		printf "  - allow: site-%d -> %s 22\n", 1 + int(number % vlans / 40), to
	else
		printf "  - allow: %s -> %s %s\n", from, to, pick("80 443 22,80 5432-5433")
}

function print_sets(    i) {
	print "sets:"
	for (i = 0; i < vlans; i += 40)
		printf "  site-%d: [%s, %s, %s.0/24]\n", 1 + i / 40, vlan(i), vlan(i + 7), prefix4(i + 9)
}

# --- tunnels

function print_tunnel(number,    to) {
	to = host(number * 20)
	if (number % 6 == 2)
		printf "  t%04d: {ingress: %d, egress: %s/http, via: [%s], probe: no}\n", number,
			10000 + number, to, host(number * 20 + 1)
	else if (number % 6 == 4)
		printf "  t%04d: [%d -> %s/http, %d -> %s:9100]\n", number, 10000 + number, to,
			30000 + number, to
	else
		printf "  t%04d: %d -> %s/http\n", number, 10000 + number, to
}

function print_groups(    i) {
	print "groups:"
	for (i = 0; i + 9 < hosts / 20; i += 10)
		printf "  shift-%d: [t%04d, %s]\n", 1 + i / 10, i,
			i < 50 ? sprintf("\"t%03d?\"", i / 10) : sprintf("t%04d", i + 9)
}

BEGIN {
	state = 42
	vlans = int((hosts + 24) / 25)
	print "# Made by tests/bench/network.awk.\ntunplan: 1"
	print_vlans()
	print_hosts()
	print "me: " host(0)
	print_sets()
	print "reachability:"
	for (i = 0; i < hosts / 20; i++)
		print_rule(i)
	print "tunnels:"
	for (i = 0; i < hosts / 20; i++)
		print_tunnel(i)
	print_groups()
}
