#!/usr/bin/env bats
# Where a remote tunnel listens: its sshd says yes to what it does not do, so the place is looked at.

load helper
load faults

setup_file() {
	cat >"$BATS_FILE_TMPDIR/listeners.yaml" <<-'FILE'
		tunplan: 1
		me: pc
		vlans: {lan: ["2001:db8:77::/64", 10.77.0.0/24]}
		hosts:
		  pc: {vlans: {lan: ["2001:db8:77::1", 10.77.0.1]}, ssh: none, services: {web: {port: 9300, lab: http}}}
		  srv: {vlans: {lan: ["2001:db8:77::3", 10.77.0.3]}, ssh: {port: 22}}
		tunnels:
		  loop: srv:9101 -> pc/web
		  wide: srv:0.0.0.0:9102 -> pc/web
		  addr: srv:10.77.0.3:9103 -> pc/web
		  dead: srv:9104 -> pc:9
		  sock: srv:/run/home/r.sock -> pc/web
		  chosen: srv:auto -> pc/web
		  six: "srv:[::1]:9101 -> pc:9"
		  here: srv:10.77.0.3:9101 -> pc/web
		  shy: {ingress: "srv:9105", egress: pc/web, probe: no}
	FILE
	lab_start "$BATS_FILE_TMPDIR/listeners.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	lab_possible || return 0
	[ -z "${file:-}" ] || on pc tunplan -f "$file" down --all
	on srv kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
	rm -f "$BATS_TEST_TMPDIR/sshd.pid"
}

# sshd_with OPTION…: an sshd on srv with these options; $file leads to it.
sshd_with() {
	file=$(variant "sshd-$BATS_TEST_NUMBER" 's/ssh: {port: 22}/ssh: {port: 2222}/')
	in_background sshd srv /usr/sbin/sshd -D -e -f /run/lab/ssh/sshd -p 2222 "$@"
	eventually 5 listens srv 2222
}

# is STATES TUNNEL…: the states of their listeners and egresses, as `up` tells them with exit 0.
is() {
	local states=$1
	shift
	exits 0 on pc tunplan -f "$file" up --json "$@"
	equal "$(jq -r '.tunnels[].forwards[0] | "\(.listener_state)/\(.egress_state)"' <<<"$output" | paste -sd ' ')" "$states"
}

# doubt_of TUNNEL: the class of what is not known of its listener.
doubt_of() {
	jq -r --arg name "$1" '.tunnels[] | select(.name == $name) | .forwards[0].doubt.code' <<<"$output"
}

# is_wrong CODE TUNNEL: `up` fails by that, and nothing is left.
is_wrong() {
	exits 1 on pc tunplan -f "$file" up "$2"
	complains "($1)"
	[[ $stderr != *"left behind"* ]]
	equal "$(on srv ss -Hltn 'sport >= :9102 and sport <= :9105')" ""
}

# An ssh that tells nothing of its channels, as before 8.5.
without_a_log() {
	shell_on pc 'mkdir -p ~/bin && cat >~/bin/ssh && chmod +x ~/bin/ssh' <<-'SSH'
		#!/bin/sh
		for word; do
			shift
			case $word in LogVerbose=*) word=LogLevel=INFO ;; esac
			set -- "$@" "$word"
		done
		exec /usr/bin/ssh "$@"
	SSH
}

@test "what listens as it was asked to is proved, on loopback, on one address and on all" {
	sshd_with -o GatewayPorts=clientspecified
	is 'proved/reached proved/reached proved/reached' loop wide addr
	exits 0 on pc tunplan -f "$file" up loop wide addr
	[[ $stderr != *unproven* ]]
}

@test "of listeners on one port of several addresses, each is told for itself" {
	sshd_with -o GatewayPorts=clientspecified
	is 'proved/reached' loop
	exits 5 on pc tunplan -f "$file" up six
	is 'proved/reached' here
	# Who uses one has not used the other.
	exits 0 on srv curl -sS -m 5 -o /dev/null http://127.0.0.1:9101/
	output=$(on pc tunplan -f "$file" status --json six) || true
	equal "$(jq -r '.tunnels[].forwards[0] | "\(.listener_state)/\(.egress_state)"' <<<"$output")" proved/silent
}

@test "what an sshd narrows to loopback is found by dialling the address that others know" {
	sshd_with -o GatewayPorts=no
	is 'proved/reached' loop
	is_wrong narrowed wide
	is_wrong narrowed addr
}

@test "what an sshd opens to the other family as well is said" {
	sshd_with -o GatewayPorts=yes
	is 'unproven/reached' wide
	equal "$(doubt_of wide)" both_families
	exits 0 on pc tunplan -f "$file" up wide
	complains 'it listens on every address of IPv6 as well'
	complains 'the sshd on srv has GatewayPorts yes'
}

@test "a remote egress is silent by the word of our own ssh, and its listener is proved" {
	sshd_with
	exits 5 on pc tunplan -f "$file" up dead
	complains 'connect to 127.0.0.1 port 9: Connection refused (refused)'
	output=$(on pc tunplan -f "$file" status --json dead) || true
	equal "$(jq -r '.tunnels[].forwards[0] | "\(.listener_state)/\(.egress_state)"' <<<"$output")" proved/silent
}

@test "probe: no leaves out the egress, and not the proof of the listener" {
	sshd_with
	exits 0 on pc tunplan -f "$file" up shy
	complains 'shy is up, but its egress is unprobed'
	[[ $stderr != *"ingress is unproven"* ]]
	exits 0 on pc tunplan -f "$file" down shy
	file=$(variant shy 's/ssh: {port: 22}/ssh: {port: 2222}/; s/srv:9105/srv:0.0.0.0:9105/')
	is_wrong narrowed shy
}

@test "a socket on the exit is proved through a private forward, of which nothing is left" {
	sshd_with
	is 'proved/reached' sock
	equal "$(shell_on pc 'find "$XDG_RUNTIME_DIR/tunplan" -name "q-*"')" ""
	exits 0 on srv curl -sS -m 5 --unix-socket /run/home/r.sock http://pc/
	# sshd leaves its file.
	run on pc tunplan -f "$file" down sock
	on srv rm /run/home/r.sock
	on srv kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
	eventually 5 closed srv 2222
	sshd_with -o AllowStreamLocalForwarding=remote
	is 'unproven/reached' sock
	equal "$(doubt_of sock)" path_unseen
	run on pc tunplan -f "$file" down sock
	on srv rm /run/home/r.sock
}

@test "a socket on the exit that is not there any more, or is somebody else's, is not told as ours" {
	sshd_with
	is 'proved/reached' sock
	on srv rm /run/home/r.sock
	exits 1 on pc tunplan -f "$file" status --probe sock
	says '(not_accepting)'
	exits 0 on pc tunplan -f "$file" up sock
	on srv rm /run/home/r.sock
	in_background other srv socat UNIX-LISTEN:/run/home/r.sock,fork EXEC:cat
	eventually 5 on srv test -S /run/home/r.sock
	exits 1 on pc tunplan -f "$file" status --probe sock
	says '(port_taken)'
	run on pc tunplan -f "$file" down sock
	on srv kill "$(cat "$BATS_TEST_TMPDIR/other.pid")"
	on srv rm -f /run/home/r.sock
}

@test "without a log of ssh a listener is unproven, and widening is still found" {
	without_a_log
	sshd_with -o GatewayPorts=clientspecified
	exits 0 shell_on pc "PATH=~/bin:\$PATH tunplan -f $file up --json loop wide"
	equal "$(jq -r '.tunnels[].forwards[0] | "\(.listener_state)/\(.egress_state)"' <<<"$output" | paste -sd ' ')" \
		'unproven/reached unproven/reached'
	equal "$(doubt_of loop) $(doubt_of wide)" 'not_told not_told'
	exits 0 shell_on pc "PATH=~/bin:\$PATH tunplan -f $file up loop"
	complains 'loop is up, but its ingress is unproven: srv:127.0.0.1:9101'
	exits 0 on pc tunplan -f "$file" down --all
	on srv kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
	eventually 5 closed srv 2222
	sshd_with -o GatewayPorts=yes
	exits 1 shell_on pc "PATH=~/bin:\$PATH tunplan -f $file up loop"
	complains '(widened)'
	closed srv 9101
	shell_on pc 'rm -r ~/bin'
}

@test "what one sshd has widened is asked for again of the next one" {
	sshd_with -o GatewayPorts=clientspecified
	exits 0 on pc tunplan -f "$file" up loop
	replace_sshd() {
		on srv kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
		shell_on srv "pkill -f '[s]shd(-session)?: ' || :"
		eventually 5 closed srv 2222
		sshd_with "$@"
	}
	state() { equal "$(on pc tunplan -f "$file" status --json loop | jq -r '.tunnels[0] | .state + " " + (.error.code // "")')" "$1"; }
	replace_sshd -o GatewayPorts=yes
	eventually 10 state 'failed widened'
	replace_sshd -o GatewayPorts=clientspecified
	eventually 10 state 'up '
}

@test "where the exit may not dial, this machine does; and what nobody may dial is unproven" {
	sshd_with -o AllowTcpForwarding=remote
	is_wrong narrowed wide
	is 'unproven/reached' loop
	equal "$(doubt_of loop)" may_not_dial
	exits 0 on pc tunplan -f "$file" down --all
	on srv kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
	eventually 5 closed srv 2222
	sshd_with -o AllowTcpForwarding=remote -o GatewayPorts=clientspecified
	is 'proved/reached' wide
}

@test "a host of which the file has no address is not looked at elsewhere, and that is said" {
	sshd_with
	file=$(variant nameless 's/lan: \["2001:db8:77::3", 10.77.0.3\]/lan: srv/; s/ssh: {port: 22}/ssh: {port: 2222}/')
	is 'unproven/reached' loop
	equal "$(doubt_of loop)" no_address
	exits 0 on pc tunplan -f "$file" up loop
	complains 'loop is up, but its ingress is unproven'
}

@test "an ingress that the sshd may choose is not asked for again and again where that is forbidden" {
	sshd_with -o AllowTcpForwarding=local -o LogLevel=DEBUG1
	exits 1 on pc tunplan -f "$file" up chosen
	complains '(listen)'
	equal "$(grep -c 'rtype tcpip-forward' "$BATS_TEST_TMPDIR/sshd.err")" 3
}

@test "with a full disk a listener is unproven, and widening is still found" {
	shell_on pc 'mkdir ~/full && mount -t tmpfs -o size=64k,mode=700 none ~/full'
	sshd_with -o GatewayPorts=clientspecified
	exits 0 on pc env XDG_STATE_HOME=/run/home/full tunplan -f "$file" up loop
	exits 0 on pc env XDG_STATE_HOME=/run/home/full tunplan -f "$file" down loop
	shell_on pc 'head -c 1m /dev/zero >~/full/filler 2>/dev/null; test -s ~/full/filler'
	exits 0 on pc env XDG_STATE_HOME=/run/home/full tunplan -f "$file" up --json loop
	equal "$(jq -r '.tunnels[].forwards[0] | "\(.listener_state)/\(.egress_state)"' <<<"$output")" unproven/reached
	equal "$(doubt_of loop)" not_told
	exits 0 on pc env XDG_STATE_HOME=/run/home/full tunplan -f "$file" down --all
	on srv kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
	eventually 5 closed srv 2222
	sshd_with -o GatewayPorts=yes
	exits 1 on pc env XDG_STATE_HOME=/run/home/full tunplan -f "$file" up loop
	complains '(widened)'
	closed srv 9101
	shell_on pc 'umount ~/full && rmdir ~/full'
}
