#!/bin/sh
# What a session() of tunnel.sh runs on another host: an ssh from there, and its forwards, until the
# end of what is read. Before it stands bring_up(), which calls master() and forward().
#
# What stands above the first empty line is about this file, and in none of the scripts.
# shellcheck disable=SC2317,SC2329 # what is called before it

# master SSH-ARGUMENT...: logs in, as the master() of this machine does, to carry what is asked for.
master() {
	pipe
	ssh -N -M -S hop -o ControlPersist=no -o ClearAllForwardings=yes \
		-o RemoteCommand=none -o PermitLocalCommand=yes -o 'LocalCommand=echo up' \
		"$@" -o ServerAliveInterval=15 -o ServerAliveCountMax=3 \
		-o BatchMode=yes >&9 3<&- 8<&- 9>&- &
	process=$!
	{ cat <&3; kill "$process"; } >/dev/null 2>&1 8<&- 9>&- &
	exec 9>&-
	grep -qx up <&8
}

# pipe: opens both its ends, 8 to read and 9 to write, before anything starts that may be killed: who
# waits for "up" sees the end then, too.
pipe() {
	mkfifo pipe
	exec 7<>pipe
	exec 8<pipe
	exec 9>pipe 7<&-
	rm pipe
}

# forward -L|-R|-D FORWARD...: asks the master for them.
forward() {
	ssh -F none -S hop -O forward "$@" .
}

# All of it is read before any of it runs: what is read then has no end while the tunnel is up.
main() {
	SHELL=/bin/sh
	export SHELL
	exec 3<&0
	directory=$(mktemp -d) && cd "$directory" || exit
	if bring_up; then
		echo up
	else
		kill "$process" 2>/dev/null
	fi
	wait "$process"
	cd / && rm -rf "$directory"
	exit
}
main
