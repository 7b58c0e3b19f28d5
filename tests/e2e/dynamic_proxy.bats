#!/usr/bin/env bats
# The guide's dynamic proxy: SOCKS through remote-host to wherever the program wants to go.

load helper

setup_file() {
	lab_start dynamic-proxy
}

teardown_file() {
	lab_stop
}

# fetch HOST: its page by way of the proxy, which looks the name up on remote-host.
fetch() {
	on you curl -sS -m 5 --socks5-hostname localhost:1080 "http://$1/some-file.txt"
}

@test "without the tunnel, you reach neither server" {
	cut_off you web-server 80
	cut_off you news-server 80
}

@test "the plan is a dynamic forward without a fixed egress" {
	exits 0 on you tunplan plan --json browse
	equal "$(jq -r '.forwards[0] | .type, .egress.socks' <<<"$output")" $'dynamic\ntrue'
	equal "$(jq -r '[.hops[].host] | join(" ")' <<<"$output")" remote-host
}

@test "one tunnel leads to both servers" {
	exits 0 on you tunplan up browse
	equal "$output" 127.0.0.1:1080
	exits 0 fetch web-server
	says web-server
	exits 0 fetch news-server
	says news-server
	is_state browse up
}

@test "what remote-host does not know is refused there" {
	exits 97 fetch nowhere.invalid
	is_state browse up
}

@test "down leaves nothing" {
	exits 0 on you tunplan down browse
	nothing_left you 1080
}

@test "the plain command that plan prints does the same" {
	by_hand browse
	eventually 10 fetch web-server
	exits 0 fetch news-server
	says news-server
	by_hand_stop
	nothing_left you 1080
}
