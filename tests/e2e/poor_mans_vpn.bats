#!/usr/bin/env bats
# The guide's poor man's VPN: two ports of the company's web server in one ssh session.

load helper

setup_file() {
	lab_start poor-mans-vpn
}

teardown_file() {
	lab_stop
}

fetch_http() {
	on you curl -sS -m 5 http://localhost:8080/some-file.txt
}

fetch_https() {
	on you curl -sS -m 5 -k https://localhost:8443/secure.txt
}

@test "without the tunnel, you reach neither port" {
	cut_off you web-server 80
	cut_off you web-server 443
}

@test "the plan shows the office in the clear for HTTP and not for HTTPS" {
	exits 0 on you tunplan plan --json office-web
	equal "$(jq -r '.forwards | length' <<<"$output")" 2
	equal "$(jq -r '.hops | length' <<<"$output")" 1
	equal "$(jq -r '[.exposure[] | select(.where == "office") | .encrypted_by] | map(. // "nothing") | join(" ")' \
		<<<"$output")" "nothing tls"
}

@test "one tunnel brings both pages" {
	exits 0 on you tunplan up office-web
	equal "$output" $'office-web 127.0.0.1:8080\noffice-web 127.0.0.1:8443'
	exits 0 fetch_http
	says web-server
	exits 0 fetch_https
	says web-server
	is_state office-web up
}

@test "the two forwards share one ssh" {
	equal "$(on you tunplan status --json | jq -r '.tunnels[0] | (.forwards | length), (.hops | length)')" $'2\n1'
	equal "$(on you ps -eo args= | grep -c '[C]ontrolMaster=yes')" 1
}

@test "down leaves nothing" {
	exits 0 on you tunplan down office-web
	nothing_left you 8080 you 8443
}

@test "the plain command that plan prints does the same" {
	by_hand office-web
	eventually 10 fetch_http
	exits 0 fetch_https
	says web-server
	by_hand_stop
	nothing_left you 8080 you 8443
}
