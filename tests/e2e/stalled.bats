#!/usr/bin/env bats
# A link that stalls, an ssh that is stopped, and who notices: nobody ends what may go on, and looking ends nothing.

load helper
load faults

setup_file() {
	# Nothing for 6 s is silence then (ServerAliveInterval + 5 s), and ssh itself waits for minutes.
	sed 's/bastion-host: \[vlan1, vlan2\]/bastion-host: {vlans: [vlan1, vlan2], ssh: {options: {ServerAliveInterval: 1, ServerAliveCountMax: 200}}}/' \
		"$BATS_TEST_DIRNAME/office.yaml" >"$BATS_FILE_TMPDIR/stalled.yaml"
	lab_start "$BATS_FILE_TMPDIR/stalled.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	on bastion-host pkill -CONT -f '^sshd(-session)?: ' || true
	leave_nothing
}

# The processes that serve our sessions, the first hop's first: all hosts of a lab see each other's.
far_ends() {
	on bastion-host pgrep -f '^sshd(-session)?: [^ ]+$'
}

# The code of why a tunnel is not well.
reason() {
	on you tunplan status --json "$1" | jq -r '.tunnels[0].error.code'
}

# hop_reason TUNNEL INDEX: the code of why a hop of it is not up.
hop_reason() {
	on you tunplan status --json --all-files | jq -r --arg name "$1" --argjson index "$2" \
		'.tunnels[] | select(.name == $name) | .hops[$index].error.code'
}

log_size() {
	shell_on you 'wc -c <~/.local/state/tunplan/supervisor.log'
}

# logged SIZE PATTERN: whether the supervisor has written such a line since its log had that size.
logged() {
	shell_on you 'tail -c "+$1" ~/.local/state/tunplan/supervisor.log | grep -q -- "$2"' "$@"
}

# changes SIZE NAME: what the supervisor has written about it since its log had that size, without the time.
changes() {
	shell_on you 'tail -c "+$1" ~/.local/state/tunplan/supervisor.log | cut -d " " -f 3- | grep "^$2[:,]"' "$@"
}

# A connection through a tunnel that lives as long as somebody keeps its input open: talk LINE, answer.
connect() {
	coproc TALK { on you socat - TCP:127.0.0.1:7999; }
}

@test "a first hop from which nothing comes is stalled, and up again when something does" {
	local pid frozen
	exits 0 on you tunplan up docs web
	pid=$(hop_pid docs bastion-host)
	frozen=$(far_ends | head -n 1)
	on bastion-host kill -STOP "$frozen"
	eventually 12 is_state docs stalled
	# So is what it carries, and neither look nor `status` ended an ssh.
	equal "$(tunnel_state web)" stalled
	equal "$(reason docs)" stalled
	exits 1 on you tunplan status docs
	equal "$(hop_pid docs bastion-host)" "$pid"
	on bastion-host kill -CONT "$frozen"
	eventually 5 is_state docs up
	eventually 5 is_state web up
	equal "$(hop_pid docs bastion-host)" "$pid"
	exits 0 on you curl -sS -m 5 http://localhost:8081/
}

@test "while its egress is being probed, too, what is stalled is told as that" {
	local frozen since
	exits 0 on you tunplan up docs
	since=$(log_size)
	frozen=$(far_ends | head -n 1)
	on bastion-host kill -STOP "$frozen"
	in_background probe you tunplan status --probe docs
	eventually 12 is_state docs stalled
	eventually 20 test -s "$BATS_TEST_TMPDIR/probe.status"
	on bastion-host kill -CONT "$frozen"
	eventually 5 is_state docs up
	# The probe was under way then: it ended after that.
	equal "$(changes "$since" "tunnel docs" | cut -d: -f1-2 | head -n 3)" \
		$'tunnel docs, forward 1: up -> probing\ntunnel docs: up -> stalled\ntunnel docs, forward 1: probing -> unproven'
}

@test "an ssh that was stopped is told apart at once, and goes on where it was" {
	local pid
	exits 0 on you tunplan up docs
	pid=$(hop_pid docs bastion-host)
	on you kill -STOP "$pid"
	eventually 3 is_state docs stalled
	equal "$(reason docs)" ssh_stopped
	# Nobody answers through it, either: that is not its host's fault.
	exits 1 on you tunplan status --probe docs
	equal "$(reason docs)" ssh_stopped
	on you kill -CONT "$pid"
	eventually 3 is_state docs up
	equal "$(hop_pid docs bastion-host)" "$pid"
}

@test "up makes another ssh beside a stalled one, and the connections of the old one live" {
	local old new
	exits 0 on you tunplan up git
	old=$(hop_pid git bastion-host)
	connect
	IFS= read -r -t 5 -u "${TALK[0]}" banner
	[[ $banner == SSH-2.0-* ]]
	frozen=$(far_ends | head -n 1)
	on bastion-host kill -STOP "$frozen"
	eventually 12 is_state git stalled
	exits 0 on you tunplan up git
	new=$(hop_pid git bastion-host)
	[ "$new" != "$old" ]
	equal "$(tunnel_state git)" up
	on you kill -0 "$old"
	on bastion-host kill -CONT "$frozen"
	# It ends by itself, but not before its last connection.
	on you kill -0 "$old"
	printf 'SSH-2.0-test\r\n' >&"${TALK[1]}"
	eval "exec ${TALK[1]}>&-"
	eventually 10 fails on you kill -0 "$old"
	equal "$(tunnel_state git)" up
}

@test "up of what a stopped ssh holds does not wait for that: through it, nobody is connected" {
	local old
	exits 0 on you tunplan up docs
	old=$(hop_pid docs bastion-host)
	on you kill -STOP "$old"
	eventually 3 is_state docs stalled
	# Its listener is free when it is killed, a few seconds after.
	exits 0 on you tunplan up --timeout 15 docs
	fails on you kill -0 "$old"
	equal "$(tunnel_state docs)" up
	exits 0 on you curl -sS -m 5 http://localhost:8081/
}

@test "a hop that another carries, and that does not answer, ends nothing" {
	local first second frozen since
	exits 0 on you tunplan up docs web
	first=$(hop_pid docs bastion-host)
	second=$(hop_pid web test-server)
	frozen=$(far_ends | tail -n 1)
	on test-server kill -STOP "$frozen"
	# git leads through the same two hops: nothing can be said of its egress.
	exits 1 on you tunplan up git
	equal "$(tunnel_state git)" stalled
	equal "$(reason git)" stalled
	equal "$(on you tunplan status --json git | jq -r '.tunnels[0].error.host')" test-server
	equal "$(tunnel_state docs)" up
	equal "$(hop_pid docs bastion-host)" "$first"
	equal "$(hop_pid web test-server)" "$second"
	equal "$(on you tunplan status --json git | jq -r '.tunnels[0].forwards[0].state')" unproven
	since=$(log_size)
	on test-server kill -CONT "$frozen"
	# Nobody looks: the answer that comes late ends the stall, and then the egress is asked for.
	eventually 5 logged "$since" "tunnel git: stalled -> up"
	equal "$(tunnel_state git)" up
	equal "$(hop_pid git test-server)" "$second"
}

@test "an ssh that is stopped while it connects is told so, and is not waited for" {
	local file
	file=$(variant port 's/bastion-host: {vlans: \[vlan1, vlan2\], ssh: {/&port: 2299, /')
	mute bastion-host 2299
	in_background up you tunplan -f "$file" up docs
	eventually 5 test -s "$MUTE_LOG"
	on you kill -STOP "$(hop_pid docs bastion-host)"
	eventually 3 equal_to ssh_stopped hop_reason docs 0
	ended up 1
	grep -q 'its ssh was stopped by a signal' "$BATS_TEST_TMPDIR/up.err"
	# Whoever gives up sooner is told what is in the way.
	in_background later you tunplan -f "$file" up --timeout 10 docs
	eventually 3 is_state docs starting
	on you kill -STOP "$(hop_pid docs bastion-host)"
	ended later 1
	grep -q 'not up within 10 s: its ssh was stopped by a signal (ssh_stopped)' "$BATS_TEST_TMPDIR/later.err"
}

# An ssh in PATH to which nobody lets in.
shut_out() {
	shell_on you 'mkdir -p ~/bin && cat >~/bin/ssh && chmod +x ~/bin/ssh' <<-'SCRIPT'
		#!/bin/sh
		case " $* " in
		*" -N "*) echo "root@bastion-host: Permission denied (publickey)." >&2; exit 255 ;;
		*) exec /usr/bin/ssh "$@" ;;
		esac
	SCRIPT
}

@test "where another ssh beside a stalled one does not get up, up ends and says both" {
	local frozen old
	exits 0 on you tunplan up docs
	old=$(hop_pid docs bastion-host)
	frozen=$(far_ends | head -n 1)
	on bastion-host kill -STOP "$frozen"
	eventually 12 is_state docs stalled
	shut_out
	exits 1 shell_on you 'PATH=~/bin:$PATH tunplan up docs'
	complains "; another ssh beside it did not get up: root@bastion-host: Permission denied"
	equal "$(tunnel_state docs)" stalled
	# So it does for whom that hop is new.
	exits 1 shell_on you 'PATH=~/bin:$PATH tunplan up web'
	complains "Permission denied"
	on bastion-host kill -CONT "$frozen"
	eventually 5 is_state docs up
	equal "$(hop_pid docs bastion-host)" "$old"
	shell_on you 'rm ~/bin/ssh'
}

@test "a tunnel host that drops what it sends to itself is not taken for stalled" {
	local file first since
	file=$(variant hole 's|^  docs: .*|&\n  hole: {ingress: 8085, egress: "192.0.2.9:80", exit: bastion-host}|')
	exits 0 on you tunplan -f "$file" up docs
	since=$(log_size)
	first=$(hop_pid docs bastion-host)
	on bastion-host nft add table inet hole
	on bastion-host nft 'add chain inet hole out { type filter hook output priority 0; }'
	on bastion-host nft add rule inet hole out oif lo drop
	on bastion-host nft add rule inet hole out tcp dport 80 ip daddr 192.0.2.9 drop
	run --separate-stderr on you tunplan -f "$file" up hole
	on bastion-host nft delete table inet hole
	equal "$status" 5
	equal "$(tunnel_state docs)" up
	fails logged "$since" "hop bastion-host .*: up -> stalled"
	equal "$(hop_pid docs bastion-host)" "$first"
}

@test "what a stopped ssh could not close is closed when it goes on" {
	local pid
	exits 0 on you tunplan up docs web
	pid=$(hop_pid docs bastion-host)
	on you kill -STOP "$pid"
	exits 1 on you tunplan down docs
	complains "left behind: 127.0.0.1:8081"
	listens you 8081
	on you kill -CONT "$pid"
	eventually 5 closed you 8081
	equal "$(hop_pid web bastion-host)" "$pid"
}

@test "what a stopped ssh could not close is waited for by the next up" {
	local pid
	exits 0 on you tunplan up docs web
	pid=$(hop_pid docs bastion-host)
	on you kill -STOP "$pid"
	exits 1 on you tunplan down docs
	listens you 8081
	exits 0 on you tunplan up --timeout 15 docs
	fails on you kill -0 "$pid"
	exits 0 on you curl -sS -m 5 http://localhost:8081/
}

@test "a remote listener whose ssh died while nothing came from its host is named" {
	local frozen
	mute you 9091
	exits 0 on you tunplan up back
	frozen=$(far_ends | head -n 1)
	on bastion-host kill -STOP "$frozen"
	on you kill -KILL "$(hop_pid back bastion-host)"
	# Its port is asked for again by the next ssh, and is not free.
	eventually 10 equal_to port_held reason back
	is_state back reconnecting
	listens bastion-host 9090
	exits 1 on you tunplan down back
	complains "left behind: bastion-host:127.0.0.1:9090"
	on bastion-host kill -CONT "$frozen"
	eventually 5 closed bastion-host 9090
}

@test "what a dead session of ours has is called that, by up and by down, whether or not its hop is left" {
	local frozen since
	mute you 9091
	exits 0 on you tunplan up back docs
	frozen=$(far_ends | head -n 1)
	on bastion-host kill -STOP "$frozen"
	on you kill -KILL "$(hop_pid back bastion-host)"
	eventually 10 equal_to port_held reason back
	exits 1 on you tunplan down back
	complains "left behind: bastion-host:127.0.0.1:9090: a session of ours that died in silence has it"
	[[ $stderr != *"other tunnels need"* ]]
	# Another tunnel of that name knows, too, and does not blame a rule.
	exits 1 on you tunplan up --json back
	equal "$(jq -r .error.code <<<"$output")" port_held
	exits 0 on you tunplan up --json docs
	since=$(log_size)
	in_background waits you tunplan up --persist back
	eventually 5 logged "$since" "tunnel back, forward 1: opening -> waiting"
	on bastion-host kill -CONT "$frozen"
	ended waits 0
	is_state back up
	# The same for all at once.
	frozen=$(far_ends | head -n 1)
	on bastion-host kill -STOP "$frozen"
	on you kill -KILL "$(hop_pid back bastion-host)"
	eventually 10 equal_to port_held reason back
	exits 1 on you tunplan down --all
	complains "left behind: bastion-host:127.0.0.1:9090: a session of ours that died in silence has it"
	listens bastion-host 9090
	on bastion-host kill -CONT "$frozen"
	eventually 5 closed bastion-host 9090
}

@test "one dial by the exit serves all forwards that lead to the same place" {
	local file
	file=$(variant many 's|^  docs: .*|  docs: [8081 -> docs-server/http, 8091 -> docs-server/http, 8092 -> docs-server/http]|')
	exits 0 on you tunplan -f "$file" up docs
	equal "$(shell_on you 'grep -c "channel_connect_stdio_fwd.*: docs-server:80" ~/.local/state/tunplan/m-*.log')" 1
	exits 0 on you tunplan -f "$file" down docs
}
