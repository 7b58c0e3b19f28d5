#!/usr/bin/env bats
# The command line without a network: finding, reading, planning, refusing, and exit statuses.

load helper

setup() {
	# No lab here. An empty directory under /tmp, so that no file is found by chance.
	cd "$BATS_TEST_TMPDIR" || return
	unset TUNPLAN_FILE TUNPLAN_ME
	export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
}

# The examples as ours: the repository may lie where others, too, may write.
setup_file() {
	cp -R "$REPOSITORY/examples" "$BATS_FILE_TMPDIR"
	chmod -R go-w "$BATS_FILE_TMPDIR/examples"
}

# example NAME: the path of its topology.
example() {
	printf '%s/examples/%s/tunplan.yaml' "$BATS_FILE_TMPDIR" "$1"
}

# topology LINE…: writes ./tunplan.yaml: two hosts without a way to the third.
no_path_topology() {
	cat >tunplan.yaml <<-'FILE'
		tunplan: 1
		me: you
		vlans: [vlan1, vlan2]
		hosts:
		  you: [vlan1]
		  bastion-host: [vlan1]
		  web-server: {vlans: [vlan2], ssh: none, services: {http: 80}}
		tunnels:
		  web: 8080 -> web-server/http
	FILE
}

@test "help lists every command, on stdout" {
	exits 0 "$TUNPLAN" help
	local command
	for command in check list plan export up down status lab schema help; do
		says "$command"
	done
	exits 0 "$TUNPLAN" --help
	says plan
}

@test "help COMMAND explains it" {
	exits 0 "$TUNPLAN" help up
	says up
	exits 2 "$TUNPLAN" help no-such-command
}

@test "--help behind a command explains it, whatever else is asked of it" {
	local explained
	explained=$("$TUNPLAN" help up)
	equal "$("$TUNPLAN" --help up)" "$explained"
	equal "$("$TUNPLAN" up --dry-run web --help)" "$explained"
}

@test "schema prints a JSON Schema, and takes no argument" {
	exits 0 "$TUNPLAN" schema
	equal "$(jq -r '."$schema"' <<<"$output")" "http://json-schema.org/draft-07/schema#"
	exits 2 "$TUNPLAN" schema tunplan.yaml
}

@test "an unknown command is a usage error with a suggestion" {
	exits 2 "$TUNPLAN" statsu
	complains status
	equal "$output" ""
}

@test "an unknown option is a usage error" {
	exits 2 "$TUNPLAN" --no-such-option list
	complains no-such-option
	exits 2 "$TUNPLAN" up --dryrun web
	complains "unknown option '--dryrun'; did you mean '--dry-run'?"
	complains 'usage: tunplan up [--dry-run]'
}

@test "without a command it lists the names, exit 2" {
	exits 2 "$TUNPLAN" -f "$(example double-tunnel)"
	[[ $output$stderr == *git-via-test-server* ]]
}

@test "without a file it shows how to begin, exit 3" {
	exits 3 "$TUNPLAN" list
	complains tunplan.yaml
	complains "tunplan: 1"
	equal "$output" ""
}

@test "the starter that it shows is itself a valid file" {
	exits 3 "$TUNPLAN" list
	sed -n '/^ *tunplan: 1/,/->/p' <<<"$stderr" | sed 's/^    //' >starter.yaml
	grep -q -- '->' starter.yaml
	exits 0 "$TUNPLAN" check starter.yaml
}

@test "every example checks clean" {
	local file
	for file in "$BATS_FILE_TMPDIR"/examples/*/tunplan.yaml; do
		exits 0 "$TUNPLAN" check "$file"
		equal "$stderr" ""
	done
}

@test "every tunnel of the guide's examples can be planned" {
	local name tunnel
	for name in local-tunnel remote-tunnel dynamic-proxy securing-email poor-mans-vpn double-tunnel \
		local-http-proxy; do
		for tunnel in $("$TUNPLAN" -f "$(example "$name")" list); do
			exits 0 "$TUNPLAN" -f "$(example "$name")" plan "$tunnel"
			says ssh
		done
	done
}

@test "plan takes a tunnel that is not in the file, an egress alone, and a host" {
	local file
	file=$(example double-tunnel)
	exits 0 "$TUNPLAN" -f "$file" plan "8000 -> git-server:22 via test-server"
	says '127.0.0.1:8000:git-server:22'
	exits 0 "$TUNPLAN" -f "$file" plan git-server/git
	says 'open 127.0.0.1:auto and talk to git-server:7999'
	exits 0 "$TUNPLAN" -f "$file" plan test-server
	says 'you: $ ssh -J bastion-host test-server'
	exits 0 "$TUNPLAN" -f "$file" --json plan test-server
	equal "$(jq -r '.tunnel, (.forwards | length), .hops[-1].host' <<<"$output" | paste -sd ' ')" \
		'test-server 0 test-server'
}

@test "what is wrong with a tunnel of the command line is shown in it" {
	local file
	file=$(example double-tunnel)
	exits 2 "$TUNPLAN" -f "$file" plan "8000 -> git-servr/git"
	complains 'argument:1:9: error[T021]'
	complains "did you mean 'git-server'?"
	exits 2 "$TUNPLAN" -f "$file" plan git-server/svn
	complains "host 'git-server' has no service 'svn'"
	exits 2 "$TUNPLAN" -f "$file" plan git-server
	complains "has no sshd"
	exits 2 "$TUNPLAN" -f "$file" plan "0 -> git-server/git"
	complains 'argument:1:1: error'
	exits 2 "$TUNPLAN" -f "$file" plan 192.0.2.1:80
	complains "needs 'via' or 'exit'"
	exits 2 "$TUNPLAN" -f "$file" plan git-via-tst-server
	complains "did you mean 'git-via-test-server'?"
	exits 2 "$TUNPLAN" -f "$file" plan bastion-hos
	complains "has no tunnel or host 'bastion-hos'; did you mean the host 'bastion-host'?"
	exits 2 "$TUNPLAN" -f "$file" up bastion-host
	complains "has no tunnel 'bastion-host', which is a host; \`tunplan plan bastion-host\` shows how"
}

@test "plan --spof names the hosts where pieces are joined, and not the ends" {
	cat >stitched.yaml <<-'END'
		tunplan: 1
		me: laptop
		vlans: [net, lan]
		hosts:
		  laptop: {vlans: [net], ssh: none}
		  jump: [net, lan]
		  app: {vlans: [lan], ssh: {}, services: {web: 80}}
		tunnels:
		  stitched: {ingress: 8081, egress: app/web, method: stitched}
	END
	exits 0 "$TUNPLAN" -f stitched.yaml plan --spof
	equal "$output" 'stitched: jump'
	exits 0 "$TUNPLAN" -f stitched.yaml --json plan --spof stitched
	equal "$output" '{"tunnel":"stitched","spof":["jump"],"assumed":[]}'
	sed -i 's/^  jump:.*/  jump: {vlans: [net, lan], ssh: {}}\n  proxy: [net, lan]/' stitched.yaml
	exits 0 "$TUNPLAN" -f stitched.yaml plan --spof stitched
	equal "$output" 'stitched: no single host, but its ends; without jump by a login alone that the file does not state (`ssh`)'
	sed -i '/proxy/d' stitched.yaml
	exits 0 "$TUNPLAN" -f stitched.yaml plan --spof app
	equal "$output" 'app: jump'
}

@test "plan shows other ways, and what is lost with a host" {
	local file
	file=$(example office)
	exits 0 "$TUNPLAN" -f "$file" plan --alternatives 2 pg
	says '1. laptop -> bastion-a -> app1'
	says '2. laptop -> bastion-b -> app2'
	says 'no host is needed by every path'
	exits 0 "$TUNPLAN" -f "$file" plan --without bastion-a --without=app1 pg
	says 'laptop ===internet=== bastion-b'
	exits 4 "$TUNPLAN" -f "$file" plan --without bastion-a --without bastion-b pg
	complains 'without bastion-a, without bastion-b'
	exits 0 "$TUNPLAN" -f "$file" plan --spof
	says 'pg: no single host, but its ends'
	says 'pg-by-b: bastion-b'
	exits 0 "$TUNPLAN" -f "$file" --json plan --spof pg-by-b
	equal "$output" '{"tunnel":"pg-by-b","spof":["bastion-b"],"assumed":[]}'
	exits 2 "$TUNPLAN" -f "$file" plan --without bastion-c pg
	complains "has no host 'bastion-c'; did you mean"
	exits 2 "$TUNPLAN" -f "$file" plan --alternatives many pg
	complains "--alternatives wants a number from 0 to 100, not 'many'"
	exits 2 "$TUNPLAN" -f "$file" plan --without
	complains '--without wants a host'
}

@test "without a path, plan says where else there is one" {
	exits 4 "$TUNPLAN" -f "$(example roaming)" --place office plan print
	complains 'there is a path from home: --place home'
}

@test "the file is found in a parent directory" {
	cp "$(example local-tunnel)" tunplan.yaml
	mkdir -p a/b
	cd a/b
	exits 0 "$TUNPLAN" list
	says web
}

@test "-f comes before TUNPLAN_FILE, that before a file here, that before the user's own" {
	mkdir -p config/tunplan
	cp "$(example remote-tunnel)" config/tunplan/tunplan.yaml
	exits 0 "$TUNPLAN" list
	says web-for-bastion
	cp "$(example local-tunnel)" tunplan.yaml
	exits 0 "$TUNPLAN" list
	equal "$output" web
	export TUNPLAN_FILE
	TUNPLAN_FILE=$(example dynamic-proxy)
	exits 0 "$TUNPLAN" list
	equal "$output" browse
	exits 0 "$TUNPLAN" -f "$(example securing-email)" list
	equal "$output" mail
}

@test "a file that is not there is named, exit 3" {
	exits 3 "$TUNPLAN" -f no/such.yaml list
	complains no/such.yaml
}

@test "a file that cannot be read as text is refused with a place, exit 3" {
	head -c 300 /dev/urandom >noise.yaml
	exits 3 "$TUNPLAN" check noise.yaml
	complains noise.yaml
	: >empty.yaml
	exits 3 "$TUNPLAN" check empty.yaml
	complains empty.yaml
}

@test "check reports all errors at once, with carets, on stderr, exit 3" {
	cat >broken.yaml <<-'FILE'
		tunplan: 1
		me: you
		vlans: [vlan1]
		hosts:
		  you: [vlan1]
		  bastion-host: [vlan7]
		  web-server: {vlans: [vlan1], servces: {http: 80}}
		tunnels:
		  web: 8080 -> web-sever:80
	FILE
	exits 3 "$TUNPLAN" check broken.yaml
	complains "broken.yaml:6:"
	complains "broken.yaml:7:"
	complains "broken.yaml:9:"
	complains "^^^"
	complains "did you mean 'web-server'"
	complains "did you mean 'services'"
	equal "$output" ""
}

@test "check --json says the same as JSON on stdout" {
	printf 'tunplan: 1\nhosts: {you: [vlan9]}\n' >broken.yaml
	exits 3 "$TUNPLAN" --json check broken.yaml
	jq -e . <<<"$output" >/dev/null
	equal "$(jq -r '[.. | objects | select(has("line")) | .line] | first' <<<"$output")" 2
}

# odd_topology NAME: writes a file with two lints, L004 and L011.
odd_topology() {
	cat >"$1" <<-'FILE'
		tunplan: 1
		me: you
		vlans: [vlan1, spare]
		hosts: {you: [vlan1], web-server: [vlan1]}
		tunnels: {web: 80 -> web-server:80}
	FILE
}

@test "check warns of what is probably not meant, and takes the file, exit 0" {
	odd_topology odd.yaml
	exits 0 "$TUNPLAN" check odd.yaml
	complains "odd.yaml:3:16: warning[L004]: nobody is on VLAN 'spare'"
	complains "odd.yaml:5:16: warning[L011]"
	complains "^^"
	equal "$output" "odd.yaml: valid: 2 VLANs, 2 hosts, 0 rules, 1 tunnel; 2 warnings"
	exits 0 "$TUNPLAN" -f odd.yaml list
	equal "$stderr" ""
}

@test "check --strict takes no warnings: the same warnings, a closing line, exit 3" {
	odd_topology odd.yaml
	exits 3 "$TUNPLAN" check --strict odd.yaml
	complains "odd.yaml:3:16: warning[L004]"
	complains "tunplan: odd.yaml: 2 warnings, and --strict takes none"
	equal "$output" ""
	exits 0 "$TUNPLAN" check --strict "$(example double-tunnel)"
	equal "$stderr" ""
	says "valid"
}

@test "a variable that leads to a host which is not there spoils its tunnel, and not the file" {
	cat >tunplan.yaml <<-'FILE'
		tunplan: 1
		me: laptop
		vars: {node: {env: NODE, default: n1}}
		vlans: [net]
		hosts: {laptop: {vlans: [net], ssh: none}, login: {vlans: [net], ssh: {}}, n1: {vlans: [net], ssh: none}}
		tunnels: {job: "8888 -> ${node}:8888", other: 8080 -> login:80}
		groups: {daily: [job, other]}
	FILE
	exits 0 "$TUNPLAN" plan job
	export NODE=n7
	exits 3 "$TUNPLAN" check
	complains "tunplan.yaml:6:16: error[T021]: tunnel 'job' leads to unknown host 'n7'"
	equal "$("$TUNPLAN" check --json 2>&1 | jq -c '[.valid, .passed, .diagnostics[0].code]')" '[false,false,"T021"]'
	exits 0 "$TUNPLAN" plan other
	says 'login:80'
	complains 'left out, each for an error of its own'
	complains ': job'
	local command
	for command in plan 'up --dry-run' 'export script'; do
		# shellcheck disable=SC2086
		exits 3 "$TUNPLAN" $command job
		complains "error[T021]: tunnel 'job' leads to unknown host 'n7'"
	done
	# A group means the others, and says that it is not all of it.
	exits 3 "$TUNPLAN" plan daily
	says 'login:80'
	# The canonical form would lack a tunnel.
	exits 3 "$TUNPLAN" config
	equal "$output" ''
}

@test "allow_lints silences warnings, and --strict takes the file" {
	odd_topology tunplan.yaml
	echo 'allow_lints: [L004]' >>tunplan.yaml
	exits 0 "$TUNPLAN" check
	says "; 1 warning"
	fails grep -q L004 <<<"$stderr"
	exits 3 "$TUNPLAN" check --strict
	sed -i 's/L004/L004, L011/' tunplan.yaml
	exits 0 "$TUNPLAN" check --strict
	equal "$stderr" ""
}

@test "check of several files says of each, and one that does not pass is enough for exit 3" {
	odd_topology odd.yaml
	cp "$(example local-tunnel)" fine.yaml
	printf 'tunplan: 1\nhosts: {you: [vlan9]}\n' >broken.yaml
	exits 0 "$TUNPLAN" check fine.yaml odd.yaml
	says "fine.yaml: valid"
	says "odd.yaml: valid"
	exits 3 "$TUNPLAN" check fine.yaml odd.yaml --strict
	says "fine.yaml: valid"
	fails grep -q "odd.yaml" <<<"$output"
	exits 3 "$TUNPLAN" check broken.yaml odd.yaml fine.yaml
	complains "broken.yaml:2:15: error[T024]"
	says "odd.yaml: valid"
	says "fine.yaml: valid"
	exits 2 "$TUNPLAN" check --stricter odd.yaml
}

@test "check --json has warnings with their level, and tells whether the file passed" {
	odd_topology odd.yaml
	exits 0 "$TUNPLAN" check --json odd.yaml
	equal "$(jq -r '[.valid, .passed, .warnings, (.diagnostics[] | .level, .code, .at.line)] | join(" ")' <<<"$output")" \
		"true true 2 warning L004 3 warning L011 5"
	equal "$stderr" ""
	exits 3 "$TUNPLAN" check --json --strict odd.yaml
	equal "$(jq -r '[.valid, .passed, .warnings] | join(" ")' <<<"$output")" "true false 2"
	equal "$stderr" ""
	printf 'tunplan: 1\nhosts: {you: [vlan9]}\n' >broken.yaml
	exits 3 "$TUNPLAN" check --json --strict broken.yaml odd.yaml
	equal "$(jq -r '[.valid, .passed, .warnings] | join(" ")' <<<"$output")" $'false false 0\ntrue false 2'
}

@test "list prints tunnels and groups, and as JSON, too" {
	cp "$(example poor-mans-vpn)" tunplan.yaml
	echo 'groups: {daily: [office-web]}' >>tunplan.yaml
	exits 0 "$TUNPLAN" list
	says office-web
	says daily
	exits 0 "$TUNPLAN" --json list
	jq -e . <<<"$output" >/dev/null
	says office-web
}

@test "plan as JSON has the keys that others build on" {
	exits 0 "$TUNPLAN" -f "$(example double-tunnel)" --json plan git-via-test-server
	equal "$(jq -r '[.tunnel, .method, .forwards[0].type, .forwards[0].ingress.port, .forwards[0].egress.port,
		.hops[0].host, .hops[1].host, .commands[0].on, .commands[0].argv[0]] | join(" ")' <<<"$output")" \
		"git-via-test-server nested local 7999 7999 bastion-host test-server you ssh"
	equal "$(jq -r '[has("exposure", "decided_by", "assumed", "rejected")] | all' <<<"$output")" true
	jq -e '.exposure[] | has("from") and has("to") and has("where") and has("encrypted_by") and has("readable_by")' \
		<<<"$output" >/dev/null
}

# fails_as CODE ADVICE STATUS COMMAND…: that it prints one object on stdout, with the reason why it fails.
fails_as() {
	exits "$3" "$TUNPLAN" "${@:4}"
	equal "$(jq -sc 'map(.error | [.code, (.text | length > 0), (.advice // "" | contains($advice))])' \
		--arg advice "$2" <<<"$output")" "[[\"$1\",true,true]]"
}

@test "with --json whatever fails is one object, too, of whatever command" {
	no_path_topology
	printf 'tunplan: 1\nhosts: {you: [vlan9]}\n' >broken.yaml
	mkdir blocked run
	: >blocked/tunplan
	export XDG_RUNTIME_DIR=$PWD/run XDG_STATE_HOME=$PWD/state
	local command
	for command in up down "plan" "export script"; do
		# shellcheck disable=SC2086 # a list of words
		fails_as usage "usage: tunplan ${command% *}" 2 $command --json
		# shellcheck disable=SC2086
		fails_as topology '' 3 $command web --json -f no/such.yaml
		# shellcheck disable=SC2086
		fails_as topology "name it under 'vlans:'" 3 --json -f broken.yaml $command web
		# shellcheck disable=SC2086
		fails_as usage '' 2 --json $command wbe
	done
	for command in "status --bogus" stats "--bogus status" "help stats" "lab" "lab up twice" list\ web; do
		# shellcheck disable=SC2086
		fails_as usage '' 2 --json $command
	done
	for command in "up web" "up --dry-run web" "export script web" "plan web"; do
		# shellcheck disable=SC2086
		fails_as no_path '' 4 --json $command
	done
	for command in status "down --all"; do
		# shellcheck disable=SC2086
		XDG_RUNTIME_DIR=$PWD/blocked fails_as failed '' 1 --json $command
	done
	fails_as failed '' 1 --json lab status
	# Of an error's place and text nothing is lost.
	exits 3 "$TUNPLAN" --json -f broken.yaml list
	equal "$(jq -r .error.text <<<"$output")" "broken.yaml:2:15: host 'you' is on unknown VLAN 'vlan9' [T024]"
}

@test "--json is taken before and after the command" {
	local file before
	file=$(example local-tunnel)
	before=$("$TUNPLAN" -f "$file" --json plan web)
	equal "$("$TUNPLAN" -f "$file" plan --json web)" "$before"
	equal "$("$TUNPLAN" -f "$file" plan web --json)" "$before"
}

@test "an unknown tunnel is exit 2, with the nearest name" {
	exits 2 "$TUNPLAN" -f "$(example double-tunnel)" plan git-via-test-sever
	complains "git-via-test-server"
	equal "$output" ""
}

@test "a tunnel without a path is exit 4, with the reason for each host that was considered" {
	no_path_topology
	exits 4 "$TUNPLAN" plan web
	[[ $output$stderr == *"no path"* ]]
	[[ $output$stderr == *bastion-host* ]]
	[[ $output$stderr == *DEFAULT_DENY* ]]
}

@test "no path as JSON has the code and the rejected hosts" {
	no_path_topology
	exits 4 "$TUNPLAN" --json plan web
	equal "$(jq -r .error.code <<<"$output")" no_path
	equal "$(jq -r '.rejected[] | select(.host == "bastion-host") | .code' <<<"$output")" DEFAULT_DENY
}

@test "--me says which host this machine is, and so does TUNPLAN_ME" {
	local file
	file=$(example double-tunnel)
	exits 0 "$TUNPLAN" -f "$file" --me bastion-host --json plan git-via-test-server
	equal "$(jq -r '[.hops[].host] | join(" ")' <<<"$output")" test-server
	TUNPLAN_ME=bastion-host exits 0 "$TUNPLAN" -f "$file" --json plan git-via-test-server
	equal "$(jq -r '[.hops[].host] | join(" ")' <<<"$output")" test-server
}

@test "an unknown --me is exit 2, with the nearest name" {
	exits 2 "$TUNPLAN" -f "$(example double-tunnel)" --me bastoin-host plan git-via-test-server
	complains bastion-host
}

@test "a file without me, on a machine that is none of its hosts, asks which host it is" {
	no_path_topology
	sed -i '/^me:/d' tunplan.yaml
	run --separate-stderr "$TUNPLAN" plan web
	[ "$status" -ne 0 ]
	complains "me"
	exits 0 "$TUNPLAN" check tunplan.yaml
}

@test "an argument that the shell cut at its > is explained" {
	no_path_topology
	exits 2 "$TUNPLAN" plan "8080 -"
	complains quote
}

@test "colour goes to a terminal only, unless --color says otherwise" {
	printf 'tunplan: 1\nhosts: {you: [vlan9]}\n' >broken.yaml
	exits 3 "$TUNPLAN" check broken.yaml
	fails grep -q $'\e' <<<"$stderr"
	exits 3 "$TUNPLAN" --color always check broken.yaml
	complains $'\e['
	exits 3 "$TUNPLAN" --color never check broken.yaml
	fails grep -q $'\e' <<<"$stderr"
}

@test "up --dry-run starts nothing" {
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	mkdir -m 700 run
	exits 0 "$TUNPLAN" -f "$(example double-tunnel)" up --dry-run git-via-test-server
	equal "$(find run -type s)" ""
}

@test "a key that this version does nothing with is told by check, plan and up" {
	local file=$BATS_TEST_TMPDIR/later.yaml
	sed 's|^  git-via-test-server: .*|  git-via-test-server: {ingress: 2222, egress: git-server/git, idle_timeout: 10m}|' \
		"$(example double-tunnel)" >"$file"
	exits 0 "$TUNPLAN" -f "$file" check
	complains 'warning[L018]: `idle_timeout` has no effect in this version: an idle tunnel stays up'
	exits 0 "$TUNPLAN" -f "$file" plan git-via-test-server
	says '`idle_timeout` has no effect in this version: an idle tunnel stays up'
	exits 0 "$TUNPLAN" -f "$file" up --dry-run git-via-test-server
	complains '`idle_timeout` has no effect in this version: an idle tunnel stays up'
}

@test "up --dry-run --json has the commands that plan --json has, one object a tunnel" {
	local file
	file=$(example office)
	exits 0 "$TUNPLAN" -f "$file" up --dry-run --json pg pg-by-b
	equal "$(jq -c 'keys' <<<"$output")" $'["commands","tunnel"]\n["commands","tunnel"]'
	equal "$output" "$("$TUNPLAN" -f "$file" plan --json pg pg-by-b | jq -c '{tunnel, commands}')"
	[[ $output == *'"argv":["ssh",'* ]]
}

@test "status and down when nothing was ever up are quiet and fine" {
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	mkdir -m 700 run
	exits 0 "$TUNPLAN" -f "$(example double-tunnel)" status
	exits 0 "$TUNPLAN" -f "$(example double-tunnel)" --json status
	equal "$(jq -c .tunnels <<<"$output")" "[]"
	exits 0 "$TUNPLAN" -f "$(example double-tunnel)" down --all
	equal "$(find run -type s)" ""
}

# Somebody else, whom root can be and give files to.
STRANGER=61184

@test "a file that everybody can write is refused with the way out, exit 3, by every command" {
	cp "$(example local-tunnel)" tunplan.yaml
	chmod 666 tunplan.yaml
	local command
	for command in check list "plan web" "up --dry-run web" "lab up"; do
		# shellcheck disable=SC2086
		exits 3 "$TUNPLAN" $command
		complains "tunplan.yaml: refused, because everybody can write it: \`chmod go-w $PWD/tunplan.yaml\`"
		complains --trust-file
		equal "$output" ""
	done
	exits 3 "$TUNPLAN" --json check
	equal "$(jq -r '[.valid, .error.code] | join(" ")' <<<"$output")" "false unreadable"
	chmod go-w tunplan.yaml
	exits 0 "$TUNPLAN" check
}

@test "--trust-file takes a file that everybody can write, and so does standard input" {
	cp "$(example local-tunnel)" tunplan.yaml
	chmod 666 tunplan.yaml
	exits 0 "$TUNPLAN" --trust-file check
	exits 0 "$TUNPLAN" list --trust-file
	equal "$output" web
	exits 0 "$TUNPLAN" check - <tunplan.yaml
}

@test "a file in a directory that everybody can write is refused, unless the directory is sticky" {
	mkdir -p open/inner
	cp "$(example local-tunnel)" open/inner/tunplan.yaml
	chmod 777 open
	exits 3 "$TUNPLAN" check open/inner/tunplan.yaml
	complains "everybody can replace it in $PWD/open: \`chmod go-w $PWD/open\`"
	exits 0 "$TUNPLAN" --trust-file check open/inner/tunplan.yaml
	chmod 1777 open
	exits 0 "$TUNPLAN" check open/inner/tunplan.yaml
}

@test "it is the real directories that count, not those of a link" {
	mkdir open closed
	cp "$(example local-tunnel)" open/tunplan.yaml
	chmod 777 open
	ln -s ../open/tunplan.yaml closed/tunplan.yaml
	exits 3 "$TUNPLAN" check closed/tunplan.yaml
	complains "replace it in $PWD/open"
}

@test "a group may write the file only if it is its owner's own" {
	[ "$(id -u)" = 0 ] || skip "only root can give a file to a group that is not its own"
	cp "$(example local-tunnel)" tunplan.yaml
	chmod 660 tunplan.yaml
	chgrp 0 tunplan.yaml
	exits 0 "$TUNPLAN" check
	chgrp "$STRANGER" tunplan.yaml
	exits 3 "$TUNPLAN" check
	complains "group $STRANGER can write it: \`chmod go-w"
}

@test "a file or directory of somebody else is refused, but behind sudo one is oneself" {
	[ "$(id -u)" = 0 ] || skip "only root can give a file to somebody else"
	unset SUDO_UID
	mkdir theirs
	cp "$(example local-tunnel)" theirs/tunplan.yaml
	chown "$STRANGER" theirs/tunplan.yaml
	exits 3 "$TUNPLAN" check theirs/tunplan.yaml
	complains "user $STRANGER can write it: \`chown root $PWD/theirs/tunplan.yaml\`"
	SUDO_UID=$STRANGER exits 0 "$TUNPLAN" check theirs/tunplan.yaml
	SUDO_UID=1$STRANGER exits 3 "$TUNPLAN" check theirs/tunplan.yaml
	chown 0 theirs/tunplan.yaml
	exits 0 "$TUNPLAN" check theirs/tunplan.yaml
	chown "$STRANGER" theirs
	exits 3 "$TUNPLAN" check theirs/tunplan.yaml
	complains "user $STRANGER can replace it in $PWD/theirs: move it to a directory of yours"
	exits 0 "$TUNPLAN" --trust-file check theirs/tunplan.yaml
}

@test "export script prints a script of one tunnel, and nothing else" {
	exits 0 "$TUNPLAN" -f "$(example double-tunnel)" export script git-via-test-server
	equal "${lines[0]}" "#!/bin/sh"
	says "forward hop2 -L 127.0.0.1:7999:git-server:7999"
	equal "$stderr" ""
	sh -n <<<"$output"
}

@test "export names what it can, takes one tunnel, and says why there is no path" {
	no_path_topology
	exits 2 "$TUNPLAN" export
	complains script
	exits 2 "$TUNPLAN" export systemd web
	complains "unknown format 'systemd'"
	complains script
	exits 2 "$TUNPLAN" export script
	complains "which tunnel"
	exits 2 "$TUNPLAN" export script web web
	exits 2 "$TUNPLAN" export script --fast web
	exits 2 "$TUNPLAN" export script wbe
	complains web
	exits 4 "$TUNPLAN" export script web
	complains DEFAULT_DENY
	equal "$output" ""
	sed -i 's/^  web: .*/  web: 8080 -> bastion-host:80\n  web-2: 8081 -> bastion-host:81/' tunplan.yaml
	exits 2 "$TUNPLAN" export script 'web*'
	complains "2 tunnels"
	equal "$output" ""
}
