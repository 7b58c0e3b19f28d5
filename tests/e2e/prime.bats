#!/usr/bin/env bats
# Priming: an OpenSSH before 10.1 is slow with small answers until its connection has had a session, so a fresh
# master has one, which does nothing, where it does no harm. An sshd runs ~/.ssh/rc at the start of each session:
# here it leaves a line.

load helper
load faults

setup_file() {
	cat >"$BATS_FILE_TMPDIR/prime.yaml" <<-'FILE'
		tunplan: 1
		me: you
		vlans: {out: {}, in: 10.9.0.0/24}
		hosts:
		  you: [out]
		  gate: [out, in]
		  app: {vlans: {in: 10.9.0.4}, ssh: {}, services: {http: {port: 80, lab: http}}}
		  never: {vlans: {in: 10.9.0.5}, ssh: {}, prime: no, services: {http: {port: 80, lab: http}}}
		  mute: {vlans: [out, in], sshd: {PermitOpen: "10.9.0.4:80", MaxSessions: 1}, relay: [socat]}
		tunnels:
		  app: 7001 -> app/http
		  never: 7002 -> never/http
		  unprobed: {ingress: 7003, egress: app/http, probe: no}
		  gate: 7004 -> socks@gate
		  relayed: {ingress: 7006, egress: app/http, via: [mute, app]}
		  relayed-too: {ingress: 7007, egress: never/http, via: [mute, never]}
		  near: {ingress: 7005, egress: app/http, exit: mute}
	FILE
	lab_start "$BATS_FILE_TMPDIR/prime.yaml"
}

teardown_file() {
	lab_stop
}

setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
	local host
	for host in gate app never mute; do
		shell_on "$host" 'rm -f ~/sessions ~/ran ~/hold; echo "echo session >>~/sessions" >~/.ssh/rc'
	done
}

teardown() {
	leave_nothing
	shell_on gate 'sed -i "/^MaxSessions 0/d" /run/lab/ssh/sshd'
	shell_on app 'test ! -e ~/keys.before || mv ~/keys.before ~/.ssh/authorized_keys'
}

# sessions HOST: how many there were.
sessions() {
	shell_on "$1" 'cat ~/sessions 2>/dev/null | wc -l'
}

# has_had HOST COUNT
has_had() {
	equal "$(sessions "$1")" "$2"
}

# How many a master has: one, unless the sshd of this machine needs none.
one() {
	case $(ssh -V 2>&1) in
	OpenSSH_[1-9].* | OpenSSH_10.0*) echo 1 ;;
	*) echo 0 ;;
	esac
}

@test "each master has one session, and no tunnel after the first makes another" {
	exits 0 on you tunplan up app
	eventually 5 has_had gate "$(one)"
	eventually 5 has_had app "$(one)"
	exits 0 on you tunplan up unprobed gate
	exits 0 shell_on you 'curl -sS --max-time 5 http://127.0.0.1:7003/'
	exits 0 on you tunplan down --all
	has_had gate "$(one)"
	has_had app "$(one)"
}

@test "a master that takes over has one, too" {
	exits 0 on you tunplan up gate
	eventually 5 has_had gate "$(one)"
	on you kill -KILL "$(hop_pid gate gate)"
	# It comes back by itself.
	eventually 10 has_had gate $(($(one) * 2))
}

@test "a host with prime: no has none" {
	exits 0 on you tunplan up never
	eventually 5 has_had gate "$(one)"
	exits 0 on you tunplan down never
	has_had never 0
}

@test "a command that the key has does not run" {
	shell_on app 'cp ~/.ssh/authorized_keys ~/keys.before &&
		sed -i "s/^/command=\"echo ran >>~\\/ran\" /" ~/.ssh/authorized_keys'
	exits 0 on you tunplan up app
	exits 0 on you tunplan down app
	has_had app 0
	fails shell_on app 'test -e ~/ran'
}

@test "a session that is refused is nobody's trouble" {
	shell_on gate 'echo "MaxSessions 0" >>/run/lab/ssh/sshd'
	exits 0 on you tunplan up app
	exits 0 shell_on you 'curl -sS --max-time 5 http://127.0.0.1:7001/'
	exits 0 on you tunplan status
	says 'app  up'
	has_had gate 0
}

@test "the program that relays has the only session that there may be, and who gets none hears why" {
	exits 0 on you tunplan up relayed
	exits 0 shell_on you 'curl -sS --max-time 5 http://127.0.0.1:7006/'
	has_had mute 1
	exits 1 on you tunplan up relayed-too
	complains 'MaxSessions in the sshd_config of mute'
	exits 0 shell_on you 'curl -sS --max-time 5 http://127.0.0.1:7006/'
}

@test "a relay that comes later waits for the session to end" {
	shell_on mute 'touch ~/hold && echo "while test -e ~/hold; do sleep 0.02; done" >~/.ssh/rc'
	exits 0 on you tunplan up near
	on you tunplan up relayed >"$BATS_TEST_TMPDIR/up" 2>&1 &
	[ "$(one)" = 0 ] || eventually 5 shell_on you 'tunplan status --json relayed | jq -e ".tunnels[0].hops[1].state == \"waiting\""'
	shell_on mute 'rm ~/hold'
	wait $!
	exits 0 shell_on you 'curl -sS --max-time 5 http://127.0.0.1:7006/'
}
