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
	shell_on you 'ip -4 addr flush dev v1; ip addr add 10.101.1.1/24 dev v1'
}

restarts() {
	on you tunplan status --json "$1" | jq '.tunnels[0].restarts'
}

@test "the own interface is down for 5 s: stalled within a second, with its name, and no connection is cut" {
	exits 0 on you tunplan up held near
	connect
	on you ip link set v1 down
	eventually 1 is_state near stalled
	equal "$(reason near)" "own_link: the interface v1 is down"
	is_state held stalled
	exits 1 on you tunplan status near
	says "the interface v1 is down (own_link)"
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

# What serves the session of our first hop there.
first_far_end() {
	on h1 pgrep -o -f '^sshd(-session)?: [^ ]+@notty'
}

is_another() {
	[ "$(hop_pid "$1" "$2")" != "$3" ] && is_state "$1" up
}

@test "the own interface was down, and the old connection does not hear: there is another at once" {
	local before frozen
	exits 0 on you tunplan up near
	before=$(hop_pid near h1)
	frozen=$(first_far_end)
	on h1 kill -STOP "$frozen"
	on you ip link set v1 down
	eventually 1 is_state near stalled
	on you ip link set v1 up
	eventually 5 is_another near h1 "$before"
	says_hello 7101
	on h1 kill -CONT "$frozen"
	eventually 10 equal_to 1 masters
	is_state near up
}

@test "when the way to a first hop has returned, what waits for its next try is tried at once" {
	exits 0 on you tunplan up near
	shell_on h1 'mv ~/.ssh/authorized_keys ~/keys.before'
	on you kill -KILL "$(hop_pid near h1)"
	eventually 5 is_state near failed
	shell_on h1 'mv ~/keys.before ~/.ssh/authorized_keys'
	# By its wait it would be after a minute, and no other news end that.
	on you ip link add d1 type veth peer name d2
	on you ip link set d1 up
	on you ip link del d1
	is_state near failed
	shell_on you 'ip addr del 10.101.1.1/24 dev v1; ip addr add 10.101.1.77/24 dev v1'
	eventually 5 is_state near up
	says_hello 7101
}

@test "the own interface comes back with another address: so does the tunnel, by new masters" {
	local before
	exits 0 on you tunplan up held near
	before=$(hop_pid near h1)
	shell_on you 'ip link set v1 down; ip addr del 10.101.1.1/24 dev v1'
	eventually 1 is_state near stalled
	equal "$(reason near)" "own_link: the interface v1 is down"
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
