#!/usr/bin/env bats
# The main job for someone who is not root: the lab in a user namespace, and the double tunnel in it.
#
# Root becomes an ordinary user for this; where that user may not have user namespaces, and for
# someone who is an ordinary user already, it runs as whoever runs the tests.

load helper

# Nobody else's number on an ordinary system.
ORDINARY_USER=61184

# as_user COMMAND…
as_user() {
	"${BECOME[@]}" env HOME="$ROOM/home" XDG_RUNTIME_DIR="$ROOM/run" XDG_STATE_HOME="$ROOM/state" \
		TUNPLAN_FILE="$ROOM/tunplan.yaml" "$@"
}

# Sets ROOM, the user's directory (BATS_FILE_TMPDIR lies in one that only we may enter), BECOME,
# what makes a command the user's, and PROGRAM, the copy of tunplan that the user can read.
setup_room() {
	ROOM=$(cat "$BATS_FILE_TMPDIR/room")
	PROGRAM=$ROOM/tunplan
	BECOME=()
	if [ "$(id -u)" = 0 ]; then
		BECOME=(setpriv "--reuid=$ORDINARY_USER" "--regid=$ORDINARY_USER" --clear-groups)
		"${BECOME[@]}" unshare -Urnm true 2>/dev/null || BECOME=()
	fi
}

setup_file() {
	lab_possible || return 0
	mktemp -d /tmp/tp.XXXXXX >"$BATS_FILE_TMPDIR/room"
	setup_room
	mkdir -m 700 "$ROOM/home" "$ROOM/run" "$ROOM/state"
	cp "$TUNPLAN" "$PROGRAM"
	cp "$REPOSITORY/examples/double-tunnel/tunplan.yaml" "$ROOM/tunplan.yaml"
	[ "${#BECOME[@]}" = 0 ] || chown -R "$ORDINARY_USER:$ORDINARY_USER" "$ROOM"
	as_user "$PROGRAM" lab up
}

teardown_file() {
	lab_possible || return 0
	setup_room
	as_user "$PROGRAM" lab down
	rm -rf "$ROOM"
}

on() {
	setup_room
	as_user "$PROGRAM" lab exec "$1" -- "${@:2}"
}

@test "an ordinary user brings up a lab, whose hosts are apart" {
	reaches you bastion-host 22
	fails reaches you test-server 22
	fails reaches bastion-host git-server 7999
}

@test "the tunnel comes up, git clones and pushes through it, and status tells" {
	exits 0 on you tunplan up git-via-test-server
	equal "$output" 127.0.0.1:7999
	shell_on you 'cd && git clone -q ssh://git@localhost:7999/some-repo.git one'
	shell_on you 'cd ~/one && echo new >new.txt && git add new.txt && git commit -qm "a new file"'
	shell_on you 'cd ~/one && git push -q'
	is_state git-via-test-server up
}

@test "down leaves nothing" {
	exits 0 on you tunplan down git-via-test-server
	nothing_left you 7999
}

@test "the plain command that plan prints does the same" {
	by_hand git-via-test-server
	eventually 10 reaches you localhost 7999
	shell_on you 'cd && git clone -q ssh://git@localhost:7999/some-repo.git two'
	by_hand_stop
	nothing_left you 7999
}

@test "the lab runs as the user, not as root" {
	setup_room
	[ "${#BECOME[@]}" != 0 ] || skip "this user is the one who runs the tests"
	equal "$(ps -eo uid=,args= | grep "[l]ab.*$ROOM" | awk '{print $1}' | sort -u)" "$ORDINARY_USER"
}
