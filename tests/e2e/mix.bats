#!/usr/bin/env bats
# Whatever is done at random, and whatever is killed and stopped at random: every command ends in time with
# a status of the manual, the supervisor does not die by itself, then all goes well again, and `down` leaves
# nothing.
#
# MIX_ROUNDS rounds, the first with the seed MIX_SEED, the next with the number that follows. Each begins
# with nothing, and is a number of commands and signals (mix.py), not a time. A failure prints how to play its
# round again, what was done and when, and the supervisor's log.

load helper

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/mix.yaml"
}

teardown_file() {
	lab_stop
}

setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
	DONE=$BATS_TEST_TMPDIR/done
	# Where tests/run has sanitizers write, else a place of our own.
	[[ ${ASAN_OPTIONS:-} == *log_path=* ]] || export ASAN_OPTIONS=log_path=$BATS_TEST_TMPDIR/report
	REPORTS=${ASAN_OPTIONS#*log_path=}
	REPORTS=${REPORTS%%:*}
}

teardown() {
	[ -z "$BATS_TEST_COMPLETED" ] || return 0
	[ -e "$DONE" ] || return 0
	echo "MIX_SEED=$SEED MIX_ROUNDS=1 make e2e T=mix"
	cat "$DONE"
	echo "the supervisor's log:"
	shell_on you 'cat ~/.local/state/tunplan/supervisor.log' || true
}

gone() {
	nothing_left you 7101 you 7102 you 1080 gate 9090
	on you test ! -e /run/home/hello.sock
}

@test "a random mix of commands and faults leaves everything as it was" {
	local first=${MIX_SEED:-1}
	for ((SEED = first; SEED < first + ${MIX_ROUNDS:-3}; SEED++)); do
		shell_on you 'rm -rf ~/.local/state/tunplan'
		SSHD_SESSION=$SSHD_SESSION on you "$BATS_TEST_DIRNAME/mix.py" "$SEED" "$REPORTS" >"$DONE" 2>&1
		gone
		equal "$(compgen -G "$REPORTS*")" ""
	done
}

# processes_in NAMESPACE: each with the moment when it began, for numbers are used again.
processes_in() {
	local process
	for process in /proc/[0-9]*; do
		[ "$(readlink "$process/ns/pid")" = "$1" ] || continue
		sed -E 's/^([0-9]+) .*\) /\1 /' "$process/stat"
	done 2>/dev/null | cut -d ' ' -f 1,21 | sort
}

none_of() {
	equal "$(processes_in "$1" | comm -12 - "$2")" ""
}

# All that keeps a lab's namespaces are processes, and those are all in one.
@test "and no namespace is left when its lab is gone" {
	local namespace processes=$BATS_TEST_TMPDIR/processes
	namespace=$(on you readlink /proc/self/ns/pid)
	processes_in "$namespace" >"$processes"
	[ "$(wc -l <"$processes")" -ge 6 ]
	lab_stop
	eventually 5 none_of "$namespace" "$processes"
	equal "$("$TUNPLAN" lab list)" ""
}
