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
	says 'set UnusedConnectionTimeout to none in the sshd_config of bastion-host'
	eventually 5 holds bastion-host 1
	# That is no reason for another path.
	equal "$(on you tunplan -f "$file" status --json docs | jq -c '.tunnels[0].left_out')" '[]'
	# Longer than that sshd lets anything unused be.
	eventually 20 hop_is "$file" docs 0 '.since_s >= 8'
	equal "$(hop_of "$file" docs 0 .pid)" "$pid"
	exits 0 on you tunplan -f "$file" down docs
	eventually 5 holds bastion-host 0
}

# is_kept_from_either: the second hop of web, which has ended twice for being idle, is named, and stays from then on.
is_kept_from_either() {
	local pid
	exits 0 on you tunplan -f "$file" up web
	eventually 30 hop_is "$file" web 1 '.rule.code == "idle_timeout" and .state == "up"'
	equal "$(hop_of "$file" web 1 .rule.host)" test-server
	equal "$(hop_of "$file" web 0 .rule)" null
	pid=$(hop_of "$file" web 1 .pid)
	exits 0 on you tunplan -f "$file" status web
	says 'in which nothing ran through it, and bastion-host goes on: a keepalive is sent each '
	says ', and a session is held there (idle_timeout)'
	says 'set UnusedConnectionTimeout to none in the sshd_config of test-server, or ChannelTimeout in that of bastion-host'
	eventually 5 holds test-server 1
	eventually 20 hop_is "$file" web 1 '.since_s >= 9'
	equal "$(hop_of "$file" web 1 .pid)" "$pid"
	exits 0 on you tunplan -f "$file" down web
	eventually 5 holds test-server 0
}

@test "where the sshd of the hop before ends what is idle, it stays, and that it is that or the hop's own is told" {
	local file
	bastion_on_2222 -o ChannelTimeout=direct-tcpip=5
	is_kept_from_either
}

@test "where the sshd of a hop behind the first ends what is not used, it is the same" {
	local file
	file=$(variant test-2222 's/test-server: \[vlan2, vlan3\]/test-server: {vlans: [vlan2, vlan3], ssh: {port: 2222}}/')
	in_background sshd test-server /usr/sbin/sshd -D -e -f /run/lab/ssh/sshd -p 2222 -o UnusedConnectionTimeout=5
	eventually 5 listens test-server 2222
	is_kept_from_either
}
