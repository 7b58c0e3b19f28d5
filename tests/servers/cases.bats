#!/usr/bin/env bats
# Tunnels through an ssh server that is not OpenSSH ($SERVER, a row of table.bash), as exit and as first hop.
#
# What `up` and `status` say of a tunnel must be so, or `unproven`; whether it is so, is tried. No case knows a server by its
# name or version.

load ../e2e/helper
load ../e2e/faults
load ../lacking
load table

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/servers.yaml"
	lab_possible && is_there || return 0
	local mode port=2201
	for mode in $(server_column "$SERVER" 4); do
		sed "s/gateway: {\(.*\)}$/gateway: {\1, ssh: {port: $port}}/" \
			"$TUNPLAN_FILE" >"$BATS_FILE_TMPDIR/$mode.yaml"
		on gateway "$BATS_TEST_DIRNAME/$SERVER" "$port" "$mode" \
			>"$BATS_FILE_TMPDIR/$mode.log" 2>&1 </dev/null 3>&- &
		eventually_in_file 90 listens gateway "$port"
		port=$((port + 1))
	done
	serve you 9091
	on gateway perl -MIO::Socket::UNIX -e '
		$SIG{PIPE} = "IGNORE";
		my $listener = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die $!;
		while (my $peer = $listener->accept()) {
			while (my $line = <$peer>) { last if $line =~ /^\r?\n/ }
			print $peer "HTTP/1.0 200 OK\r\n\r\nsocket\n";
		}' /run/home/egress.sock >"$BATS_FILE_TMPDIR/socket.log" 2>&1 </dev/null 3>&- &
}

teardown_file() {
	lab_stop
}

setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
	is_there || needs "$SERVER" "$(server_column "$SERVER" 3)"
}

teardown() {
	lab_possible && is_there || return 0
	[ ! -e "$BATS_TEST_TMPDIR/other.pid" ] || on gateway kill "$(cat "$BATS_TEST_TMPDIR/other.pid")"
	on you tunplan down --all --all-files
	nothing_left
}

is_there() {
	(cd "$REPOSITORY" && eval "$(server_column "$SERVER" 2)") >/dev/null 2>&1
}

eventually_in_file() {
	BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR eventually "$@"
}

# serve HOST PORT: web pages, on its loopback, until the end of the lab.
serve() {
	on "$1" python3 -m http.server --bind 127.0.0.1 --directory /proc/sys/kernel "$2" \
		>"$BATS_FILE_TMPDIR/$1.$2.log" 2>&1 </dev/null 3>&- &
	eventually_in_file 10 listens "$1" "$2"
}

# offers MODE / does WORD: whether the row of the server has it.
offers() {
	[[ " $(server_column "$SERVER" 4) " == *" $1 "* ]]
}

does() {
	[[ " $(server_column "$SERVER" 5) " == *" $1 "* ]]
}

# tp MODE COMMAND…: tunplan on `you`, with the server in that mode on the gateway.
tp() {
	on you tunplan --trust-file --file "$BATS_FILE_TMPDIR/$1.yaml" "${@:2}"
}

# verdict MODE TUNNEL: reached, unproven, silent or failed.
verdict() {
	tp "$1" status --json "$2" | jq -r '.tunnels[0] | if .state == "failed" then .state else
		.forwards[0] | if .listener_state == "unproven" and .egress_state == "reached" then "unproven"
		else .egress_state // .state end end'
}

# error_of MODE TUNNEL KEY: what is said to be wrong with it.
error_of() {
	tp "$1" status --json "$2" | jq -r --arg key "$3" '.tunnels[0] | (.error // .forwards[0].error)[$key]'
}

# is_true MODE TUNNEL USE…: brings it up, uses it by that command, and compares: what is said must be so, or `unproven`, and the
# exit status must be that of what is said.
is_true() {
	local mode=$1 tunnel=$2 up=0 use=0 said
	shift 2
	tp "$mode" up "$tunnel" >"$BATS_TEST_TMPDIR/up" 2>&1 || up=$?
	said=$(verdict "$mode" "$tunnel")
	"$@" >"$BATS_TEST_TMPDIR/use" 2>&1 || use=$?
	case $said,$up,$use in
	reached,0,0 | unproven,0,* | silent,5,[!0]* | failed,1,[!0]*) return 0 ;;
	esac
	echo "$tunnel ($mode) is said to be $said, with exit status $up; to use it, '$*', ended with $use"
	cat "$BATS_TEST_TMPDIR/up" "$BATS_TEST_TMPDIR/use"
	return 1
}

# works MODE TUNNEL USE…: the same, of one that must not be refused.
works() {
	is_true "$@"
	"${@:3}"
}

# is_one_of TEXT WORD…
is_one_of() {
	[[ " ${*:2} " == *" $1 "* ]] && return 0
	echo "'$1' is none of: ${*:2}"
	return 1
}

# goes MODE TUNNEL [HOST PORT]: down says that nothing is left, and so it is.
goes() {
	exits 0 tp "$1" down "$2"
	nothing_left "${@:3}"
}

page() {
	on "$1" curl -fsS -m 5 "${@:2}"
}

# no_keywords: an advice to somebody who has no sshd_config names none of its keywords.
no_keywords() {
	case $1 in
	*Allow* | *Permit* | *MaxSessions* | *MaxStartups* | *GatewayPorts* | *DisableForwarding* | *StreamLocal*)
		echo "$1"
		return 1
		;;
	esac
}

@test "a local tunnel: a page comes through, and down leaves nothing" {
	offers allowed || return 0
	works allowed alive page you http://localhost:8080/some-file.txt
	goes allowed alive you 8080
}

@test "a local tunnel to where nothing listens is not said to reach it" {
	offers allowed || return 0
	is_true allowed dead page you http://localhost:8081/
	goes allowed dead you 8081
}

@test "a local tunnel to a name that nobody knows is not said to reach it" {
	offers allowed || return 0
	is_true allowed name page you http://localhost:8082/
	goes allowed name you 8082
}

@test "a local tunnel through a server that forbids it is not said to reach anything, and why is right" {
	is_true forbidden alive page you http://localhost:8080/some-file.txt
	[ "$(verdict forbidden alive)" != reached ]
	if [ "$(verdict forbidden alive)" = silent ]; then
		is_one_of "$(error_of forbidden alive code)" denied unsupported not_connected
		no_keywords "$(error_of forbidden alive advice)"
	fi
	goes forbidden alive you 8080
}

@test "a local tunnel to a unix socket" {
	offers allowed || return 0
	is_true allowed socket page you http://localhost:8083/
	goes allowed socket you 8083
}

@test "a dynamic tunnel: where it leads is reached" {
	offers allowed || return 0
	works allowed proxy page you --socks5-hostname localhost:1080 http://web-server/some-file.txt
	goes allowed proxy you 1080
}

@test "a dynamic tunnel through a server that forbids it is not said to lead anywhere" {
	is_true forbidden proxy page you --socks5-hostname localhost:1080 http://web-server/some-file.txt
	goes forbidden proxy you 1080
}

@test "a remote tunnel: a page comes through on the gateway" {
	offers allowed || return 0
	works allowed remote page gateway http://127.0.0.1:9090/ostype
}

@test "a remote tunnel whose egress does not listen is silent" {
	offers allowed || return 0
	is_true allowed remote-dead page gateway http://127.0.0.1:9092/
	equal "$(verdict allowed remote-dead)" silent
}

@test "a remote tunnel whose port another program has is not said to be reached" {
	offers allowed || return 0
	in_background other gateway perl -MIO::Socket::INET -e '
		my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1:9090", Listen => 5, ReuseAddr => 1) or die $!;
		while (my $peer = $listener->accept()) { print $peer "other\n"; close $peer }'
	eventually 5 listens gateway 9090
	is_true allowed remote page gateway http://127.0.0.1:9090/ostype
}

@test "a remote tunnel that is forbidden is refused, and why is right" {
	exits 1 tp forbidden up --json remote
	is_one_of "$(jq -r '.error | .code + "/" + .subject' <<<"$output")" listen/remote_ingress late/remote_ingress
	no_keywords "$(jq -r .error.advice <<<"$output")"
	closed gateway 9090
}

@test "a remote tunnel with a port of its own choice" {
	offers allowed || return 0
	exits 0 tp allowed up remote-auto
	exits 0 page gateway "http://127.0.0.1:${output##*:}/ostype"
}

@test "a remote tunnel through a server that may not dial works, and is not taken down" {
	offers remote || return 0
	works remote remote page gateway http://127.0.0.1:9090/ostype
}

@test "a remote tunnel for everybody is not said to be reached where only the gateway gets there" {
	offers allowed || return 0
	is_true allowed remote-wide page test-server http://gateway:9094/ostype
}

@test "a remote tunnel for the gateway alone is not left open to everybody" {
	offers wide || return 0
	exits 1 tp wide up --json remote
	equal "$(jq -r '.error | .code + " " + .subject' <<<"$output")" 'widened remote_ingress'
	no_keywords "$(jq -r .error.advice <<<"$output")"
	fails page test-server http://gateway:9090/ostype
	# The same where no other address of it is known.
	sed 's/: 10\.[12]\.0\.9/: null/g' \
		"$BATS_FILE_TMPDIR/wide.yaml" >"$BATS_FILE_TMPDIR/wide-unknown.yaml"
	exits 0 tp wide-unknown up remote
	equal "$(verdict wide-unknown remote)" unproven
}

@test "a remote tunnel from a unix socket" {
	offers allowed || return 0
	is_true allowed remote-socket page gateway --unix-socket /run/home/ingress.sock http://localhost/ostype
	if [ "$(verdict allowed remote-socket)" = failed ]; then
		equal "$(error_of allowed remote-socket code)" listen
		[[ $(error_of allowed remote-socket advice) == */run/home/ingress.sock* ]]
		no_keywords "$(error_of allowed remote-socket advice)"
	fi
}

@test "down of a remote tunnel is honest: the listener goes with the connection" {
	offers allowed || return 0
	exits 0 tp allowed up remote
	goes allowed remote gateway 9090
}

@test "down of a remote tunnel whose hop others need says what is left, if it is, and up works again" {
	offers allowed || return 0
	exits 0 tp allowed up remote alive
	run --separate-stderr tp allowed down remote
	if listens gateway 9090; then
		equal "$status" 1
		complains 'gateway:127.0.0.1:9090: it still listens'
	else
		# A server that opens a channel before it dials lets nobody see that.
		[ "$status" = 0 ] || complains 'gateway:127.0.0.1:9090: it still listens, or that cannot be seen'
	fi
	run --separate-stderr tp allowed up --json remote
	[ "$status" = 0 ] || equal "$(jq -r .error.code <<<"$output")" kept
	exits 0 tp allowed down --all
	nothing_left gateway 9090
}

@test "a remote tunnel that it narrows, and whose hop others need, leaves no listener unsaid" {
	offers allowed || return 0
	exits 0 tp allowed up alive
	run --separate-stderr tp allowed up remote-wide
	[ "$status" = 0 ] || ! listens gateway 9094 || complains 'left behind: gateway:0.0.0.0:9094'
	exits 0 tp allowed down --all
	nothing_left gateway 9094
}

@test "where it may not dial, down of a remote tunnel whose hop others need does not say that it is gone, if it is not" {
	offers remote || return 0
	exits 0 tp remote up remote
	run --separate-stderr tp remote up alive
	run --separate-stderr tp remote down remote
	! listens gateway 9090 || equal "$status" 1
	exits 0 tp remote down --all
	nothing_left gateway 9090
}

@test "as first hop, it carries a chain" {
	offers allowed || return 0
	works allowed chain page you http://localhost:8084/some-file.txt
	goes allowed chain you 8084
}

@test "as first hop that forbids it, it is the one to blame" {
	exits 1 tp forbidden up --json chain
	is_one_of "$(jq -r '.error | .code' <<<"$output")" denied unsupported not_connected
	no_keywords "$(jq -r .error.advice <<<"$output")"
	nothing_left you 8084
}

@test "as first hop, where the next host does not listen, that is told of the next host" {
	offers allowed || return 0
	sed 's/test-server: \[vlan2, vlan3\]/test-server: {vlans: [vlan2, vlan3], ssh: {port: 2299}}/' \
		"$BATS_FILE_TMPDIR/allowed.yaml" >"$BATS_FILE_TMPDIR/closed.yaml"
	exits 1 tp closed up --json chain
	is_one_of "$(jq -r '.error | .code + "/" + .host' <<<"$output")" \
		refused/test-server not_connected/test-server closed/test-server
	no_keywords "$(jq -r .error.advice <<<"$output")"
	nothing_left you 8084
}
