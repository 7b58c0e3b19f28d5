#!/usr/bin/env bats
# Another path for a tunnel that was up, and back to the first choice.

load ../e2e/helper
load ../e2e/faults
load ../e2e/another

@test "a bastion dies: the tunnel goes by the other one after half a minute, and back when that one dies" {
	local began
	up 0 web fixed
	goes_by a ""
	began=$SECONDS
	dies a
	eventually 5 is_state web reconnecting
	eventually 60 goes_by b a
	((SECONDS - began >= 29))
	is_state fixed reconnecting
	equal "$(state_of web .restarts)" 1
	sshd_starts a
	eventually 20 is_state fixed up
	goes_by b a
	dies b
	eventually 60 goes_by a ""
}

@test "it goes back to the first choice when that is well for a minute, beside what works" {
	local began port
	sshd_ends a
	up 0 web auto-web
	goes_by b a
	port=$(state_of auto-web .forwards[0].listen)
	sshd_starts a
	began=$SECONDS
	# A minute until it is tried, and a minute of health.
	eventually 100 equal_to 1 on a pgrep -c -P "$(cat "$BATS_TEST_TMPDIR/sshd-a.pid")"
	goes_by b a
	equal "$(on you tunplan -f "$file" status --json | jq '.tunnels | length')" 2
	eventually 100 goes_by a ""
	((SECONDS - began >= 100))
	eventually 5 is_state auto-web up
	equal "$(state_of auto-web .forwards[0].listen)" "$port"
	eventually 5 equal_to 1 masters
	equal "$(state_of web .restarts)" 0
}

@test "both die: it comes back by the one that is back first" {
	up 0 web
	dies a
	sshd_ends b
	eventually 60 shell_on you 'tunplan -f "$1" status --json web |
		jq -e ".tunnels[0].error.advice | contains(\"--without a web\") | not" && tunplan -f "$1" status web |
		grep -q "tried [3-9][0-9]* times"' "$file"
	is_state web reconnecting
	sshd_starts b
	eventually 90 goes_by b a
}

@test "down in the middle of a trial leaves nothing" {
	up 0 web
	dies a
	sshd_ends b
	mute b 2222 SSH-2.0-Mute
	# What is on trial is seen by nobody.
	eventually 60 test -s "$MUTE_LOG"
	equal "$(on you tunplan -f "$file" status --json | jq '.tunnels | length')" 1
	is_state web reconnecting
	exits 0 on you tunplan -f "$file" down web
	nothing_left you 7101
	on b kill "$(cat "$BATS_TEST_TMPDIR/mute.pid")"
	unset MUTE_HOST
	sshd_starts b
}
