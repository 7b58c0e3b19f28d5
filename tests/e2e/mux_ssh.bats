#!/usr/bin/env bats
# TUNPLAN_MUX=ssh: listeners that are asked for by `ssh -O`.

load helper
load faults

setup_file() {
	sed 's|^groups:|  socket: {ingress: /run/home/docs.sock, egress: docs-server/http}\n  browse: 1080 -> socks@bastion-host\n&|' \
		"$BATS_TEST_DIRNAME/office.yaml" >"$BATS_FILE_TMPDIR/office.yaml"
	lab_start "$BATS_FILE_TMPDIR/office.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	leave_nothing
}

by_ssh() {
	on you env TUNPLAN_MUX=ssh tunplan "$@"
}

@test "listeners of all kinds open and close by ssh -O" {
	mute you 9091
	exits 0 by_ssh up docs browse socket back
	exits 0 on you curl -sS -m 5 http://localhost:8081/
	exits 0 on you curl -sS -m 5 --proxy socks5h://localhost:1080 http://docs-server/
	exits 0 on you curl -sS -m 5 --unix-socket /run/home/docs.sock http://docs/
	listens bastion-host 9090
	exits 0 on you tunplan down docs browse socket back
	closed bastion-host 9090
	fails on you test -e /run/home/docs.sock
	nothing_left you 8081 you 1080
}

@test "why there is no listener is told in ssh's words by ssh -O, too" {
	local file
	file=$(variant elsewhere 's|^tunnels:|&\n  elsewhere: 192.0.2.1:8086 -> docs-server/http|')
	exits 1 by_ssh -f "$file" up elsewhere
	complains "Cannot assign requested address"
	nothing_left
}

@test "a master that dies while ssh -O asks it takes nothing else with it" {
	local supervisor session
	exits 0 by_ssh up docs
	supervisor=$(on you pgrep -f 'tunplan --supervisor')
	# The far end of the link goes quiet, so the request stays unanswered.
	session=$(on bastion-host pgrep -f '^sshd(-session)?: [^ ]+$')
	on bastion-host kill -STOP "$session"
	in_background up you tunplan up back
	eventually 5 on you pgrep -f ' -O forward '
	on you kill -KILL "$(on you pgrep -f '^ssh -N ')"
	ended up 1
	equal "$(on you pgrep -f 'tunplan --supervisor')" "$supervisor"
	eventually 10 is_state docs up
	fails on you pgrep -f ' -O forward '
	on bastion-host kill -KILL "$session"
}
