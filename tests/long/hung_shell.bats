#!/usr/bin/env bats
# A shell on a bastion that never gets to run what it is told to: nobody knows before the deadlines are over.

load ../e2e/helper

setup_file() {
	cat >"$BATS_FILE_TMPDIR/hung.yaml" <<-'FILE'
		tunplan: 1
		me: you
		vlans: [vlan1, vlan2, vlan3]
		hosts:
		  you: [vlan1]
		  bastion-host: {vlans: [vlan1, vlan2], ssh: {}, keys: [test-server]}
		  test-server: {vlans: [vlan2, vlan3], ssh: {}}
		  web-server: {vlans: [vlan3], ssh: none, services: {web: {port: 80, lab: http}}}
		tunnels:
		  web: {ingress: 8080, egress: web-server/web, method: stitched, stitch: [2999]}
	FILE
	lab_start "$BATS_FILE_TMPDIR/hung.yaml"
}

teardown_file() {
	lab_stop
}

@test "a shell on the bastion that hangs is told as that, and not as the fault of the host behind" {
	# bash reads it, when sshd starts it.
	shell_on bastion-host 'cp ~/.bashrc ~/bashrc.before 2>/dev/null; touch ~/hangs
		echo "while [ -e ~/hangs ]; do sleep 0.2; done" >~/.bashrc'
	exits 1 on you tunplan up web
	shell_on bastion-host 'rm ~/hangs; mv ~/bashrc.before ~/.bashrc 2>/dev/null || rm ~/.bashrc'
	complains "web is not up (host bastion-host)"
	complains "(no_shell)"
	fails grep -q "does a firewall" <<<"$stderr"
}
