#!/usr/bin/env bats
# Tunnels between two other hosts: two paths, joined here by a socket that nobody else may open.

load helper
load faults

setup_file() {
	cat >"$BATS_FILE_TMPDIR/between.yaml" <<-'FILE'
		tunplan: 1
		me: you
		vlans: [left, right, inner]
		hosts:
		  you: [left, right]
		  a: [left]
		  b: [right, inner]
		  web:
		    vlans: [inner]
		    ssh: none
		    services: {http: {port: 80, lab: http}}
		tunnels:
		  web-for-a: a:8080 -> web/http
		  browse-for-a: a:1080 -> socks@b
		  browse-from-you: a:1081 -> socks@me
		  both: [a:8081 -> web/http, 7001 -> web/http]
	FILE
	lab_start "$BATS_FILE_TMPDIR/between.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	leave_nothing
}

# joints: the sockets of joined tunnels on you.
joints() {
	shell_on you 'find "$XDG_RUNTIME_DIR/tunplan" -name "j-*" -type s 2>/dev/null || :'
}

@test "the plan has two pieces that meet on you" {
	exits 0 on you tunplan --json plan web-for-a
	equal "$(jq -r '[.forwards[].type] | join(" ")' <<<"$output")" "remote local"
	equal "$(jq -r '.forwards[0].egress.joint, .forwards[1].ingress.joint, .forwards[0].join' \
		<<<"$output" | paste -sd ' ')" "true true 1"
}

@test "what is entered on a comes out at web, by way of you and b" {
	cut_off a web 80
	exits 0 on you tunplan up web-for-a
	equal "$output" a:127.0.0.1:8080
	exits 0 shell_on a 'curl -sS --max-time 5 http://127.0.0.1:8080/some-file.txt'
	says 'from the http service of web'
	exits 0 on you tunplan status web-for-a
	says 'a:127.0.0.1:8080 -> web:80'
	[ "$(joints | wc -l)" = 1 ]
	exits 0 shell_on you "stat -c %a $(dirname "$(joints)")"
	equal "$output" 700
	exits 0 on you tunplan down web-for-a
	equal "$(joints)" ""
	closed a 8080
}

@test "SOCKS on a that leaves at b" {
	exits 0 on you tunplan up browse-for-a
	exits 0 shell_on a 'curl -sS --max-time 5 --proxy socks5h://127.0.0.1:1080 http://web/some-file.txt'
	says 'from the http service of web'
	exits 0 on you tunplan down browse-for-a
	closed a 1080
}

@test "SOCKS on a that leaves here" {
	exits 0 on you tunplan up browse-from-you
	equal "$output" a:127.0.0.1:1081
	exits 0 shell_on a 'curl -sS --max-time 5 --proxy socks5h://127.0.0.1:1081 telnet://b:22 </dev/null | head -c 7'
	says SSH-2.0
	exits 0 on you tunplan down browse-from-you
	closed a 1081
}

# has_another_ssh TUNNEL HOST PID: whether that hop has an ssh, which is not the one that it had.
has_another_ssh() {
	local pid
	pid=$(hop_pid "$1" "$2") && [ "$pid" != null ] && [ "$pid" != "$3" ]
}

@test "a joined forward beside another, and the loss of a hop" {
	local pid
	exits 0 on you tunplan up both
	equal "$output" $'both a:127.0.0.1:8081\nboth 127.0.0.1:7001'
	exits 0 shell_on a 'curl -sS --max-time 5 http://127.0.0.1:8081/some-file.txt'
	exits 0 shell_on you 'curl -sS --max-time 5 http://127.0.0.1:7001/some-file.txt'
	pid=$(hop_pid both b)
	shell_on you "kill -KILL $pid"
	eventually 10 has_another_ssh both b "$pid"
	eventually 10 is_state both up
	exits 0 shell_on a 'curl -sS --max-time 5 http://127.0.0.1:8081/some-file.txt'
	exits 0 shell_on you 'curl -sS --max-time 5 http://127.0.0.1:7001/some-file.txt'
	exits 0 on you tunplan down both
	equal "$(joints)" ""
}

@test "a port that is taken on a fails it, and nothing is left" {
	mute a 8080
	exits 1 on you tunplan up web-for-a
	complains 8080
	equal "$(joints)" ""
}
