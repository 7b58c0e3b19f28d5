#!/usr/bin/env bats
# A morning with a laptop: its tunnels come up, its lid is closed and opened, and nobody types `up` again.

load ../e2e/helper
load ../e2e/faults
load ../e2e/talk

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/morning.yaml"
}

teardown_file() {
	lab_stop
}

setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
	asleep=()
	echo_starts db 5432
	local began=$SECONDS
	exits 0 on you tunplan up morning
	# What a slow machine needs for the first time, it needs again, and to notice, and for a master beside the old one.
	bound=$((10 + 2 * (SECONDS - began)))
	all_carry
	equal "$(masters)" 3
}

teardown() {
	lab_possible || return 0
	wakes
	echo_ends
	on you ip link set home up
	forget 192.168.178.20 || true
	leave_nothing
	shell_on you 'ip -4 addr flush dev home; ip addr add 192.168.178.20/24 dev home'
}

# The processes of tunplan and of its ssh.
ours() {
	on you pgrep -f '^[^ ]*(tunplan --|ssh .*ControlPath)'
}

are_asleep() {
	equal "$(on you ps -o stat= "${asleep[@]}" | cut -c1 | sort -u)" T
}

# falls_asleep: nothing of the laptop goes on, as when its lid is closed.
falls_asleep() {
	mapfile -t asleep < <(ours)
	# What keeps the tunnels, and three ssh.
	[ "${#asleep[@]}" -ge 4 ]
	on you kill -STOP "${asleep[@]}"
	eventually 10 are_asleep
}

wakes() {
	[ "${#asleep[@]}" = 0 ] || on you kill -CONT "${asleep[@]}" || true
	asleep=()
}

# carries TUNNEL: something of its egress arrives.
carries() {
	case $1 in
	web1) on you curl -sS -m 20 http://localhost:8081/ | grep -q web1 ;;
	web2) on you curl -sS -m 20 http://localhost:8082/ | grep -q web2 ;;
	admin) on you socat -T 20 - TCP:127.0.0.1:9000 </dev/null | grep -q "web1.*admin" ;;
	sql) equal "$(echo select | on you socat -t 20 - TCP:127.0.0.1:5432)" select ;;
	*) return 1 ;;
	esac
}

all_carry() {
	local tunnel
	for tunnel in web1 web2 admin sql; do
		carries "$tunnel"
	done
}

# of_all FILTER: what status says of all four, without repetition.
of_all() {
	on you tunplan status --json | jq -r "[.tunnels[] | $1 | tostring] | unique | join(\" \")"
}

are() {
	equal "$(of_all .state)" "$1"
}

# are_back: all are up; and what was said to be up before the others did carry.
are_back() {
	local tunnel
	for tunnel in $(on you tunplan status --json | jq -r '.tunnels[] | select(.state == "up").name'); do
		carries "$tunnel" || echo "$tunnel" >>"$BATS_TEST_TMPDIR/untrue"
	done
	are up
}

come_back() {
	eventually "$bound" are_back
	fails cat "$BATS_TEST_TMPDIR/untrue"
	exits 0 on you tunplan status
	all_carry
}

# status_waits: as long as it sleeps nobody is told that something is up.
status_waits() {
	exits 124 on you timeout 5 tunplan status
	equal "$output" ""
	complains "which is stopped"
}

link_is_down() {
	eventually 2 are stalled
	equal "$(of_all .error.code)" own_link
	exits 1 on you tunplan status
	says "the interface home is down (own_link)"
}

# forget ADDRESS: ends what serves it at the bastion, where nobody tells that it is gone.
forget() {
	shell_on bastion 'kill $(ss -Htnp "sport = :22 and dst $1" | grep -o "pid=[0-9]*" | cut -d= -f2 | sort -u)' "$1"
}

# goes_home: nothing of it all is left.
goes_home() {
	exits 0 on you tunplan down web1 web2 admin
	eventually 10 equal_to 1 masters
	carries sql
	exits 0 on you tunplan down morning
	nothing_left you 8081 you 8082 you 9000 you 5432
}

@test "a short sleep, and the same address after it: no connection is cut" {
	connect 5432
	falls_asleep
	on you ip link set home down
	status_waits
	sleep 15
	wakes
	link_is_down
	on you ip link set home up
	come_back
	says_again after
	equal "$(of_all .restarts)" 0
	disconnect
	eventually 10 equal_to 3 masters
	goes_home
}

@test "the lid is closed for 90 s, and the interface comes back with another address: all is up by itself" {
	falls_asleep
	status_waits
	sleep 85
	shell_on you 'ip link set home down; ip addr del 192.168.178.20/24 dev home'
	wakes
	link_is_down
	shell_on you 'ip link set home up; ip addr add 192.168.178.77/24 dev home'
	come_back
	eventually 10 equal_to 3 masters
	all_carry
	forget 192.168.178.20
	goes_home
}
