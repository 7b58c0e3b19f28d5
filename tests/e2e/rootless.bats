#!/usr/bin/env bats
# The main job without root: the lab in a user namespace, and the double tunnel in it.
#
# If root runs the tests, they become an ordinary user for this, unless that user may not have user
# namespaces.

load helper

# A user who is known by name, as on a real machine, though only in our mount namespaces.
ORDINARY_USER=61184
ORDINARY_NAME=tess

# as_user COMMAND…: runs it as that user, in the directories of theirs.
as_user() {
	local -a become=()
	[ ! -e "$ROOM/passwd" ] || become=(unshare --mount sh -c '
		mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/group" /etc/group &&
		user=$1; shift; exec setpriv --reuid="$user" --regid="$user" --clear-groups "$@"' "$ROOM" "$ORDINARY_USER")
	"${become[@]}" env HOME="$ROOM/home" XDG_RUNTIME_DIR="$ROOM/run" XDG_STATE_HOME="$ROOM/state" \
		TUNPLAN_FILE="$ROOM/tunplan.yaml" "$@"
}

# Sets ROOM, the user's directory: BATS_FILE_TMPDIR lies in one that only we may enter.
find_room() {
	ROOM=$(cat "$BATS_FILE_TMPDIR/room")
}

setup_file() {
	lab_possible || return 0
	mktemp -d "${TMPDIR:-/tmp}/tp.XXXXXX" >"$BATS_FILE_TMPDIR/room"
	find_room
	mkdir -m 700 "$ROOM/home" "$ROOM/run" "$ROOM/state"
	cp "$TUNPLAN" "$ROOM/tunplan"
	cp "$REPOSITORY/examples/double-tunnel/tunplan.yaml" "$ROOM/tunplan.yaml"
	if [ "$(id -u)" = 0 ]; then
		chown -R "$ORDINARY_USER:$ORDINARY_USER" "$ROOM"
		{ cat /etc/passwd && echo "$ORDINARY_NAME:x:$ORDINARY_USER:$ORDINARY_USER::$ROOM/home:/bin/bash"; } \
			>"$ROOM/passwd"
		{ cat /etc/group && echo "$ORDINARY_NAME:x:$ORDINARY_USER:"; } >"$ROOM/group"
		as_user unshare -Urnm true || rm "$ROOM/passwd"
	fi
	as_user "$ROOM/tunplan" lab up
}

teardown_file() {
	lab_possible || return 0
	find_room
	as_user "$ROOM/tunplan" lab down
	rm -rf "$ROOM"
}

on() {
	find_room
	as_user "$ROOM/tunplan" lab exec "$1" -- "${@:2}"
}

@test "an ordinary user brings up a lab, whose hosts are apart" {
	reaches you bastion-host 22
	cut_off you test-server 22
	cut_off bastion-host git-server 7999
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

@test "no process of the lab is root's, if the user is not root" {
	find_room
	local user
	user=$(as_user id -u)
	equal "$(on you awk '/^Uid:/ {print $2}' /proc/self/status)" "$user"
}

@test "in the lab, too, a topology of root is trusted, and one that everybody can write is not" {
	find_room
	cp "$ROOM/tunplan.yaml" "$ROOM/given.yaml"
	exits 0 on you tunplan check "$ROOM/given.yaml"
	chmod 666 "$ROOM/given.yaml"
	exits 3 on you tunplan check "$ROOM/given.yaml"
	complains "everybody can write it"
}
