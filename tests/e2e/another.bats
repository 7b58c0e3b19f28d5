#!/usr/bin/env bats
# Another path, when a host does not answer at a first up: when it is taken, and when it is only named.

load helper
load faults
load another

# recorded KEY: the hosts of the one tunnel that is up, in the record.
recorded() {
	shell_on you 'cat "$XDG_RUNTIME_DIR/tunplan/record.json"' | jq -r ".tunnels[0]$1 | join(\",\")"
}

@test "the first up goes by another bastion at once, says so, and so does status" {
	sshd_ends a
	up 0 web
	equal "$output" 127.0.0.1:7101
	complains "a does not answer: by b"
	goes_by b a
	exits 0 on you tunplan -f "$file" status web
	says "by b: a is left out, because it did not answer"
	equal "$(recorded .left_out)" a
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

@test "where the first bastion is stalled for others, and lets nobody in, a first up goes by another one" {
	local session
	sed 's/^  a: {ssh: {port: 2222/&, options: {ServerAliveInterval: 1, ServerAliveCountMax: 200}/' "$file" >"$BATS_FILE_TMPDIR/quick.yaml"
	file=$BATS_FILE_TMPDIR/quick.yaml
	up 0 fixed
	session=$(serving a)
	sshd_ends a
	# Nothing for 6 s is silence then.
	# shellcheck disable=SC2086
	on a kill -STOP $session
	eventually 12 equal_to stalled state_of fixed .state
	up 0 web
	complains "a does not answer: by b"
	goes_by b a
	# shellcheck disable=SC2086
	on a kill -CONT $session
	eventually 5 equal_to up state_of fixed .state
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
	equal "$(state_of web '.without | join(",")')" a,b
	exits 0 on you tunplan -f "$file" status web
	says "without a, b, as \`up --without\` asked"
	equal "$(recorded .without)" a,b
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

@test "up --persist takes the other path at once, too" {
	sshd_ends a
	up 0 --persist web
	complains "a does not answer: by b"
	goes_by b a
}

tried_often() {
	[ "$(state_of web .hops[0].attempt)" -ge 3 ]
}

@test "up of a tunnel that is reconnecting looks for another path at once" {
	up 0 web
	goes_by a ""
	dies a
	eventually 25 tried_often
	equal "$(state_of web .state)" reconnecting
	up 0 web
	complains "a does not answer: by b"
	goes_by b a
}
