#!/usr/bin/env bats
# Whatever is done at random, and whatever is killed and stopped at random: every command ends in time with
# a status of the manual, the supervisor does not die by itself, and `down` leaves nothing.
#
# It takes MIX_SECONDS, by MIX_SEED; a failure prints the seed, what was done and when (mix.py), and the
# supervisor's log.

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
	echo "MIX_SEED=${MIX_SEED:-1}"
	[ ! -e "$DONE" ] || cat "$DONE"
	echo "the supervisor's log:"
	shell_on you 'cat ~/.local/state/tunplan/supervisor.log' || true
}

# asked HOST SOCAT-ADDRESS: what answers there.
asked() {
	on "$1" socat -t 5 STDIO "$2" </dev/null
}

gone() {
	nothing_left you 7101 you 7102 you 1080 gate 9090
	on you test ! -e /run/home/hello.sock
}

@test "a random mix of commands and faults leaves everything as it was" {
	SSHD_SESSION=$SSHD_SESSION on you "$BATS_TEST_DIRNAME/mix.py" \
		"${MIX_SEED:-1}" "${MIX_SECONDS:-60}" "$REPORTS" >"$DONE" 2>&1
	gone

	# And nothing is in the way of what comes next.
	exits 0 on you timeout 120 tunplan up all
	equal "$(asked you TCP:127.0.0.1:7101)" "middle/hello answers on 127.0.0.1:7001"
	[[ $(asked you TCP:127.0.0.1:7102) == "last/hello answers on "* ]]
	equal "$(asked gate TCP:127.0.0.1:9090)" "you/mine answers on 127.0.0.1:9091"
	[[ $(asked you SOCKS4A:127.0.0.1:last:7001,socksport=1080) == "last/hello answers on "* ]]
	equal "$(asked you UNIX-CONNECT:/run/home/hello.sock)" "middle/socket answers on /run/hello.sock"
	exits 0 on you timeout 60 tunplan down --all-files
	gone
	equal "$(compgen -G "$REPORTS*")" ""
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
