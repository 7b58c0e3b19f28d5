#!/usr/bin/env bats
# examples/home-lab, a home lab behind NAT: a router that forwards a port, a host that holds a port open
# elsewhere, and who may use either.

load helper

setup_file() {
	lab_start home-lab
}

teardown_file() {
	lab_stop
}

# The file's me has a name of its own.
teardown() {
	lab_possible && on laptop tunplan down --all
}

@test "a port of the router leads to the host that is published there" {
	equal "$(on laptop ssh -p 2022 198.51.100.7 hostname)" pi
	equal "$(on vps ssh -p 2022 198.51.100.7 hostname)" pi
	# Nothing else of it is there, and it is nowhere else.
	cut_off laptop 198.51.100.7 22
	cut_off laptop 192.168.1.10 22
}

@test "a port on the loopback of another host leads to the one that holds it open" {
	equal "$(on vps ssh -p 2201 localhost hostname)" heater-hub
	equal "$(on heater-hub sh -c 'ss -Hltn "sport = :2201" | wc -l')" 0
	cut_off laptop 203.0.113.20 2201
	# It sees a connection from itself, as from an ssh -R of its own.
	equal "$(on vps ssh -p 2201 localhost 'echo $SSH_CONNECTION' | cut -d' ' -f 1)" 127.0.0.1
}

@test "the tunnels come up through both" {
	exits 0 on laptop tunplan up home
	exits 0 on laptop curl -sSk -m 5 https://localhost:5001/
	says "the web service of nas"
	exits 0 on laptop curl -sSk -m 5 https://localhost:8443/
	says "the admin service of router"
	exits 0 on laptop curl -sS -m 5 http://localhost:8080/
	says "the web service of heater"
	equal "$(on laptop tunplan status --json heater | jq -r '[.tunnels[0].hops[] | .host] | join(" ")')" \
		"vps heater-hub"
}

@test "the other way round, and a browser" {
	exits 0 on laptop tunplan up show browse-home
	exits 0 on vps curl -sS -m 5 http://203.0.113.20:8000/
	says "the preview service of laptop"
	exits 0 on laptop curl -sSk -m 5 -x socks5h://localhost:1080 https://nas:5001/
	says "the web service of nas"
}

@test "much goes through a published port, in both directions, and its end is seen" {
	on laptop ssh -p 2022 198.51.100.7 'head -c 3000000 /dev/zero | tr "\0" x; cat | wc -c' \
		< <(head -c 2000000 /dev/zero) >"$BATS_TEST_TMPDIR/got"
	equal "$(tail -c 8 "$BATS_TEST_TMPDIR/got")" 2000000
	equal "$(wc -c <"$BATS_TEST_TMPDIR/got")" 3000008
}

@test "rules are about whose the published thing is, and a name is known where it is looked up" {
	local other=$BATS_TEST_TMPDIR/rules.yaml
	cat >"$other" <<-'FILE'
		tunplan: 1
		vlans: {out: 203.0.113.0/24, in: 192.168.1.0/24, far: 10.9.0.0/24}
		hosts:
		  a: {vlans: [out], ssh: none}
		  b: {vlans: [far], ssh: none}
		  front: {vlans: {out: 203.0.113.9}, ssh: none}
		  web:
		    vlans: {in: 192.168.1.5}
		    ssh: none
		    services:
		      page: {port: 80, listen: loopback, at: {out: "203.0.113.7:8080"}}
		      mail: {port: 25, at: {out: "203.0.113.9:2525"}}
		      named: {port: 81, at: {out: "web.example.org:8081"}}
		      shut: {port: 82, at: {out: "203.0.113.7:8082"}}
		reachability:
		  - {deny: a -> web 8082, action: reject}
		  - {deny: any -> front}
		  - {allow: b -> web 8080 2525}
		  - {deny: a -> out 2525}
	FILE
	exits 0 "$TUNPLAN" -f "$other" lab up
	said() {
		"$TUNPLAN" -f "$other" lab exec "$1" -- timeout 20 bash -c 'exec 3<>"/dev/tcp/$0/$1"; cat <&3' "$2" "$3"
	}
	equal "$(said a 203.0.113.7 8080)" "web/page answers on 127.0.0.1:80"
	equal "$(said b 203.0.113.7 8080)" "web/page answers on 127.0.0.1:80"
	equal "$(said a web.example.org 8081)" "web/named answers on 127.0.0.1:81"
	equal "$(said b 203.0.113.9 2525)" "web/mail answers on 127.0.0.1:25"
	TUNPLAN_FILE=$other cut_off a 203.0.113.9 2525
	TUNPLAN_FILE=$other cut_off b web.example.org 8081
	run said a 203.0.113.7 8082
	says refused
	exits 0 "$TUNPLAN" -f "$other" lab down
}
