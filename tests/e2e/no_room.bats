#!/usr/bin/env bats
# No room: what the program says and leaves behind if memory runs out, at any point, or if its result
# cannot be written. A result is written as a whole or not at all, and the exit status says which.

load helper

PRELOAD=$(realpath -e "${TUNPLAN_BUILD:-${TUNPLAN%/*}}/tests/e2e/exhaust.so") || exit

setup() {
	# No lab here. All files of a test are in a directory that is its own alone.
	mkdir "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here" || return
	unset TUNPLAN_FILE TUNPLAN_ME
	export XDG_RUNTIME_DIR=$PWD/run XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config
	mkdir -m 700 run state config
	small_file
}

# What takes memory: several files, a pattern of files, variables, an alias, ranges of addresses.
several_files() {
	mkdir parts
	cat >several.yaml <<-'FILE'
		tunplan: 1
		me: you
		include: [parts/*.yaml, last.yaml]
		vars: {port: 8080, server: web-server}
		vlans: {vlan1: 10.0.1.0/24, vlan2: [10.0.2.0/24, "2001:db8::/64"], island: ~}
		x-login: &login {user: "${USERNAME}"}
		hosts:
		  you: {vlans: {vlan1: 10.0.1.1}}
		  bastion-host: {vlans: {vlan1: 10.0.1.2, vlan2: 10.0.2.2}, ssh: *login}
		tunnels:
		  web: "${port} -> ${server}/http"
		  "other-web": {ingress: 8081, egress: web-server:81, via: bastion-host}
		groups: {pages: [web, "*-web"]}
	FILE
	cat >parts/hosts.yaml <<-'FILE'
		hosts:
		  web-server: {vlans: {vlan2: [10.0.2.3, "2001:db8::3"]}, ssh: none, services: {http: 80}}
		  lost-server: {vlans: island, ssh: none}
	FILE
	printf 'vars: {USERNAME: {env: NO_SUCH_VARIABLE, default: ops}}\n' >parts/vars.yaml
	printf 'reachability: [{allow: "vlan1 -> vlan2 22"}]\n' >last.yaml
	chmod -R go-w .
}

# The file that is found, for the commands that do more than load it.
small_file() {
	cat >tunplan.yaml <<-'FILE'
		tunplan: 1
		me: you
		vlans: [vlan1, vlan2]
		hosts: {you: [vlan1], gate: [vlan1, vlan2], web-server: [vlan2], lost-server: ~}
		tunnels: {web: 8080 -> web-server:80 via gate, web-2: 8081 -> web-server:81, lost: 8083 -> lost-server:80}
		groups: {pages: ["web*"]}
	FILE
	chmod go-w tunplan.yaml
}

# files: what there is in the test's directory, and what is in it.
files() {
	find . -type f -exec cksum {} + | sort
	find . ! -type f | sort
}

# exhaust COMMAND…: runs it for each of its allocations, but not for those of the programs that it starts,
# and prints what came of it.
exhaust() {
	ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 LD_PRELOAD=$PRELOAD EXHAUST=each \
		EXHAUST_ROLE=$1 "$TUNPLAN" "$@"
}

# runs_out STATUS COMMAND…: lets every allocation of the command fail, one after the other, alone and
# with all after it. The status is that of the command when nothing fails.
runs_out() {
	local expected=$1 before
	shift
	[[ $(exhaust version) != *" 0 allocations"* ]] ||
		skip "this program has its malloc in it, as clang does with ASan's: it cannot be replaced"
	before=$(files)
	exits 0 exhaust "$@"
	echo "# $*: $output" >&3
	[[ $output == "status $expected, "* ]]
	equal "$(files)" "$before"
}

@test "memory can run out anywhere in check" {
	several_files
	runs_out 0 check several.yaml
	runs_out 0 check --json tunplan.yaml
	runs_out 0 check - <tunplan.yaml
}

@test "memory can run out anywhere in check of files that are wrong, untrusted, or not there" {
	cat >broken.yaml <<-'FILE'
		tunplan: 1
		include: [no/such.yaml, none*/*.yaml]
		vlans: [vlan1]
		hosts: {you: [vlan7], "bad name": [vlan1], gate: {vlans: [vlan1], servces: {}}}
		tunnels: {web: 8080 -> web-sever:80, twice: 1 -> gate:1, twice: 2 -> gate:2}
	FILE
	printf 'a: [' >syntax.yaml
	runs_out 3 check broken.yaml
	runs_out 3 check --json broken.yaml
	runs_out 3 check syntax.yaml
	runs_out 3 check no/such.yaml
	chmod o+w tunplan.yaml
	runs_out 3 check
}

@test "memory can run out anywhere in config, list and schema" {
	several_files
	runs_out 0 config
	runs_out 0 -f several.yaml config --json
	runs_out 0 list
	runs_out 0 list --long
	runs_out 0 list --json
	# Thousands of allocations, all of jansson and alike.
	EXHAUST_STEP=29 runs_out 0 schema
}

@test "memory can run out anywhere in plan, with a path and without" {
	runs_out 0 plan web
	runs_out 0 plan --json web web-2
	runs_out 0 up --dry-run "web*"
	runs_out 4 plan lost
	runs_out 4 plan --json lost
	runs_out 2 plan --json wbe
	runs_out 2 plan wbe
}

@test "memory can run out anywhere in export" {
	runs_out 0 export script web
	runs_out 4 export script lost
}

@test "memory can run out anywhere while it is found out where this machine is" {
	cat >tunplan.yaml <<-'FILE'
		tunplan: 1
		me: you
		vlans: [vlan1, vlan2]
		hosts: {you: ~, gate: [vlan1], web-server: [vlan1]}
		tunnels: {web: 8080 -> web-server:80}
		places:
		  loopback: {when: {addr: [192.0.2.0/24, 127.0.0.0/8]}, vlans: [vlan1]}
		  router: {when: {gateway: 192.0.2.1}, vlans: [vlan2]}
		  resolver: {when: {dns: [192.0.2.53, no-such.example]}, vlans: [vlan2]}
		  server: {when: {tcp: ["127.0.0.1:1", "[::1]:1"]}, vlans: [vlan2]}
	FILE
	runs_out 0 plan web
}

@test "memory can run out anywhere in what asks a supervisor that is not there, and in help" {
	# What they make, they make before it is counted.
	"$TUNPLAN" status
	"$TUNPLAN" lab list
	runs_out 0 status
	runs_out 1 status --json web
	runs_out 0 down --all
	runs_out 0 lab list --json
	runs_out 0 help
	exits 2 "$TUNPLAN" stats
}

# refused COMMAND…: that it fails, and says that its result cannot be written.
refused() {
	exits 1 "$@"
	complains "tunplan: cannot write the result: "
}

@test "a result that the disk has no room for is an error, whatever its length" {
	local command
	for command in check "check --json" config "config --json" list schema "plan web" "export script web" help version; do
		# shellcheck disable=SC2086 # a list of words
		refused sh -c '"$@" >/dev/full' sh "$TUNPLAN" $command
		complains "No space left on device"
	done
}

@test "a result that nobody takes is an error, and goes nowhere else" {
	refused sh -c '"$@" >&-' sh "$TUNPLAN" list
	refused sh -c '"$@" >&-' sh "$TUNPLAN" status --json
	# The first file that is opened must not become the standard output, nor the standard error.
	exits 1 sh -c 'exec "$@" <&- >&- 2>&-' sh "$TUNPLAN" list
}

@test "a name that JSON cannot hold is an error, not an empty result" {
	mv tunplan.yaml $'not-\xff-utf8.yaml'
	refused "$TUNPLAN" check --json $'not-\xff-utf8.yaml'
	equal "$(jq -c 'keys' <<<"$output")" '["error"]'
	# Of the reason why, each byte that is no UTF-8 is a question mark.
	exits 3 "$TUNPLAN" list --json -f $'not-there-\xff-utf8.yaml'
	equal "$(jq -r .error.text <<<"$output")" 'not-there-?-utf8.yaml: No such file or directory'
	exits 0 "$TUNPLAN" check $'not-\xff-utf8.yaml'
}
