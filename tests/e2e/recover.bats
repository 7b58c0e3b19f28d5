#!/usr/bin/env bats
# What comes back by itself when it was lost, how soon, and what does not. The network is recover.yaml.

load helper
load faults

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/recover.yaml"
	file=$(own_sshds)
	export file
}

teardown_file() {
	lab_stop
}

setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
	for host in h1 h2 h3; do
		sshd_starts "$host"
	done
}

teardown() {
	leave_nothing
	for host in h1 h2 h3; do
		sshd_ends "$host" || true
	done
}

up() {
	exits 0 on you tunplan -f "$file" up "$@"
}

state_of() {
	on you tunplan -f "$file" status --json "$1" | jq -r ".tunnels[0]$2"
}

# How often it was lost.
restarts() {
	state_of "$1" .restarts
}

says_hello() {
	[[ $(on you socat -T 5 - "TCP:127.0.0.1:$1" </dev/null) == *hello* ]]
}

# is_back NAME PORT: it is up, and carries.
is_back() {
	is_state "$1" up && says_hello "$2"
}

# pids: of the three hops of deep.
pids() {
	state_of deep '.hops | map(.pid) | join(" ")'
}

# was_reconnecting TIMES: within a second deep was so often, and then it is up again by itself.
was_reconnecting() {
	eventually 2 equal_to "$1" restarts deep
	eventually 20 is_back deep 7103
}

@test "each master in turn is killed: its hop and those behind it come back, and no other" {
	local before after number
	up deep near
	for number in 0 1 2; do
		read -ra before <<<"$(pids)"
		on you kill -KILL "${before[number]}"
		was_reconnecting "$((number + 1))"
		read -ra after <<<"$(pids)"
		equal "${after[*]:0:number}" "${before[*]:0:number}"
		[ "${after[number]}" != "${before[number]}" ]
	done
	is_back near 7101
	equal "$(restarts near)" 1
	# Neither a process nor a listener is left of those before.
	equal "$(masters)" 3
}

# started HOST: how often an ssh of its hop was, as the supervisor tells.
started() {
	shell_on you "grep -c 'hop $1 .*: waiting -> connecting' ~/.local/state/tunplan/supervisor.log"
}

# The ends of all are told within a few ms, in any order.
@test "where a chain ends because its first hop does, that one is to blame, and no other is tried before it is back" {
	local h2 h3 quick=$BATS_FILE_TMPDIR/quick.yaml
	sed '/^  h1:/s/port: 2222/&, options: {ServerAliveInterval: 1, ServerAliveCountMax: 2}/' "$file" >"$quick"
	file=$quick
	up deep
	h2=$(started h2) h3=$(started h3)
	on you nft 'add table inet hole; add chain inet hole out { type filter hook output priority 0; };
		add rule inet hole out tcp dport 2222 drop'
	eventually 15 is_state deep reconnecting
	eventually 2 equal_to h1 state_of deep .error.host
	on you nft delete table inet hole
	eventually 30 is_back deep 7103
	equal "$(started h2) $(started h3)" "$((h2 + 1)) $((h3 + 1))"
}

@test "what is lost while its sshd is away waits for the next try, says so, and comes back after it" {
	up deep
	sshd_ends h2
	on you kill -KILL "$(hop_pid deep h2)"
	eventually 2 is_state deep reconnecting
	eventually 5 equal_to '"refused"' state_of deep '.error.code | tojson'
	eventually 10 equal_to "up retry waiting" state_of deep '.hops | map(.state) | join(" ")'
	eventually 10 shell_on you 'tunplan -f "$1" status deep | grep -q "h2:2222  retry  tried .*, next in [0-9] s"' "$file"
	exits 1 on you tunplan -f "$file" status deep
	says 'h3:2222  waiting'
	says 'trouble with h2'
	sshd_starts h2
	# In the first minute no wait is over 5 s.
	eventually 12 is_back deep 7103
}

@test "a host key that has changed is failed, and not accepted; it is tried at once when known_hosts is as it was" {
	up near
	shell_on you 'cp ~/.ssh/known_hosts ~/known_hosts.before; rm -f ~/other ~/other.pub
		ssh-keygen -q -t ed25519 -N "" -f ~/other
		echo "[h1]:2222 $(cut -d" " -f1,2 ~/other.pub)" >>~/.ssh/known_hosts'
	on you kill -KILL "$(hop_pid near h1)"
	eventually 5 is_state near failed
	equal "$(state_of near .error.code)" host_key
	# Somebody must act: it is tried again in a minute at the soonest.
	[ "$(state_of near .next_try_s)" -gt 30 ]
	shell_on you 'mv ~/known_hosts.before ~/.ssh/known_hosts'
	eventually 6 is_back near 7101
}

@test "a key that is missing here is failed; it is tried at once when the key is there" {
	up near
	shell_on you 'mkdir ~/keys.before; mv ~/.ssh/id_* ~/keys.before'
	on you kill -KILL "$(hop_pid near h1)"
	eventually 5 is_state near failed
	equal "$(state_of near .error.code)" auth
	[ "$(state_of near .next_try_s)" -gt 30 ]
	shell_on you 'mv ~/keys.before/id_* ~/.ssh'
	eventually 6 is_back near 7101
}

@test "a key that is added to the agent that there was is noticed, too" {
	shell_on you 'mkdir ~/keys.away; mv ~/.ssh/id_* ~/keys.away
		eval "$(ssh-agent -a ~/agent)" >/dev/null; echo "$SSH_AGENT_PID" >~/agent.pid
		SSH_AUTH_SOCK=~/agent ssh-add -q ~/keys.away/id_ed25519'
	exits 0 on you env SSH_AUTH_SOCK=/run/home/agent tunplan -f "$file" up near
	shell_on you 'SSH_AUTH_SOCK=~/agent ssh-add -qD'
	on you kill -KILL "$(hop_pid near h1)"
	eventually 5 is_state near failed
	equal "$(state_of near .error.code)" auth
	[ "$(state_of near .next_try_s)" -gt 30 ]
	shell_on you 'SSH_AUTH_SOCK=~/agent ssh-add -q ~/keys.away/id_ed25519'
	eventually 20 is_back near 7101
	shell_on you 'kill "$(cat ~/agent.pid)"; rm ~/agent.pid; mv ~/keys.away/id_* ~/.ssh; rmdir ~/keys.away'
}

@test "a key that is taken away is missed at the next login" {
	up near
	shell_on h1 'mv ~/.ssh/authorized_keys ~/keys.before'
	says_hello 7101
	equal "$(restarts near)" 0
	on you kill -KILL "$(hop_pid near h1)"
	eventually 5 is_state near failed
	equal "$(state_of near .error.code)" auth
	shell_on h1 'mv ~/keys.before ~/.ssh/authorized_keys'
	up near
}

@test "down in the middle of a reconnect leaves nothing" {
	up deep near
	sshd_ends h1
	on you kill -KILL "$(hop_pid deep h1)"
	eventually 5 is_state deep reconnecting
	exits 0 on you tunplan -f "$file" down deep near
	nothing_left you 7103 you 7101
	# And of a login that is under way.
	sshd_starts h1
	up near
	sshd_ends h1
	mute h1 2222 SSH-2.0-Mute
	on you kill -KILL "$(hop_pid near h1)"
	eventually 10 equal_to authenticating state_of near '.hops[0].state'
	exits 0 on you tunplan -f "$file" down near
	nothing_left you 7101
	on h1 kill "$(cat "$BATS_TEST_TMPDIR/mute.pid")"
	unset MUTE_HOST
	sshd_starts h1
}

@test "a port that is taken between reconnects is failed, with its owner, until it is free" {
	up near
	sshd_ends h1
	on you kill -KILL "$(hop_pid near h1)"
	eventually 5 is_state near reconnecting
	mute you 7101
	sshd_starts h1
	eventually 12 is_state near failed
	exits 1 on you tunplan -f "$file" status near
	says "process $(cat "$BATS_TEST_TMPDIR/mute.pid") (perl) listens there"
	says "(port_taken)"
	[ "$(state_of near .next_try_s)" -gt 30 ]
	on you kill "$(cat "$BATS_TEST_TMPDIR/mute.pid")"
	unset MUTE_HOST
	eventually 5 closed you 7101
	up near
	is_back near 7101
}

@test "200 connections end when the chain dies, and as many come through when it is back" {
	local before supervisor
	mute h4 7002
	up held
	supervisor=$(supervisor_pid)
	before=$(on you sh -c 'ls /proc/$1/fd | wc -l' sh "$supervisor")
	in_background many you perl -MIO::Socket::INET -e '
		$| = 1;
		sub come { IO::Socket::INET->new(PeerAddr => "127.0.0.1:7104") }
		my @all = map { come() // die "$!\n" } 1 .. 200;
		print "connected\n";
		for my $one (@all) { 1 while sysread($one, my $text, 4096) }
		print "ended\n";
		# The old listener may take one more before it is gone.
		sub come_in_the_end { my $one; select(undef, undef, undef, 0.1) until $one = come(); $one }
		@all = map { come_in_the_end() } 1 .. 200;
		print "connected again\n"'
	eventually 10 grep -q connected "$BATS_TEST_TMPDIR/many.out"
	on you kill -KILL "$(hop_pid held h1)"
	eventually 2 equal_to 1 restarts held
	ended many 0
	equal "$(cat "$BATS_TEST_TMPDIR/many.out")" $'connected\nended\nconnected again'
	# The listener is there before its proof.
	eventually 5 is_state held up
	equal "$(restarts held)" 1
	eventually 10 equal_to "$before" on you sh -c 'ls /proc/$1/fd | wc -l' sh "$supervisor"
	exits 0 on you tunplan -f "$file" down held
}

# door HOST COUNT SENTENCE: what lets in on port 2222 of a host closes so many connections, with a sentence, and then none.
door() {
	in_background door "$1" perl -MIO::Socket::INET -e '
		my ($count, $sentence, $log) = @ARGV;
		my $listener = IO::Socket::INET->new(LocalPort => 2222, Listen => 20, ReuseAddr => 1) or die $!;
		$SIG{CHLD} = "IGNORE";
		while (my $peer = $listener->accept()) {
			open(my $out, ">>", $log) or die $!;
			print $out "came\n";
			close($out);
			if ($count-- > 0) {
				print $peer "$sentence\r\n" if $sentence;
				close($peer);
				next;
			}
			next if fork();
			open(STDIN, "<&", $peer); open(STDOUT, ">&", $peer);
			exec("/usr/sbin/sshd", "-i", "-f", "/run/lab/ssh/sshd");
		}' "$2" "$3" "$BATS_TEST_TMPDIR/door.log"
	eventually 5 listens "$1" 2222
}

door_ends() {
	on h1 kill "$(cat "$BATS_TEST_TMPDIR/door.pid")"
	eventually 5 closed h1 2222
	sshd_starts h1
}

came() {
	grep -c came "$BATS_TEST_TMPDIR/door.log"
}

@test "a connection that is closed before its banner is tried three times, also on a first up" {
	sshd_ends h1
	door h1 2 ""
	up near
	[[ $stderr == *"retry   h1 "* ]]
	equal "$(came)" 3
	exits 0 on you tunplan -f "$file" down near
	door_ends
	# And no more than that.
	sshd_ends h1
	door h1 99 ""
	rm "$BATS_TEST_TMPDIR/door.log"
	exits 1 on you tunplan -f "$file" up near
	complains "(closed)"
	[[ $stderr == *"FAILED  h1 "* ]]
	equal "$(came)" 3
	door_ends
}

@test "where nobody is let in for now, a first up fails at once, and a reconnect waits for 20 s" {
	sshd_ends h1
	door h1 99 "Not allowed at this time"
	exits 1 on you tunplan -f "$file" up near
	complains "its sshd says: Not allowed at this time (not_allowed)"
	complains "lets nobody behind this address in"
	equal "$(came)" 1
	exits 1 on you tunplan -f "$file" up --persist --timeout 1 near
	complains "not up within 1 s: its sshd says: Not allowed at this time (timeout)"
	complains "it is tried again by itself"
	is_state near reconnecting
	[ "$(state_of near .next_try_s)" -gt 10 ]
	equal "$(came)" 2
	door_ends
}

@test "up --persist waits until the tunnel is up" {
	sshd_ends h2
	in_background up you tunplan -f "$file" up --persist deep
	eventually 10 is_state deep reconnecting
	sshd_starts h2
	eventually 15 is_back deep 7103
	ended up 0
	equal "$(cat "$BATS_TEST_TMPDIR/up.out")" 127.0.0.1:7103
	grep -q 'retry   h2 ' "$BATS_TEST_TMPDIR/up.err"
	fails grep -q FAILED "$BATS_TEST_TMPDIR/up.err"
}

@test "up --persist says why a listener is refused while it goes on" {
	mute you 7101
	in_background up you tunplan -f "$file" up --persist near
	eventually 10 is_state near failed
	eventually 5 grep -q "(perl) listens there" "$BATS_TEST_TMPDIR/up.err"
	on you kill -INT "$(cat "$BATS_TEST_TMPDIR/up.pid")"
	ended up 130
	on you kill "$(cat "$BATS_TEST_TMPDIR/mute.pid")"
	unset MUTE_HOST
	eventually 5 closed you 7101
}

@test "up --persist goes on after its --timeout, and ends with Ctrl-C" {
	sshd_ends h1
	exits 1 on you tunplan -f "$file" up --persist --timeout 1 near
	complains "not up within 1 s: "
	complains "Connection refused"
	is_state near reconnecting
	exits 0 on you tunplan -f "$file" down near
	in_background up you tunplan -f "$file" up --persist near
	eventually 10 is_state near reconnecting
	on you kill -INT "$(cat "$BATS_TEST_TMPDIR/up.pid")"
	ended up 130
	nothing_left you 7101
	# Another one that persists is not interrupted with it.
	in_background up you tunplan -f "$file" up --persist near
	eventually 10 is_state near reconnecting
	in_background other you tunplan -f "$file" up --persist near
	eventually 10 grep -q h1 "$BATS_TEST_TMPDIR/other.err"
	on you kill -INT "$(cat "$BATS_TEST_TMPDIR/up.pid")"
	ended up 130
	is_state near reconnecting
	fails test -s "$BATS_TEST_TMPDIR/other.status"
	on you kill -INT "$(cat "$BATS_TEST_TMPDIR/other.pid")"
	ended other 130
	nothing_left you 7101
	# Who does not wait, is told nothing.
	exits 0 on you tunplan -f "$file" up --persist --no-wait near
	eventually 10 is_state near reconnecting
	sshd_starts h1
	eventually 12 is_back near 7101
}

@test "a first up that nobody waits for, and that fails, is listed, and is not tried again" {
	sshd_ends h1
	exits 0 on you tunplan -f "$file" up --no-wait near
	eventually 10 is_state near failed
	equal "$(state_of near .remembered)" true
	nothing_left you 7101
	sshd_starts h1
}

# The far end does not hear of the end of a connection: what is sent on it is dropped, until its kernel here gives up.
@test "a remote port that a dead session of ours still holds is freed by one dial" {
	local port pid
	mute you 9091
	up back
	shell_on you 'sysctl -qw net.ipv4.tcp_orphan_retries=1'
	pid=$(hop_pid back h1)
	port=$(on you ss -Htn "dport = :2222" | awk '{ sub(/.*:/, "", $4); print $4 }')
	sshd_ends h1
	# What the far end has sent and nobody has acknowledged, it would send again, and hear of the end.
	eventually 5 shell_on h1 "ss -Htn 'dport = :$port' | awk 'END { exit !(NR == 1 && \$3 == 0) }'"
	shell_on you 'nft "add table inet hole; add chain inet hole out { type filter hook output priority 0; };
		add rule inet hole out tcp sport $1 drop" && kill -KILL "$2"' "$port" "$pid"
	eventually 5 is_state back reconnecting
	eventually 30 equal_to "" on you ss -Htan "sport = :$port"
	on you nft delete table inet hole
	listens h1 9090
	sshd_starts h1
	eventually 15 is_state back up
	# It was refused once, and waited.
	shell_on you 'grep -q "tunnel back, forward 1: opening -> waiting" ~/.local/state/tunplan/supervisor.log'
	exits 0 on you tunplan -f "$file" down back
	nothing_left h1 9090
}

@test "restart makes new masters for all hops before the old ones go; connections and other tunnels live" {
	local before after
	in_background echo h4 socat TCP-LISTEN:7002,fork,reuseaddr EXEC:cat
	eventually 5 listens h4 7002
	up deep near held
	before=$(pids)
	# A connection that goes on on the old masters, until its user ends it.
	in_background open you socat -u PTY,link=/run/home/line,raw TCP:127.0.0.1:7104
	eventually 5 shell_on h4 'ss -Htn "sport = :7002" | grep -q ESTAB'
	exits 0 on you tunplan -f "$file" restart deep
	says 127.0.0.1:7103
	# Each of its hops and listeners is told once, when it is made anew.
	equal "$(grep -c ' ok  ' <<<"$stderr")" 4
	fails grep -q 'was up already' <<<"$stderr"
	after=$(pids)
	for pid in $before; do
		[[ " $after " != *" $pid "* ]]
	done
	is_back near 7101
	is_back deep 7103
	equal "$(hop_pid near h1)" "${after%% *}"
	equal "$(restarts near) $(restarts deep)" "0 0"
	shell_on h4 'ss -Htn "sport = :7002" | grep -q ESTAB'
	on you kill "$(cat "$BATS_TEST_TMPDIR/open.pid")"
	# And then the old ones are gone.
	eventually 5 equal_to 3 masters
	on h4 kill "$(cat "$BATS_TEST_TMPDIR/echo.pid")"
}

@test "a restart that is interrupted before its new master is up changes nothing" {
	local before
	up deep
	before=$(pids)
	sshd_ends h1
	mute h1 2222 SSH-2.0-Mute
	in_background restart you tunplan -f "$file" restart deep
	eventually 5 equal_to 4 masters
	on you kill -INT "$(cat "$BATS_TEST_TMPDIR/restart.pid")"
	ended restart 130
	eventually 5 equal_to 3 masters
	on h1 kill "$(cat "$BATS_TEST_TMPDIR/mute.pid")"
	unset MUTE_HOST
	sshd_starts h1
	is_back deep 7103
	equal "$(pids)" "$before"
	equal "$(restarts deep)" 0
}

@test "a restart whose new master does not get up says why, and the old one goes on" {
	local before
	up deep
	before=$(pids)
	sshd_ends h1
	exits 1 on you tunplan -f "$file" restart deep
	complains 'Connection refused (refused)'
	complains 'deep has no new ssh (host h1)'
	complains 'deep goes on as it was'
	equal "$(pids)" "$before"
	is_back deep 7103
	shell_on h1 'mv ~/.ssh/authorized_keys ~/keys.before'
	sshd_starts h1
	exits 1 on you tunplan -f "$file" restart --json deep
	shell_on h1 'mv ~/keys.before ~/.ssh/authorized_keys'
	equal "$(jq -r '"\(.error.code) \(.tunnels[0].goes_on)"' <<<"$output")" "auth true"
	equal "$(pids)" "$before"
	is_back deep 7103
	exits 0 on you tunplan -f "$file" logs deep
	says 'up by the ssh that it had, another one did not get up: '
	# What is lost then is tried at once, as nobody would know of that.
	on you kill -KILL "${before%% *}"
	eventually 10 is_back deep 7103
	exits 0 on you tunplan -f "$file" logs deep
	fails grep -q 'hop h1 .*: up -> retry, .* failed' <<<"$output"
	# What is not up is brought up.
	exits 0 on you tunplan -f "$file" restart near
	is_back near 7101
}

@test "a restart says of a deeper hop, too, that another ssh to it does not get up in time" {
	up deep
	on h3 kill -STOP "$(cat "$BATS_TEST_TMPDIR/sshd-h3.pid")"
	exits 1 on you tunplan -f "$file" restart --timeout 3 deep
	on h3 kill -CONT "$(cat "$BATS_TEST_TMPDIR/sshd-h3.pid")"
	complains 'deep has no new ssh (host h3)'
	complains '(late)'
	is_back deep 7103
}

@test "a restart of what is on its way already waits for it, and is done when it is up" {
	up deep
	on h1 kill -STOP "$(cat "$BATS_TEST_TMPDIR/sshd-h1.pid")"
	on you kill -KILL "$(state_of deep '.hops[0].pid')"
	is_connecting() { equal "$(state_of deep '.hops[0].state')" connecting; }
	eventually 5 is_connecting
	in_background restart you tunplan -f "$file" restart deep
	on h1 kill -CONT "$(cat "$BATS_TEST_TMPDIR/sshd-h1.pid")"
	ended restart 0
	is_back deep 7103
}

@test "reload moves only what the file has changed, and says what is not in it any more" {
	local before changing=$BATS_TEST_TMPDIR/changing.yaml
	cp "$file" "$changing"
	exits 0 on you tunplan -f "$changing" reload
	complains 'nothing of this file was up'
	mute h4 7002
	exits 0 on you tunplan -f "$changing" up near deep held
	before=$(on you tunplan -f "$changing" status --json deep | jq -c '.tunnels[0].hops | map(.pid)')
	sed -i 's/7101/7111/; /^  held:/d' "$changing"
	exits 0 on you tunplan -f "$changing" reload
	says 'near 127.0.0.1:7111'
	complains 'the file does not have held any more: `tunplan down held` ends it'
	closed you 7101
	says_hello 7111
	listens you 7104
	equal "$(on you tunplan -f "$changing" status --json deep | jq -c '.tunnels[0] | [(.hops | map(.pid)), .history[-1].state]')" \
		"[$before,\"up\"]"
	equal "$(on you tunplan -f "$changing" status --json | jq -c '[.tunnels[] | select(.file_changed) | .name]')" '["held"]'
	exits 0 on you tunplan -f "$changing" down near deep held
}
