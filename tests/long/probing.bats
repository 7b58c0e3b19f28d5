#!/usr/bin/env bats
# An egress of which the file says how often it is probed.

load ../e2e/helper
load ../e2e/faults

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/../e2e/office.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	leave_nothing
}

@test "an egress that is probed each 20 seconds is told as silent, and as back, by itself" {
	file=$(variant often 's/docs: 8081.*/docs: {ingress: 8081, egress: docs-server\/http, probe: 20s}/')
	exits 0 on you tunplan -f "$file" up docs
	on docs-server nft 'add table inet shut; add chain inet shut in { type filter hook input priority 0; };
		add rule inet shut in tcp dport 80 reject with tcp reset'
	# By its own clock: nobody asks for a probe.
	eventually 45 is_state docs silent
	on docs-server nft delete table inet shut
	eventually 45 is_state docs up
}
