#!/usr/bin/env bats
# Many reconnects, and many connections between them: the supervisor grows no more. SOAK_RECONNECTS of them, with 100
# connections after each, by the network of recover.yaml.

load ../e2e/helper
load ../e2e/faults
load ../e2e/talk

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/../e2e/recover.yaml"
}

teardown_file() {
	lab_stop
}

setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
}

teardown() {
	leave_nothing
}

# reconnects COUNT: a master of deep is killed, the first, the second, the third, and the first again; each time it is up
# again, and 100 connections come through.
reconnects() {
	shell_on you '
		asked() { tunplan status --json deep | jq -r ".tunnels[0] | $1"; }
		done=$(asked .restarts)
		for number in $(seq "$1"); do
			kill -KILL "$(asked ".hops[$number % 3].pid")"
			until [ "$(asked .restarts)" -ge $((done + number)) ]; do :; done
			# What is lost so often waits; who asks does not.
			tunplan up --timeout 30 deep >/dev/null 2>&1 || { tunplan status deep; exit 1; }
			perl -MIO::Socket::INET -e "
				for (1 .. 100) {
					my \$peer = IO::Socket::INET->new(PeerAddr => q(127.0.0.1:7103)) or die qq(\$!\n);
					die qq(nothing came\n) unless <\$peer> =~ /hello/;
				}" || exit
		done' "$1"
}

# What the supervisor holds of its own, in kB, and its descriptors.
held() {
	local pid
	pid=$(supervisor_pid)
	shell_on you 'sed -n "s/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p" "/proc/$1/status"; ls "/proc/$1/fd" | wc -l' "$pid" |
		paste -sd ' '
}

@test "after a thousand reconnects and a hundred thousand connections the supervisor holds what it held" {
	local kb files kb_then files_then
	exits 0 on you tunplan up deep near
	# What is kept of each tunnel and hop, its history for one, is full by then, and so is what the allocator keeps.
	reconnects 200
	read -r kb files <<<"$(held)"
	reconnects "${SOAK_RECONNECTS:-1000}"
	read -r kb_then files_then <<<"$(held)"
	echo "# $kb kB and $files descriptors, then $kb_then and $files_then" >&3
	[ "$files_then" = "$files" ]
	((kb_then * 100 <= kb * 105))
	equal "$(masters)" 3
}
