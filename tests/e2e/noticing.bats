#!/usr/bin/env bats
# What becomes of tunnels when this machine's own network changes. The network is recover.yaml.

load helper
load faults
load talk

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/recover.yaml"
}

teardown_file() {
	lab_stop
}

setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
	echo_starts
}

teardown() {
	lab_possible || return 0
	echo_ends
	on you ip link set v1 up
	leave_nothing
	shell_on you 'ip addr replace 10.101.1.1/24 dev v1; ip addr del 10.101.1.77/24 dev v1 2>/dev/null' || true
}

restarts() {
	on you tunplan status --json "$1" | jq '.tunnels[0].restarts'
}

@test "the own interface is down for 5 s: stalled within a second, with its name, and no connection is cut" {
	exits 0 on you tunplan up held near
	connect
	on you ip link set v1 down
	eventually 1 is_state near stalled
	equal "$(reason near)" "own_link: v1 is down"
	is_state held stalled
	exits 1 on you tunplan status near
	says "v1 is down (own_link)"
	sleep 5
	on you ip link set v1 up
	eventually 5 is_state near up
	eventually 5 is_state held up
	says_hello 7101
	says_again after
	equal "$(restarts held) $(restarts near)" "0 0"
	disconnect
	# Of the masters that were tried beside the others, none is left.
	eventually 10 equal_to 3 masters
}

@test "the own interface comes back with another address: so does the tunnel, by new masters" {
	local before
	exits 0 on you tunplan up held near
	before=$(hop_pid near h1)
	shell_on you 'ip link set v1 down; ip addr del 10.101.1.1/24 dev v1'
	eventually 1 is_state near stalled
	equal "$(reason near)" "own_link: v1 is down"
	shell_on you 'ip link set v1 up; ip addr add 10.101.1.77/24 dev v1'
	eventually 5 is_state near up
	[ "$(hop_pid near h1)" != "$before" ]
	eventually 5 is_state held up
	says_hello 7101
	connect
	disconnect
	# The sessions of the address that is gone end there when nobody answers for long: not while a test waits.
	on h1 pkill -KILL -f '^sshd(-session)?: [^ ]+@notty' || true
}
