#!/usr/bin/env bats
# What takes a minute by itself: an ssh that does not hear gets another beside it, and this process sleeps.

load ../e2e/helper
load ../e2e/faults
load ../e2e/talk

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/../e2e/recover.yaml"
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
	on you ip link del d1 2>/dev/null || true
	[ -z "${stopped:-}" ] || on you kill -CONT "$stopped" || true
	echo_ends
	leave_nothing
}

is_another() {
	[ "$(hop_pid "$1" "$2")" != "$3" ] && [ -n "$(hop_pid "$1" "$2")" ]
}

@test "an ssh that was stopped gets another after a minute, and its connections go on when it does" {
	exits 0 on you tunplan up held near
	connect
	stopped=$(hop_pid near h1)
	on you kill -STOP "$stopped"
	eventually 3 is_state near stalled
	equal "$(reason near)" "ssh_stopped: its ssh was stopped by a signal"
	sleep 50
	equal "$(hop_pid near h1)" "$stopped"
	eventually 20 is_another near h1 "$stopped"
	# The hops behind it move there, with their listeners. It has the one of near, and somebody is connected through it.
	eventually 10 is_state held up
	on you kill -0 "$stopped"
	on you kill -CONT "$stopped"
	eventually 10 is_state near up
	says_hello 7101
	says_again after
	disconnect
	eventually 10 equal_to 3 masters
	fails on you kill -0 "$stopped"
	stopped=
}

@test "an ssh that was stopped, and through which nobody is connected, is killed when there is another" {
	exits 0 on you tunplan up near
	stopped=$(hop_pid near h1)
	on you kill -STOP "$stopped"
	eventually 90 is_another near h1 "$stopped"
	eventually 15 is_state near up
	says_hello 7101
	fails on you kill -0 "$stopped"
	stopped=
}

@test "where packets go another way, the host is asked before anything is said; the way back is used" {
	local there
	exits 0 on you tunplan up held near
	connect
	there=$(on you getent ahostsv4 h1 | awk '{ print $1; exit }')
	shell_on you 'ip link add d1 type veth peer name d2; ip link set d1 up; ip link set d2 up; ip route add "$1" dev d1' "$there"
	# Its own address is there, and a connection could go on by any way.
	is_state near up
	eventually 15 is_state near stalled
	[[ $(reason near) == "stalled: its host does not answer through it"* ]]
	on you ip route del "$there" dev d1
	eventually 5 is_state near up
	eventually 5 is_state held up
	says_hello 7101
	says_again after
	disconnect
	eventually 10 equal_to 3 masters
}

@test "when it has slept, what waits for its next try is tried at once" {
	exits 0 on you tunplan up near
	shell_on h1 'mv ~/.ssh/authorized_keys ~/keys.before'
	on you kill -KILL "$(hop_pid near h1)"
	eventually 5 is_state near failed
	shell_on h1 'mv ~/keys.before ~/.ssh/authorized_keys'
	stopped=$(supervisor_pid)
	on you kill -STOP "$stopped"
	sleep 35
	on you kill -CONT "$stopped"
	stopped=
	# By its wait it would be after a minute.
	eventually 5 is_state near up
}
