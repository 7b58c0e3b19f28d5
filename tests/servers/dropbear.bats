#!/usr/bin/env bats
# A bastion host whose ssh server is dropbear, as on routers and small boxes.

load ../e2e/helper
load ../e2e/faults
load ../lacking

setup_file() {
	lab_start local-tunnel
}

teardown_file() {
	lab_stop
}

setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
	needs dropbear dropbear-bin
}

# dropbear_on HOST PORT: it runs there until the end of the lab, and says whom it let in.
dropbear_on() {
	in_background dropbear "$1" sh -c '
		dropbearkey -t ed25519 -f ~/dropbear-key && exec dropbear -F -E -r ~/dropbear-key -p "$0"' "$2"
	eventually 5 listens "$1" "$2"
}

fetch() {
	on you curl -sS -m 5 http://localhost:8080/some-file.txt
}

@test "a local tunnel through dropbear: a page comes through, and down leaves nothing" {
	local plan
	plan=$(variant dropbear 's/bastion-host: *\[vlan1, vlan2\]/bastion-host: {vlans: [vlan1, vlan2], ssh: {port: 2200}}/')
	dropbear_on bastion-host 2200
	exits 7 fetch
	exits 0 on you tunplan --trust-file --file "$plan" up web
	equal "$output" 127.0.0.1:8080
	exits 0 fetch
	says web-server
	equal "$(grep -c 'Pubkey auth succeeded' "$BATS_TEST_TMPDIR/dropbear.err")" 1
	is_state web up
	exits 0 on you tunplan --trust-file --file "$plan" down web
	nothing_left you 8080
	exits 7 fetch
	eventually 5 grep -q 'Exit (.*Disconnect received' "$BATS_TEST_TMPDIR/dropbear.err"
}
