#!/usr/bin/env bats
# Far ends that end a hop by their rules because it is idle: which rule that is, is told, and the hop is kept from it.

load helper
load faults

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/office.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	leave_nothing
	lab_possible || return 0
	on bastion-host kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
}

# holds HOST NUMBER: so many sessions are held there.
holds() {
	equal "$(on "$1" pgrep -cx cat)" "$2"
}

# hop_of FILE TUNNEL INDEX FILTER: of what status says of one of its hops.
hop_of() {
	on you tunplan -f "$1" status --json "$2" | jq -r ".tunnels[0].hops[$3] | $4"
}

# hop_is FILE TUNNEL INDEX CONDITION
hop_is() {
	[ "$(hop_of "$@")" = true ]
}

@test "where an sshd ends what nothing runs through, a session is held, and that is told" {
	local file pid
	bastion_on_2222 -o UnusedConnectionTimeout=4
	exits 0 on you tunplan -f "$file" up docs
	eventually 30 hop_is "$file" docs 0 '.rule.code == "unused_timeout" and .state == "up"'
	equal "$(hop_of "$file" docs 0 .rule.host)" bastion-host
	pid=$(hop_of "$file" docs 0 .pid)
	exits 0 on you tunplan -f "$file" status docs
	says 'in which nothing ran through it: a session is held there now (unused_timeout)'
	says 'what to do: set UnusedConnectionTimeout to none in the sshd_config of bastion-host'
	eventually 5 holds bastion-host 1
	# That is no reason for another path.
	equal "$(on you tunplan -f "$file" status --json docs | jq -c '.tunnels[0].left_out')" '[]'
	# Longer than that sshd lets anything unused be.
	eventually 20 hop_is "$file" docs 0 '.since_s >= 8'
	equal "$(hop_of "$file" docs 0 .pid)" "$pid"
	exits 0 on you tunplan -f "$file" down docs
	eventually 5 holds bastion-host 0
}

@test "where the sshd of the hop before ends what is idle, a keepalive is sent more often, and that is told" {
	local file pid
	bastion_on_2222 -o ChannelTimeout=direct-tcpip=5
	exits 0 on you tunplan -f "$file" up web
	eventually 30 hop_is "$file" web 1 '.rule.code == "channel_timeout" and .state == "up"'
	equal "$(hop_of "$file" web 1 .rule.host)" bastion-host
	equal "$(hop_of "$file" web 0 .rule)" null
	pid=$(hop_of "$file" web 1 .pid)
	exits 0 on you tunplan -f "$file" status web
	says 'what to do: set ChannelTimeout in the sshd_config of bastion-host to more than a minute'
	eventually 20 hop_is "$file" web 1 '.since_s >= 8'
	equal "$(hop_of "$file" web 1 .pid)" "$pid"
	exits 0 on you tunplan -f "$file" down web
}
