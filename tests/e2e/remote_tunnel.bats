#!/usr/bin/env bats
# The guide's remote tunnel: a port of the bastion host leads to a web server that only you reach.

load helper

setup_file() {
	lab_start remote-tunnel
}

teardown_file() {
	lab_stop
}

fetch() {
	on bastion-host curl -sS -m 5 http://localhost:8080/some-file.txt
}

@test "without the tunnel, the bastion does not reach the web server, and you do" {
	cut_off bastion-host web-server 80
	reaches you web-server 80
}

@test "the plan is one hop and a remote forward" {
	exits 0 on you tunplan plan --json web-for-bastion
	equal "$(jq -r '[.hops[].host] | join(" ")' <<<"$output")" bastion-host
	equal "$(jq -r '.forwards[0] | .type, .ingress.host' <<<"$output")" $'remote\nbastion-host'
}

@test "up names the ingress on the bastion, and a page comes through it there" {
	exits 0 on you tunplan up web-for-bastion
	says 8080
	says bastion-host
	exits 0 fetch
	says web-server
	is_state web-for-bastion up
	closed you 8080
}

@test "the ingress listens on the bastion's loopback and nowhere else" {
	equal "$(on bastion-host ss -Hltn 'sport = :8080' | awk '{print $4}')" 127.0.0.1:8080
}

@test "down leaves nothing, on the bastion neither" {
	exits 0 on you tunplan down web-for-bastion
	nothing_left bastion-host 8080
	exits 7 fetch
}

@test "the plain command that plan prints does the same" {
	by_hand web-for-bastion
	eventually 10 fetch
	exits 0 fetch
	says web-server
	by_hand_stop
	nothing_left bastion-host 8080
}
