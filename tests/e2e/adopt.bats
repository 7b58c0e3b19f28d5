#!/usr/bin/env bats
# A supervisor that is gone costs no tunnel: what it had goes on, and the next one takes it over. Three hops of recover.yaml,
# with a transfer through them (fault_table.bash).

load helper
load faults
load talk
load fault_table

# The supervisor is killed; what has the control socket of it finds nobody.
kill_supervisor() {
	on you kill -KILL "$(supervisor_pid)"
	eventually 5 fails supervisor_pid
}

# The processes that hold the hops of held, as the supervisor says; and as ps says, all there are.
ssh_of_held() {
	held '.hops | map(.pid) | join(" ")'
}

all_ssh() {
	on you pgrep -f '^ssh -N ' | sort -n | paste -sd ' '
}

# One ends with the one that carries it, perhaps before it gets its signal.
kill_all_ssh() {
	shell_on you 'for ssh in $1; do kill -KILL "$ssh" 2>/dev/null || :; done' "$(all_ssh)"
}

# Nobody writes or reads any more.
transfer_stops() {
	shell_on you 'pkill -P "$1"; kill "$1"' "$(cat "$BATS_TEST_TMPDIR/transfer.pid")"
	: >"$BATS_TEST_TMPDIR/transfer.pid"
}

oldest_three() {
	all_ssh | cut -d ' ' -f 1-3
}

up() {
	exits 0 on you tunplan -f "$file" up "$@"
}

# A tunnel of three hops, with a transfer through it, whose supervisor is killed.
unwatched() {
	up held
	pids=$(ssh_of_held)
	transfer_starts
	kill_supervisor
}

# The very same processes have it, and the transfer has lost nothing.
is_taken_over() {
	eventually 3 carries
	equal "$(ssh_of_held)" "$pids"
	transfer_is lives
	equal "$(on you pgrep -cf 'tunplan --supervisor')" 1
}

# record SCRIPT: what is written down is changed so (jq).
record() {
	shell_on you 'cd "$XDG_RUNTIME_DIR/tunplan" && jq "$1" record.json >other && mv other record.json && chmod 600 record.json' "$1"
}

@test "nobody watches: the tunnel carries on, and who only looks says so, and takes nothing over" {
	unwatched
	for command in status "status held" "status --all-files"; do
		# shellcheck disable=SC2086 # a list of words
		exits 1 on you tunplan -f "$file" $command
		says "held  unwatched"
		complains "nobody watches this: its supervisor was killed and left 3 ssh processes running"
	done
	exits 1 on you tunplan -f "$file" status --json
	equal "$(jq -c '[.watched, .tunnels[0].name, .tunnels[0].state, .tunnels[0].error.code]' <<<"$output")" \
		'[false,"held","unwatched","unwatched"]'
	exits 0 on you tunplan -f "$file" list
	exits 0 on you tunplan -f "$file" plan held
	fails supervisor_pid
	transfer_is lives
	up held
	is_taken_over
}

@test "up of another takes it over" {
	unwatched
	up near
	is_taken_over
	equal "$(all_ssh | wc -w)" 3
}

@test "down of another takes it over, and ends what that was" {
	up near
	unwatched
	exits 0 on you tunplan -f "$file" down near
	complains "took over 3 ssh processes that a killed supervisor left"
	is_taken_over
	closed you 7101
}

@test "reload takes it over" {
	unwatched
	exits 0 on you tunplan -f "$file" reload
	is_taken_over
}

@test "restart takes it over, and then gives it new processes beside those" {
	unwatched
	exits 0 on you tunplan -f "$file" restart held
	eventually 3 carries
	transfer_is lives
	fails equal "$(ssh_of_held)" "$pids"
}

@test "down of itself leaves nothing of it" {
	mute you 9091
	up held back
	kill_supervisor
	exits 0 on you tunplan -f "$file" down --all
	nothing_left you 7104 h1 9090
}

@test "each listener is proved again: a remote one, one of several, and what auto has chosen" {
	local port
	table_again 's|^tunnels:|tunnels:\n  some: auto -> h2/hello\n  sock: {ingress: /run/home/a.sock, egress: h2/hello}|'
	mute you 9091
	up some
	port=$output
	up sock back held
	pids=$(all_ssh)
	kill_supervisor
	# What is remembered of ports is not asked.
	shell_on you 'rm ~/.local/state/tunplan/ports.json'
	up held
	equal "$(all_ssh)" "$pids"
	for name in some sock back held; do
		eventually 3 equal_to up tunnel_state "$name"
	done
	equal "$(on you tunplan -f "$file" up some)" "$port"
	[[ $(on you socat -T 5 - UNIX:/run/home/a.sock </dev/null) == *hello* ]]
	listens h1 9090
	exits 0 on you tunplan -f "$file" down --all
	nothing_left you "${port##*:}" h1 9090
	fails on you test -e /run/home/a.sock
}

has_been_up() {
	[ "$(held .since_s)" -ge 3 ]
}

@test "twice in a row, and it is up since it was" {
	local since
	unwatched
	up near
	eventually 9 has_been_up
	kill_supervisor
	since=$(date +%s)
	up near
	is_taken_over
	# Each number is of some second before.
	held "| .since_s >= (now | floor) - $since + 2 and (.hops | all(.since_s >= 3))" | grep -qx true
	kill_supervisor
	transfer_is lives
	up near
	is_taken_over
	held "| .since_s >= (now | floor) - $since + 2 and (.hops | all(.since_s >= 3))" | grep -qx true
	equal "$(held .restarts)" 0
	kill_supervisor
	transfer_is lives
	up near
	is_taken_over
}

@test "during a login: the ssh that logs in is waited for, and used" {
	local sshd
	up near
	sshd=$(cat "$BATS_TEST_TMPDIR/sshd-h2.pid")
	on h2 kill -STOP "$sshd"
	in_background up you tunplan -f "$file" up held
	eventually 5 equal_to 2 masters
	pids=$(all_ssh)
	kill_supervisor
	ended up 1
	on h2 kill -CONT "$sshd"
	exits 0 on you tunplan -f "$file" down near
	eventually 15 carries
	for pid in $pids; do
		[[ " $(all_ssh) " == *" $pid "* ]]
	done
}

@test "between the request of a listener and its answer: it is closed with its tunnel, or taken over" {
	local next
	mute you 9091
	up near
	for next in "down back" "up back"; do
		session h1 STOP
		in_background up you tunplan -f "$file" up back
		eventually 5 shell_on you 'tail -n 5 ~/.local/state/tunplan/supervisor.log | grep -q "back, forward 1: waiting -> opening"'
		kill_supervisor
		ended up 1
		rm "$BATS_TEST_TMPDIR"/up.*
		session h1 CONT
		# Nobody is there who could hear that it listens.
		eventually 5 listens h1 9090
		# shellcheck disable=SC2086 # a list of words
		exits 0 on you tunplan -f "$file" $next
		case $next in
		up*) listens h1 9090 ;;
		*) eventually 5 closed h1 9090 ;;
		esac
	done
	exits 0 on you tunplan -f "$file" down --all
	nothing_left you 7101 h1 9090
}

@test "in the middle of a reconnect: what lives is taken over, and the rest comes back" {
	local first
	up held
	first=$(ssh_of h1)
	shut_sshd() { sshd_ends h2; }
	shut_sshd
	master h2 KILL
	eventually 5 shows reconnecting
	kill_supervisor
	sshd_starts h2
	up near
	eventually 15 carries
	equal "$(ssh_of h1)" "$first"
}

@test "during a move to another path: the old one carries until the new one is made" {
	up held
	pids=$(oldest_three)
	transfer_starts
	# By another sshd of h2, which says nothing.
	mute h2 2223
	table_again 's/(h2: .*port: )2222/\12223/'
	in_background up you tunplan -f "$file" up held
	eventually 5 shell_on you 'grep -q "\"replaces\"" "$XDG_RUNTIME_DIR/tunplan/record.json"'
	kill_supervisor
	ended up 1
	up near
	eventually 5 equal_to "$pids" oldest_three
	transfer_is lives
}

@test "with a master that drains: its connections end when they end" {
	local old
	up held
	old=$(ssh_of_held)
	transfer_starts
	exits 0 on you tunplan -f "$file" restart held
	pids=$(ssh_of_held)
	kill_supervisor
	up near
	is_taken_over
	for pid in $old; do
		on you kill -0 "$pid"
	done
	transfer_stops
	for pid in $old; do
		eventually 10 fails on you kill -0 "$pid"
	done
	equal "$(all_ssh)" "$(tr ' ' '\n' <<<"$pids" | sort -n | paste -sd ' ')"
}

@test "down ends a master that drains, too" {
	up held
	transfer_starts
	exits 0 on you tunplan -f "$file" restart held
	kill_supervisor
	exits 0 on you tunplan -f "$file" down held
	: >"$BATS_TEST_TMPDIR/transfer.pid"
	nothing_left you 7104
}

# another_version: the same program with another number, in ~/newer.
another_version() {
	shell_on you 'sed "s/$1/$2/g" "$3" >~/newer && chmod +x ~/newer' "${1//./\\.}" "$2" "$TUNPLAN"
}

@test "restart --supervisor: another program has the same processes, and no connection is cut" {
	local version old
	version=$("$TUNPLAN" version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+')
	another_version "$version" 9.9.9
	up held
	pids=$(ssh_of_held)
	old=$(supervisor_pid)
	transfer_starts
	exits 0 on you /run/home/newer -f "$file" restart --supervisor
	complains "(tunplan 9.9.9) has taken over 1 tunnel"
	equal "$(on you readlink "/proc/$(on you pgrep -f 'newer --supervisor')/exe")" /run/home/newer
	fails on you kill -0 "$old"
	exits 0 on you tunplan -f "$file" status held
	equal "$(ssh_of_held)" "$pids"
	transfer_is lives
	exits 0 on you tunplan restart --supervisor
	equal "$(ssh_of_held)" "$pids"
	transfer_is lives
}

@test "restart --supervisor while it reconnects: it is tried again, and how often it was lost is known" {
	up held
	shut_sshd() { sshd_ends h1; }
	shut_sshd
	master h1 KILL
	eventually 5 shows reconnecting
	exits 1 on you tunplan restart --supervisor
	complains "held is reconnecting"
	equal "$(held '| .state + " " + (.restarts | tostring)')" "reconnecting 1"
	sshd_starts h1
	eventually 15 carries
}

@test "restart --supervisor with nothing up, and with words that make no sense" {
	exits 0 on you tunplan restart --supervisor
	complains "no supervisor runs"
	exits 2 on you tunplan -f "$file" restart --supervisor held
}

@test "an up that waits is answered by the supervisor that follows" {
	up near
	on h2 kill -STOP "$(cat "$BATS_TEST_TMPDIR/sshd-h2.pid")"
	in_background up you tunplan -f "$file" up held
	eventually 5 equal_to 2 masters
	exits 1 on you tunplan restart --supervisor
	complains "held is starting"
	on h2 kill -CONT "$(cat "$BATS_TEST_TMPDIR/sshd-h2.pid")"
	ended up 0
	carries
}

@test "sockets of every kind that are stale are in nobody's way" {
	up held
	kill_supervisor
	kill_all_ssh
	exits 1 on you tunplan -f "$file" status held
	up held
	carries
	exits 0 on you tunplan -f "$file" down held
	nothing_left you 7104
	equal "$(shell_on you 'ls "$XDG_RUNTIME_DIR/tunplan"')" ""
}

@test "a tunnel of which nothing lives has failed, until up or down" {
	up held near
	kill_supervisor
	kill_all_ssh
	exits 0 on you tunplan -f "$file" up near
	equal "$(held '| .state + " " + .error.code')" "failed unwatched"
	exits 1 on you tunplan -f "$file" status held
	fails reaches you 127.0.0.1 7104
	exits 0 on you tunplan -f "$file" down held
	equal "$(held .state)" down
	up held near
	kill_supervisor
	equal "$(held '| .state + " " + (.since_s | tostring) + " " + (.remembered | tostring)')" "unwatched null false"
	kill_all_ssh
	exits 1 on you tunplan restart --supervisor
	complains 'held has failed'
	complains 'has taken over 0 tunnels'
}

@test "a socket of the right name with another text is not adopted" {
	up held
	kill_supervisor
	pids=$(all_ssh)
	record '.masters[0].hop = "another\n"'
	up held
	carries
	eventually 5 equal_to 3 masters
	for pid in $pids; do
		eventually 5 fails on you kill -0 "$pid"
	done
}

@test "a foreign process behind a socket is not taken for an ssh of ours, and is left alone" {
	local socket
	up near
	socket=$(shell_on you 'ls "$XDG_RUNTIME_DIR"/tunplan/m-*')
	kill_supervisor
	on you rm "$socket"
	in_background foreign you perl -MIO::Socket::UNIX -e '
		my $listener = IO::Socket::UNIX->new(Local => shift, Listen => 5) or die $!;
		sleep 100' "$socket"
	eventually 5 on you test -S "$socket"
	up near
	[[ $(on you socat -T 5 - TCP:127.0.0.1:7101 </dev/null) == *hello* ]]
	equal "$(all_ssh | wc -w)" 1
	on you kill -0 "$(cat "$BATS_TEST_TMPDIR/foreign.pid")"
	on you test -S "$socket"
	on you kill "$(cat "$BATS_TEST_TMPDIR/foreign.pid")"
	on you rm "$socket"
}

@test "a text that is not the one that was wanted keeps its processes, and down ends them" {
	unwatched
	shell_on you 'for text in "$XDG_RUNTIME_DIR"/tunplan/t-*; do echo "# more" >>"$text"; done'
	exits 0 on you tunplan -f "$file" down near
	equal "$(held '| .state + " " + .error.code')" "failed record"
	transfer_is lives
	equal "$(all_ssh)" "$(tr ' ' '\n' <<<"$pids" | sort -n | paste -sd ' ')"
	# And is still kept by the one after the next.
	kill_supervisor
	exits 0 on you tunplan -f "$file" down near
	transfer_is lives
	exits 0 on you tunplan -f "$file" down held
	: >"$BATS_TEST_TMPDIR/transfer.pid"
	nothing_left you 7104
}

@test "a text that is not the one that was wanted: up by the file takes over what there is" {
	unwatched
	shell_on you 'for text in "$XDG_RUNTIME_DIR"/tunplan/t-*; do echo "# more" >>"$text"; done'
	up held
	is_taken_over
}

@test "a record of a newer version is refused by all, with both versions, and stays" {
	unwatched
	record '.version = 99'
	for command in "up near" status "down held" "restart --supervisor"; do
		# shellcheck disable=SC2086 # a list of words
		exits 1 on you tunplan -f "$file" $command
		complains "is of version 99, and this program reads version 2"
	done
	transfer_is lives
	record '.version = 2'
	up held
	is_taken_over
}

@test "the runtime directory is removed while the supervisor lives: it listens elsewhere, and writes its wishes again" {
	up held
	transfer_starts
	shell_on you 'rm -r "$XDG_RUNTIME_DIR/tunplan"'
	exits 0 on you tunplan -f "$file" status held
	transfer_is lives
	shell_on you 'jq -e ".tunnels[0].name == \"held\"" "$XDG_RUNTIME_DIR/tunplan/record.json"'
	exits 0 on you tunplan -f "$file" up held
	transfer_is lives
}

@test "a runtime directory that others could write is refused, and what was wanted is still there when it is mended" {
	unwatched
	shell_on you 'chmod 777 "$XDG_RUNTIME_DIR/tunplan"'
	exits 1 on you tunplan -f "$file" up near
	complains "must belong to you alone"
	transfer_is lives
	shell_on you 'chmod 700 "$XDG_RUNTIME_DIR/tunplan"'
	up near
	is_taken_over
}

# All hops have other processes than before, and the tunnel is up.
is_remade() {
	[ "$(held .state)" = up ] && [ "$(ssh_of_held)" != "$pids" ]
}

# small_disk DIRECTORY: what is there is on a disk of its own, of 256 KiB; fill_disk DIRECTORY: no more room on it.
small_disk() {
	shell_on you 'mkdir -p -m 700 "$1" && mount -t tmpfs -o size=256k,mode=700 none "$1"' "$1"
}

fill_disk() {
	shell_on you 'cat /dev/zero >"$1/full" 2>/dev/null || true' "$1"
}

@test "a runtime directory that is full refuses what is new, says why, and loses nothing that there was" {
	local dir
	dir=$(shell_on you 'echo "$XDG_RUNTIME_DIR/tunplan"')
	small_disk "$dir"
	up held
	pids=$(ssh_of_held)
	transfer_starts
	fill_disk "$dir"
	exits 1 on you tunplan -f "$file" up near
	complains "No space left on device"
	exits 0 on you tunplan -f "$file" status held
	kill_supervisor
	up held
	is_taken_over
	on you rm "$dir/full"
	up near
	exits 0 on you tunplan -f "$file" down --all
	: >"$BATS_TEST_TMPDIR/transfer.pid"
	nothing_left you 7104
	on you umount "$dir"
}

@test "a hop that is remade in a full runtime directory is known to the next supervisor" {
	local dir
	dir=$(shell_on you 'echo "$XDG_RUNTIME_DIR/tunplan"')
	small_disk "$dir"
	up held
	fill_disk "$dir"
	pids=$(ssh_of_held)
	on you kill -KILL "${pids%% *}"
	eventually 20 is_remade
	pids=$(ssh_of_held)
	transfer_starts
	kill_supervisor
	up held
	is_taken_over
	exits 0 on you tunplan -f "$file" down --all
	: >"$BATS_TEST_TMPDIR/transfer.pid"
	equal "$(all_ssh)" ""
	nothing_left you 7104
	on you umount "$dir"
}

@test "a state directory that is full, read-only or gone costs no tunnel" {
	local dir=/run/home/.local/state/tunplan how
	small_disk "$dir"
	for how in full read-only gone; do
		# While any log is open, it cannot become that.
		[ "$how" != read-only ] || on you mount -o remount,ro "$dir"
		up held
		pids=$(ssh_of_held)
		transfer_starts
		case $how in
		full) fill_disk "$dir" ;;
		gone) shell_on you 'rm -rf "$1"/*' "$dir" ;;
		esac
		kill_supervisor
		up near
		is_taken_over
		if [ "$how" = read-only ]; then
			exits 0 on you tunplan -f "$file" up near
			complains "the state directory $dir cannot be written (Read-only file system)"
		fi
		transfer_stops
		exits 0 on you tunplan -f "$file" down --all
		rm -f "$BATS_TEST_TMPDIR"/transfer.*
		nothing_left you 7104
		[ "$how" != read-only ] || on you mount -o remount,rw "$dir"
		on you rm -f "$dir/full"
	done
	on you umount "$dir"
}
