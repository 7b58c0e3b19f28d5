#!/usr/bin/env bats
# Stitched pieces come up: an ssh on the bastion, held from here, that never outlives what holds it.

load helper
load faults

setup_file() {
	cat >"$BATS_FILE_TMPDIR/stitched.yaml" <<-'FILE'
		# The guide's double tunnel, and its remote double tunnel, in one network; and a line of hosts behind.
		tunplan: 1
		me: you
		vlans: [vlan1, vlan2, vlan3, vlan4]
		hosts:
		  you: {vlans: [vlan1], services: {proxy: {port: 8888, lab: http}}}
		  bastion-host: {vlans: [vlan1, vlan2], ssh: {}, keys: [test-server, gate, far-server]}
		  test-server: {vlans: [vlan2, vlan3], ssh: {}, keys: [far-server], services: {sock: {socket: /run/sock}}}
		  git-server: {vlans: [vlan3], ssh: none, services: {git: {port: 7999, encrypted: ssh, lab: git}}}
		  gate: {vlans: [vlan2, vlan4], ssh: {}, keys: [bastion-host]}
		  far-server: {vlans: [vlan3, vlan4], ssh: {}, services: {web: {port: 80, lab: http}}}
		tunnels:
		  git: {ingress: 7999, egress: git-server/git, method: stitched, stitch: [2999]}
		  proxy: {ingress: "test-server:9999", egress: me/proxy, method: stitched, stitch: [8080]}
		  again: {ingress: 7998, egress: git-server/git, method: stitched, stitch: [2999]}
		  other: {ingress: 7997, egress: "git-server:7998", method: stitched, stitch: [2999]}
		  nested: {ingress: 7996, egress: git-server/git, method: nested}
		  line: {ingress: 8081, egress: far-server/web, via: [test-server], avoid: gate, exit: far-server, method: stitched}
		  line-back: {ingress: "far-server:8082", egress: me/proxy, via: [test-server], avoid: gate, method: stitched}
		  mixed: {ingress: 8083, egress: far-server/web, via: [gate], exit: far-server, method: stitched}
		  socks-there: {ingress: 1080, egress: socks@test-server, method: stitched}
		  anywhere: {ingress: "test-server:auto", egress: me/proxy, method: stitched, stitch: [8080]}
		  two: {forwards: [8084 -> far-server/web, 8085 -> git-server/git], via: [test-server], exit: test-server, method: stitched}
	FILE
	lab_start "$BATS_FILE_TMPDIR/stitched.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	lab_possible || return 0
	on bastion-host nft delete table inet fault 2>/dev/null || true
	slow_sleep
	leave_nothing
	eventually 5 equal_to "" elsewhere
}

# What a session has on other hosts, as all hosts of a lab see: the ssh, what waits, and what reads.
elsewhere() {
	on bastion-host ps -eo pid=,args= | grep -E 'ssh -N -M -S ho[p] |ssh -T -S non[e] |sleep [6]0| s[h]$'
}

page() {
	on "$1" curl -sS -m 5 --http0.9 "${@:2}"
}

clones() {
	shell_on you 'cd && rm -rf one && exec git clone -q "ssh://git@localhost:$1/some-repo.git" one' "$1"
}

# The pids of the ssh processes that sessions have on other hosts.
inner_ssh() {
	on bastion-host pgrep -f 'ssh -N -M -S ho[p] '
}

# Where the first of them has its files.
its_directory() {
	on bastion-host readlink "/proc/$(inner_ssh | head -n 1)/cwd"
}

@test "the guide's double tunnel comes up as the guide writes it" {
	local directory
	exits 0 on you tunplan up git
	equal "$output" 127.0.0.1:7999
	complains 'ok      test-server'
	clones 7999
	equal "$(on bastion-host ss -Hltn 'sport = :2999' | awk '{print $4}')" 127.0.0.1:2999
	equal "$(inner_ssh | wc -l)" 1
	directory=$(its_directory)
	test -S "$directory/hop"
	exits 0 on you tunplan status git
	says 'git  up'
	says 'test-server   test-server:22   up  pid '
	exits 0 on you tunplan down git
	nothing_left you 7999 bastion-host 2999
	fails test -e "$directory"
}

@test "so does the guide's remote double tunnel" {
	exits 0 on you tunplan up proxy
	equal "$output" test-server:127.0.0.1:9999
	exits 0 page test-server http://localhost:9999/
	says 'proxy service of you'
	equal "$(on bastion-host ss -Hltn 'sport = :8080' | awk '{print $4}')" 127.0.0.1:8080
	exits 0 on you tunplan down proxy
	nothing_left test-server 9999 bastion-host 8080
}

@test "so does the stitched tunnel of the plant, whose bastion may forward to its joint alone" {
	local -x TUNPLAN_FILE=$BATS_TEST_TMPDIR/plant/tunplan.yaml XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	cp -r "$REPOSITORY/examples/plant" "$BATS_TEST_TMPDIR"
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	"$TUNPLAN" lab up
	exits 0 on laptop tunplan --place away up guide
	complains 'ok      127.0.0.1:7999 -> app2:7999'
	exits 0 on laptop tunplan --place away down guide
	equal "$(on gw ss -Hltn 'sport != :2222')" ""
	"$TUNPLAN" lab down
}

@test "over any number of hops, in both directions" {
	exits 0 on you tunplan up line line-back
	exits 0 page you http://localhost:8081/
	says 'web service of far-server'
	exits 0 page far-server http://localhost:8082/
	says 'proxy service of you'
	equal "$(inner_ssh | wc -l)" 4
	exits 0 on you tunplan down line line-back
	nothing_left you 8081 far-server 8082
}

@test "a piece may pass several hosts, and nested hops lead to it" {
	exits 0 on you tunplan plan --json mixed
	equal "$(jq -r '[.hops[].method] | join(" ")' <<<"$output")" "nested stitched nested"
	exits 0 on you tunplan up mixed
	complains 'ok      gate'
	complains 'ok      far-server'
	exits 0 page you http://localhost:8083/
	says 'web service of far-server'
	equal "$(inner_ssh | wc -l)" 1
	exits 0 on you tunplan down mixed
	nothing_left you 8083
}

@test "a piece with several forwards, and one that is a SOCKS server" {
	exits 0 on you tunplan up two socks-there
	exits 0 page you http://localhost:8084/
	says 'web service of far-server'
	clones 8085
	exits 0 page you --socks5-hostname localhost:1080 http://far-server/
	says 'web service of far-server'
	exits 0 on you tunplan status --json two socks-there
	equal "$(jq -r '[.tunnels[].forwards[].state] | unique | join(" ")' <<<"$output")" up
}

@test "an egress that does not answer is silent, each time that it is asked" {
	exits 5 on you tunplan up other
	complains 'git-server:7998'
	complains 'connect failed: Connection refused (refused)'
	complains 'nothing listens on git-server:7998'
	fails grep -q ' ok .*git-server:7998' <<<"$stderr"
	# Whoever reads only where it is entered reads that, too.
	equal "$(on you tunplan status --json other | jq -r '.tunnels[].forwards[0] | "\(.state) \(.egress_state) \(.error.code)"')" \
		'silent silent refused'
	in_background late git-server perl -MIO::Socket::INET -e '
		my $listener = IO::Socket::INET->new(LocalPort => 7998, Listen => 9, ReuseAddr => 1) or die $!;
		while (my $peer = $listener->accept()) { print $peer "hello\n" }'
	eventually 5 listens git-server 7998
	exits 0 on you tunplan up other
	on git-server kill "$(cat "$BATS_TEST_TMPDIR/late.pid")"
	eventually 5 closed git-server 7998
	exits 5 on you tunplan status --probe other
}

# ends_by SIGNAL HOST PATTERN: the oldest process like that gets a signal; all of the piece ends, and another comes up.
ends_by() {
	local directory
	echo "by $*"
	exits 0 on you tunplan up git
	directory=$(its_directory)
	on "$2" pkill "-$1" -of "$3"
	eventually 5 was_lost git
	eventually 5 fails test -e "$directory"
	eventually 30 is_state git up
	clones 7999
	exits 0 on you tunplan down git
	eventually 5 equal_to "" elsewhere
	nothing_left you 7999 bastion-host 2999
}

was_lost() {
	equal "$(on you tunplan status --json "$1" | jq '.tunnels[0].restarts')" 1
}

@test "whatever has it is told to end, or killed: nothing of it is left, and it comes up again by itself" {
	local signal
	for signal in TERM KILL; do
		ends_by "$signal" bastion-host 'ssh -N -M -S ho[p] '
		ends_by "$signal" you 'tunplan --holder --fee[d]'
		ends_by "$signal" you 'ControlMaster=ye[s]'
		ends_by "$signal" bastion-host '^sh$'
		ends_by "$signal" bastion-host "^sshd.*notty"
	done
}

# quick_sleep SECONDS: a session on the bastion loses its patience sooner, and says when it has heard a line.
quick_sleep() {
	shell_on bastion-host 'mkdir -p ~/bin && cat >~/bin/sleep && chmod +x ~/bin/sleep && echo "PATH=$HOME/bin:\$PATH" >~/.bashrc' <<-SLEEP
		#!/bin/sh
		echo "\$1" >>~/bin/slept
		exec /bin/sleep $1
	SLEEP
}

slow_sleep() {
	shell_on bastion-host 'rm -rf ~/bin ~/.bashrc'
}

@test "what does not hear us any more loses its patience: without its reader, nothing is left" {
	quick_sleep 9
	exits 0 on you tunplan up git
	on bastion-host pkill -KILL -nf '^sh$'
	run on you tunplan down git
	eventually 20 equal_to "" elsewhere
	nothing_left you 7999 bastion-host 2999
}

@test "a killed supervisor ends no stitched tunnel; the next one finds the holder and takes it over" {
	local holder
	exits 0 on you tunplan up git
	holder=$(on you pgrep -f 'tunplan --holder --fee[d]')
	equal "$(shell_on you 'ls "$XDG_RUNTIME_DIR"/tunplan/s-* | wc -l')" 1
	on you kill -KILL "$(supervisor_pid)"
	eventually 5 fails supervisor_pid
	clones 7999
	on you kill -0 "$holder"
	exits 0 on you tunplan up nested
	eventually 5 equal_to up tunnel_state git
	clones 7999
	# The far end is asked through it, by the one who took it over.
	exits 0 on you tunplan status --probe git
	equal "$(on you pgrep -f 'tunplan --holder --fee[d]')" "$holder"
	# And by the one after that.
	on you kill -KILL "$(supervisor_pid)"
	exits 0 on you tunplan down nested
	eventually 5 equal_to up tunnel_state git
	on you kill -0 "$holder"
	exits 0 on you tunplan down git
	equal "$stderr" "git: down"
	fails on you kill -0 "$holder"
	nothing_left you 7999 bastion-host 2999
	equal "$(shell_on you 'ls "$XDG_RUNTIME_DIR"/tunplan/s-* 2>/dev/null')" ""
}

@test "two ups of one tunnel make one piece; two tunnels that need the same have it together" {
	in_background one you tunplan up git
	in_background two you tunplan up git
	in_background three you tunplan up again
	ended one 0
	ended two 0
	ended three 0
	equal "$(inner_ssh | wc -l)" 1
	clones 7999
	clones 7998
	exits 0 on you tunplan down git
	equal "$stderr" "git: down"
	clones 7998
	exits 0 on you tunplan down again
	nothing_left you 7998 bastion-host 2999
}

# failed_up CODE TUNNEL: it failed for that reason, and left nothing.
failed_up() {
	exits 1 on you tunplan up --json "$2"
	equal "$(jq -r '.error.code' <<<"$output")" "$1"
	exits 1 on you tunplan up "$2"
}

@test "a port that is taken on the bastion is named as that, and nothing else suffers" {
	exits 0 on you tunplan up git
	failed_up port_taken other
	complains 'bind [127.0.0.1]:2999: Address already in use (port_taken)'
	complains 'on bastion-host that port is in use: choose another with `stitch`'
	complains 'other is not up (host bastion-host)'
	clones 7999
	exits 0 on you tunplan down git
	in_background other-owner test-server perl -MIO::Socket::INET -e '
		my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 9999, Listen => 1) or die $!;
		sleep'
	eventually 5 listens test-server 9999
	failed_up listen proxy
	complains 'remote port forwarding failed for listen port 9999'
	complains 'the sshd on test-server would not listen'
	on test-server kill "$(cat "$BATS_TEST_TMPDIR/other-owner.pid")"
}

# has_port HOST PORT: somebody there has it from now on; gives_up HOST PORT: and not any more.
has_port() {
	in_background "owner-$2" "$1" perl -MIO::Socket::INET -e '
		my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => shift, Listen => 1) or die $!;
		sleep' "$2"
	eventually 5 listens "$1" "$2"
}

gives_up() {
	on "$1" kill "$(cat "$BATS_TEST_TMPDIR/owner-$2.pid")"
	eventually 5 closed "$1" "$2"
}

@test "an auto ingress elsewhere whose port is taken is the next one, and is that again" {
	local port
	exits 0 on you tunplan up anywhere
	port=${output##*:}
	exits 0 on you tunplan down anywhere
	has_port test-server "$port"
	exits 0 on you tunplan up anywhere
	equal "$output" "test-server:127.0.0.1:$((port + 1))"
	exits 0 page test-server "http://localhost:$((port + 1))/"
	says 'proxy service of you'
	exits 0 on you tunplan down anywhere
	gives_up test-server "$port"
	exits 0 on you tunplan up anywhere
	equal "$output" "test-server:127.0.0.1:$((port + 1))"
	exits 0 on you tunplan down anywhere
	has_port test-server "$port"
	has_port test-server "$((port + 1))"
	has_port test-server "$((port + 2))"
	failed_up listen anywhere
	gives_up test-server "$port"
	gives_up test-server "$((port + 1))"
	gives_up test-server "$((port + 2))"
}

@test "a key that the bastion lacks is missed there, and not here" {
	shell_on bastion-host 'mkdir ~/away && mv ~/.ssh/id_* ~/away'
	failed_up auth git
	complains 'FAILED  test-server'
	complains 'Permission denied (publickey'
	complains 'bastion-host logs in to test-server by itself'
	shell_on bastion-host 'mv ~/away/* ~/.ssh/ && rmdir ~/away'
	exits 0 on you tunplan up git
}

@test "a bastion on which what it takes is missing is named, with its own words" {
	shell_on bastion-host 'echo "PATH=/nowhere" >~/.bashrc'
	failed_up relay git
	complains 'git is not up (host bastion-host)'
	complains 'sh: command not found (relay)'
	complains 'bastion-host needs sh, ssh, mktemp and mkfifo'
	shell_on bastion-host 'echo "echo Welcome; exit 7" >~/.bashrc'
	failed_up no_shell git
	complains 'the session on bastion-host ended before anything of ours ran in it; it said: Welcome'
	# Whatever greets whoever logs in is no word of ours.
	shell_on bastion-host 'echo "echo Welcome; echo up to date" >~/.bashrc'
	exits 0 on you tunplan up git
	shell_on bastion-host 'rm ~/.bashrc'
}

@test "an ssh on the bastion that does not tell of its dials leaves the egress unproven" {
	shell_on bastion-host 'mkdir ~/bin && cat >~/bin/ssh && chmod +x ~/bin/ssh && echo "PATH=$HOME/bin:\$PATH" >~/.bashrc' <<-'SSH'
		#!/bin/sh
		case "$*" in
		*LogVerbose*)
			echo "command-line: line 0: Bad configuration option: logverbose" >&2
			exit 255 ;;
		esac
		exec /usr/bin/ssh "$@"
	SSH
	exits 0 on you tunplan up git
	complains 'its egress is unproven: git-server:7999'
	complains 'the ssh on bastion-host, which has it, cannot be asked for a dial (unasked)'
	slow_sleep
	clones 7999
}

@test "joints and ends may be sockets, which are not left where an ssh made them" {
	local file
	file=$(variant sockets "s|stitch: \[2999\]|stitch: [$BATS_TEST_TMPDIR/joint.sock]|; s|git-server/git, method: stitched|test-server/sock, method: stitched|")
	for _ in 1 2; do
		exits 0 on you tunplan -f "$file" up git
		complains 'its egress is unproven'
		exits 0 page you http://localhost:7999/
		says 'test-server/sock answers'
		test -S "$BATS_TEST_TMPDIR/joint.sock"
		exits 0 on you tunplan -f "$file" down git
		fails test -e "$BATS_TEST_TMPDIR/joint.sock"
	done
}

@test "an up that is interrupted leaves nothing, wherever it was" {
	local file
	file=$(variant mute 's/  test-server: {vlans: \[vlan2, vlan3\], ssh: {}/  test-server: {vlans: [vlan2, vlan3], ssh: {port: 2299}/')
	mute test-server 2299
	in_background up you tunplan -f "$file" up git
	eventually 10 test -s "$MUTE_LOG"
	on you kill -INT "$(cat "$BATS_TEST_TMPDIR/up.pid")"
	ended up 130
	eventually 5 equal_to "" elsewhere
	nothing_left you 7999
}

lines() {
	shell_on bastion-host 'wc -l <~/bin/slept'
}

more_lines_than() {
	[ "$(lines)" -gt "$1" ]
}

@test "a link that is lost leaves nothing on the bastion for long" {
	local heard
	quick_sleep 18
	exits 0 on you tunplan up git
	heard=$(lines)
	eventually 17 more_lines_than "$heard"
	on bastion-host nft -f - <<-'RULES'
		table inet fault {
			chain input { type filter hook input priority -10; iifname != "lo" tcp dport 22 drop; }
			chain output { type filter hook output priority -10; oifname != "lo" tcp sport 22 drop; }
		}
	RULES
	listens bastion-host 2999
	eventually 25 closed bastion-host 2999
	slow_sleep
	exits 1 on you tunplan down git
	# Whether the hop before is known to be lost by then, too, is a matter of moments.
	complains 'left behind: bastion-host:127.0.0.1:2999: '
	[[ $stderr == *"the link was lost, so"* || $stderr == *"its host cannot be asked"* ]]
}

@test "what runs on the bastion in the place of our script is told as that, with what it says" {
	local file
	file=$(variant forced 's/  bastion-host: {vlans: \[vlan1, vlan2\], ssh: {}/  bastion-host: {vlans: [vlan1, vlan2], ssh: {port: 2222}/')
	in_background sshd bastion-host /usr/sbin/sshd -D -e -f /run/lab/ssh/sshd -p 2222 -o 'ForceCommand=echo go away'
	eventually 5 listens bastion-host 2222
	exits 1 on you tunplan -f "$file" up git
	complains "git is not up (host bastion-host)"
	complains "it said: go away (no_shell)"
	on bastion-host kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
	eventually 5 closed bastion-host 2222
}
