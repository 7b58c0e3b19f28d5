#!/usr/bin/env bats
# Surprises of OpenSSH, and of the user's own ssh configuration.

load helper
load faults

REPOSITORY_BUILD=${TUNPLAN_BUILD:-${TUNPLAN%/*}}

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/office.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	leave_nothing
}

fetch() {
	on you curl -sS -m 5 http://localhost:8080/
}

# The control sockets that the masters have now.
control_sockets() {
	on you ps -eo args= | sed -n 's/.*ControlPath=\([^ ]*\).*/\1/p' | sort -u
}

@test "sockets that dead masters left do not stop the next ones" {
	exits 0 on you tunplan up web
	on you kill -KILL "$(supervisor_pid)" "$(hop_pid web test-server)" "$(hop_pid web bastion-host)"
	exits 0 on you tunplan up web
	exits 0 fetch
}

@test "down clears away what is left when the supervisor and all masters were killed" {
	exits 0 on you tunplan up web
	on you kill -KILL "$(supervisor_pid)" "$(hop_pid web test-server)" "$(hop_pid web bastion-host)"
	[ -n "$(left_over)" ]
	exits 0 on you tunplan down --all-files
	nothing_left you 8080
}

# sees TEXT: whether left_over tells of a process whose title begins like that.
sees() {
	left_over | awk -v text="$1" '{sub(/^ *[0-9]+ /, "")} index($0, text) == 1 {seen = 1} END {exit !seen}'
}

@test "a session that is left over is seen, whatever its sshd calls it" {
	local title
	nothing_left
	for title in 'sshd: root@notty' 'sshd: root [priv]' 'sshd: root@pts/0' 'sshd-session: root@notty' \
		'sshd-session: root [priv]' 'sshd-session: root [postauth]' 'sshd-auth: root [net]'; do
		in_background session you bash -c 'exec -a "$0" sleep 60' "$title"
		eventually 5 sees "$title"
		on you kill "$(cat "$BATS_TEST_TMPDIR/session.pid")"
		ended session 143
		rm "$BATS_TEST_TMPDIR/session.pid" "$BATS_TEST_TMPDIR/session.status"
	done
	# And what this machine's sshd does call it, with a program and, as masters are, without.
	in_background login you ssh bastion-host 'echo in; exec sleep 60'
	eventually 10 grep -q in "$BATS_TEST_TMPDIR/login.out"
	sees sshd
	on you kill "$(cat "$BATS_TEST_TMPDIR/login.pid")"
	nothing_left
	in_background master you ssh -N -o PermitLocalCommand=yes -o LocalCommand='echo in' bastion-host
	eventually 10 grep -q in "$BATS_TEST_TMPDIR/master.out"
	sees sshd
	on you kill "$(cat "$BATS_TEST_TMPDIR/master.pid")"
	nothing_left
}

# exhausted WHEN COMMAND…: runs it on `you` with a supervisor whose memory runs out (exhaust.c).
exhausted() {
	on you env EXHAUST="$1" EXHAUST_ROLE=--supervisor LD_PRELOAD="$REPOSITORY_BUILD/tests/e2e/exhaust.so" \
		ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" "${@:2}"
}

# last_words: the last line of the supervisor's log.
last_words() {
	shell_on you 'tail -n 1 ~/.local/state/tunplan/supervisor.log'
}

@test "no ssh is forgotten when memory runs out just after it was started" {
	local number
	for number in 1 2; do
		exits 1 exhausted fork:$number tunplan up web
		complains "the supervisor ended"
		equal "$(masters)" "$number"
		equal "$(last_words)" "tunplan: out of memory"
		# Else the next supervisor goes on with what this one has left.
		exits 0 on you tunplan down --all-files
		eventually 5 fails masters
	done
	exits 1 exhausted fork:1 tunplan up web
	exits 0 on you tunplan up web
	equal "$(masters)" 2
	exits 0 fetch
}

@test "memory that runs out in the supervisor, earlier or later, harms nobody who comes after" {
	local number left wanted
	# From before it has a log until it has started a hop; a whole `up` takes about 3000. Within the
	# second row it makes its socket, and is ready for us: each moment is another way to see its end.
	# How many ssh processes there are by the last ones, depends on the versions of the libraries.
	for number in 1 10 \
		{20..70} \
		100 300 1000 1500; do
		exits 1 exhausted "at:$number" tunplan up web
		complains "tunplan: the supervisor "
		complains ": tunplan: out of memory"
		left=$(masters) || [ "$left" = 0 ]
		# From when it is written down that web is wanted, somebody wants it, whether or not anything runs for it.
		wanted=$(shell_on you 'jq ".tunnels | length" "$XDG_RUNTIME_DIR/tunplan/record.json" 2>/dev/null || echo 0')
		exits $((wanted > 0)) on you tunplan status
		case $wanted/$left in
		0/0) complains "nothing is up" ;;
		1/0) complains "none of its ssh processes runs any more" ;;
		1/1) complains "left 1 ssh process running" ;;
		1/*) complains "left $left ssh processes running" ;;
		*) fails true ;;
		esac
		exits 0 on you tunplan down --all-files
	done
	exits 0 on you tunplan up web
	equal "$(masters)" 2
	exits 0 fetch
}

@test "each master has a socket path of its own, so the exit of an old one cannot unlink a newer's" {
	exits 0 on you tunplan up web
	control_sockets >"$BATS_TEST_TMPDIR/first"
	[ -s "$BATS_TEST_TMPDIR/first" ]
	exits 0 on you tunplan down web
	exits 0 on you tunplan up web
	control_sockets >"$BATS_TEST_TMPDIR/second"
	equal "$(comm -12 "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/second")" ""
}

# The files that the masters' stderr goes to. A NAME.log belongs to the control socket of that name.
logs() {
	control_sockets | sed 's|.*/|/run/home/.local/state/tunplan/|; s/"//g; s/$/.log/'
}

@test "a master's stderr is a file of ours, not a pipe that can fill" {
	exits 0 on you tunplan up web
	local log count=0
	for log in $(logs); do
		equal "$(on you stat -c '%F, %a' "$log")" "regular file, 600"
		count=$((count + 1))
	done
	equal "$count" 2
}

@test "two thousand complaints of ssh freeze nothing" {
	exits 5 on you tunplan up silent
	exits 0 on you tunplan up web
	# Every connection is accepted and dropped, so this is how curl ends: 52 or 56.
	run shell_on you 'for i in $(seq 2000); do echo "url=http://127.0.0.1:8082/"; done |
		curl -s -m 60 --parallel --parallel-max 50 -K - >/dev/null 2>&1'
	[ "$status" = 52 ] || [ "$status" = 56 ]
	exits 0 fetch
	exits 0 timeout 5 "$TUNPLAN" lab exec you -- tunplan status web
	# shellcheck disable=SC2046 # one file a word
	[ "$(on you cat $(logs) | grep -c 'open failed')" -gt 100 ]
}

@test "a hop whose carrier is gone never connects directly" {
	local file
	file=$(variant mute "$TEST_SERVER_ON_2299")
	reaches you test-server 22
	mute test-server 2299
	in_background up you tunplan -f "$file" up web
	eventually 10 test -s "$MUTE_LOG"
	on you kill -KILL "$(hop_pid web bastion-host)"
	ended up 1
	equal "$(sort -u "$MUTE_LOG")" "$(on test-server getent ahostsv4 bastion-host | awk 'NR == 1 {print $1}')"
}

@test "the holder that carries a hop knows no way but the socket it is given" {
	mute test-server 2299
	exits 255 on you tunplan --holder /run/no-such-socket test-server 2299
	complains "the ssh of the hop before cannot be asked"
	shell_on you 'perl -MIO::Socket::UNIX -e "IO::Socket::UNIX->new(Local => shift, Listen => 1)" ~/stale'
	exits 255 shell_on you 'tunplan --holder ~/stale test-server 2299'
	equal "$(cat "$MUTE_LOG")" ""
}

@test "an XDG_RUNTIME_DIR too long for a socket path is no obstacle, or is named" {
	local long
	long=$(shell_on you 'd=$HOME/$(printf "%0100d" 0); mkdir -p -m 700 "$d" && echo "$d"')
	exits 0 on you env XDG_RUNTIME_DIR="$long" tunplan up docs
	exits 0 on you curl -sS -m 5 http://localhost:8081/
	exits 0 on you env XDG_RUNTIME_DIR="$long" tunplan down docs
	closed you 8081
}

@test "the soft limit of open files is raised for masters and supervisor" {
	shell_on you 'ulimit -Sn 256; tunplan up web' >/dev/null
	local pid
	for pid in "$(supervisor_pid)" "$(hop_pid web bastion-host)" "$(hop_pid web test-server)"; do
		on you awk '/^Max open files/ {exit $4 != $5}' "/proc/$pid/limits"
	done
}

@test "a master that is stopped does not stop down" {
	exits 0 on you tunplan up web
	on you kill -STOP "$(hop_pid web test-server)"
	exits 0 timeout 15 "$TUNPLAN" lab exec you -- tunplan down web
	nothing_left you 8080
}

@test "a first hop that is stopped does not stop down either" {
	exits 0 on you tunplan up web docs
	on you kill -STOP "$(hop_pid web bastion-host)"
	timeout 15 "$TUNPLAN" lab exec you -- tunplan down --all
	nothing_left you 8080 you 8081
}

# Prints the processes of a host that have a word in their command line.
with_word() {
	on "$1" pgrep -af -- "$2"
}

@test "an ssh in PATH that is a script, and waits for ssh, is no other ssh" {
	shell_on you 'mkdir -p ~/bin && printf "#!/bin/sh\n/usr/bin/ssh \"\$@\"\n" >~/bin/ssh && chmod +x ~/bin/ssh'
	exits 0 shell_on you 'PATH=~/bin:$PATH tunplan up web'
	# Who is shown is the ssh, not the script.
	equal "$(on you cat "/proc/$(hop_pid web test-server)/comm")" ssh
	on you kill -KILL "$(hop_pid web test-server)"
	eventually 10 came_back web
	equal "$(on you cat "/proc/$(hop_pid web test-server)/comm")" ssh
	exits 0 on you tunplan down web
	nothing_left you 8080
	shell_on you 'rm ~/bin/ssh'
}

@test "an ssh that speaks another version of the protocol is named, and what to do" {
	shell_on you 'mkdir -p ~/bin && cat >~/bin/ssh && chmod +x ~/bin/ssh' <<-'SSH'
		#!/usr/bin/perl
		use IO::Socket::UNIX;
		exec '/usr/bin/ssh', @ARGV if grep { $_ eq '-G' } @ARGV;
		my ($path) = map { /^ControlPath="(.*)"$/ } @ARGV;
		my $listener = IO::Socket::UNIX->new(Local => "$path.x", Listen => 5) or die;
		link("$path.x", $path);
		unlink("$path.x");
		my $master = $listener->accept();
		syswrite($master, pack('NNN', 8, 1, 5));
		sleep 1000;
	SSH
	exits 1 shell_on you 'PATH=~/bin:$PATH tunplan up docs'
	complains 'it speaks version 5 of the protocol of control sockets, and tunplan 4'
	complains 'put another one there, or install a newer tunplan'
	nothing_left you 8081
	shell_on you 'rm ~/bin/ssh'
}

@test "a holder that was stopped does not outlive its ssh" {
	local holder
	exits 0 on you tunplan up web
	holder=$(on you pgrep -f '^[^ ]*tunplan --holder')
	on you kill -STOP "$holder"
	exits 0 on you tunplan down web
	eventually 2 fails on you kill -0 "$holder"
	nothing_left you 8080
}

@test "a master that dies while a listener is requested takes nothing else with it" {
	local supervisor session
	exits 0 on you tunplan up docs
	supervisor=$(supervisor_pid)
	# The far end of the link goes quiet, so the request stays unanswered.
	session=$(on bastion-host pgrep -f '^sshd(-session)?: [^ ]+$')
	on bastion-host kill -STOP "$session"
	in_background up you tunplan up back
	eventually 5 shell_on you 'grep -q "tunnel back, forward 1: waiting -> opening" ~/.local/state/tunplan/supervisor.log'
	on you kill -KILL "$(on you pgrep -f '^ssh -N ')"
	eventually 5 shell_on you 'grep -q "hop bastion-host .*-> retry" ~/.local/state/tunplan/supervisor.log'
	ended up 1
	equal "$(supervisor_pid)" "$supervisor"
	eventually 10 came_back docs
	on bastion-host kill -KILL "$session"
}

@test "a remote listener that was asked for in vain does not appear later" {
	local session
	exits 0 on you tunplan up docs
	session=$(on bastion-host pgrep -f '^sshd(-session)?: [^ ]+$')
	on bastion-host kill -STOP "$session"
	run --separate-stderr on you tunplan up back
	on bastion-host kill -CONT "$session"
	equal "$status" 1
	# This crosses the link behind the request.
	exits 0 on you tunplan status --probe docs
	closed bastion-host 9090
	mute you 9091
	exits 0 on you tunplan up back
	listens bastion-host 9090
}

open_files() {
	shell_on you 'for fd in /proc/$1/fd/*; do readlink "$fd"; done' "$1"
}

@test "a master holds no pipe to whoever started it, nor any descriptor of the caller's" {
	shell_on you 'exec 9</etc/hostname; tunplan up docs' >/dev/null
	equal "$(open_files "$(supervisor_pid)" | grep -e hostname)" ""
	# ssh hides its descriptors from everyone but root.
	[ "$(id -u)" = 0 ] || return 0
	equal "$(open_files "$(hop_pid docs bastion-host)" | grep -e hostname -e pipe:)" ""
	open_files "$(hop_pid docs bastion-host)" | grep -q '/dev/null'
}

# remote_through GATEWAYPORTS [ADDRESS]: up of the remote tunnel, on an address, by a second sshd on
# bastion-host, which has that setting.
remote_through() {
	local file
	file=$(variant "gateway-ports-$1" \
		's/bastion-host: \[vlan1, vlan2\]/bastion-host: {vlans: [vlan1, vlan2], ssh: {port: 2222}}/'"
		s/back: bastion-host:/back: bastion-host:${2:+$2:}/")
	in_background sshd bastion-host /usr/sbin/sshd -D -e -f /run/lab/ssh/sshd -p 2222 -o "GatewayPorts=$1"
	eventually 5 listens bastion-host 2222
	run --separate-stderr on you tunplan -f "$file" up back
	listeners=$(on bastion-host ss -Hltn 'sport = :9090' | awk '{print $4}' | sort | paste -sd ' ')
	on you tunplan -f "$file" down back
	on bastion-host kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
}

@test "an sshd that would open the ingress to everyone is caught, and the listener is gone" {
	remote_through yes
	equal "$status" 1
	complains GatewayPorts
	equal "$listeners" ""
	closed bastion-host 9090
}

@test "an sshd that moves another address of loopback to 127.0.0.1 is caught" {
	remote_through no 127.0.0.9
	equal "$status" 1
	complains narrowed
	equal "$listeners" ""
}

@test "an sshd that lets the client choose opens the ingress on the loopback alone" {
	remote_through clientspecified
	equal "$status" 5
	equal "$listeners" 127.0.0.1:9090
	closed bastion-host 9090
}

# hostile_config: everything in the user's ssh_config that could break a master, for all hosts.
hostile_config() {
	cat <<-'CONFIG'

		Host *
		    ProxyJump nowhere.invalid
		    ProxyCommand touch ~/proxy-command-ran; false
		    ProxyUseFdpass yes
		    ControlMaster auto
		    ControlPath ~/.ssh/theirs-%C
		    ControlPersist 60
		    RemoteCommand echo hostile; sleep 60
		    RequestTTY force
		    LocalForward 8080 localhost:1
		    LocalForward 8081 localhost:1
		    RemoteForward 9090 localhost:1
		    DynamicForward 7999
		    ExitOnForwardFailure yes
		    ForkAfterAuthentication yes
		    SessionType none
		    StdinNull yes
		    PermitLocalCommand yes
		    LocalCommand touch ~/local-command-ran
		    GatewayPorts yes
		    ForwardAgent yes
		    EscapeChar ~
		    LogLevel QUIET
		    ForwardX11 yes
		    VisualHostKey yes
		    ServerAliveInterval 1
		    ServerAliveCountMax 0
		    StreamLocalBindUnlink no
		    ClearAllForwardings no
	CONFIG
}

@test "a user's ssh_config that is set against us changes nothing" {
	their_config < <(hostile_config)
	run --separate-stderr on you tunplan up web docs git
	local got=$status said=$stderr
	run --separate-stderr fetch
	local page=$output
	on you tunplan down --all
	their_config_ends
	equal "$got/$said" "0/$said"
	[[ $page == *web-server* ]]
	fails shell_on you 'test -e ~/local-command-ran || test -e ~/proxy-command-ran'
	equal "$(shell_on you 'find ~/.ssh -name "theirs-*"')" ""
	nothing_left you 8080 you 8081 you 7999
}

@test "a user's ProxyCommand is not taken for a hop that the plan dials itself" {
	their_config <<-'CONFIG'

		Host *
		    ProxyCommand touch ~/proxy-command-ran; false
	CONFIG
	run --separate-stderr on you tunplan up docs
	their_config_ends
	equal "$status/$stderr" "0/$stderr"
	fails shell_on you 'test -e ~/proxy-command-ran'
}

@test "what a user's ssh_config wants ignored is ignored, in the hops behind the first as well" {
	their_config <<-'CONFIG'

		IgnoreUnknown UseKeychain,X-*
		Host *
		    UseKeychain yes
		    X-Something yes
	CONFIG
	run --separate-stderr on you tunplan up web
	their_config_ends
	equal "$status/$stderr" "0/$stderr"
}

@test "an option that this ssh is too old for does not end the hop, if it changes nothing" {
	local file
	file=$(variant young 's/bastion-host: \[vlan1, vlan2\]/bastion-host: {vlans: [vlan1, vlan2], ssh: {options: {WarnWeakCrypto: no, ObscureKeystrokeTiming: no, VersionAddendum: x}}}/')
	exits 0 on you tunplan -f "$file" up docs
}
