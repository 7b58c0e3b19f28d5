# For another.bats, here and among the tests that take minutes: bastions that die and come back. The network is another.yaml.
#
# shellcheck shell=bash

setup_file() {
	lab_start "$(dirname "${BASH_SOURCE[0]}")/another.yaml"
	# What the tunnels lead through: sshds of the tests' own, which can be ended and started again.
	sed -E 's/^  (a|b|c): \{/&ssh: {port: 2222}, /' "$TUNPLAN_FILE" >"$BATS_FILE_TMPDIR/own.yaml"
}

teardown_file() {
	lab_stop
}

setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
	file=$BATS_FILE_TMPDIR/own.yaml
	for host in a b c; do
		sshd_starts "$host"
	done
}

teardown() {
	leave_nothing
	for host in a b c; do
		sshd_ends "$host" || true
	done
}

# dies HOST: its sshd, with all sessions.
dies() {
	local sessions
	sessions=$(serving "$1")
	sshd_ends "$1"
	# shellcheck disable=SC2086
	[ -z "$sessions" ] || on "$1" kill -KILL $sessions || true # one may end by the end of another
}

up() {
	exits "$1" on you tunplan -f "$file" up "${@:2}"
}

state_of() {
	on you tunplan -f "$file" status --json "$1" | jq -r ".tunnels[0]$2"
}

# goes_by HOSTS LEFT-OUT: web is up, through these hosts, without those, and carries.
goes_by() {
	equal "$(state_of web '| "\(.state) \(.hops | map(.host) | join(",")) \(.left_out | join(","))"')" "up $1 $2" &&
		[[ $(on you socat -T 5 - TCP:127.0.0.1:7101 </dev/null) == *hello* ]]
}
