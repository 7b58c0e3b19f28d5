#!/usr/bin/env bats
# The exported script: the same tunnel without tunplan, and nothing is left of it.

load helper
load faults
load scripts

STITCHED='s|^  git-via-test-server: .*|  git-via-test-server: {ingress: 7999, egress: git-server/git, method: stitched, stitch: [2999]}|'

@test "a nested tunnel: Git through two hops, one ssh for each" {
	lab_of double-tunnel
	run_script git-via-test-server
	clones
	equal "$(on you pgrep -cf 'ssh -N -M')" 2
	equal "$(on bastion-host ss -Hltn 'sport != :22')" ""
	stop_script TERM 143
	nothing_left you 7999
	fails clones
}

@test "a stitched tunnel: the second ssh runs on the bastion and ends with the script" {
	lab_of double-tunnel "$STITCHED"
	run_script git-via-test-server
	[ -n "$REMOTE" ]
	equal "$(on bastion-host ss -Hltn 'sport = :2999' | awk '{print $4}')" 127.0.0.1:2999
	clones
	stop_script INT 130
	nothing_left you 7999 bastion-host 2999
}

# page HOST ARG…: what curl gets there within five seconds.
page() {
	on "$1" curl -sS -m 5 --http0.9 "${@:2}"
}

@test "a remote tunnel listens on the bastion, and no longer after the end" {
	lab_of remote-tunnel
	run_script web-for-bastion
	exits 0 page bastion-host http://localhost:8080/some-file.txt
	says web-server
	equal "$(on bastion-host ss -Hltn 'sport = :8080' | awk '{print $4}')" 127.0.0.1:8080
	stop_script HUP 129
	nothing_left bastion-host 8080
}

@test "a dynamic tunnel leads wherever its exit does" {
	lab_of dynamic-proxy
	run_script browse
	exits 0 page you --socks5-hostname localhost:1080 http://web-server/some-file.txt
	says web-server
	exits 0 page you --socks5-hostname localhost:1080 http://news-server/some-file.txt
	says news-server
	stop_script TERM 143
	nothing_left you 1080
}

# Two sides that only `you` is on both of, and a line of three hosts.
sides_topology() {
	cat >"$BATS_TEST_TMPDIR/sides.yaml" <<-'FILE'
		tunplan: 1
		me: you
		vlans: {left: {}, right: 10.8.0.0/24, far: {}, last: "2001:db8:9::/64"}
		hosts:
		  you: {vlans: [left, right], ssh: none, services: {notes: {port: 81, lab: http}}}
		  alpha: {vlans: [left], ssh: {user: ops, port: 2222, identity: ~/.ssh/id_alpha, options: {ServerAliveInterval: 7}}}
		  beta: {vlans: [right, far], ssh: {}}
		  gamma: {vlans: {far: null, last: "2001:db8:9::3"}, ssh: {}}
		  delta: {vlans: {last: "2001:db8:9::4"}, ssh: {}, services: {web: {port: 80, lab: http}, sock: {socket: /run/delta.sock}}}
		tunnels:
		  across: alpha:8080 -> delta/web
		  out: alpha:1080 -> socks@me
		  door: alpha:@tmp@/door.sock -> me/notes
		  back: {ingress: "delta:8081", egress: me/notes, method: stitched}
		  line: {ingress: 8082, egress: delta/web, method: stitched}
		  mixed: ["[::1]:8083 -> delta/web", "@tmp@/in.sock -> delta/sock", auto -> beta:22, 1081 -> socks@gamma]
	FILE
	lab_of "$BATS_TEST_TMPDIR/sides.yaml" "s|@tmp@|$BATS_TEST_TMPDIR|"
}

@test "a tunnel from one host to another is joined on you, where nobody else may look" {
	sides_topology
	fails page alpha http://localhost:8080/some-file.txt
	run_script across
	exits 0 page alpha http://localhost:8080/some-file.txt
	says "web service of delta"
	equal "$(find "$BATS_TEST_TMPDIR/tmp" -name 'joint-1.sock' | wc -l)" 1
	equal "$(stat -c %a "$BATS_TEST_TMPDIR"/tmp/*)" 700
	stop_script TERM 143
	nothing_left alpha 8080
}

@test "SOCKS that leaves from you, for another host" {
	sides_topology
	run_script out
	exits 0 page alpha --socks5-hostname localhost:1080 http://beta:22/
	says SSH-2.0
	stop_script TERM 143
	nothing_left alpha 1080
}

@test "a socket on another host" {
	sides_topology
	run_script door
	exits 0 page alpha --unix-socket "$BATS_TEST_TMPDIR/door.sock" http://localhost/some-file.txt
	says "notes service of you"
	stop_script TERM 143
	fails page alpha --unix-socket "$BATS_TEST_TMPDIR/door.sock" http://localhost/
}

@test "several forwards, over IPv6, from a socket and an auto port" {
	sides_topology
	run_script mixed
	exits 0 page you 'http://[::1]:8083/some-file.txt'
	says "web service of delta"
	exits 0 page you --unix-socket "$BATS_TEST_TMPDIR/in.sock" http://localhost/
	says "delta/sock answers on /run/delta.sock"
	exits 0 page you --socks5-hostname localhost:1081 http://delta/some-file.txt
	says "web service of delta"
	local auto
	auto=$(sed -n 's/^  127.0.0.1:\([0-9]*\) on you leads to beta:22$/\1/p' "$BATS_TEST_TMPDIR/script.err")
	exits 0 page you "http://localhost:$auto/"
	says SSH-2.0
	stop_script TERM 143
	fails test -e "$BATS_TEST_TMPDIR/in.sock"
	nothing_left you 8083 you 1081 you "$auto"
}

@test "stitched three times: each ssh runs on the host before" {
	sides_topology
	run_script line
	equal "$(wc -l <<<"$REMOTE")" 2
	exits 0 page you http://localhost:8082/some-file.txt
	says "web service of delta"
	stop_script TERM 143
	nothing_left you 8082
}

@test "stitched, and entered at the far end" {
	sides_topology
	run_script back
	equal "$(wc -l <<<"$REMOTE")" 2
	exits 0 page delta http://localhost:8081/some-file.txt
	says "notes service of you"
	stop_script TERM 143
	nothing_left delta 8081
}

# occupied HOST PORT: somebody else listens there until the end of the lab.
occupied() {
	in_background "other-$1" "$1" perl -MIO::Socket::INET -e '
		my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $ARGV[0], Listen => 1) or die $!;
		sleep' "$2"
	eventually 5 listens "$1" "$2"
}

# failed TEXT: the script ended as ssh does, and said why.
failed() {
	REMOTE=
	gone 255
	grep -F "$1" "$BATS_TEST_TMPDIR/script.err"
	fails is_up
}

@test "a port that is taken is named, and nothing is left" {
	lab_of double-tunnel
	script git-via-test-server
	occupied you 7999
	start_script
	failed "test-server: bind [127.0.0.1]:7999: Address already in use"
}

@test "so it is where the bastion's ssh listens" {
	lab_of double-tunnel "$STITCHED"
	script git-via-test-server
	occupied bastion-host 2999
	start_script
	failed "bind [127.0.0.1]:2999: Address already in use"
}

@test "so it is where the bastion's sshd listens" {
	lab_of remote-tunnel
	script web-for-bastion
	occupied bastion-host 8080
	start_script
	failed "remote port forwarding failed for listen port 8080"
}

@test "a host that refuses the login is named, and the hops before it are left" {
	lab_of double-tunnel
	script git-via-test-server
	on test-server sh -c 'mv ~/.ssh/authorized_keys ~/.ssh/none'
	start_script
	failed "test-server: "
	grep -F "Permission denied" "$BATS_TEST_TMPDIR/script.err"
}

@test "the end of any ssh is the end of all" {
	lab_of double-tunnel "$STITCHED"
	ends_with KILL 'ssh -N -M -S hop1 '
	ends_with KILL 'ssh -F none -S hop1 .* sh$'
	ends_with KILL 'ssh -N -M -S hop '
	ends_with KILL "$SSHD_SESSION.*notty"
}

@test "whatever ends an ssh, the status is 255, each time" {
	local signal
	lab_of double-tunnel
	for signal in TERM HUP TERM; do
		ends_with "$signal" 'ssh -N -M -S hop2 '
	done
}

@test "another shell runs it as well" {
	lab_of double-tunnel "$STITCHED"
	run_script git-via-test-server bash
	clones
	stop_script INT 130
	nothing_left you 7999 bastion-host 2999
	ends_with TERM 'ssh -N -M -S hop1 ' bash
	ends_with KILL 'ssh -N -M -S hop ' bash
}

@test "where an sshd may not forward, a program there relays" {
	cat >"$BATS_TEST_TMPDIR/relay.yaml" <<-'FILE'
		tunplan: 1
		me: you
		vlans: {near: {}, far: "2001:db8:7::/64"}
		hosts:
		  you: [near]
		  gate: {vlans: [near, far], sshd: {AllowTcpForwarding: no}, relay: socat}
		  app: {vlans: {far: "2001:db8:7::2"}, ssh: {}, services: {web: {port: 80, lab: http}}}
		tunnels: {web: 8080 -> app/web}
	FILE
	lab_of "$BATS_TEST_TMPDIR/relay.yaml"
	run_script web
	on you pgrep -f 'socat - TCP6:'
	exits 0 page you http://localhost:8080/some-file.txt
	says "web service of app"
	stop_script TERM 143
	nothing_left you 8080
	eventually 5 fails on you pgrep socat
}

# What would break a master, a session, or a forward, if it had its way.
hostile_config() {
	shell_on "$1" 'cat - ~/.ssh/config >~/.ssh/new && mv ~/.ssh/new ~/.ssh/config' <<-'FILE'
		Host *
			ControlMaster auto
			ControlPath ~/.ssh/%C
			ControlPersist yes
			RemoteCommand date
			RequestTTY force
			PermitLocalCommand yes
			LocalCommand date
			LocalForward 8082 localhost:1
		Host alpha beta
			ProxyJump nowhere
			ProxyCommand false
	FILE
}

@test "what the ssh_config of the hosts adds to every ssh does not matter" {
	sides_topology
	hostile_config you
	shell_on you 'printf "Host *\n\tForkAfterAuthentication yes\n" >>~/.ssh/config'
	hostile_config beta
	hostile_config gamma
	run_script line
	exits 0 page you http://localhost:8082/some-file.txt
	says "web service of delta"
	stop_script TERM 143
	nothing_left you 8082
}

@test "a signal on the way up takes down what is up so far, and waits for nothing" {
	lab_of double-tunnel
	script git-via-test-server
	sed -i 's/-W test-server:22 /-W test-server:2299 /' "$SCRIPT"
	mute test-server 2299
	start_script
	eventually 10 test -s "$MUTE_LOG"
	stop_script TERM 143
}

@test "a second signal does not keep the first from taking all down" {
	local shell
	lab_of double-tunnel
	for shell in sh bash; do
		rm -f "$BATS_TEST_TMPDIR"/script.*
		script git-via-test-server
		# As late as it can come: where the first one has not yet made them harmless.
		sed -i 's/^clean_up() {$/&\n\t[ "${again:-}" ] || { again=no; kill -s HUP "$$"; }/' "$SCRIPT"
		grep -q 'kill -s HUP' "$SCRIPT"
		start_script "$shell"
		eventually 20 is_up
		stop_script TERM 129
		nothing_left you 7999
	done
}

# alone BRING_UP [COMMAND...]: what runs on another host, without an ssh: programs of the test's own stand for
# the ssh, which only waits, and for `sleep`, which writes down for how long, and wakes when told.
alone() {
	local directory=$BATS_TEST_TMPDIR
	mkdir -p "$directory/bin"
	printf '#!/bin/sh\nexec tail -f /dev/null\n' >"$directory/bin/ssh"
	printf '#!/bin/sh\necho "$1" >>%s\nread -r _ <%s\n' "$directory/sleeps" "$directory/awake" >"$directory/bin/sleep"
	chmod +x "$directory/bin/"*
	{
		echo "bring_up() { $1; }"
		sed '1,/^$/d' planner/views/session.sh
	} >"$directory/session.sh"
}

# Of the one that waited for its ssh to open a pipe, every third hung: the ssh was gone before.
@test "what runs on another host ends though its beginning is its end" {
	alone 'master host'
	for _ in $(seq 20); do
		exits 1 env PATH="$BATS_TEST_TMPDIR/bin:$PATH" timeout 20 sh "$BATS_TEST_TMPDIR/session.sh" </dev/null
	done
}

slept() {
	equal "$(wc -l <"$BATS_TEST_TMPDIR/sleeps")" "$1"
}

@test "what runs on another host waits a minute for each line, and then ends by itself" {
	local line shell
	cd "$BATS_TEST_TMPDIR"
	mkfifo awake lines
	for shell in sh bash; do
		(cd "$REPOSITORY" && alone 'master host')
		rm -f sleeps ended
		{
			PATH="$BATS_TEST_TMPDIR/bin:$PATH" TMPDIR=$BATS_TEST_TMPDIR "$shell" session.sh <lines || true
			touch ended
		} 3>&- &
		exec 8>lines
		for line in 1 2 3; do
			eventually 5 slept "$line"
			echo >&8
		done
		eventually 5 slept 4
		equal "$(sort -u sleeps)" 60
		fails test -e ended
		echo >awake
		eventually 5 test -e ended
		exec 8>&-
		equal "$(ls -d tmp.* 2>/dev/null)" ""
	done
}
