# Faults on the way of a tunnel of three hops, with a transfer through it: `held` of recover.yaml, by sshds of the
# test's own. Each row of fault_table.bats is a call of `fault`, below.
#
# shellcheck shell=bash

setup_file() {
	lab_start "$(dirname "${BASH_SOURCE[0]}")/recover.yaml"
}

teardown_file() {
	lab_stop
}

setup() {
	local host
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
	file=$(own_sshds)
	for host in h1 h2 h3; do
		sshd_starts "$host"
	done
	echo_starts
}

# The same file, changed by the script.
table_again() {
	file=$(own_sshds "$1")
}

teardown() {
	local host
	lab_possible || return 0
	on h1 pkill -CONT -f '^sshd(-session)?: ' || true
	[ ! -s "$BATS_TEST_TMPDIR/transfer.pid" ] || on you kill "$(cat "$BATS_TEST_TMPDIR/transfer.pid")" 2>/dev/null || true
	leave_nothing
	echo_ends
	for host in h1 h2 h3; do
		sshd_ends "$host" || true
	done
}

# --- the transfer

# Numbers go to the far end and come back, each once and in order; transfer.out has those that came.
transfer_starts() {
	in_background transfer you perl -MIO::Socket::INET -e '
		$| = 1;
		my $peer = IO::Socket::INET->new(PeerAddr => "127.0.0.1:7104") or die "$!\n";
		my $writer = fork() // die "$!\n";
		if (!$writer) {
			for (my $number = 1; syswrite($peer, "$number\n"); $number++) { select(undef, undef, undef, 0.02) }
			exit;
		}
		my $next = 1;
		while (<$peer>) {
			chomp;
			die "$_ in the place of $next\n" if $_ ne $next++;
			print "$_\n";
		}
		kill("TERM", $writer);
		print "cut\n"'
	eventually 5 moves
}

# Whether a number has come since the one that was the last.
moves() {
	local last
	last=$(tail -n 1 "$BATS_TEST_TMPDIR/transfer.out")
	[ -n "$last" ] && [ "$last" != "${transferred:-}" ] && transferred=$last
}

# transfer_is lives|ends|any: what became of it; nothing was lost or came twice.
transfer_is() {
	equal "$(cat "$BATS_TEST_TMPDIR/transfer.err")" ""
	case $1 in
	lives)
		transferred=$(tail -n 1 "$BATS_TEST_TMPDIR/transfer.out")
		eventually 10 moves
		equal "$(grep -c cut "$BATS_TEST_TMPDIR/transfer.out")" 0
		;;
	ends) eventually 5 grep -qx cut "$BATS_TEST_TMPDIR/transfer.out" ;;
	esac
}

# --- the rows

held() {
	on you tunplan -f "$file" status --json held | jq -r ".tunnels[0]$1"
}

# shows STATE[:CODE]: of a reconnect, that it was, for it may be over in a moment.
shows() {
	case $1 in
	reconnecting) [ "$(held .restarts)" -gt 0 ] ;;
	*) equal "$(held '| .state + if .error then ":" + .error.code else "" end')" "$1" ;;
	esac
}

# stays STATE SECONDS: all the time.
stays() {
	local end=$((SECONDS + $2))
	while ((SECONDS < end)); do
		equal "$(held .state)" "$1"
		sleep 0.3
	done
}

carries() {
	equal "$(held .state)" up && equal "$(echo word | on you socat -t 5 - TCP:127.0.0.1:7104)" word
}

# fault STATE WITHIN TRANSFER BACK BREAK MEND [LASTS]: with the tunnel up and a transfer through it, BREAK happens. STATE,
# and with it the code of the reason, is shown within so many seconds (up: all the time, for LASTS seconds). After MEND
# it is up again, and carries, within BACK seconds, and the transfer lives or ends. BREAK and MEND are commands.
fault() {
	local state=$1 within=$2 transfer=$3 back=$4 lasts=${7:-0} variables=(${VARIABLES[@]+"${VARIABLES[@]}"})
	exits 0 on you env "${variables[@]}" tunplan -f "$file" up held
	transfer_starts
	eval "$5"
	if [ "$state" = up ]; then
		stays up "$lasts"
	else
		LATE=1 eventually "$within" shows "$state"
		sleep "$lasts"
		# To look changes nothing.
		shows "$state"
	fi
	eval "$6"
	eventually "$back" carries
	transfer_is "$transfer"
	[ "$transfer" != lives ] || equal "$(held .restarts)" 0
}

# --- what happens

ssh_of() {
	held ".hops[] | select(.host == \"$1\") | .pid"
}

master() {
	on you kill "-$2" "$(ssh_of "$1")"
}

# session HOST SIGNAL: to the processes that serve our session there.
session() {
	# shellcheck disable=SC2046
	on "$1" kill "-$2" $(serving "$1") || true # one may end by the end of another
}

restart_sshd() {
	sshd_ends "$1"
	sshd_starts "$1"
}

# no_packets HOST LINK / packets HOST: on the way, while all links are up.
no_packets() {
	on "$1" nft "add table inet outage; add chain inet outage in { type filter hook input priority -10; };
		add chain inet outage out { type filter hook output priority -10; };
		add rule inet outage in iifname $2 drop; add rule inet outage out oifname $2 drop"
}

packets() {
	on "$1" nft delete table inet outage
}

own_link() {
	on you ip link set v1 "$1"
}

# flap TIMES: down and up again, and up at last.
flap() {
	local time
	for ((time = 0; time < $1; time++)); do
		own_link up
		sleep 0.2
		own_link down
		sleep 0.2
	done
	own_link up
}

# What leaves this machine goes slowly, and there is more of it than that. The numbers go by the same way, and are late.
slow_upload() {
	in_background sink h4 socat -u TCP-LISTEN:7003,fork,reuseaddr OPEN:/dev/null
	eventually 5 listens h4 7003
	exits 0 on you tunplan -f "$file" up bulk
	on you tc qdisc add dev v1 root tbf rate 1mbit burst 16kb latency 400ms
	in_background upload you socat -u /dev/zero TCP:127.0.0.1:7105
}

fast() {
	on you tc qdisc del dev v1 root
	on you kill "$(cat "$BATS_TEST_TMPDIR/upload.pid")"
	on h4 kill "$(cat "$BATS_TEST_TMPDIR/sink.pid")"
}

# What programs run with whose wall clock wall_clock steps.
# shellcheck disable=SC2034 # of the table
STEPPING=(LD_PRELOAD="$TUNPLAN_BUILD/tests/e2e/wallclock.so" WALLCLOCK=/run/home/wall
	ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0")

# wall_clock SECONDS: so wrong is the one of our programs (wallclock.c).
wall_clock() {
	shell_on you 'echo "$1" >/run/home/wall.new; mv /run/home/wall.new /run/home/wall' "$1"
}

# full HOST / not_full: its sshd takes one connection that has not logged in, and somebody has it.
full() {
	sshd_ends "$1"
	sshd_starts "$1" -o MaxStartups=1
	in_background startup "$1" perl -MIO::Socket::INET -e '
		my $peer = IO::Socket::INET->new(PeerAddr => "127.0.0.1:2222") or die "$!\n";
		$| = 1;
		print scalar <$peer>;
		sleep 100'
	eventually 5 test -s "$BATS_TEST_TMPDIR/startup.out"
}

not_full() {
	on h1 kill "$(cat "$BATS_TEST_TMPDIR/startup.pid")"
}
