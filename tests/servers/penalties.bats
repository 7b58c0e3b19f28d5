#!/usr/bin/env bats
# The sshd of Debian 13, which locks out addresses that connect and do not log in (PerSourcePenalties): nobody is locked out by
# the probes of `up`.

load ../e2e/helper
load ../lacking

TRIXIE=$REPOSITORY/build/trixie

setup_file() {
	cat >"$BATS_FILE_TMPDIR/penalties.yaml" <<-'FILE'
		tunplan: 1
		me: you
		vlans: [vlan1, vlan2]
		hosts:
		  you: [vlan1]
		  gateway: [vlan1, vlan2]
		  new-server: [vlan2]
		tunnels:
		  ssh: {ingress: 8080, egress: "new-server:2213", exit: gateway}
		  deep: 8081 -> socks@new-server
	FILE
	lab_start "$BATS_FILE_TMPDIR/penalties.yaml"
	lab_possible && [ -e "$TRIXIE/made" ] || return 0
	# It runs beside the sshd of the lab, which the topology of the lab names.
	sed -i 's/new-server: \[vlan2\]/new-server: {vlans: [vlan2], ssh: {port: 2213}}/' "$TUNPLAN_FILE"
	# What it writes goes to the memory of the lab's host; the user's keys are there, too.
	shell_on new-server '
		mount -t tmpfs -o mode=700 none "$1/root" && mount -t tmpfs -o mode=755 none "$1/run" && mkdir -m 700 "$1/run/sshd" "$1/root/.ssh" &&
		cp ~/.ssh/authorized_keys "$1/root/.ssh" && ssh-keygen -q -t ed25519 -N "" -f "$1/run/key" &&
		exec chroot "$1" /usr/sbin/sshd -D -e -p 2213 -o HostKey=/run/key -o UsePAM=no -o PidFile=none' "$TRIXIE" \
		>"$BATS_FILE_TMPDIR/sshd.log" 2>&1 </dev/null 3>&- &
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR eventually 10 listens new-server 2213
}

teardown_file() {
	lab_stop
}

setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
	needs debootstrap debootstrap
	[ -e "$TRIXIE/made" ] || skip "there is no $TRIXIE: tests/servers/trixie makes it, as root"
}

# by_hand: whether somebody on the gateway can log in there.
by_hand() {
	on you ssh -J gateway -p 2213 -o BatchMode=yes new-server true
}

@test "after sixteen ups in a row, one logs in by hand, and the next up gets in" {
	for _ in $(seq 16); do
		exits 0 on you tunplan up ssh
	done
	by_hand
	exits 0 on you tunplan up deep
	exits 0 on you tunplan down --all
	nothing_left
	fails grep -q 'Not allowed at this time' "$BATS_FILE_TMPDIR/sshd.log"
}

@test "whoever dials it twenty times at once, and says nothing, is locked out" {
	for _ in $(seq 20); do
		reaches gateway new-server 2213
	done
	fails by_hand
	grep -q 'penalty: connections without attempting authentication' "$BATS_FILE_TMPDIR/sshd.log"
}

# What status says of deep: its state, the code of the reason, and whether the next try is later than any usual wait.
deep_is() {
	on you tunplan status --json deep | jq -r '.tunnels[0] | "\(.state) \(.error.code) \(.next_try_s > 5)"'
}

@test "who is lost while it locks out tries seldom, and is told that nobody behind that address gets in" {
	# Those of before may have locked out the gateway.
	exits 0 on you tunplan up --persist --timeout 120 deep
	for _ in $(seq 20); do
		reaches gateway new-server 2213
	done
	fails by_hand
	on you kill -KILL "$(hop_pid deep new-server)"
	eventually 10 equal_to "reconnecting not_allowed true" deep_is
	exits 1 on you tunplan status deep
	says 'Not allowed at this time'
	says 'nobody behind'
	exits 0 on you tunplan down deep
}
