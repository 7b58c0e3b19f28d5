#!/usr/bin/env bats
# Relayed hops: the sshd may not forward, so a program on its host dials.

load helper
load faults

setup_file() {
	cat >"$BATS_FILE_TMPDIR/relay.yaml" <<-'FILE'
		tunplan: 1
		me: you
		vlans: {out: {}, in: 10.9.0.0/24, six: "2001:db8:6::/64"}
		hosts:
		  you: [out]
		  mute: {vlans: [out, in], sshd: {AllowTcpForwarding: no}, relay: [socat]}
		  app: {vlans: {in: 10.9.0.4, six: "2001:db8:6::4"}, ssh: {}, services: {http: {port: 80, lab: http}}}
		  other: {vlans: {in: 10.9.0.5}, ssh: {}, services: {http: {port: 80, lab: http}}}
		tunnels:
		  other: 7003 -> other/http
		  app: 7001 -> app/http
		  app-socks: 7002 -> socks@app
	FILE
	lab_start "$BATS_FILE_TMPDIR/relay.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	shell_on you 'test ! -e ~/config.before || mv ~/config.before ~/.ssh/config'
	leave_nothing
}

@test "the plan says which program relays, and by hand it does" {
	exits 0 on you tunplan plan app
	says 'socat on mute, inside h1'
	says 'may not forward to app'
	by_hand app
	eventually 10 listens you 7001
	exits 0 shell_on you 'curl -sS --max-time 5 http://127.0.0.1:7001/some-file.txt'
	says 'from the http service of app'
	by_hand_stop
}

@test "what the ssh_config adds to every ssh does not keep the program from relaying" {
	their_config <<-'CONFIG'

		Host *
		    RemoteCommand echo hostile
		    StdinNull yes
	CONFIG
	by_hand app
	eventually 10 exits 0 shell_on you 'curl -sS --max-time 5 http://127.0.0.1:7001/some-file.txt'
	by_hand_stop
}

@test "up relays by it" {
	exits 0 on you tunplan up app
	exits 0 shell_on you 'curl -sS --max-time 5 http://127.0.0.1:7001/some-file.txt'
	says 'from the http service of app'
	exits 0 on you tunplan up app-socks
	exits 0 shell_on you 'curl -sS --max-time 5 --proxy socks5h://127.0.0.1:7002 http://app/some-file.txt'
	says 'from the http service of app'
	exits 0 on you tunplan status
	says 'app  up'
}

@test "when the first hop is gone, nothing goes round it" {
	exits 0 on you tunplan up app
	shut mute
	shell_on you "kill -KILL $(hop_pid app mute)"
	eventually 10 is_state app reconnecting
	fails shell_on you 'curl -sS --max-time 2 http://127.0.0.1:7001/'
	open mute
	eventually 12 is_state app up
}

@test "no second ssh runs for a relayed hop" {
	exits 0 on you tunplan up app
	equal "$(on you pgrep -fc '^ssh ')" 2
	on you pgrep -f 'tunplan --holder --run .* socat - TCP'
}

@test "the holder runs a program with all three descriptors, and ends with its status" {
	local socket
	exits 0 on you tunplan up app
	socket=$(on you pgrep -af '^ssh .* mute$' | sed 's/.*ControlPath="\([^"]*\)".*/\1/')
	# The shell there reads the words, and its stdin ends where ours does.
	run --separate-stderr shell_on you 'printf in | tunplan --holder --run "$1" cat \; "echo err >&2;" exit 7' "$socket"
	equal "$status/$output/$stderr" 7/in/err
	# Without that master there is no other way.
	exits 255 on you tunplan --holder --run /run/no-such-socket true
	complains "the ssh of the hop before cannot be asked"
}

@test "where the relaying host does not run the program, it is to blame, and not the target" {
	shell_on mute 'cp -p ~/.ssh/authorized_keys ~/keys.before &&
		sed "s/^/command=\"echo forced menu\" /" ~/keys.before >~/.ssh/authorized_keys'
	run --separate-stderr on you tunplan up --json app
	shell_on mute 'mv ~/keys.before ~/.ssh/authorized_keys'
	equal "$status" 1
	equal "$(jq -r '.error | [.code, .subject, .host] | join(" ")' <<<"$output")" 'relay hop mute'
}

@test "a host that opens one session only relays one hop, and is to blame for the next" {
	local file
	file=$(variant one-session 's/mute: {/mute: {ssh: {port: 2222}, /')
	in_background sshd mute /usr/sbin/sshd -D -e -f /run/lab/ssh/sshd -p 2222 -o MaxSessions=1
	eventually 5 listens mute 2222
	exits 0 on you tunplan -f "$file" up app
	exits 1 on you tunplan -f "$file" up other
	complains 'other is not up (host mute)'
	complains '(max_sessions)'
	exits 0 on you tunplan -f "$file" status --probe app
	exits 0 on you tunplan -f "$file" down app
	on mute kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
}
