#!/usr/bin/env bats
# `make demo` shows the main job, and leaves nothing behind.

load helper

setup_file() {
	# The demo runs the program that the PATH has.
	export PATH=${TUNPLAN%/*}:$PATH
	export XDG_RUNTIME_DIR=$BATS_FILE_TMPDIR/run TMPDIR=$BATS_FILE_TMPDIR
	mkdir -m 700 "$XDG_RUNTIME_DIR"
}

demo() {
	"$REPOSITORY/examples/demo.sh"
}

# Labs, runtime files and the demo's own directory.
remains() {
	"$TUNPLAN" lab list
	find "$BATS_FILE_TMPDIR" -name 'demo.*' -o -type s
}

@test "the demo shows the plan, the tunnel and a clone through it, in that order" {
	exits 0 demo
	equal "$stderr" ""
	local shown=$output step
	for step in "git-via-test-server: 7999 -> git-server/git" "lab up: 4 hosts" "who can read it" \
		"127.0.0.1:7999" "Cloning into 'some-repo'" "up for" "nothing is up"; do
		[[ $shown == *"$step"* ]]
		shown=${shown#*"$step"}
	done
	equal "$(remains)" ""
}

@test "interrupted while the tunnel is up, the demo leaves nothing" {
	"$REPOSITORY/examples/demo.sh" >"$BATS_TEST_TMPDIR/shown" 2>&1 3>&- &
	local pid=$!
	eventually 20 grep -q 'Do it' "$BATS_TEST_TMPDIR/shown"
	kill -TERM "$pid"
	local ended=0
	wait "$pid" || ended=$?
	equal "$ended" 143
	equal "$(remains)" ""
}

@test "a step that fails ends the demo with its status, and leaves nothing" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/tunplan" <<-PROGRAM
		#!/bin/sh
		[ "\$1 \$2" != "lab status" ] || exit 77
		exec "$TUNPLAN" "\$@"
	PROGRAM
	chmod +x "$BATS_TEST_TMPDIR/bin/tunplan"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH exits 77 demo
	says "lab up: 4 hosts"
	equal "$(remains)" ""
}

@test "without tunplan in the PATH it says what to do" {
	PATH=/usr/bin:/bin exits 1 demo
	says "make demo"
}
