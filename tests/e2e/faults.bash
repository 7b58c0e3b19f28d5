# Faults for up.bats, traps.bats, dialled.bats and others: wrong topologies, hosts that hang, clients that are interrupted. The
# network is office.yaml.
#
# shellcheck shell=bash

# For variant: the sshd of test-server is said to be on a port where mute() listens, or nobody.
# shellcheck disable=SC2034
TEST_SERVER_ON_2299='s/test-server: \[vlan2, vlan3\]/test-server: {vlans: [vlan2, vlan3], ssh: {port: 2299}}/'

# variant NAME SED-SCRIPT: a changed copy of the topology, which the lab does not follow: so plan
# and reality differ, as they do when a description is wrong or a host is broken. Prints its path.
variant() {
	local file=$BATS_FILE_TMPDIR/$1.yaml
	sed "$2" "$TUNPLAN_FILE" >"$file"
	cmp -s "$file" "$TUNPLAN_FILE" && echo "the variant $1 changes nothing" >&2 && return 1
	echo "$file"
}

# in_background NAME HOST COMMAND…: leaves its pid in NAME.pid and its outputs and status beside.
in_background() {
	local base=$BATS_TEST_TMPDIR/$1
	shift
	{
		local status=0
		shell_on "$1" 'echo $$ >"$1"; shift; exec env --default-signal=INT "$@"' \
			"$base.pid" "${@:2}" >"$base.out" 2>"$base.err" </dev/null || status=$?
		echo "$status" >"$base.status"
	} 3>&- &
	eventually 5 test -s "$base.pid"
}

# ended NAME STATUS: waits for the end of what in_background started.
ended() {
	local base=$BATS_TEST_TMPDIR/$1
	eventually 20 test -s "$base.status"
	equal "$(cat "$base.status")" "$2"
}

# mute HOST PORT [BANNER]: a listener that accepts, says at most a banner, and then nothing, until
# the end of the test. It writes down who connected, one line a connection, in $MUTE_LOG.
mute() {
	MUTE_HOST=$1
	MUTE_LOG=$BATS_TEST_TMPDIR/mute.log
	: >"$MUTE_LOG"
	in_background mute "$1" perl -MIO::Socket::INET -e '
		my ($port, $log, $banner) = @ARGV;
		my $listener = IO::Socket::INET->new(LocalPort => $port, Listen => 20, ReuseAddr => 1) or die $!;
		open(my $out, ">>", $log) or die $!;
		$out->autoflush(1);
		my @peers;
		while (my $peer = $listener->accept()) {
			print $out $peer->peerhost(), "\n";
			print $peer "$banner\r\n" if defined $banner;
			push @peers, $peer;
		}' "$2" "$MUTE_LOG" "${@:3}"
	eventually 5 listens "$1" "$2"
}

# bastion_on_2222 OPTION…: a second sshd on bastion-host with these options; $file leads to it.
bastion_on_2222() {
	file=$(variant bastion-2222 \
		's/bastion-host: \[vlan1, vlan2\]/bastion-host: {vlans: [vlan1, vlan2], ssh: {port: 2222}}/')
	in_background sshd bastion-host /usr/sbin/sshd -D -e -f /run/lab/ssh/sshd -p 2222 "$@"
	eventually 5 listens bastion-host 2222
}

# sshd_starts HOST [OPTION…] / sshd_ends HOST: an sshd of the test's own on port 2222 there; its sessions outlive it.
sshd_starts() {
	rm -f "$BATS_TEST_TMPDIR/sshd-$1".*
	in_background "sshd-$1" "$1" /usr/sbin/sshd -D -e -f /run/lab/ssh/sshd -p 2222 "${@:2}"
	eventually 5 listens "$1" 2222
}

sshd_ends() {
	on "$1" kill "$(cat "$BATS_TEST_TMPDIR/sshd-$1.pid")"
	eventually 5 closed "$1" 2222
}

# serving HOST: the processes of that sshd that serve our sessions, of which newer ones have several for each.
serving() {
	shell_on "$1" 'monitors=$(pgrep -d, -P "$1") || exit 0
		pgrep -P "$monitors"; echo "$monitors" | tr , "\n"' "$(cat "$BATS_TEST_TMPDIR/sshd-$1.pid")"
}

# own_sshds [SED-SCRIPT]: prints the path of a copy of recover.yaml whose hops are at port 2222 of theirs (sshd_starts).
own_sshds() {
	sed -E -e 's/^  (h1|h3): (\[.*\])/  \1: {vlans: \2, ssh: {port: 2222}}/; s/^  h2: \{/&ssh: {port: 2222}, /' \
		-e "${1:-}" "$TUNPLAN_FILE" >"$BATS_FILE_TMPDIR/own.yaml"
	echo "$BATS_FILE_TMPDIR/own.yaml"
}

# shut HOST / open HOST: no new login gets there; those that there are go on.
shut() {
	on "$1" nft 'add table inet shut; add chain inet shut in { type filter hook input priority 0; };
		add rule inet shut in tcp dport 22 tcp flags & (syn | ack) == syn reject with tcp reset'
}

open() {
	lab_possible || return 0
	on "$1" nft delete table inet shut 2>/dev/null || true
}

# their_config: appends what stands on the input to the user's ssh_config, until their_config_ends.
their_config() {
	shell_on you 'cp -p ~/.ssh/config ~/config.before 2>/dev/null; cat >>~/.ssh/config'
}

their_config_ends() {
	shell_on you 'mv ~/config.before ~/.ssh/config 2>/dev/null || rm ~/.ssh/config'
}

# came_back TUNNEL [OPTION…]: it was lost once, and is up again by itself.
came_back() {
	on you tunplan "${@:2}" status --json "$1" | jq -e '.tunnels[0] | .state == "up" and .restarts == 1' >/dev/null
}

# stop HOST PID: stops a process, and returns when it has: a signal is only on its way, and a busy machine takes its time.
stop() {
	on "$1" kill -STOP "$2"
	eventually 10 on "$1" grep -q '^State:.*T (stopped)' "/proc/$2/status"
}

# How many ssh masters there are.
masters() {
	on you ps -eo args= | grep -c '[C]ontrolMaster=yes'
}

supervisor_pid() {
	on you pgrep -f 'tunplan --supervisor'
}

# leave_nothing: a teardown, so that no test depends on what the one before left up.
leave_nothing() {
	lab_possible || return 0
	if [ -n "${MUTE_HOST:-}" ]; then
		on "$MUTE_HOST" kill "$(cat "$BATS_TEST_TMPDIR/mute.pid")"
	fi
	on you tunplan down --all-files
	nothing_left
}
