#!/usr/bin/env bats
# Whose trouble it is. That of this machine (its agent, keys, links, programs, and who has its ports) is told as this machine's.

load helper
load faults

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/office.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	shell_on you 'rm -rf ~/bin'
	leave_nothing
}

# said_of KEY…: the keys of the error of the last `up --json`, in one line.
said_of() {
	jq -r '[.error | .code, .subject, .host] | join(" ")' <<<"$output"
}

# ssh_is SCRIPT…: the first `ssh` in the PATH of with_ssh is a script.
ssh_is() {
	shell_on you 'mkdir -p ~/bin && printf "%s\n" "$@" >~/bin/ssh && chmod +x ~/bin/ssh' '#!/bin/sh' "$@"
}

with_ssh() {
	# shellcheck disable=SC2016 # expands there
	shell_on you 'PATH=~/bin:$PATH exec "$@"' "$@"
}

# key NAME PASSPHRASE: a key that bastion-host accepts.
key() {
	shell_on you 'rm -f ~/"$1" ~/"$1".pub; ssh-keygen -q -t ed25519 -N "$2" -f ~/"$1"' "$1" "$2"
	shell_on you 'ssh bastion-host "cat >>~/.ssh/authorized_keys" <~/"$1".pub' "$1"
}

@test "who has the port of an ingress is named, before anybody logs in" {
	local pid
	mute you 8080
	pid=$(cat "$BATS_TEST_TMPDIR/mute.pid")
	exits 1 on you tunplan up --json web
	equal "$(said_of)" 'port_taken local_ingress you'
	equal "$(jq -r .error.text <<<"$output")" "process $pid (perl) listens there"
	equal "$(jq -r '[.tunnels[0].hops[].state] | unique[]' <<<"$output")" down
	nothing_left
}

@test "who has the socket of an ingress is named, before anybody logs in" {
	local file
	file=$(variant socket 's|^tunnels:|tunnels:\n  sock: /run/home/taken -> docs-server/http|')
	in_background taken you perl -MIO::Socket::UNIX -e '
		my $listener = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die $!;
		sleep 1000' /run/home/taken
	eventually 5 on you test -S /run/home/taken
	exits 1 on you tunplan -f "$file" up sock
	complains "process $(cat "$BATS_TEST_TMPDIR/taken.pid") (perl) listens there (port_taken)"
	fails complains ' ok '
	on you kill "$(cat "$BATS_TEST_TMPDIR/taken.pid")"
	shell_on you 'rm /run/home/taken'
}

@test "a key that has a passphrase, and that no agent holds, is named" {
	local file
	key locked 'a passphrase'
	file=$(variant locked 's/bastion-host: \[vlan1, vlan2\]/bastion-host: {vlans: [vlan1, vlan2], ssh: {identity: ~\/locked}}/')
	exits 1 on you tunplan -f "$file" up --json docs
	equal "$(said_of)" 'locked_key own_side you'
	[[ $(jq -r .error.text <<<"$output") == *'/locked has a passphrase)' ]]
	shell_on you 'rm ~/locked'
	exits 1 on you tunplan -f "$file" up --json docs
	equal "$(said_of)" 'half_key own_side you'
	[[ $(jq -r .error.text <<<"$output") == *'/locked, only the public half is there)' ]]
	nothing_left
}

@test "a key that others can read, or that is none, is no key with a passphrase" {
	local file
	key open ''
	shell_on you 'chmod 644 ~/open'
	file=$(variant open 's/bastion-host: \[vlan1, vlan2\]/bastion-host: {vlans: [vlan1, vlan2], ssh: {identity: ~\/open}}/')
	exits 1 on you tunplan -f "$file" up --json docs
	equal "$(said_of)" 'auth own_side you'
	[[ $(jq -r .error.text <<<"$output") == *'UNPROTECTED PRIVATE KEY FILE! (the key '*'/open)' ]]
	shell_on you 'chmod 600 ~/open; echo junk >~/open; rm ~/open.pub'
	exits 1 on you tunplan -f "$file" up --json docs
	equal "$(said_of)" 'auth own_side you'
	[[ $(jq -r .error.text <<<"$output") == 'Load key '* ]]
	shell_on you 'rm ~/open'
	nothing_left
}

@test "an agent that does not answer is told, and is not the host's fault" {
	in_background agent you perl -MIO::Socket::UNIX -e '
		my $listener = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die $!;
		my @peers;
		while (my $peer = $listener->accept()) { push @peers, $peer }' /run/home/agent
	eventually 5 on you test -S /run/home/agent
	exits 1 timeout 30 "$TUNPLAN" lab exec you -- env SSH_AUTH_SOCK=/run/home/agent tunplan up --timeout 8 docs
	complains 'the agent of this machine does not answer its ssh'
	nothing_left
	# And while it is waited for, also where no terminal shows it.
	in_background waiting you env SSH_AUTH_SOCK=/run/home/agent tunplan up docs
	eventually 15 grep -q 'waits *the agent of this machine' "$BATS_TEST_TMPDIR/waiting.err"
	exits 1 on you tunplan status docs
	says '(agent)'
	on you kill -INT "$(cat "$BATS_TEST_TMPDIR/waiting.pid")"
	ended waiting 130
	nothing_left
	on you kill "$(cat "$BATS_TEST_TMPDIR/agent.pid")"
	shell_on you 'rm /run/home/agent'
}

# configured COMMAND: the ssh_config begins with a Match that runs it.
configured() {
	shell_on you 'cp -p ~/.ssh/config ~/config.before && cat - ~/config.before >~/.ssh/config' <<<"Match exec \"$1\""
}

@test "a command of ssh_config that takes its time is told, and is not the host's silence" {
	configured 'exec sleep 100'
	exits 1 on you tunplan up --timeout 3 docs
	complains 'waiting for `ssh -G`, which reads your ssh_config'
	complains 'gave up after 3 s, waiting for `ssh -G`'
	nothing_left
	# It is quick when ssh is asked, and slow when ssh logs in.
	shell_on you 'mv ~/config.before ~/.ssh/config'
	configured 'mkdir ~/asked || exec sleep 100'
	exits 1 timeout 30 "$TUNPLAN" lab exec you -- tunplan up --json --timeout 8 docs
	equal "$(said_of)" 'undialled own_side you'
	[[ $(jq -r .error.text <<<"$output") == *'its ssh has not begun to connect' ]]
	shell_on you 'mv ~/config.before ~/.ssh/config; rmdir ~/asked'
	nothing_left
}

@test "a supervisor without descriptors is told as that, and nothing waits for it" {
	local most
	for most in 10 12 14 16; do
		exits 1 timeout 20 "$TUNPLAN" lab exec you -- sh -c "ulimit -n $most; exec tunplan up docs"
		complains 'Too many open files'
		exits 0 on you tunplan down --all
		nothing_left
	done
}

@test "what could not be asked for want of descriptors is unproven, and no hop is blamed" {
	local most said=0
	for most in 21 22 23; do
		run --separate-stderr timeout 20 "$TUNPLAN" lab exec you -- sh -c "ulimit -n $most; exec tunplan up --json docs"
		[[ $output != *'"parent"'* ]]
		[[ $output != *'"files"'* ]] || said=$((said + 1))
		exits 0 on you tunplan down --all
		nothing_left
	done
	# How many the libraries take differs; with one of these a probe found none.
	[ "$said" -gt 0 ]
}

# Newer sshds let a client ask for some more keys than they let it try.
@test "an agent with too many keys is told, and what to do" {
	shell_on you 'mkdir -p ~/many && cd ~/many && eval "$(ssh-agent -a ~/many/agent)" >pid &&
		for i in $(seq 14); do ssh-keygen -q -t ed25519 -N "" -f $i && ssh-add -q $i; done
		echo $SSH_AGENT_PID >pid'
	exits 1 shell_on you 'SSH_AUTH_SOCK=~/many/agent tunplan up --json docs'
	shell_on you 'kill "$(cat ~/many/pid)"; rm -r ~/many'
	equal "$(said_of)" 'auth own_side you'
	says 'name that key with `identity:`'
}

@test "an own link that is down is suspected before a far host" {
	exits 0 on you ip link show up
	local link
	link=$(on you ip -o -4 route get "$(on you getent ahostsv4 bastion-host | awk '{print $1; exit}')" | sed 's/.* dev \([^ ]*\).*/\1/')
	on you ip link set "$link" down
	run --separate-stderr on you tunplan up --json docs
	on you ip link set "$link" up
	equal "$status" 1
	equal "$(said_of | cut -d' ' -f2-)" 'own_side you'
	eventually 5 reaches you bastion-host 22
}

@test "a hop that our own program should carry, and that is gone, is no fault of the relaying host" {
	shell_on you 'mkdir -p ~/bin && cp "$(command -v tunplan)" ~/bin/tunplan'
	exits 0 shell_on you 'PATH=~/bin:$PATH tunplan up docs'
	shell_on you 'rm ~/bin/tunplan'
	exits 1 on you tunplan up --json web
	equal "$(said_of)" 'program_gone own_side you'
}

@test "an ssh that makes no control socket is told as that" {
	ssh_is 'exec /usr/bin/ssh -S none "$@"'
	exits 1 with_ssh tunplan up --json docs
	equal "$(said_of)" 'protocol own_side you'
	says 'made no control socket'
	nothing_left
}

@test "an ssh that says nothing is told as that" {
	ssh_is 'exec /usr/bin/ssh -q "$@"'
	local file
	file=$(variant nowhere 's/bastion-host: \[vlan1, vlan2\]/bastion-host: {vlans: [vlan1, vlan2], ssh: {port: 2299}}/')
	exits 1 with_ssh tunplan -f "$file" up --json docs
	equal "$(said_of)" 'wordless own_side you'
	nothing_left
}

@test "a program called ssh that is not OpenSSH is named, and nothing is started with it" {
	ssh_is 'echo "Other v1.0" >&2; exit 1'
	exits 1 with_ssh tunplan up docs
	complains "is not OpenSSH's (\`ssh -V\` says: Other v1.0)"
	nothing_left
}

# no_descriptors HOST: the sessions of its sshd may open nothing more.
no_descriptors() {
	shell_on "$1" 'for pid in $(pgrep -f "^sshd(-session)?: "); do prlimit --pid "$pid" --nofile=3; done'
}

@test "a tunnel host that has no descriptors left is to blame for what it does not dial" {
	exits 0 on you tunplan up docs
	no_descriptors bastion-host
	exits 5 on you tunplan status --probe docs
	says '(limit)'
	exits 1 on you tunplan up --json web
	equal "$(said_of)" 'limit hop bastion-host'
}

@test "an ssh that may open no more files is told as that" {
	local file
	file=$(variant hundred "s|^tunnels:|tunnels:\n  many: [$(seq -f '%.0f -> docs-server/http' -s ', ' 20001 20100)]|")
	exits 1 on you prlimit --nofile=64:64 tunplan -f "$file" up --json many
	equal "$(said_of)" 'files own_side you'
}
