#!/usr/bin/env bats
# Tunnels from a place of the topology, in a lab at that place: up, status after moving, and how a lab is
# told where the laptop is.

load helper

setup_file() {
	lab_possible || return 0
	unset TUNPLAN_PLACE
	cat >"$BATS_FILE_TMPDIR/plant.yaml" <<-'FILE'
		tunplan: 1
		me: you
		vlans:
		  internet: {trust: none}
		  office: 10.10.0.0/16
		  dmz: 10.20.0.0/24
		hosts:
		  you: {ssh: none}
		  gw: {vlans: {internet: 203.0.113.5, dmz: 10.20.0.5}, ssh: {}}
		  desk: {vlans: {office: 10.10.0.9, dmz: 10.20.0.9}, ssh: {}}
		  intranet: {vlans: {dmz: 10.20.0.80}, ssh: none, services: {web: {port: 80, lab: http}}}
		tunnels:
		  web: 8080 -> intranet/web
		  by-desk: 8081 -> intranet/web via desk
		places:
		  at-office: {when: {addr: 10.10.0.0/16}, vlans: {office: 10.10.3.3}}
		  vpn: {when: {gateway: 10.8.0.1}, vlans: {office: 10.10.9.9}}
		  away: {vlans: [internet]}
	FILE
	lab_start "$BATS_FILE_TMPDIR/plant.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	[ ! -e "$BATS_TEST_TMPDIR/other.yaml" ] || "$TUNPLAN" -f "$BATS_TEST_TMPDIR/other.yaml" lab down
	lab_possible && on you tunplan down --all
}

# chain TUNNEL [OPTION…]: the hops of the plan on you.
chain() {
	on you tunplan "${@:2}" --json plan "$1" | jq -r '[.hops[].host] | join(" ")'
}

@test "the lab is at the place without signs, and tunplan there knows it" {
	exits 0 "$TUNPLAN" lab status
	says "internet  you"
	equal "$(on you tunplan --json plan web | jq -r '[.place[], .place_by] | join(" ")')" "away said"
	equal "$(chain web)" gw
	equal "$(chain by-desk)" "gw desk"
	# Nobody but me is at a place.
	exits 0 on gw tunplan --json plan web
	equal "$(jq -c .place <<<"$output")" "[]"
}

@test "up works from there, and the supervisor plans as the client does" {
	exits 0 on you tunplan up web by-desk
	equal "$(on you tunplan status --json by-desk | jq -r '[.tunnels[0].hops[].host] | join(" ")')" "gw desk"
	exits 0 on you curl -sS -m 5 http://localhost:8080/
	says intranet
	exits 0 on you curl -sS -m 5 http://localhost:8081/
	says intranet
}

@test "who has moved sees the tunnels as they are, and no file that changed" {
	exits 0 on you tunplan up web
	local moved
	for moved in away at-office "at-office vpn" none; do
		exits 0 on you env "TUNPLAN_PLACE=$moved" tunplan --json status web
		equal "$(jq -c '.tunnels[0] | [.state, .file_changed, .place]' <<<"$output")" \
			'["up",false,["away"]]'
	done
	exits 0 on you tunplan --place at-office status web
	fails grep -q "the file" <<<"$output"
	# A file that did change is still told apart: where it counts is the place of the plan, away.
	local before here there
	before=$(cat "$TUNPLAN_FILE")
	sed -i 's/10.10.3.3/10.10.3.4/' "$TUNPLAN_FILE"
	there=$(on you tunplan --place at-office status --json web)
	sed -i 's/203.0.113.5/203.0.113.6/' "$TUNPLAN_FILE"
	here=$(on you tunplan --place at-office status --json web)
	cat >"$TUNPLAN_FILE" <<<"$before"
	equal "$(jq -c '.tunnels[].file_change' <<<"$there$here")" $'null\n"replanned"'
}

@test "up from another place takes the other way, and up from the same leaves it as it is" {
	local pid
	exits 0 on you tunplan up web
	pid=$(hop_pid web gw)
	exits 0 on you tunplan up web
	equal "$(hop_pid web gw)" "$pid"
	# The lab is not there: what the plan asks for from that place cannot come up.
	exits 1 on you tunplan --place at-office up --timeout 5 web
	complains desk
}

@test "without a word about it, the place is recognised in the lab as elsewhere" {
	equal "$(on you env -u TUNPLAN_PLACE tunplan --json plan web | jq -r '[.place[], .place_by] | join(" ")')" \
		"away fallback"
}

# other_lab [OPTION…]: a second lab of the same file.
other_lab() {
	cp "$TUNPLAN_FILE" "$BATS_TEST_TMPDIR/other.yaml"
	exits 0 "$TUNPLAN" -f "$BATS_TEST_TMPDIR/other.yaml" lab up "$@"
}

on_other() {
	"$TUNPLAN" -f "$BATS_TEST_TMPDIR/other.yaml" lab exec you -- "$@"
}

@test "lab up --place puts the laptop there, and up works from there" {
	other_lab --place at-office
	says "you is at at-office"
	equal "$(on_other ip -o -4 addr show scope global | awk '{print $4}')" 10.10.3.3/16
	equal "$(on_other env -u TUNPLAN_PLACE tunplan --json plan web | jq -r '[.place[], .place_by] | join(" ")')" \
		"at-office recognised"
	exits 0 on_other tunplan up web
	equal "$(on_other tunplan status --json web | jq -r '[.tunnels[0].hops[].host] | join(" ")')" desk
	exits 0 on_other curl -sS -m 5 http://localhost:8080/
	says intranet
	exits 0 on_other tunplan down --all
}

@test "several places of a lab add up, and none is none" {
	other_lab --place at-office --place vpn --place away
	equal "$(on_other ip -o -4 addr show scope global | awk '$2 ~ /office/ {print $4}')" \
		$'10.10.3.3/16\n10.10.9.9/16'
	[ -n "$(on_other ip -o -4 addr show scope global | awk '$2 ~ /internet/')" ]
	exits 0 "$TUNPLAN" -f "$BATS_TEST_TMPDIR/other.yaml" lab down
	other_lab --place none
	says "you is at no place of the file"
	equal "$(on_other ip -o -4 addr show scope global)" ""
	exits 4 on_other tunplan plan web
}

@test "a lab that is up elsewhere says so, and stays" {
	exits 0 "$TUNPLAN" lab up --place away
	says "it was up already"
	exits 1 "$TUNPLAN" lab up --place vpn
	complains "the lab is up with you at another place"
	exits 2 "$TUNPLAN" lab up --place avay
	complains "did you mean 'away'?"
	equal "$(chain web)" gw
}
