# Shared by all end-to-end tests: a lab for each test file, and functions that state expectations.
#
# setup_file() calls lab_start, teardown_file() calls lab_stop. The topology is copied into a
# directory of the test file's own, and a lab is identified by its topology's path, so test files disturb
# neither each other nor the labs of people on this machine. $TUNPLAN is the program under test.
#
# bats 1.8: a failing command that is not the last one of a test must not be negated (`! cmd` never
# fails a test there), so what must fail is run by `fails` or `run`. And it is `return 0`: a bare
# `return` in a teardown gives the status from before it.
#
# shellcheck shell=bash

REPOSITORY=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
TUNPLAN=$(realpath -e "${TUNPLAN:-$REPOSITORY/build/tunplan}") || exit
export TUNPLAN

bats_require_minimum_version 1.5.0

# Whether this machine lets us build a network: as root, or in a user namespace of our own.
lab_possible() {
	"$TUNPLAN" lab check >/dev/null 2>&1
}

# Runs before each test. A skip says why in one sentence; in CI the runner counts it as a failure.
setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
}

# lab_start EXAMPLE|FILE: copies the topology and brings it up as the lab of this test file.
lab_start() {
	lab_possible || return 0
	local from=$1
	[ -f "$from" ] || from=$REPOSITORY/examples/$1/tunplan.yaml
	export TUNPLAN_FILE=$BATS_FILE_TMPDIR/tunplan.yaml
	export XDG_RUNTIME_DIR=$BATS_FILE_TMPDIR/run
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	cp "$from" "$TUNPLAN_FILE"
	"$TUNPLAN" lab up
}

lab_stop() {
	lab_possible || return 0
	"$TUNPLAN" lab down
}

# on HOST COMMAND…: runs a command on a host of the lab; its exit status is the command's.
on() {
	local host=$1
	shift
	"$TUNPLAN" lab exec "$host" -- "$@"
}

# shell_on HOST SCRIPT [ARG…]: the same with a piece of POSIX shell, whose arguments are $1 and on.
shell_on() {
	on "$1" sh -c "$2" sh "${@:3}"
}

# eventually SECONDS COMMAND…: asks until it succeeds, and fails when three times that time is up, for a machine that
# runs other things, too, is late by seconds. Where the time is what is tested, LATE=1 says so.
eventually() {
	local deadline=$((SECONDS + $1 * ${LATE:-3})) pause=5
	shift
	until "$@" >"$BATS_TEST_TMPDIR/eventually" 2>&1; do
		# What takes long is not asked for all the time: to ask keeps a processor busy.
		((SECONDS <= deadline)) && sleep "0.$(printf %02d "$pause")" &&
			((pause = pause < 40 ? pause * 3 / 2 : 60)) && continue
		echo "it did not happen in time: $*"
		cat "$BATS_TEST_TMPDIR/eventually"
		return 1
	done
}

# fails COMMAND…: succeeds if the command does not.
fails() {
	if "$@"; then
		echo "this was to fail: $*"
		return 1
	fi
}

# exits STATUS COMMAND…: runs it as `run` does and compares the exit status.
exits() {
	local expected=$1
	shift
	run --separate-stderr "$@"
	[ "$status" = "$expected" ] && return 0
	printf 'exit %s, not %s: %s\n%s\n%s\n' "$status" "$expected" "$*" "$output" "$stderr"
	return 1
}

# says TEXT / complains TEXT: the output (the errors) of the last `run` or `exits` contain it.
says() {
	[[ $output == *"$1"* ]] && return 0
	printf 'not said: %s\nbut: %s\n' "$1" "$output"
	return 1
}

complains() {
	[[ $stderr == *"$1"* ]] && return 0
	printf 'not said: %s\nbut: %s\n' "$1" "$stderr"
	return 1
}

# equal ACTUAL EXPECTED
equal() {
	[ "$1" = "$2" ] && return 0
	printf 'this:\n%s\nis not:\n%s\n' "$1" "$2"
	return 1
}

# reaches HOST TARGET PORT: whether a plain TCP connection from one to the other succeeds.
reaches() {
	on "$1" timeout 5 bash -c ': <"/dev/tcp/$0/$1"' "$2" "$3" 2>/dev/null
}

# cut_off HOST TARGET PORT: that it does not, for each address of the target. Either something says no,
# or the kernel has asked in vain and asks once more: that its clock says, a second after the first
# packet left. One of ours would run while a slow machine only starts the program.
cut_off() {
	local got=0
	on "$1" perl -MSocket=:all -e '
		my ($target, $port) = @ARGV;
		my ($error, @addresses) = getaddrinfo($target, $port, {socktype => SOCK_STREAM});
		die "$target: $error\n" if $error;
		for my $address (@addresses) {
			socket(my $try, $address->{family}, SOCK_STREAM | SOCK_NONBLOCK, 0) or die "socket: $!\n";
			connect($try, $address->{addr}) and exit 1;
			next unless $!{EINPROGRESS};
			my $writable = "";
			vec($writable, fileno($try), 1) = 1;
			# The third byte of what tcp(7) calls TCP_INFO (11) counts what was sent again.
			until (select(undef, my $ready = $writable, undef, 0.05)) {
				last if unpack("x2C", getsockopt($try, IPPROTO_TCP, 11));
			}
			exit 1 if getpeername($try);
		}
		exit 7' "$2" "$3" || got=$?
	[ "$got" = 7 ] && return 0
	echo "$1 -> $2 $3 is not cut off, or could not be tried (status $got)"
	return 1
}

# listens HOST PORT: whether anything listens on that port there.
listens() {
	[ -n "$(on "$1" ss -Hltn "sport = :$2")" ]
}

closed() {
	fails listens "$1" "$2"
}

# tunnel_state NAME: what `status --json` on `you` says about it; nothing when it does not know it.
tunnel_state() {
	on you tunplan status --json --all-files | jq -r --arg name "$1" '.tunnels[] | select(.name == $name) | .state'
}

is_state() {
	equal "$(tunnel_state "$1")" "$2"
}

# hop_pid NAME HOST: the pid of the ssh that holds that hop of the tunnel.
hop_pid() {
	on you tunplan status --json --all-files | jq -r --arg name "$1" --arg host "$2" \
		'.tunnels[] | select(.name == $name) | .hops[] | select(.host == $host) | .pid'
}

# How ps shows a session of an sshd, for grep -E: "sshd: root@notty", "sshd: root [priv]" or, of a master
# without a session of its own, "sshd: root"; and since OpenSSH 9.8, which has programs of their own for
# it, "sshd-session: root [postauth]" and the like.
SSHD_SESSION='sshd(-session|-auth)?: [^ ]+(@| \[|$)'

# What tunplan or a plain tunnel still has in the lab: its processes and ssh sessions on all hosts,
# and the sockets in the runtime directory of `you`; and what a supervisor has said that died of its own fault.
left_over() {
	on you ps -eo pid=,args= | grep -E "tunplan --|ssh .*(ControlPath|-[LRD] )|$SSHD_SESSION"
	shell_on you 'find "$XDG_RUNTIME_DIR/tunplan" -type s -o -type p 2>/dev/null
		grep -h "Assertion.*failed" "${XDG_STATE_HOME:-$HOME/.local/state}"/tunplan/supervisor.log 2>/dev/null'
}

# nothing_left [HOST PORT]…: no process, no ssh session, no socket file, and these ports are closed.
nothing_left() {
	while (($# > 0)); do
		eventually 5 closed "$1" "$2"
		shift 2
	done
	eventually 5 equal_to "" left_over
}

# by_hand [-f FILE] TUNNEL: the plain command that `tunplan plan` prints for a tunnel, typed on `you`, until
# by_hand_stop. Typed means: the argv of --json as it stands, in the background.
by_hand() {
	local -a argv
	mapfile -t argv < <(on you tunplan plan --json "$@" | jq -r '.commands[0].argv[]')
	equal "$(on you tunplan plan --json "$@" | jq -r '[.commands[].on] | join(" ")')" you
	[ "${argv[0]}" = ssh ]
	by_hand_run "${argv[@]}"
}

# The same from the text, through a shell, as a person would paste it.
by_hand_pasted() {
	local line
	line=$(on you tunplan plan "$1" | sed -n 's/^ *you: *\$ //p')
	[ -n "$line" ]
	by_hand_run sh -c "exec $line"
}

by_hand_run() {
	shell_on you 'echo $$ >~/by-hand.pid; exec "$@"' "$@" \
		</dev/null >"$BATS_TEST_TMPDIR/by-hand" 2>&1 3>&- &
}

by_hand_stop() {
	shell_on you 'kill "$(cat ~/by-hand.pid)"'
	wait
}

equal_to() {
	equal "$("${@:2}")" "$1"
}
