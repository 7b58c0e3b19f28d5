#!/bin/sh
# What the scripts of `tunplan export script` have in common. Before it, each of them says its own:
# $tunnel, the name; bring_up(), which calls master(), session() and forward() for all that the
# tunnel consists of; and entrances(), which prints where a program enters it.
#
# What stands above the first empty line is about this file, and in none of the scripts.
# shellcheck disable=SC2154,SC2317,SC2329 # what is said or called before it

set -eu
SHELL=/bin/sh # by which ssh runs what it has to run here
export SHELL
directory='' processes='' helpers='' sockets='' ending=''

# clean_up STATUS: ends each process before those that carry it, and leaves nothing.
# Every trap comes here: a signal that meets another one finds it done, or does it.
clean_up() {
	[ -z "$ending" ] || return 0
	ending=yes
	trap '' HUP INT TERM USR1
	trap - EXIT
	for process in $processes; do
		kill "$process" 2>/dev/null || continue
		gone "$process"
	done
	for process in $helpers; do
		gone "$process"
	done
	for socket in $sockets; do
		rm -f "$socket"
	done
	cd /
	[ -z "$directory" ] || rm -rf "$directory"
	echo "$tunnel is down" >&2
	exit "$1"
}

# gone PROCESS: returns when it is. How it ended, a shell tells only once, perhaps to a `wait` that a
# signal interrupted, and a `wait` for all may then wait for none (bash 5.3). So nothing asks how.
gone() {
	wait "$1" 2>/dev/null || :
}

# pipe: opens both its ends, 8 to read and 9 to write. Neither waits for the other.
pipe() {
	mkfifo pipe
	exec 7<>pipe
	exec 8<pipe
	exec 9>pipe 7<&-
	rm pipe
}

# watch HOST: says what an ssh says, and when it ends, all ends.
watch() {
	return=$(printf '\r')
	while IFS= read -r line; do
		printf '%s: %s\n' "$1" "${line%"$return"}" >&2
	done
	kill -s USR1 "$$"
}

# start HOST COMMAND...: runs it in the background, and returns once it has said "up".
start() {
	host=$1
	shift
	pipe
	exec 5<&8 6>&9
	pipe
	"$@" <&3 >&9 2>&6 &
	processes="$! $processes"
	{
		exec 4>&- 6>&- 9>&- # or it never sees the end
		watch "$host"
	} <&5 &
	watch=$!
	grep -qx up <&8 5<&- 6>&- 9>&- &
	helpers="$watch $! $helpers"
	exec 5<&- 6>&- 8<&- 9>&-
	wait "$!" || exit 255
}

# master HOP HOST SSH-ARGUMENT...: logs in to a host, to carry what it will be asked for. Of an option
# that is given twice the first counts: a host's own stand between those that have to be, and the rest.
master() {
	hop=$1 host=$2
	shift 2
	start "$host" ssh -N -M -S "$hop" -o ControlPersist=no -o ClearAllForwardings=yes \
		-o RemoteCommand=none -o PermitLocalCommand=yes -o 'LocalCommand=echo up' \
		"$@" -o ServerAliveInterval=15 -o ServerAliveCountMax=3
}

# forward HOP -L|-R|-D FORWARD: asks its master for it.
forward() {
	hop=$1
	shift
	ssh -F none -S "$hop" -O forward "$@" . &
	helpers="$! $helpers"
	wait "$!" || exit
}

# session HOP HOST COMMAND: runs it there; it reads the program here, a line from time to time, and no
# end while all is up.
session() {
	pipe
	exec 3<&8 4>&9 8<&- 9>&-
	cat >&4
	start "$2" ssh -F none -S "$1" -o ProxyCommand=false -T "$2" "$3"
	{ beat; } >&4 3<&- 4>&- &
	processes="$! $processes"
	exec 3</dev/null 4>&-
}

# beat: a line every 15 s, by which the far end knows that it can be reached.
beat() {
	trap 'kill -s KILL "$!"; exit' TERM # the only signal that nothing misses
	while sleep 15 & wait "$!"; do
		echo
	done
}

trap 'clean_up "$?"' EXIT
trap 'clean_up 129' HUP
trap 'clean_up 130' INT
trap 'clean_up 143' TERM
trap 'clean_up 255' USR1 # an ssh has ended: by TERM, it would say 0 itself
directory=$(mktemp -d)
cd "$directory"
directory=$(pwd)
exec 3</dev/null

bring_up
{
	echo "$tunnel is up; Ctrl-C takes it down"
	entrances
} >&2
# Until a trap, which the end of any ssh springs: so it does not matter for which of them this waits.
# With set -e and without ||, mksh would end without its EXIT trap when a signal interrupts it.
wait "$watch" || exit 255
