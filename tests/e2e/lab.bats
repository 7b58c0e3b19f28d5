#!/usr/bin/env bats
# The lab: a topology as a real network on this machine, which leaves the machine as it was.

load helper

setup_file() {
	lab_possible || return 0
	machine >"$BATS_FILE_TMPDIR/machine-before"
	cat >"$BATS_FILE_TMPDIR/plant.yaml" <<-'FILE'
		tunplan: 1
		me: laptop
		vlans:
		  office: 10.10.0.0/24
		  dmz: {cidr: 10.20.0.0/24}
		  plant:
		  six: "2001:db8:6::/64"
		hosts:
		  laptop: {vlans: {office: 10.10.0.7}}
		  printer: {vlans: [office], ssh: none, services: {web: 80, raw: 9100}}
		  gw: {vlans: {office: 10.10.0.1, dmz: 10.20.0.1, six: "2001:db8:6::1"}, ssh: {port: 2222}}
		  app: {vlans: [dmz, plant], services: {http: {port: 8000, lab: http}, admin: 8001}}
		  robot: {vlans: [plant], ssh: none, services: {modbus: 502}}
		  camera: {vlans: {six: "2001:db8:6::5"}, ssh: {user: viewer}, services: {http: {port: 80, lab: http}}}
		reachability:
		  - deny: laptop -> printer 9100
		  - allow: office -> dmz 8000
		  - deny: any -> app 8001
		  - allow: [laptop -> robot 502]
		tunnels:
		  camera: 8006 -> camera/http via gw
	FILE
	lab_start "$BATS_FILE_TMPDIR/plant.yaml"
}

teardown_file() {
	lab_stop
}

# What a lab must not change on the machine: links, addresses, namespaces with a name, filter rules,
# and the mounts where it makes its own.
machine() {
	ip -o addr
	ip netns list
	awk -v ours="$BATS_FILE_TMPDIR" '
		$5 ~ "^/(etc|home|proc|root|run|sys|usr|var)(/|$)" || index($5, ours) { $1 = $2 = ""; print }' \
		/proc/self/mountinfo | sort
	nft list ruleset 2>/dev/null || echo 'rules that only root may see'
}

# The processes that are there because of this file's labs: they run in other network namespaces
# than ours and carry this file's directory in their environment or arguments.
lab_processes() {
	local process
	for process in /proc/[0-9]*; do
		[ "$(readlink "$process/ns/net")" = "$(readlink /proc/self/ns/net)" ] && continue
		cat "$process/environ" "$process/cmdline" 2>/dev/null | grep -qzF "$BATS_FILE_TMPDIR" &&
			echo "${process#/proc/}: $(tr '\0' ' ' <"$process/cmdline")"
	done
}

@test "list names the lab by its file, and status its hosts with their addresses" {
	exits 0 "$TUNPLAN" lab list
	says "$TUNPLAN_FILE"
	exits 0 "$TUNPLAN" lab status
	says laptop
	says 10.10.0.7
	says robot
}

@test "a stated address is used" {
	equal "$(on laptop ip -o -4 addr show scope global | awk '{print $4}')" 10.10.0.7/24
}

@test "an address that is not stated is chosen, inside the VLAN's range" {
	[[ $(on printer ip -o -4 addr show scope global | awk '{print $4}') == 10.10.0.*/24 ]]
	[[ $(on app ip -o -4 addr show scope global) == *"10.20.0."* ]]
	[ -n "$(on robot ip -o -4 addr show scope global)" ]
}

@test "names resolve to addresses that the host shares a VLAN with" {
	equal "$(on laptop getent ahostsv4 gw | awk 'NR == 1 {print $1}')" 10.10.0.1
	equal "$(on app getent ahostsv4 gw | awk 'NR == 1 {print $1}')" 10.20.0.1
}

@test "every host thinks that it is itself" {
	equal "$(on gw hostname)" gw
	equal "$(on robot hostname)" robot
}

@test "on one VLAN hosts reach each other unless a rule denies it" {
	reaches laptop printer 80
	cut_off laptop printer 9100
	reaches gw printer 9100
}

@test "an open path, or one that cannot be tried, is not taken to be cut off" {
	fails cut_off laptop printer 80
	fails cut_off laptop gw 2222
	fails cut_off laptop no-such-host 80
	fails cut_off no-such-host laptop 80
}

@test "across VLANs they do not unless a rule allows it" {
	reaches laptop app 8000
	cut_off laptop app 22
	reaches gw app 22
	reaches laptop robot 502
	cut_off printer robot 502
	cut_off robot laptop 2222
}

@test "a denied port is denied to everyone on its VLAN, too" {
	cut_off gw app 8001
	cut_off robot app 8001
}

@test "ssh logs in where there is an sshd, on the port that the file states" {
	equal "$(on gw ssh app hostname)" app
	equal "$(on laptop ssh gw hostname)" gw
	reaches laptop gw 2222
	cut_off laptop gw 22
	cut_off gw printer 22
}

@test "a service answers, and tells which host and service it is" {
	exits 0 on laptop curl -sS -m 2 http://app:8000/
	says app
	run on laptop timeout 2 bash -c 'exec 3<>/dev/tcp/robot/502; echo >&3; head -c 200 <&3'
	says robot
	says modbus
}

@test "a VLAN of IPv6 addresses works as any other, for ssh, services and tunnels" {
	exits 0 on gw curl -sS -m 2 "http://[2001:db8:6::5]/"
	says camera
	equal "$(on gw ssh camera hostname)" camera
	exits 0 on laptop tunplan up camera
	exits 0 on laptop curl -sS -m 5 http://localhost:8006/
	says camera
	exits 0 on laptop tunplan down camera
}

@test "exec passes on the exit status, the arguments, the input and both outputs" {
	exits 7 on laptop sh -c 'exit 7'
	exits 0 on laptop printf '%s|' "a b" '$HOME' ''
	equal "$output" 'a b|$HOME||'
	equal "$(printf 'in\nput' | on laptop cat)" $'in\nput'
	exits 0 on laptop sh -c 'echo out; echo err >&2'
	equal "$output/$stderr" out/err
}

@test "exec of what does not exist is our own failure or the shell's, and says what" {
	exits 255 on lapptop true
	complains laptop
	run -127 --separate-stderr on laptop no-such-program
	complains no-such-program
}

@test "a shell runs on the host that is named, else on me" {
	equal "$("$TUNPLAN" lab shell gw <<<'hostname')" gw
	equal "$("$TUNPLAN" lab shell <<<'hostname')" laptop
}

@test "up when it is up already changes nothing" {
	local before
	before=$(on gw cat /proc/sys/kernel/random/boot_id; on gw ip -o addr)
	exits 0 "$TUNPLAN" lab up
	equal "$(on gw cat /proc/sys/kernel/random/boot_id; on gw ip -o addr)" "$before"
}

@test "two labs at once do not meet, though all their names and addresses are the same" {
	local other=$BATS_TEST_TMPDIR/other.yaml
	cp "$TUNPLAN_FILE" "$other"
	exits 0 "$TUNPLAN" -f "$other" lab up
	"$TUNPLAN" -f "$other" lab exec gw -- sh -c 'echo other >~/mark'
	fails on gw test -e /root/mark
	fails shell_on gw 'test -e ~/mark'
	exits 0 "$TUNPLAN" lab list
	says "$TUNPLAN_FILE"
	says "$other"
	exits 0 "$TUNPLAN" -f "$other" lab down
	equal "$(on laptop ssh gw hostname)" gw
	exits 0 "$TUNPLAN" lab list
	fails grep -qF "$other" <<<"$output"
}

@test "an invalid file is exit 3, and nothing is started" {
	local broken=$BATS_TEST_TMPDIR/broken.yaml
	printf 'tunplan: 1\nhosts: {you: [vlan9]}\n' >"$broken"
	exits 3 "$TUNPLAN" -f "$broken" lab up
	complains broken.yaml:2
	exits 0 "$TUNPLAN" lab list
	fails grep -qF "$broken" <<<"$output"
}

@test "exec, status and down of a lab that is not up say so" {
	local other=$BATS_TEST_TMPDIR/never-up.yaml
	cp "$TUNPLAN_FILE" "$other"
	exits 255 "$TUNPLAN" -f "$other" lab exec gw -- true
	complains "lab up"
	exits 0 "$TUNPLAN" -f "$other" lab down
}

@test "a lab that was killed is cleaned up by the next down, and can be brought up again" {
	local other=$BATS_TEST_TMPDIR/killed.yaml pid
	cp "$TUNPLAN_FILE" "$other"
	exits 0 "$TUNPLAN" -f "$other" lab up
	pid=$("$TUNPLAN" -f "$other" --json lab status | jq -r .pid)
	kill -KILL "$pid"
	exits 0 "$TUNPLAN" -f "$other" lab down
	exits 0 "$TUNPLAN" lab list
	fails grep -qF "$other" <<<"$output"
	exits 0 "$TUNPLAN" -f "$other" lab up
	equal "$("$TUNPLAN" -f "$other" lab exec laptop -- ssh gw hostname)" gw
	exits 0 "$TUNPLAN" -f "$other" lab down
}

# with_own_etc SCRIPT [ARG…]: runs it in a mount namespace where /etc is a copy, which the machine does not see.
with_own_etc() {
	local copy=$BATS_TEST_TMPDIR/etc again=()
	local -a apart=(unshare --mount --propagation private)
	# What only root may read is not copied then.
	cp -a /etc "$copy" 2>/dev/null || [ -e "$copy/passwd" ]
	if [ "$(id -u)" != 0 ]; then
		apart+=(--user --map-root-user)
		again=(unshare --user --map-user="$(id -u)" --map-group="$(id -g)")
	fi
	"${apart[@]}" sh -c 'mount --bind "$0" /etc && exec "$@"' "$copy" "${again[@]}" bash -euc "$1" bash "${@:2}"
}

@test "what replaces the machine's /etc/passwd takes nothing away from a lab" {
	local other=$BATS_TEST_TMPDIR/replaced.yaml
	cp "$TUNPLAN_FILE" "$other"
	exits 0 with_own_etc '
		trap "\"\$TUNPLAN\" -f \"$1\" lab down" EXIT
		"$TUNPLAN" -f "$1" lab up >/dev/null
		for file in passwd group nsswitch.conf hosts hostname ssh/ssh_config; do
			[ ! -e "/etc/$file" ] || { cp "/etc/$file" /etc/new && mv /etc/new "/etc/$file"; }
		done
		"$TUNPLAN" -f "$1" lab exec laptop -- sh -c "getent passwd $(id -u) | cut -d: -f 6; ssh gw hostname"
		"$TUNPLAN" -f "$1" lab status >/dev/null' "$other"
	equal "$output" $'/run/home\ngw'
}

@test "a host that sees the machine's files runs nothing, and up and status say so" {
	local other=$BATS_TEST_TMPDIR/bare.yaml pid
	local -a inside=(--mount --pid)
	[ "$(id -u)" = 0 ] || inside+=(--user --preserve-credentials)
	cp "$TUNPLAN_FILE" "$other"
	exits 0 "$TUNPLAN" -f "$other" lab up
	pid=$("$TUNPLAN" -f "$other" --json lab status | jq -r '.hosts[] | select(.name == "gw") | .pid')
	exits 0 "$TUNPLAN" -f "$other" lab exec laptop -- ssh gw true
	nsenter --target "$pid" "${inside[@]}" umount /etc/passwd
	exits 255 "$TUNPLAN" -f "$other" lab exec gw -- sh -c 'echo ran'
	equal "$output" ""
	complains "gw has lost its own /etc/passwd"
	complains "tunplan lab down, then tunplan lab up"
	exits 255 "$TUNPLAN" -f "$other" lab shell gw <<<'echo ran'
	equal "$output" ""
	exits 255 "$TUNPLAN" -f "$other" lab exec laptop -- ssh gw true
	exits 1 "$TUNPLAN" -f "$other" lab status
	says "sees the machine's files"
	exits 1 "$TUNPLAN" -f "$other" --json lab status
	equal "$(jq -r '.hosts[] | select(.state == "stale") | .name' <<<"$output")" gw
	exits 1 "$TUNPLAN" -f "$other" lab up
	complains "tunplan lab down, then tunplan lab up"
	exits 0 "$TUNPLAN" -f "$other" lab down
	exits 0 "$TUNPLAN" -f "$other" lab up
	exits 0 "$TUNPLAN" -f "$other" lab exec gw -- true
	exits 0 "$TUNPLAN" -f "$other" lab down
}

@test "while a lab is up, the machine's own network is as it was" {
	machine >"$BATS_TEST_TMPDIR/machine-now"
	diff "$BATS_FILE_TMPDIR/machine-before" "$BATS_TEST_TMPDIR/machine-now"
}

@test "after down nothing of the lab is left" {
	[ -n "$(lab_processes)" ]
	exits 0 "$TUNPLAN" lab down
	eventually 5 equal_to "" lab_processes
	machine >"$BATS_TEST_TMPDIR/machine-now"
	diff "$BATS_FILE_TMPDIR/machine-before" "$BATS_TEST_TMPDIR/machine-now"
	equal "$(find "$XDG_RUNTIME_DIR" -type s -o -type p)" ""
	exits 0 "$TUNPLAN" lab list
	equal "$output" ""
}
