#!/usr/bin/env bats
# The guide's local HTTP proxy: beta-server fetches through the tinyproxy on you, over two hops.

load helper
load faults

setup_file() {
	lab_start local-http-proxy
}

teardown_file() {
	lab_stop
}

fetch() {
	on beta-server curl -sS -m 5 -x http://localhost:9999 http://web-server/some-file.txt
}

@test "without the tunnel, beta-server reaches neither the internet nor its neighbour" {
	cut_off beta-server web-server 80
	cut_off beta-server docs-server 80
	cut_off beta-server you 8888
}

@test "only the bridge host reaches beta-server, and only its sshd" {
	reaches bridge-host beta-server 22
	cut_off you beta-server 22
	cut_off docs-server beta-server 22
}

@test "the plan is a remote forward on the second hop, to the proxy on you" {
	exits 0 on you tunplan plan --json proxy-for-beta
	equal "$(jq -r '[.hops[].host] | join(" ")' <<<"$output")" "bridge-host beta-server"
	equal "$(jq -r '.forwards[0] | .type, .ingress.host, .egress.host' <<<"$output")" \
		$'remote\nbeta-server\nyou'
}

@test "beta-server fetches a file that only you can reach" {
	exits 0 on you tunplan up proxy-for-beta
	exits 0 fetch
	says web-server
	is_state proxy-for-beta up
}

@test "the bridge host has no port that leads to the proxy" {
	equal "$(on bridge-host ss -Hltn 'sport != :22')" ""
}

@test "down leaves nothing, on beta-server neither" {
	exits 0 on you tunplan down proxy-for-beta
	nothing_left beta-server 9999
	exits 7 fetch
}

@test "the plain command that plan prints does the same" {
	by_hand proxy-for-beta
	eventually 10 fetch
	exits 0 fetch
	says web-server
	by_hand_stop
	nothing_left beta-server 9999
}

@test "in two remote tunnels, as the guide writes it, it comes up as well" {
	local file
	file=$(variant stitched 's|^  proxy-for-beta: .*|  proxy-for-beta: {ingress: "beta-server:9999", egress: me/proxy, method: stitched, stitch: [8080]}|')
	exits 0 on you tunplan -f "$file" up proxy-for-beta
	equal "$output" beta-server:127.0.0.1:9999
	exits 0 fetch
	says web-server
	equal "$(on bridge-host ss -Hltn 'sport != :22' | awk '{print $4}')" 127.0.0.1:8080
	exits 0 on you tunplan -f "$file" down proxy-for-beta
	nothing_left beta-server 9999 bridge-host 8080
}
