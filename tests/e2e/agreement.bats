#!/usr/bin/env bats
# The model and the lab agree: in random networks, each connection between each two hosts is judged by the
# reachability rules and tried in the lab (tests/agreement).
#
# AGREEMENT_NETWORKS of each kind, with the numbers from AGREEMENT_FIRST on. One of them by itself:
#
#     build/debug/tests/agreement/network SEED v6 >net.yaml && tests/agreement/agree net.yaml

load helper

TUNPLAN_BUILD=${TUNPLAN_BUILD:-${TUNPLAN%/*}}
export TUNPLAN_BUILD
AGREE=$REPOSITORY/tests/agreement/agree
NETWORK=$TUNPLAN_BUILD/tests/agreement/network

setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	cd "$BATS_TEST_TMPDIR" || return
}

# agree_on KIND: makes the networks of a kind, three at a time, for most of the time is waiting for nothing
# to be said. That it is not all left out is looked at, too.
agree_on() {
	local first=${AGREEMENT_FIRST:-1} count=${AGREEMENT_NETWORKS:-12}
	# shellcheck disable=SC2016 # the shell of xargs expands them
	seq "$first" $((first + count - 1)) | xargs -P 3 -I % bash -c '
		"$1" "$3" "$4" >"$3.yaml" && chmod go-w "$3.yaml" && "$2" "$3.yaml" >"$3.said" 2>&1 || {
			echo "network $3 $4:"
			cat "$3.said"
			exit 1
		}' bash "$NETWORK" "$AGREE" % "$1"
	awk '{ lines += $1; left_out += $3 } END {
		printf "%d lines, %d left out\n", lines, left_out
		exit !(lines > 100 * NR && left_out < lines / 10)
	}' ./*.said
	equal "$("$TUNPLAN" lab list)" ""
}

@test "in networks of IPv4" {
	agree_on v4
}

@test "in networks of IPv6" {
	agree_on v6
}

@test "in networks of both" {
	agree_on both
}

# A network whose model says more and less than the lab does.
small() {
	cat <<-FILE
		tunplan: 1
		vlans: {one: 10.1.0.0/24, two: ["2001:db8:2::/64", 10.2.0.0/24]}
		hosts:
		  a: {vlans: [one], ssh: none, services: {web: 80}}
		  b: {vlans: [one, two], ssh: none, services: {web: {port: 80, listen: two}}}
		  c: {vlans: [two], ssh: none, services: {web: 80}}
		reachability:
		  - {$1: "a -> c 80"${2:+, action: $2}}
	FILE
}

# differ_in MODEL LAB ANSWERS: what the two say of the port of c by a.
differ_in() {
	printf '%s\n' "$1" >model.yaml
	printf '%s\n' "$2" >lab.yaml
	run "$AGREE" model.yaml lab.yaml
	equal "$status" 1
	says "$3"
	says "hosts:"
}

@test "where they do not agree, it is said with both answers" {
	differ_in "$(small allow)" "$(small deny)" "a by - to 10.2.0.2 port 80: the model says open (one -> two, open by line 8), the lab dropped"
	differ_in "$(small deny)" "$(small allow)" "a by one to 10.2.0.2 port 80: the model says dropped (one -> two, RULE_DENY by line 8), the lab open"
	differ_in "$(small deny reject)" "$(small deny)" "the model says refused (one -> two, RULE_DENY by line 8), the lab dropped"
	differ_in "$(small allow)" "$(small allow | sed 's/, listen: two//')" \
		"a by - to 10.1.0.2 port 80: the model says refused (one -> one, LOOPBACK_ONLY"
}
