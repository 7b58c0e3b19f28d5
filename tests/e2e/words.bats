#!/usr/bin/env bats
# Whose words a failure is told in: ssh's own, about this hop and this listener, and nobody else's.

load helper
load faults

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/office.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	on bastion-host nft delete table inet hole 2>/dev/null || true
	leave_nothing
}

# error_of TUNNEL KEY: of what the last `up --json` said of it.
error_of() {
	jq -r --arg name "$1" --arg key "$2" '.tunnels[] | select(.name == $name) | .error[$key]' <<<"$output"
}

# status_says FILE TUNNEL TEXT
status_says() {
	on you tunplan -f "$1" status "$2" | grep -qF "$3"
}

@test "what a server's Banner says is not taken for ssh's words" {
	local file
	printf 'Host key verification failed.\nThis host is down for maintenance every Sunday.' |
		shell_on bastion-host 'cat >~/banner'
	bastion_on_2222 -o Banner="$(shell_on bastion-host 'echo ~')/banner" -o LoginGraceTime=1 \
		-o AuthorizedKeysFile=none -o AuthorizedKeysCommandUser=root -o AuthorizedKeysCommand="/bin/sleep 20"
	exits 1 on you tunplan -f "$file" up docs
	complains 'Connection closed by '
	complains '(closed)'
	complains 'in the middle of the login'
	[[ $stderr != *Sunday* ]]
	on bastion-host kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
}

@test "what is said in place of a banner is quoted as that, and decides nothing" {
	local file
	file=$(variant preface 's/bastion-host: \[vlan1, vlan2\]/bastion-host: {vlans: [vlan1, vlan2], ssh: {port: 2222}}/
		s/docs: 8081 -> \(.*http\).*/docs: {ingress: 8081, egress: \1, failover: no}/')
	in_background preface bastion-host socat TCP-LISTEN:2222,fork,reuseaddr \
		SYSTEM:'echo Host key verification failed; read line'
	eventually 5 listens bastion-host 2222
	exits 1 on you tunplan -f "$file" up docs
	complains '; before that, it was told: Host key verification failed (closed)'
	complains 'did not begin as an ssh server does'
	on bastion-host kill "$(cat "$BATS_TEST_TMPDIR/preface.pid")"
}

@test "a hop that ends because it was idle is not blamed on its own sshd alone" {
	local file
	bastion_on_2222 -o ChannelTimeout=direct-tcpip=2
	exits 0 on you tunplan -f "$file" up web
	# The sshd before it ends what carries it, and says so to nobody.
	eventually 30 status_says "$file" web \
		'the sshd on test-server ended it, or that on bastion-host, which ends what is idle where it has a ChannelTimeout'
	exits 0 on you tunplan -f "$file" down web
	on bastion-host kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
}

@test "an sshd whose package was upgraded under it is told from one that is only full" {
	local file again
	bastion_on_2222
	exits 0 on you tunplan -f "$file" up docs
	on bastion-host kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
	eventually 5 closed bastion-host 2222
	# It takes connections as before, and resets each new one: what it starts for it is another version.
	in_background upgraded bastion-host perl -MIO::Socket::INET -e '
		my $listener = IO::Socket::INET->new(LocalPort => 2222, Listen => 20, ReuseAddr => 1) or die $!;
		while (my $peer = $listener->accept()) {
			sysread($peer, my $banner, 8);
			setsockopt($peer, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0));
			close $peer;
		}'
	eventually 5 listens bastion-host 2222
	again=$BATS_FILE_TMPDIR/upgraded.yaml
	sed 's/ssh: {port: 2222}/ssh: {port: 2222, user: somebody}/' "$file" >"$again"
	exits 1 on you tunplan -f "$again" up web
	complains 'web is not up (host bastion-host)'
	complains 'its sshd not restarted'
	exits 0 on you tunplan -f "$file" status --probe docs
	exits 0 on you tunplan -f "$file" down docs
	on bastion-host kill "$(cat "$BATS_TEST_TMPDIR/upgraded.pid")"
}

@test "of forwards that fail at the same time, each has its own reason" {
	local file
	file=$(variant several 's|^tunnels:|&\n  elsewhere: 192.0.2.1:8086 -> docs-server/http\n  nodir: /run/nodir/x.sock -> docs-server/http|')
	in_background taken you socat TCP-LISTEN:8081,bind=127.0.0.1,fork,reuseaddr -
	eventually 5 listens you 8081
	exits 1 on you tunplan -f "$file" up --json docs elsewhere nodir
	equal "$(error_of docs code)" port_taken
	[[ $(error_of elsewhere text) == *"[192.0.2.1]:8086: Cannot assign requested address"* ]]
	[[ $(error_of nodir text) == *"/run/nodir/x.sock: No such file or directory"* ]]
	on you kill "$(cat "$BATS_TEST_TMPDIR/taken.pid")"
}

@test "of many dials that are refused at the same time, each has its own refusal" {
	local file forwards='' port
	for port in {101..124}; do
		forwards+="\"8$port -> docs-server:9$port\", "
	done
	file=$(variant many "s|^tunnels:|&\n  many: [$forwards]|")
	exits 5 on you tunplan -f "$file" up --json many
	equal "$(jq -c '[.tunnels[].forwards[].error.text] | unique' <<<"$output")" \
		'["open failed: connect failed: Connection refused"]'
	equal "$(jq '.tunnels[].forwards | length' <<<"$output")" 24
}

@test "a hop that is lost while its egress is probed keeps the reason" {
	local file
	# An address where nobody is: the exit's dial takes its time.
	file=$(variant hole 's/^hosts:/&\n  hole: {vlans: {vlan2: 192.0.2.9}, ssh: none}/
		s/^tunnels:/&\n  hole: {ingress: 8090, egress: "hole:80", via: bastion-host}/')
	on bastion-host nft add table inet hole
	on bastion-host nft 'add chain inet hole out { type filter hook output priority 0; }'
	on bastion-host nft add rule inet hole out tcp dport 80 ip daddr 192.0.2.9 drop
	on bastion-host ip route add 192.0.2.9 dev lo || true
	exits 0 on you tunplan -f "$file" up docs
	in_background up you tunplan -f "$file" up hole
	eventually 5 is_probing
	on bastion-host pkill -KILL -f '^sshd(-session)?: [^ ]+$'
	eventually 5 shell_on you 'grep "hop bastion-host .*-> retry" ~/.local/state/tunplan/supervisor.log |
		grep -q "Connection to bastion-host closed by remote host"'
	ended up 1
	eventually 10 came_back docs -f "$file"
	grep -q 'closed by remote host' "$BATS_TEST_TMPDIR/up.err"
}

is_probing() {
	shell_on you 'grep -q "hole, forward 1: opening -> probing" ~/.local/state/tunplan/supervisor.log'
}
