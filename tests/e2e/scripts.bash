# Shared by the tests of exported scripts: a lab for each test, starting and ending a script in it, and
# checking that nothing is left. Needs faults.bash.
#
# shellcheck shell=bash

teardown() {
	lab_possible || return 0
	[ -e "$BATS_TEST_TMPDIR/tunplan.yaml" ] || return 0
	"$TUNPLAN" lab down
}

# lab_of EXAMPLE|FILE [SED-SCRIPT]: a lab of the test's own, of a topology that may be changed for it.
lab_of() {
	local from=$1
	[ -f "$from" ] || from=$REPOSITORY/examples/$1/tunplan.yaml
	export TUNPLAN_FILE=$BATS_TEST_TMPDIR/tunplan.yaml XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	sed "${2:-}" "$from" >"$TUNPLAN_FILE"
	"$TUNPLAN" lab up
}

# script TUNNEL: its script, which shellcheck has nothing to say of, nor of what it runs elsewhere.
script() {
	SCRIPT=$BATS_TEST_TMPDIR/script.sh
	exits 0 on you tunplan export script "$1"
	equal "$stderr" ""
	printf '%s\n' "$output" >"$SCRIPT"
	awk -v file="$BATS_TEST_TMPDIR/program" '
		/^END$/ { inside = 0 }
		inside { print >(file count ".sh") }
		/<<.END.$/ { inside = 1; count++ }' "$SCRIPT"
	shellcheck -s sh "$SCRIPT"
	find "$BATS_TEST_TMPDIR" -name 'program*.sh' -exec shellcheck -s sh {} +
}

# start_script [SHELL [ARGUMENT…]]: runs it; its temporary directory is the test's own.
start_script() {
	[ $# -gt 0 ] || set -- sh
	mkdir -p "$BATS_TEST_TMPDIR/tmp"
	in_background script you env TMPDIR="$BATS_TEST_TMPDIR/tmp" "$@" "$SCRIPT"
}

is_up() {
	grep -q 'is up' "$BATS_TEST_TMPDIR/script.err"
}

# run_script TUNNEL [SHELL [ARGUMENT…]]: exports it, runs it, and waits until it is up.
run_script() {
	script "$1"
	start_script "${@:2}"
	eventually 20 is_up
	REMOTE=$(remote_directories)
}

# Where the ssh processes that run on other hosts have their files.
remote_directories() {
	shell_on you 'for pid in $(pgrep -f "ssh -N -M -S ho[p] "); do readlink "/proc/$pid/cwd"; done'
}

# stop_script SIGNAL STATUS: ends it and looks what is left of it.
stop_script() {
	on you kill -s "$1" "$(cat "$BATS_TEST_TMPDIR/script.pid")"
	gone "$2"
}

# ends_with SIGNAL PATTERN [SHELL [ARGUMENT…]]: the oldest process like that gets a signal, and the whole
# script ends, as ssh does.
ends_with() {
	local signal=$1 pattern=$2
	shift 2
	rm -f "$BATS_TEST_TMPDIR"/script.*
	run_script git-via-test-server "${@:-sh}"
	on you pkill "-$signal" -of "$pattern"
	gone 255
	nothing_left you 7999 bastion-host 2999
}

# gone STATUS: it ends with that, and leaves no process on any host, and no file.
gone() {
	local directory
	ended script "$1"
	equal "$(of_ours)" ""
	equal "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ""
	eventually 5 equal_to "" elsewhere
	for directory in $REMOTE; do
		eventually 5 fails test -e "$directory"
	done
	[[ $(tail -n 1 "$BATS_TEST_TMPDIR/script.err") == *" is down" ]]
}

# The processes of the script on `you`, and what they have on all hosts.
of_ours() {
	on you ps -eo pid=,args= | grep -E "ssh .*-S hop[0-9]|$SCRIPT" | grep -v grep
}

elsewhere() {
	on you ps -eo pid=,args= | grep -E "ssh -N|$SSHD_SESSION|grep -qx up" | grep -v 'grep -E'
}

clones() {
	shell_on you 'cd && rm -rf one && exec git clone -q ssh://git@localhost:7999/some-repo.git one'
}
