#!/bin/sh
# What a session() of tunnel.sh, or a holder of `tunplan up`, runs on another host: an ssh from there,
# and its forwards, until the end of what is read, or until no line came for a minute: whoever writes
# one every 15 s cannot be reached then. Before it stands bring_up(), which calls master() and
# forward(); and $verbose, if the ssh is to tell what becomes of its connections.
#
# What stands above the first empty line is about this file, and in none of the scripts.
# shellcheck disable=SC2317,SC2329 # what is called before it

# master SSH-ARGUMENT...: logs in, as the master() of this machine does, to carry what is asked for.
master() {
	pipe
	ssh -N -M -S hop -o ControlPersist=no -o ClearAllForwardings=yes \
		-o RemoteCommand=none -o PermitLocalCommand=yes -o 'LocalCommand=echo up' \
		"$@" -o ServerAliveInterval=15 -o ServerAliveCountMax=3 \
		-o BatchMode=yes -o LogLevel=INFO ${verbose:+-o "LogVerbose=$verbose"} >&9 3<&- 8<&- 9>&- &
	process=$!
	{ lose_patience; } >/dev/null 2>&1 3<&- 8<&- 9>&- &
	timer=$!
	{ heed; } >/dev/null 2>&1 8<&- 9>&- &
	heeder=$!
	exec 9>&-
	grep -qx up <&8 || without_verbose "$@"
}

# without_verbose SSH-ARGUMENT...: tries again, if the ssh is one that does not know LogVerbose (before 8.5).
without_verbose() {
	[ "${verbose:-}" ] || return
	! ssh -F none -G -o "LogVerbose=$verbose" . >/dev/null 2>&1 || return
	kill "$timer" "$heeder"
	verbose=
	master "$@"
}

# lose_patience: ends the ssh a minute after it was told last (USR1) that a line came. What has just been
# started may not notice any other signal than KILL.
lose_patience() {
	trap : USR1
	trap 'kill -s KILL "$!"; exit' TERM
	until { sleep 60 & wait "$!"; }; do
		kill -s KILL "$!"
	done
	kill "$process"
}

# heed: reads the lines, until they end. One with a place lets the far host connect to that, of which the ssh
# says what became; the next empty one closes the connection.
heed() {
	dials=
	while read -r place <&3 && kill -s USR1 "$timer"; do
		if [ "$place" ]; then
			ssh -F none -S hop -o ProxyCommand=false -W "$place" . </dev/null 3<&- &
			dials="$dials $!"
		else
			for dial in $dials; do
				kill "$dial"
			done
			dials=
		fi
	done
	kill "$process" "$timer"
	leave
}

# leave: removes what was made here, and what the ssh leaves of it.
leave() {
	rm -rf "$directory"
	for socket in ${sockets:-}; do
		rm -f "$socket"
	done
}

# pipe: opens both its ends, 8 to read and 9 to write, before anything starts that may be killed: who
# waits for "up" sees the end then, too.
pipe() {
	[ -p pipe ] || mkfifo pipe
	exec 7<>pipe
	exec 8<pipe
	exec 9>pipe 7<&-
}

# forward -L|-R|-D FORWARD...: asks the master for them.
forward() {
	ssh -F none -S hop -O forward "$@" .
}

# All of it is read before any of it runs: what is read then has no end while the tunnel is up.
main() {
	echo begun
	SHELL=/bin/sh
	export SHELL
	exec 3<&0
	directory=$(mktemp -d) && cd "$directory" || exit
	status=1
	if bring_up; then
		echo up
		wait "$process" && status=0
	else
		kill "$process" 2>/dev/null
		wait "$process"
	fi
	kill "$timer" "$heeder" 2>/dev/null
	cd / && leave
	exit "$status"
}
main
