#!/usr/bin/env bats
# The guide's local tunnel: a page of a web server behind a bastion host.

load helper

setup_file() {
	lab_start local-tunnel
}

teardown_file() {
	lab_stop
}

fetch() {
	on you curl -sS -m 5 http://localhost:8080/some-file.txt
}

@test "without the tunnel, you do not reach the web server, and the bastion does" {
	cut_off you web-server 80
	reaches bastion-host web-server 80
}

@test "the plan goes by bastion-host and says where the bytes are in the clear" {
	exits 0 on you tunplan plan web
	says bastion-host
	exits 0 on you tunplan plan --json web
	equal "$(jq -r '[.hops[].host] | join(" ")' <<<"$output")" "bastion-host"
	equal "$(jq -r '.forwards[0].type' <<<"$output")" local
	equal "$(jq -r '[.exposure[] | select(.encrypted_by == null) | .where] | last' <<<"$output")" vlan2
}

@test "up prints the ingress, and a page comes through it" {
	exits 0 on you tunplan up web
	equal "$output" 127.0.0.1:8080
	exits 0 fetch
	says web-server
	is_state web up
}

@test "the ingress listens on the loopback and nowhere else" {
	equal "$(on you ss -Hltn 'sport = :8080' | awk '{print $4}')" 127.0.0.1:8080
}

@test "down leaves nothing" {
	exits 0 on you tunplan down web
	nothing_left you 8080
	exits 7 fetch
}

@test "the plain command that plan prints does the same" {
	by_hand web
	eventually 10 fetch
	exits 0 fetch
	says web-server
	by_hand_stop
	nothing_left you 8080
}
