#!/usr/bin/env bats
# What is dialled is what `plan` shows, whatever the user's ssh_config says: by `up`, and by who types the
# commands. test_dialled.c compares the two for many files; here they log in.

load helper
load faults

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/office.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	shell_on you 'rm -f ~/fresh
		test ! -e ~/config.before || mv ~/config.before ~/.ssh/config
		test ! -e ~/hosts.before || cat ~/hosts.before >/etc/hosts'
	leave_nothing
}

fetch() {
	on you curl -sS -m 5 "http://localhost:${1:-8080}/"
}

# typed FILE TUNNEL: the command that `plan` prints, typed on `you` until it ends, at most 10 seconds.
typed() {
	local line
	line=$(on you tunplan -f "$1" up --dry-run "$2")
	[[ $line == ssh\ * ]]
	shell_on you "exec timeout 10 $line"
}

# address NAME: what bastion-host makes of the name of a host.
address() {
	on bastion-host getent ahostsv4 "$1" | sed 's/ .*//; q'
}

@test "a first hop has the canonical name of the ssh_config, but not its way" {
	local file
	file=$(variant canonical 's/bastion-host: \[vlan1, vlan2\]/bastion-host: {vlans: {vlan1: gw, vlan2: }}/')
	# ssh asks for the name with a dot at its end.
	shell_on you 'cp /etc/hosts ~/hosts.before
		echo "$(getent ahostsv4 bastion-host | sed "s/ .*//; q") gw.corp.example gw.corp.example." >>/etc/hosts'
	their_config <<-'CONFIG'

		Host gw.corp.example
		    HostKeyAlias bastion-host
		Host *
		    CanonicalizeHostname yes
		    CanonicalDomains corp.example
		    ProxyCommand false
	CONFIG
	exits 0 on you tunplan -f "$file" plan docs
	says "your ssh_config dials gw.corp.example:22 for gw, with the host key of bastion-host"
	says "and not by a ProxyCommand as your ssh_config says"
	exits 0 on you tunplan -f "$file" up docs
	exits 0 fetch 8081
	exits 0 on you tunplan -f "$file" down docs
	by_hand -f "$file" docs
	eventually 10 fetch 8081
	by_hand_stop
}

# keys: under which names the keys are that were stored, one a line.
keys() {
	shell_on you "sed 's/ .*//' ~/fresh | sort -u"
}

@test "behind the first hop no key is stored under a place that was not dialled" {
	their_config <<-'CONFIG'

		Host test-server
		    Port 2222
		    HostKeyAlias elsewhere
		Host *
		    UserKnownHostsFile ~/fresh
		    StrictHostKeyChecking accept-new
	CONFIG
	exits 0 on you tunplan plan web
	says "bastion-host dials test-server:22, and not test-server:2222 as your ssh_config says"
	exits 0 on you tunplan up web
	exits 0 fetch
	exits 0 on you tunplan down web
	equal "$(keys)" "bastion-host
test-server"
	on you rm /run/home/fresh
	by_hand web
	eventually 10 fetch
	by_hand_stop
	equal "$(keys)" "bastion-host
test-server"
}

@test "a host that only the ssh_config knows is dialled behind the first hop by nobody" {
	local file
	file=$(variant unknown 's/test-server/inner/')
	their_config <<-CONFIG

		Host inner
		    HostName $(address test-server)
	CONFIG
	exits 0 on you tunplan -f "$file" plan web
	says "bastion-host dials inner:22, and not $(address test-server):22 as your ssh_config says"
	exits 1 on you tunplan -f "$file" up web
	complains "(resolve)"
	exits 255 typed "$file" web
	complains "open failed: connect failed: "
	# Its address in the topology is what both want.
	file=$(variant known "s/test-server: .*/inner: {vlans: {vlan2: $(address test-server), vlan3: }}/; s/test-server/inner/")
	exits 0 on you tunplan -f "$file" up web
	exits 0 fetch
	exits 0 on you tunplan -f "$file" down web
	by_hand -f "$file" web
	eventually 10 fetch
	by_hand_stop
}

@test "no name of a host is made another one behind the first hop" {
	shell_on you 'cp /etc/hosts ~/hosts.before
		echo "192.0.2.1 test-server.corp.example test-server.corp.example." >>/etc/hosts'
	their_config <<-'CONFIG'

		Host *
		    CanonicalizeHostname always
		    CanonicalDomains corp.example
		    UserKnownHostsFile ~/fresh
		    StrictHostKeyChecking accept-new
	CONFIG
	exits 0 on you tunplan plan web
	says "bastion-host dials test-server:22, and not test-server.corp.example:22 as your ssh_config says"
	exits 0 on you tunplan up web
	exits 0 fetch
	exits 0 on you tunplan down web
	equal "$(keys)" "bastion-host
test-server"
	on you rm /run/home/fresh
	by_hand web
	eventually 10 fetch
	by_hand_stop
	equal "$(keys)" "bastion-host
test-server"
}

@test "a command that is printed neither ends at once nor leaves an ssh, whatever the ssh_config says" {
	their_config <<-'CONFIG'

		Host *
		    ControlMaster auto
		    ControlPath ~/.ssh/theirs-%C
		    ControlPersist 60
		    ForkAfterAuthentication yes
		    ClearAllForwardings yes
	CONFIG
	by_hand web
	eventually 10 fetch
	shell_on you 'kill -0 "$(cat ~/by-hand.pid)"'
	equal "$(shell_on you 'find ~/.ssh -name "theirs-*"')" ""
	by_hand_stop
	nothing_left you 8080
}

@test "a deadline that the ssh_config states is a master's own" {
	their_config <<-'CONFIG'

		Host test-server
		    ConnectTimeout 77
		    ServerAliveInterval 66
	CONFIG
	exits 0 on you tunplan up web
	on you ps -eo args= | grep '^ssh -N' >"$BATS_TEST_TMPDIR/masters"
	equal "$(grep -c . "$BATS_TEST_TMPDIR/masters")" 2
	grep -q 'ConnectTimeout=10 .*ServerAliveInterval=15 .*ServerAliveCountMax=3 .* bastion-host$' "$BATS_TEST_TMPDIR/masters"
	grep 'test-server$' "$BATS_TEST_TMPDIR/masters" >"$BATS_TEST_TMPDIR/second"
	fails grep -e ConnectTimeout -e ServerAliveInterval "$BATS_TEST_TMPDIR/second"
	grep -q ServerAliveCountMax=7 "$BATS_TEST_TMPDIR/second"
}

@test "an address that a hop is to be dialled from, and that is not here, is no fault of an ingress" {
	their_config <<-'CONFIG'

		Host bastion-host
		    BindAddress 198.51.100.9
	CONFIG
	exits 0 on you tunplan plan docs
	says "your ssh_config dials bastion-host:22 for bastion-host, from 198.51.100.9"
	exits 1 on you tunplan up docs
	complains "bind 198.51.100.9: Cannot assign requested address"
	complains "correct the ingress, or the BindAddress"
}
