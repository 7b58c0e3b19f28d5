#!/usr/bin/env bats
# The supervisor is found again whatever was lost, and no command waits for it in silence or for ever.

load helper
load faults

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/office.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	lab_possible || return 0
	# What a test that failed left stopped.
	on you kill -CONT "$(supervisor_pid)" "$(cat "$BATS_TEST_TMPDIR/holder.pid" 2>/dev/null)" 2>/dev/null || true
	shell_on you 'mkdir -p -m 700 "$XDG_RUNTIME_DIR"'
	leave_nothing
}

fetch() {
	on you curl -sS -m 5 http://localhost:8080/
}

is_running() {
	on you kill -0 "$1"
}

# --- what can be lost -----------------------------------------------------------------------------

# lose WHAT: takes that away from the runtime directory, as somebody who cleans up may, or logind.
lose() {
	shell_on you 'cd "$XDG_RUNTIME_DIR" || exit
		case $1 in
		"first master") rm "$(ls -tr tunplan/m-* | head -n 1)" ;;
		"last master") rm "$(ls -t tunplan/m-* | head -n 1)" ;;
		"all files") rm tunplan/* ;;
		"our directory") rm -r tunplan ;;
		"the session") cd / && rm -r "$XDG_RUNTIME_DIR" ;;
		"the session, and a new one") cd / && rm -r "$XDG_RUNTIME_DIR" && mkdir -m 700 "$XDG_RUNTIME_DIR" ;;
		*) rm "tunplan/$1" ;;
		esac' "$1"
}

@test "whatever of the runtime directory is lost: status tells what is up, down ends it, up works again" {
	local lost supervisor
	while read -r lost; do
		echo "lost: $lost"
		exits 0 on you tunplan up web
		supervisor=$(supervisor_pid)
		lose "$lost"
		run --separate-stderr on you tunplan status --json web
		equal "$(jq -r '.tunnels[] | .name, .state' <<<"$output" | paste -sd ' ' | sed 's/ failed$/ up/')" "web up"
		equal "$(supervisor_pid)" "$supervisor"
		exits 0 on you tunplan down web
		nothing_left you 8080
		exits 0 on you tunplan up web
		exits 0 fetch
		exits 0 on you tunplan down --all
		nothing_left you 8080
		shell_on you 'mkdir -p -m 700 "$XDG_RUNTIME_DIR"'
	done <<-'TABLE'
		control
		record.json
		first master
		last master
		all files
		our directory
		the session
		the session, and a new one
	TABLE
}

@test "nothing new can be asked of an ssh whose socket is gone: another one is, and connections go on" {
	local old
	exits 0 on you tunplan up docs
	old=$(hop_pid docs bastion-host)
	coproc TALK { on you socat - TCP:127.0.0.1:8081; }
	lose "first master"
	# A remote listener; a hop behind it.
	mute you 9091
	exits 0 on you tunplan up back
	[ "$(hop_pid back bastion-host)" != "$old" ]
	exits 0 on you tunplan up web
	equal "$(hop_pid docs bastion-host)" "$(hop_pid back bastion-host)"
	printf 'GET / HTTP/1.0\r\n\r\n' >&"${TALK[1]}"
	IFS= read -r -t 5 -u "${TALK[0]}" line
	[[ $line == HTTP/* ]]
	eval "exec ${TALK[1]}>&-"
	eventually 5 fails is_running "$old"
}

@test "what is up and has lost only its supervisor's socket goes on, and the same up confirms it" {
	local pid
	exits 0 on you tunplan up web
	pid=$(hop_pid web test-server)
	lose control
	exits 0 fetch
	exits 0 on you tunplan status web
	exits 0 on you tunplan up web docs
	equal "$(hop_pid web test-server)" "$pid"
	equal "$(on you pgrep -cf 'tunplan --supervisor')" 1
}

@test "a supervisor that was found again is recorded, so nothing is left if it is killed then" {
	exits 0 on you tunplan up web
	lose record.json
	lose control
	exits 0 on you tunplan status
	on you kill -KILL "$(supervisor_pid)"
	exits 1 on you tunplan status
	complains "its supervisor was killed and left 2 ssh processes"
	exits 0 on you tunplan down --all-files
	nothing_left you 8080
}

@test "a look, or an up, whose supervisor dies before it answers is answered by what is there then" {
	local look=$BATS_TEST_TMPDIR/look pid status=0
	exits 0 on you tunplan up web
	pid=$(supervisor_pid)
	on you kill -STOP "$pid"
	on you tunplan status 2>"$look" >/dev/null &
	eventually 5 grep -q "waiting for the supervisor (process $pid," "$look"
	on you kill -KILL "$pid"
	wait $! || status=$?
	equal "$status" 1
	grep -q "its supervisor was killed and left 2 ssh processes" "$look"
	exits 0 on you tunplan up web
	pid=$(supervisor_pid)
	on you kill -STOP "$pid"
	on you tunplan up docs 2>"$look" >/dev/null &
	eventually 5 grep -q "waiting for the supervisor (process $pid," "$look"
	on you kill -KILL "$pid"
	wait $!
	is_state web up
	is_state docs up
	exits 0 on you tunplan down --all
	nothing_left you 8080 you 8081
}

@test "a client with another runtime directory finds the supervisor, and starts no second one" {
	local other=/run/home/other
	exits 0 on you tunplan up web
	shell_on you 'mkdir -m 700 "$1"' "$other"
	exits 0 on you env XDG_RUNTIME_DIR="$other" tunplan status web
	exits 0 on you env XDG_RUNTIME_DIR="$other" tunplan up docs
	is_state docs up
	exits 0 on you env XDG_RUNTIME_DIR="$other" tunplan down web
	closed you 8080
	# A killed one is found there, too.
	on you kill -KILL "$(supervisor_pid)"
	exits 0 on you env XDG_RUNTIME_DIR="$other" tunplan down --all-files
	complains "took over 1 ssh process that"
	nothing_left you 8081
	on you rm -r "$other"
}

@test "an XDG_RUNTIME_DIR that is not there is passed over with a word, and looking makes no directory" {
	local before after
	before=$(on you find /run/user /tmp -maxdepth 2 -name 'tunplan*' -uid "$(id -u)")
	exits 0 on you env -u XDG_STATE_HOME HOME=/run/home/empty XDG_RUNTIME_DIR=/run/nowhere tunplan status
	complains "XDG_RUNTIME_DIR is /run/nowhere, which does not exist"
	after=$(on you find /run/user /tmp -maxdepth 2 -name 'tunplan*' -uid "$(id -u)")
	equal "$after" "$before"
	fails on you test -e /run/home/empty
	exits 0 on you env XDG_RUNTIME_DIR=/run/nowhere tunplan up docs
	complains "XDG_RUNTIME_DIR is /run/nowhere, which does not exist"
	is_state docs up
}

@test "up says once that a logout takes the sockets away, where it does" {
	on you mkdir -p /run/systemd/system
	exits 0 on you tunplan up docs
	complains "loginctl enable-linger"
	exits 0 on you tunplan up web
	[[ $stderr != *linger* ]]
	exits 0 on you tunplan down --all
	on you rm -r /run/systemd
	exits 0 on you tunplan up docs
	[[ $stderr != *linger* ]]
}

# elsewhere COMMAND…: on `you`, as if it were another machine with the same home directory: by its machine-id
# or, where there is no such file, by its name.
elsewhere() {
	on you unshare -m -u sh -c 'hostname fedcba9876543210 && printf "%s\n" fedcba9876543210 >/run/machine-id &&
		{ [ ! -e /etc/machine-id ] || mount --bind /run/machine-id /etc/machine-id; } && mkdir -p -m 700 /run/elsewhere &&
		XDG_RUNTIME_DIR=/run/elsewhere exec "$@"' sh "$@"
}

@test "a second machine with the same home directory has a supervisor of its own" {
	exits 0 on you tunplan up web
	exits 0 elsewhere tunplan up docs
	equal "$(on you pgrep -cf 'tunplan --supervisor')" 2
	exits 0 elsewhere tunplan status --all-files
	says docs
	[[ $output != *web* ]]
	exits 0 on you tunplan status --all-files
	[[ $output != *docs* ]]
	exits 0 elsewhere tunplan down --all
	closed you 8081
	exits 0 fetch
	# What one machine remembers stays where it was.
	on you test -e /run/home/.local/state/tunplan/supervisor.log
	on you test -e /run/home/.local/state/tunplan/on-fedcba9876543210/supervisor.log
}

# --- nothing hangs --------------------------------------------------------------------------------

# waits_for TEXT: whether the command in the background has said that it waits for that.
waits_for() {
	grep -q "waiting for .*$1" "$BATS_TEST_TMPDIR/waiting.err"
}

# waits TEXT COMMAND…: that it waits and says for what, that Ctrl-C ends it at once, and --timeout as well.
waits() {
	local text=$1
	shift
	in_background waiting you "$@"
	eventually 10 waits_for "$text"
	on you kill -INT "$(cat "$BATS_TEST_TMPDIR/waiting.pid")"
	ended waiting 130
	rm "$BATS_TEST_TMPDIR"/waiting.*
	exits 1 timeout 10 "$TUNPLAN" lab exec you -- "$1" "$2" --timeout 0.5 "${@:3}"
	complains "$text"
}

@test "a supervisor that is stopped is named, and keeps nobody from giving up" {
	local supervisor
	exits 0 on you tunplan up web
	supervisor=$(supervisor_pid)
	stop you "$supervisor"
	waits "process $supervisor, which is stopped" tunplan status
	waits "process $supervisor, which is stopped" tunplan down web
	waits "process $supervisor, which is stopped" tunplan up docs
	exits 1 timeout 10 "$TUNPLAN" lab exec you -- tunplan up --no-wait --timeout 0.5 docs
	exits 1 timeout 10 "$TUNPLAN" lab exec you -- tunplan up --timeout 0.5 docs
	on you kill -CONT "$supervisor"
	# Those who gave up want nothing any more.
	exits 0 on you tunplan status web
	eventually 5 equal_to "" tunnel_state docs
	closed you 8081
}

@test "a supervisor that is stopped while an up waits for its tunnel keeps nobody from giving up" {
	local file how supervisor
	file=$(variant mute-stopped "$TEST_SERVER_ON_2299")
	mute test-server 2299
	for how in Ctrl-C --timeout; do
		: >"$MUTE_LOG"
		in_background up you tunplan -f "$file" up --timeout 8 web
		eventually 4 test -s "$MUTE_LOG"
		supervisor=$(supervisor_pid)
		stop you "$supervisor"
		if [ "$how" = Ctrl-C ]; then
			on you kill -INT "$(cat "$BATS_TEST_TMPDIR/up.pid")"
			ended up 130
		else
			ended up 1
		fi
		stderr=$(cat "$BATS_TEST_TMPDIR/up.err")
		complains "no answer from the supervisor (process $supervisor, which is stopped"
		rm "$BATS_TEST_TMPDIR"/up.*
		on you kill -CONT "$supervisor"
		# Nobody wants it any more.
		eventually 5 equal_to 0 masters
	done
	exits 1 on you tunplan -f "$file" status web
	says "not up within 8 s (timeout)"
}

@test "a supervisor that is stopped while it is to listen again is named" {
	local supervisor
	exits 0 on you tunplan up web
	supervisor=$(supervisor_pid)
	stop you "$supervisor"
	lose control
	waits "process $supervisor, which is stopped" tunplan status
	waits "process $supervisor, which is stopped" tunplan down web
	waits "process $supervisor, which is stopped" tunplan up docs
	# Who holds start.lock meanwhile may be stopped as well, by Ctrl-Z.
	in_background holder you tunplan status
	eventually 10 grep -q "waiting for" "$BATS_TEST_TMPDIR/holder.err"
	stop you "$(cat "$BATS_TEST_TMPDIR/holder.pid")"
	on you kill -CONT "$supervisor"
	waits "process $(cat "$BATS_TEST_TMPDIR/holder.pid"), which is stopped" tunplan status
	waits "process $(cat "$BATS_TEST_TMPDIR/holder.pid"), which is stopped" tunplan down web
	waits "process $(cat "$BATS_TEST_TMPDIR/holder.pid"), which is stopped" tunplan up docs
	on you kill -CONT "$(cat "$BATS_TEST_TMPDIR/holder.pid")"
	ended holder 0
	exits 0 on you tunplan status web
}

@test "a first up can be interrupted while it waits for start.lock" {
	shell_on you 'mkdir -p -m 700 ~/.local/state/tunplan'
	in_background holder you python3 -c '
import fcntl, sys, time
file = open(sys.argv[1], "a")
fcntl.lockf(file, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(60)' /run/home/.local/state/tunplan/start.lock
	eventually 10 grep -q locked "$BATS_TEST_TMPDIR/holder.out"
	waits "process $(cat "$BATS_TEST_TMPDIR/holder.pid")" tunplan up docs
	waits "process $(cat "$BATS_TEST_TMPDIR/holder.pid")" tunplan down docs
	waits "process $(cat "$BATS_TEST_TMPDIR/holder.pid")" tunplan status
	on you kill "$(cat "$BATS_TEST_TMPDIR/holder.pid")"
	ended holder 143
	exits 0 on you tunplan up docs
}

@test "a supervisor that leaves while a name is still looked up keeps nobody waiting" {
	local file server
	# Whether the egress behind a socket of another host answers, the supervisor tries by itself.
	file=$(variant nameless 's|back: bastion-host:9090 -> me:9091|&\n  ghost: bastion-host:/run/home/ghost.sock -> ghost-server:80|
		s/^hosts:/&\n  ghost-server: {vlans: {vlan1: ghost.example}, ssh: none}/')
	server=$(on you getent ahostsv4 bastion-host | awk '{print $1; exit}')
	in_background dns bastion-host perl -MIO::Socket::INET -e '
		my $socket = IO::Socket::INET->new(LocalPort => 53, Proto => "udp") or die $!;
		$| = 1;
		while ($socket->recv(my $asked, 512)) { print "asked\n" }'
	shell_on you 'cat /etc/resolv.conf >~/resolv.before; cat /etc/nsswitch.conf >~/nsswitch.before
		printf "nameserver %s\noptions timeout:15 attempts:1\n" "$1" >/etc/resolv.conf
		echo "hosts: files dns" >/etc/nsswitch.conf' "$server"
	in_background up you tunplan -f "$file" up ghost
	eventually 15 test -s "$BATS_TEST_TMPDIR/dns.out"
	on you kill -INT "$(cat "$BATS_TEST_TMPDIR/up.pid")"
	ended up 130
	# The threads still ask, for 15 s.
	exits 0 timeout 6 "$TUNPLAN" lab exec you -- tunplan status --all-files
	exits 0 on you tunplan up --timeout 10 docs
	shell_on you 'cat ~/resolv.before >/etc/resolv.conf; cat ~/nsswitch.before >/etc/nsswitch.conf'
	on bastion-host kill "$(cat "$BATS_TEST_TMPDIR/dns.pid")"
}

@test "a status does not wait for the probe that another one asked for" {
	local file
	# An address where nobody is: the exit's dial takes its time.
	file=$(variant hole 's/^hosts:/&\n  hole: {vlans: {vlan2: 192.0.2.9}, ssh: none}/
		s/^tunnels:/&\n  hole: {ingress: 8090, egress: "hole:80", via: bastion-host}/')
	on bastion-host nft add table inet hole
	on bastion-host nft 'add chain inet hole out { type filter hook output priority 0; }'
	on bastion-host nft add rule inet hole out tcp dport 80 ip daddr 192.0.2.9 drop
	on bastion-host ip route add 192.0.2.9 dev lo || true
	run on you tunplan -f "$file" up hole
	in_background probe you tunplan -f "$file" status --probe hole
	eventually 5 is_probing "$file"
	run on you tunplan -f "$file" status --json hole
	equal "$(jq -r '.tunnels[0].forwards[0].state' <<<"$output")" probing
	fails test -s "$BATS_TEST_TMPDIR/probe.status"
	on bastion-host nft delete table inet hole
	eventually 20 test -s "$BATS_TEST_TMPDIR/probe.status"
	on you tunplan -f "$file" down hole
}

is_probing() {
	shell_on you 'grep -q "hole, forward 1: silent -> probing" ~/.local/state/tunplan/supervisor.log'
}

@test "more open files than select() can take are no obstacle" {
	[ "$(ulimit -Hn)" -gt 2048 ] || skip "so many files cannot be open here"
	exits 0 on you bash -c 'ulimit -Sn 2048
		for ((fd = 3; fd < 1100; fd++)); do eval "exec $fd</dev/null"; done
		tunplan up docs && tunplan status docs && tunplan down docs'
}

# --- leaving --------------------------------------------------------------------------------------

@test "an up while the supervisor is told to go succeeds, with a new one" {
	local supervisor
	exits 0 on you tunplan up web
	supervisor=$(supervisor_pid)
	# A master that is stopped keeps it for a while.
	on you kill -STOP "$(hop_pid web test-server)"
	on you kill -TERM "$supervisor"
	exits 0 on you tunplan up docs
	fails is_running "$supervisor"
	is_state docs up
	equal "$(tunnel_state web)" ""
	closed you 8080
	equal "$(masters)" 1
}

@test "what is asked of a supervisor that is told to go is answered" {
	local supervisor
	exits 0 on you tunplan up web docs
	supervisor=$(supervisor_pid)
	on you kill -STOP "$(hop_pid web test-server)"
	on you kill -TERM "$supervisor"
	exits 1 on you tunplan status web
	says stopping
	exits 0 on you tunplan down web
	complains "web: down"
	eventually 5 fails is_running "$supervisor"
	nothing_left you 8080 you 8081
}

@test "an up whose reader goes away brings its tunnel up" {
	run shell_on you 'tunplan up web 2>&1 | head -n 1'
	eventually 10 is_state web up
	exits 0 fetch
}

# --- no room --------------------------------------------------------------------------------------

# full NAME: a small file system of that name in the home of `you`, with a directory and no room left.
full() {
	shell_on you 'mkdir ~/"$1" && mount -t tmpfs -o size=64k,mode=700 none ~/"$1" &&
		{ head -c 1m /dev/zero >~/"$1"/filler 2>/dev/null; test -s ~/"$1"/filler; }' "$1"
}

full_ends() {
	shell_on you 'umount ~/"$1" && rmdir ~/"$1"' "$1"
}

@test "a state directory that is full costs the log, and no tunnel" {
	full state
	exits 0 on you env XDG_STATE_HOME=/run/home/state tunplan up web
	exits 0 fetch
	exits 0 on you env XDG_STATE_HOME=/run/home/state tunplan status web
	# Who has another runtime directory finds the supervisor by its lock alone: there was no room for more.
	exits 0 on you env XDG_STATE_HOME=/run/home/state tunplan down web
	nothing_left you 8080
	full_ends state
}

@test "an up that cannot be recorded is refused, and starts nothing" {
	full runtime
	exits 1 on you env XDG_RUNTIME_DIR=/run/home/runtime tunplan up web
	complains "record.json cannot be written"
	complains "No space left on device"
	complains "nothing was started"
	equal "$(masters)" 0
	# There is room again, and then not any more.
	on you rm /run/home/runtime/filler
	exits 0 on you env XDG_RUNTIME_DIR=/run/home/runtime tunplan up docs
	shell_on you 'head -c 1m /dev/zero >~/runtime/filler 2>/dev/null; test -s ~/runtime/filler'
	exits 1 on you env XDG_RUNTIME_DIR=/run/home/runtime tunplan up web
	complains "nothing was started"
	equal "$(masters)" 1
	exits 0 on you env XDG_RUNTIME_DIR=/run/home/runtime tunplan down --all
	equal "$(on you find /run/home/runtime -name '*.new')" ""
	full_ends runtime
}

@test "status says when what is up could not be recorded" {
	full runtime
	on you rm /run/home/runtime/filler
	exits 0 on you env XDG_RUNTIME_DIR=/run/home/runtime tunplan up web
	# Without the room that is kept for that.
	shell_on you 'rm ~/runtime/tunplan/record.json.room; head -c 1m /dev/zero >~/runtime/filler 2>/dev/null; test -s ~/runtime/filler'
	# What is up changes, and there is no room to write that down.
	on you kill -KILL "$(on you env XDG_RUNTIME_DIR=/run/home/runtime tunplan status --json web | jq -r '.tunnels[0].hops[1].pid')"
	run --separate-stderr on you env XDG_RUNTIME_DIR=/run/home/runtime tunplan status web
	complains "record.json cannot be written"
	run --separate-stderr on you env XDG_RUNTIME_DIR=/run/home/runtime tunplan status --json web
	[[ $(jq -r .trouble <<<"$output") == *"record.json cannot be written"* ]]
	exits 0 on you env XDG_RUNTIME_DIR=/run/home/runtime tunplan down --all
	full_ends runtime
}

@test "a record of another version is refused with both versions, and not ignored" {
	local command
	shell_on you 'mkdir -p -m 700 "$XDG_RUNTIME_DIR/tunplan" && echo "{\"version\":3}" >"$XDG_RUNTIME_DIR/tunplan/record.json"'
	for command in "up web" status "status web" "down web" "down --all-files"; do
		# shellcheck disable=SC2086 # a list of words
		exits 1 on you tunplan $command
		complains "is of version 3, and this program reads version 2"
	done
	shell_on you 'cat "$XDG_RUNTIME_DIR/tunplan/record.json"'
	shell_on you 'rm "$XDG_RUNTIME_DIR/tunplan/record.json"'
}

@test "a killed supervisor's sockets go, and nothing else that is there by now" {
	local file kind
	file=$(variant socket 's|^tunnels:|tunnels:\n  sock: {ingress: /run/home/web.sock, egress: web-server/http, via: test-server}|')
	for kind in nobody file listener; do
		exits 0 on you tunplan -f "$file" up sock
		on you kill -KILL "$(supervisor_pid)"
		on you pkill -KILL -f '^ssh -N '
		on you test -S /run/home/web.sock
		[ "$kind" = nobody ] || on you rm /run/home/web.sock
		case $kind in
		file) shell_on you 'echo mine >~/web.sock' ;;
		listener) in_background listener you socat UNIX-LISTEN:/run/home/web.sock,fork EXEC:cat && eventually 5 on you test -S /run/home/web.sock ;;
		esac
		exits 0 on you tunplan down --all-files
		[ "$kind" = nobody ] || on you test -e /run/home/web.sock
		[ "$kind" != nobody ] || eventually 2 fails on you test -e /run/home/web.sock
		on you rm -f /run/home/web.sock
	done
	on you kill "$(cat "$BATS_TEST_TMPDIR/listener.pid")"
}

# --- many -----------------------------------------------------------------------------------------

# all_of FILE OPTION…: what status says of tunnels that are up, with one space between words and without how long.
all_of() {
	on you tunplan -f "$1" status "${@:2}" | sed -E 's/  up for [0-9]+ (s|min)//; s/ +/ /g'
}

# The same by its JSON.
all_of_json() {
	on you tunplan -f "$1" status --json "${@:2}" | jq -r '.tunnels[] |
		"\(.name)\($file) \(.forwards[0] | "\(.listen) -> \(.egress.host):\(.egress.port)")",
		(.hops[] | " \(.host) \(.address):\(.port) \(.state) pid \(.pid)")' --arg file "${file_shown:-}"
}

@test "of many tunnels, text says the same as JSON, whichever hops they share" {
	local file=$BATS_FILE_TMPDIR/many.yaml number words file_shown
	sed '/^groups:/,$d' "$TUNPLAN_FILE" >"$file"
	for number in {10..29}; do
		case $(((number + 1) / 2 % 3)) in
		0) echo "  t-$number: 94$number -> docs-server/http" ;;
		1) echo "  t-$number: 94$number -> web-server/http via bastion-host" ;;
		2) echo "  t-$number: 94$number -> test-server:22" ;;
		esac
	done >>"$file"
	exits 0 on you tunplan -f "$file" up 't-*'
	for words in "" "t-21 t-20 t-29 t-10" 't-*' --all-files; do
		[ "$words" != --all-files ] || file_shown=" ($file)"
		# shellcheck disable=SC2086 # a list of words
		equal "$(all_of "$file" $words)" "$(all_of_json "$file" $words)"
	done
	equal "$(all_of "$file" | grep -c '^t-')" 20
	exits 0 on you tunplan -f "$file" down --all
}

# --- what failed ----------------------------------------------------------------------------------

# told [OPTION…]: what status says of each tunnel in a few words: its name and state, whether nothing of it runs any
# more, and of its hops and forwards the states and whether there is an ssh.
told() {
	on you tunplan "$@" status --json | jq -r '.tunnels[] |
		"\(.name) \(.state) \(.remembered) \(.error.code // "-") \([.hops[] | .state, .pid != null] | map(tostring) | join(",")) \(.forwards | map(.state) | join(","))"'
}

@test "what fails at its first up is listed until it is taken down, and nothing runs for it" {
	local file words
	file=$(variant refused "$TEST_SERVER_ON_2299")
	exits 1 on you tunplan -f "$file" up web
	nothing_left you 8080
	for words in "" web "--all-files" "web --all-files"; do
		# shellcheck disable=SC2086 # a list of words
		exits 1 on you tunplan -f "$file" status $words
		[[ ${lines[0]} =~ ^'web  failed for '[0-9]+' s' ]]
		says "bastion-host  "
		says "  was up"
		says "Connection refused"
	done
	# Without the file as well.
	exits 1 on you env -u TUNPLAN_FILE -C / tunplan status web
	says "trouble with test-server"
	equal "$(told -f "$file")" "web failed true refused up,false,failed,false failed"
	# To look, or to name another, takes nothing away, and starts nothing.
	nothing_left
	exits 1 on you tunplan -f "$file" status web docs
	says "docs  down"
	exits 0 on you tunplan -f "$file" down docs
	complains "docs: was not up"
	exits 0 on you tunplan -f "$file" down --json web
	equal "$(jq -c '[.tunnels[] | .name, .state, .left]' <<<"$output")" '["web","down",[]]'
	exits 0 on you tunplan -f "$file" status
	complains "nothing is up"
	nothing_left
	shell_on you 'test ! -e "$XDG_RUNTIME_DIR/tunplan/record.json"'
}

@test "of several that are asked for, those that fail are listed beside those that are up" {
	local file=$BATS_FILE_TMPDIR/mended.yaml
	sed "$TEST_SERVER_ON_2299" "$TUNPLAN_FILE" >"$file"
	exits 1 on you tunplan -f "$file" up git docs web
	exits 1 on you tunplan -f "$file" status
	exits 0 on you tunplan -f "$file" status docs
	exits 1 on you tunplan -f "$file" status web docs git
	equal "$(grep -oE '^[a-z]+  [a-z]+' <<<"$output" | paste -sd ' ')" "web  failed docs  up git  failed"
	# The next up takes the place of the one before, as often as it fails.
	exits 1 on you tunplan -f "$file" up web
	equal "$(told -f "$file" | sort)" "docs up false - up,true up
git failed true refused up,false,failed,false failed
web failed true refused up,false,failed,false failed"
	exits 0 on you tunplan -f "$file" down git
	complains "git: had failed, and is no longer listed"
	cp "$TUNPLAN_FILE" "$file"
	exits 0 on you tunplan -f "$file" up web
	exits 0 on you tunplan -f "$file" status
	exits 0 on you tunplan -f "$file" down --all
	nothing_left you 8080 you 8081
}

@test "what failed is known when its supervisor was killed, or told to go, and as long as nobody logs out" {
	local file
	file=$(variant refused3 "$TEST_SERVER_ON_2299")
	exits 0 on you tunplan -f "$file" up docs
	exits 1 on you tunplan -f "$file" up web
	on you kill -KILL "$(supervisor_pid)"
	exits 1 on you tunplan -f "$file" status
	complains "its supervisor was killed and left 1 ssh process running"
	says "web  failed for"
	exits 0 on you tunplan -f "$file" down docs
	complains "took over 1 ssh process that"
	eventually 5 on you sh -c '[ "$(tunplan -f "$1" status --json | jq ".tunnels[0].since_s")" -ge 1 ]' sh "$file"
	exits 0 on you tunplan -f "$file" up docs
	on you kill -TERM "$(supervisor_pid)"
	exits 1 on you tunplan -f "$file" status
	equal "$(told -f "$file")" "web failed true refused up,false,failed,false failed"
	lose "our directory"
	exits 0 on you tunplan -f "$file" status
	complains "nothing is up"
}

@test "a tunnel that was up and has failed is listed when its supervisor was told to go" {
	exits 0 on you tunplan up docs
	shell_on you 'cp ~/.ssh/known_hosts ~/known_hosts.before; rm -f ~/other ~/other.pub
		ssh-keygen -q -t ed25519 -N "" -f ~/other
		echo "bastion-host $(cut -d" " -f1,2 ~/other.pub)" >~/.ssh/known_hosts'
	on bastion-host pkill -KILL -f '^sshd(-session)?: [^ ]+$'
	eventually 5 equal_to failed tunnel_state docs
	on you kill -TERM "$(supervisor_pid)"
	eventually 5 nothing_left you 8081
	# Not sooner: the hop would be tried again.
	shell_on you 'mv ~/known_hosts.before ~/.ssh/known_hosts'
	exits 1 on you tunplan status
	equal "$(told)" "docs failed true host_key failed,false failed"
	exits 0 on you tunplan up docs
	equal "$(told)" "docs up false - up,true up"
	exits 0 on you tunplan down docs
}

@test "of two files that failed at one name, each is told and taken down for itself" {
	local one two command
	one=$(variant one1 "s/8080/8180/; $TEST_SERVER_ON_2299")
	two=$(variant two2 "s/8080/8280/; $TEST_SERVER_ON_2299")
	exits 1 on you tunplan -f "$one" up web
	exits 1 on you tunplan -f "$two" up web
	for command in status down; do
		exits 2 on you env -u TUNPLAN_FILE -C / tunplan "$command" web
		complains "tunplan -f $one $command web"
		complains "tunplan -f $two $command web"
	done
	exits 2 on you env -u TUNPLAN_FILE -C / tunplan down --all
	complains "there are tunnels of several files: \`tunplan down --all-files\`"
	exits 1 on you tunplan status web
	complains "'web' of another file has failed: tunplan -f $one status web"
	exits 0 on you tunplan -f "$two" down web
	exits 1 on you tunplan status --all-files
	says "web  failed for"
	says "($one)"
	[[ $output != *"$two"* ]]
	exits 0 on you tunplan -f "$one" down --all
}

@test "an up that gave up by its --timeout has failed, with how far it got" {
	local file
	file=$(variant mute-timed "$TEST_SERVER_ON_2299")
	mute test-server 2299 SSH-2.0-Mute
	exits 1 on you tunplan -f "$file" up --timeout 2 web
	complains "not up within 2 s; it got as far as: test-server, authenticating (timeout)"
	nothing_left you 8080
	exits 1 on you tunplan -f "$file" status
	says "was authenticating"
	says "trouble with test-server:"
	says "not up within 2 s (timeout)"
	# Not if somebody else still waits for it.
	exits 0 on you tunplan -f "$file" down web
	in_background up you tunplan -f "$file" up web
	eventually 5 is_state web starting
	exits 1 on you tunplan -f "$file" up --timeout 0.5 web
	complains "it is still being brought up"
	is_state web starting
	on you kill -INT "$(cat "$BATS_TEST_TMPDIR/up.pid")"
	ended up 130
	exits 0 on you tunplan -f "$file" status
}

@test "an up that was interrupted, or had no path, has not failed" {
	local file
	file=$(variant mute-listed "$TEST_SERVER_ON_2299")
	mute test-server 2299
	in_background up you tunplan -f "$file" up web
	eventually 10 test -s "$MUTE_LOG"
	on you kill -INT "$(cat "$BATS_TEST_TMPDIR/up.pid")"
	ended up 130
	exits 4 on you tunplan -f "$file" up lost
	exits 2 on you tunplan -f "$file" up nothing
	exits 0 on you tunplan -f "$file" status
	complains "nothing is up"
}

# --- whatever became of the file ------------------------------------------------------------------

# spoil HOW FILE: what may happen to a topology while its tunnels are up.
spoil() {
	case $1 in
	renamed) sed -i 's/^  web: /  webby: /; s/docs, web/docs, webby/' "$2" ;;
	broken) echo 'a: [' >>"$2" ;;
	invalid) sed -i 's/^  web-server: /  other-server: /' "$2" ;;
	"me renamed") sed -i 's/^me: you/me: yours/; s/^  you: /  yours: /; s/you ->/yours ->/; s/me:/yours:/g; s/^yours: yours/me: yours/' "$2" ;;
	unreadable) chmod o+w "$2" ;;
	deleted) rm "$2" ;;
	esac
}

@test "whatever became of a file, what is up is shown and ended by its name" {
	local how file=$BATS_FILE_TMPDIR/spoilt.yaml words
	while read -r how; do
		echo "$how"
		for words in web "web --all-files" --all --all-files; do
			cp "$TUNPLAN_FILE" "$file"
			chmod go-w "$file"
			exits 0 on you tunplan -f "$file" up web
			spoil "$how" "$file"
			exits 0 on you env -u TUNPLAN_ME tunplan -f "$file" status
			says web
			# shellcheck disable=SC2046,SC2086 # words, and `status` of all is without --all
			exits 0 on you env -u TUNPLAN_ME tunplan -f "$file" status $([ "$words" = --all ] || echo $words)
			says web
			# shellcheck disable=SC2086
			exits 0 on you env -u TUNPLAN_ME tunplan -f "$file" down $words
			complains "web: down"
			nothing_left you 8080
		done
	done <<-'TABLE'
		renamed
		broken
		invalid
		me renamed
		unreadable
		deleted
	TABLE
}

@test "without a topology, what is up can be named, too" {
	exits 0 on you tunplan up web docs
	exits 0 on you env -u TUNPLAN_FILE -C / tunplan status web
	exits 0 on you env -u TUNPLAN_FILE -C / tunplan status
	says docs
	exits 0 on you env -u TUNPLAN_FILE -C / tunplan down web
	is_state docs up
	exits 3 on you env -u TUNPLAN_FILE -C / tunplan down git
	complains "nothing that is up is called 'git'"
	is_state docs up
	exits 0 on you env -u TUNPLAN_FILE -C / tunplan down --all
	nothing_left you 8081
}

@test "a name that is up from two files is answered with both, and nothing is done" {
	local one two
	one=$(variant one 's/8081/8181/')
	two=$(variant two 's/8081/8281/')
	exits 0 on you tunplan -f "$one" up docs web
	exits 0 on you tunplan -f "$two" up docs
	for command in down status; do
		exits 2 on you env -u TUNPLAN_FILE -C / tunplan "$command" docs web
		complains "tunplan -f $one $command docs"
		complains "tunplan -f $two $command docs"
		exits 2 on you tunplan "$command" docs --all-files
		complains "tunplan -f $two $command docs"
	done
	exits 2 on you env -u TUNPLAN_FILE -C / tunplan down --all
	complains "--all-files"
	listens you 8181
	listens you 8281
	listens you 8080
	# The file that one is at goes first; of another one it is said how to name it.
	exits 0 on you tunplan down docs
	complains "docs: was not up"
	complains "tunplan -f $one down docs"
	exits 2 on you tunplan -f "$two" down web nothing
	listens you 8080
	exits 0 on you tunplan -f "$two" down docs
	closed you 8281
	exits 0 on you env -u TUNPLAN_FILE -C / tunplan down docs
	closed you 8181
}
