#!/usr/bin/env bats
# Another path, when a host does not answer: when it is taken, and when it is only named. The network is another.yaml.

load helper
load faults

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/another.yaml"
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

# sshd_starts HOST / sshd_ends HOST: the sshd that lets in there; its sessions outlive it.
sshd_starts() {
	rm -f "$BATS_TEST_TMPDIR/sshd-$1".*
	in_background "sshd-$1" "$1" /usr/sbin/sshd -D -e -f /run/lab/ssh/sshd -p 2222
	eventually 5 listens "$1" 2222
}

sshd_ends() {
	on "$1" kill "$(cat "$BATS_TEST_TMPDIR/sshd-$1.pid")"
	eventually 5 closed "$1" 2222
}

# dies HOST: its sshd, with all sessions.
dies() {
	local sessions
	sessions=$(on "$1" pgrep -P "$(cat "$BATS_TEST_TMPDIR/sshd-$1.pid")") || true
	sshd_ends "$1"
	# shellcheck disable=SC2086
	[ -z "$sessions" ] || on "$1" kill -KILL $sessions
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

@test "the first up goes by another bastion at once, says so, and so does status" {
	sshd_ends a
	up 0 web
	equal "$output" 127.0.0.1:7101
	complains "a does not answer: by b"
	goes_by b a
	exits 0 on you tunplan -f "$file" status web
	says "by b: a is left out, it does not answer"
	# It is what up asks for: while it works, it is not moved.
	sshd_starts a
	up 0 --json web
	equal "$(jq -c '.tunnels[0] | [.left_out, (.hops | map(.host))]' <<<"$output")" '[["a"],["b"]]'
	equal "$(masters)" 1
	# Of one that failed nothing is remembered.
	exits 0 on you tunplan -f "$file" down web
	up 0 web
	goes_by a ""
}

@test "one that lets nobody in is not left out" {
	shell_on a 'mv ~/.ssh/authorized_keys ~/keys.before'
	up 1 --json web
	shell_on a 'mv ~/keys.before ~/.ssh/authorized_keys'
	equal "$(jq -r .error.code <<<"$output")" auth
	equal "$(jq -r '.error.advice | contains("--without")' <<<"$output")" false
}

@test "where both are dead, the third is only named, because it exposes more, and taken when it is asked for" {
	sshd_ends a
	sshd_ends b
	up 1 web
	complains "a does not answer: by b"
	complains "by c there is a path that is not taken by itself, because it exposes more"
	complains 'tunplan up --without a --without b web'
	nothing_left you 7101
	up 0 --without a --without b web
	goes_by c ""
	# It is wanted like that until the next up.
	sshd_starts a
	equal "$(state_of web .file_change)" null
	up 0 web
	goes_by a ""
}

@test "what the file says is kept to: failover no, and avoid" {
	sshd_ends a
	up 1 --json fixed
	equal "$(jq -r '.error | "\(.code) \(.advice | contains("--without"))"' <<<"$output")" "refused false"
	up 1 --json last
	equal "$(jq -r '.error | "\(.code) \(.advice | contains("tunplan up --without a last"))"' <<<"$output")" "refused true"
}

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

@test "up --persist takes the other path at once, too" {
	sshd_ends a
	up 0 --persist web
	complains "a does not answer: by b"
	goes_by b a
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
