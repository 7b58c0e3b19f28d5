#!/usr/bin/env bats
# What "up" means: what was proved is said to be, and what could not be proved is said, too.

load helper
load faults

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/office.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	leave_nothing
}

# forward_says KEY: of the only forward of the tunnels that `up --json` or `status --json` has told of last.
forward_says() {
	jq -r ".tunnels[0].forwards[0].$1" <<<"$output"
}

# egress_is TUNNEL STATE: what `status` of $file says now.
egress_is() {
	output=$(on you tunplan -f "$file" status --json "$1") || true
	equal "$(forward_says egress_state)" "$2"
}

@test "where an exit forbids the place that is tried, a dynamic tunnel is unproven until it was used" {
	bastion_on_2222 -o PermitOpen="docs-server:80"
	sed -i 's/^tunnels:/&\n  browse: 1080 -> socks@bastion-host/' "$file"
	exits 0 on you tunplan -f "$file" up browse
	complains 'browse is up, but its egress is unproven: socks@bastion-host'
	complains 'administratively prohibited'
	equal "$output" 127.0.0.1:1080
	exits 0 on you tunplan -f "$file" up --json browse
	equal "$(forward_says egress_state),$(forward_says listener_state),$(forward_says error.code)" \
		unproven,proved,forbidden_place
	equal "$(forward_says verified_s)" null
	exits 0 on you tunplan -f "$file" status browse
	says unproven
	exits 0 on you curl -sS -m 5 --socks5-hostname 127.0.0.1:1080 http://docs-server/
	egress_is browse reached
	equal "$(forward_says error)" null
	[ "$(forward_says verified_s)" -ge 0 ]
	exits 0 on you tunplan -f "$file" down browse
	on bastion-host kill "$(cat "$BATS_TEST_TMPDIR/sshd.pid")"
}

@test "what was silent is asked again by each up, and reached by its users" {
	local file=$TUNPLAN_FILE
	exits 5 on you tunplan up silent
	in_background service web-server socat TCP-LISTEN:81,fork,reuseaddr SYSTEM:'echo hello'
	eventually 5 listens web-server 81
	egress_is silent silent
	exits 0 on you socat -T 5 - TCP:127.0.0.1:8082
	says hello
	egress_is silent reached
	on web-server kill "$(cat "$BATS_TEST_TMPDIR/service.pid")"
	exits 5 on you tunplan up silent
	in_background service web-server socat TCP-LISTEN:81,fork,reuseaddr SYSTEM:'echo hello'
	eventually 5 listens web-server 81
	exits 0 on you tunplan up silent
	on web-server kill "$(cat "$BATS_TEST_TMPDIR/service.pid")"
}

@test "an egress that was not to be probed is told as unprobed, until it was used" {
	local file
	file=$(variant unprobed 's|^  docs: .*|  docs: {ingress: 8081, egress: docs-server/http, probe: no}|')
	exits 0 on you tunplan -f "$file" up docs
	complains 'docs is up, but its egress is unprobed: docs-server:80'
	egress_is docs unprobed
	equal "$(forward_says state),$(forward_says listener_state),$(forward_says verified_s)" up,proved,null
	exits 0 on you curl -sS -m 5 http://127.0.0.1:8081/
	# Once the exit has said of a closed port that it is closed.
	eventually 5 egress_is docs reached
	exits 0 on you tunplan -f "$file" down docs
}

@test "an egress that its users do not reach any more is asked again, and told as silent" {
	local file
	file=$(variant refused 's|^  docs: .*|  docs: 8081 -> docs-server:82|')
	in_background service docs-server socat TCP-LISTEN:82,fork,reuseaddr SYSTEM:'echo hello'
	eventually 5 listens docs-server 82
	exits 0 on you tunplan -f "$file" up docs
	egress_is docs reached
	on docs-server kill "$(cat "$BATS_TEST_TMPDIR/service.pid")"
	eventually 5 closed docs-server 82
	egress_is docs reached
	run on you socat -T 5 - TCP:127.0.0.1:8081
	eventually 5 egress_is docs silent
	exits 0 on you tunplan -f "$file" down docs
}

@test "a socket here whose file is not there any more is not told as up, and nobody else's is removed" {
	local file path=/run/home/l.sock
	file=$(variant path "s|^  docs: .*|  docs: $path -> docs-server/http|")
	exits 0 on you tunplan -f "$file" up docs
	on you rm "$path"
	exits 1 on you tunplan -f "$file" status docs
	says 'the file of its socket is gone (not_accepting)'
	exits 0 on you tunplan -f "$file" up docs
	on you rm "$path"
	in_background other you socat UNIX-LISTEN:"$path",fork EXEC:cat
	eventually 5 on you test -S "$path"
	exits 1 on you tunplan -f "$file" up docs
	complains '(socat) listens there (port_taken)'
	run on you tunplan -f "$file" down docs
	on you test -S "$path"
	on you kill "$(cat "$BATS_TEST_TMPDIR/other.pid")"
	on you rm -f "$path"
}

@test "an egress behind a link that is busy is unproven, and asked again when the link is free" {
	local device file=$TUNPLAN_FILE
	in_background sink docs-server socat -u TCP-LISTEN:81,fork,reuseaddr OPEN:/dev/null
	eventually 5 listens docs-server 81
	file=$(variant busy 's/^tunnels:/&\n  sink: 8095 -> docs-server:81/')
	exits 0 on you tunplan -f "$file" up sink
	device=$(shell_on you 'ip -o route get "$(getent ahostsv4 bastion-host | awk "{print \$1; exit}")" | sed "s/.* dev \([^ ]*\).*/\1/"')
	on you tc qdisc add dev "$device" root tbf rate 256kbit burst 16kb latency 400ms
	in_background upload you socat -u /dev/zero TCP:127.0.0.1:8095
	eventually 5 is_queued
	exits 0 on you tunplan -f "$file" up docs
	complains 'docs is up, but its egress is unproven: docs-server:80'
	complains 'the link is busy ('
	egress_is docs unproven
	equal "$(forward_says error.code)" busy
	on you kill "$(cat "$BATS_TEST_TMPDIR/upload.pid")"
	on you tc qdisc del dev "$device" root
	eventually 30 egress_is docs reached
	exits 0 on you tunplan -f "$file" down docs sink
	on docs-server kill "$(cat "$BATS_TEST_TMPDIR/sink.pid")"
}

# Whether more than 200 kB wait on the connection of the first hop.
is_queued() {
	shell_on you 'ss -Htn "dport = 22" | awk "\$3 > 200000" | grep -q .'
}
