#!/bin/sh
# dropbear: asked by `ssh -R` for a listener on 127.0.0.1, it says yes where another program has that port, and listens on ::1
# alone; told to close the listener, it says yes again, and goes on listening.
#
# Expected: a server that cannot bind the address that it was asked for says no, as RFC 4254 (7.1) has it; ssh then says
# "remote port forwarding failed", and ends with ExitOnForwardFailure. And whoever gets a yes to a cancel can have the port.
#
# Seen, with dropbear-bin 2022.83-1+deb12u3 of Debian 12 and its OpenSSH client:
#   - with 127.0.0.1:P taken, `-R 127.0.0.1:P:…` succeeds without a word. dropbear asks for "localhost", which is both
#     loopbacks, and is content if it gets one of the two: programs on the host that connect to 127.0.0.1:P get the other
#     program, and those that happen to try ::1 first get the tunnel.
#   - after `ssh -O cancel -R …`, status 0, both addresses still listen until the connection ends; the same -R asked for
#     again meanwhile is refused.
#
# It matters to everybody who reaches a host behind NAT through a router's dropbear: a yes is no proof that the port leads to
# the tunnel, and a script that moves a forward from one place to another finds the port taken by itself. Needs apt-get,
# dpkg-deb, python3, OpenSSH's client, ss and, as root, unshare.
set -eu

VERSION=2022.83-1+deb12u3

[ "$(id -u)" = 0 ] || { echo 'this needs root: for namespaces of its own' >&2; exit 2; }
if [ -z "${WORK:-}" ]; then
	WORK=$(mktemp -d)
	export WORK
	trap 'rm -rf "$WORK"' EXIT
	(cd "$WORK" && apt-get download "dropbear-bin=$VERSION" libtomcrypt1 libtommath1) >/dev/null 2>&1 || {
		echo "dropbear-bin $VERSION cannot be had here (Debian 12, apt-get update)" >&2
		exit 2
	}
	for package in "$WORK"/*.deb; do
		dpkg-deb -x "$package" "$WORK/root"
	done
	# Networks, mounts and processes of its own: whatever this starts ends with it.
	unshare --mount --net --pid --fork --kill-child --mount-proc sh "$0"
	exit
fi

cd "$WORK"
ip link set lo up
mount -t tmpfs -o mode=700 none /root
mkdir -m 700 /root/.ssh
ssh-keygen -q -t ed25519 -N '' -f key
cp key.pub /root/.ssh/authorized_keys
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libtomcrypt.so.1' | head -n 1)")
export LD_LIBRARY_PATH
root/usr/bin/dropbearkey -t ed25519 -f host >/dev/null 2>&1
root/usr/sbin/dropbear -F -E -r host -p 127.0.0.1:2200 2>log &
unset LD_LIBRARY_PATH

# What listens on a port, with its program.
listeners() {
	ss -Hltnp "sport = :$1" | sed 's/^LISTEN *[0-9]* *[0-9]* *\([^ ]*\) .*(("\([^"]*\)".*/\1 \2/' | sort | paste -sd, -
}

changed=0
# expect WHAT SEEN EXPECTED
expect() {
	echo "$1: $2"
	[ "$2" = "$3" ] && return
	echo "     CHANGED: it was $3" >&2
	changed=1
}

python3 -c '
import socket, time
taken = socket.create_server(("127.0.0.1", 9100))
time.sleep(100)' &
i=0
until [ "$(ss -Hltn 'sport = :2200 or sport = :9100' | wc -l)" = 2 ]; do
	i=$((i + 1))
	[ $i -lt 100 ] || exit 2
	sleep 0.1
done

ssh -F none -i key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
	-f -N -M -S "$WORK/control" -p 2200 root@127.0.0.1
status=0
ssh -F none -S "$WORK/control" -O forward -R 127.0.0.1:9100:127.0.0.1:9 x || status=$?
expect 'ssh -R where the port is taken, status' "$status" 0
expect 'then listens' "$(listeners 9100)" '127.0.0.1:9100 python3,[::1]:9100 dropbear'

ssh -F none -S "$WORK/control" -O forward -R 127.0.0.1:9200:127.0.0.1:9 x
status=0
ssh -F none -S "$WORK/control" -O cancel -R 127.0.0.1:9200:127.0.0.1:9 x || status=$?
expect 'ssh -O cancel, status' "$status" 0
sleep 1
expect 'a second later listens' "$(listeners 9200)" '127.0.0.1:9200 dropbear,[::1]:9200 dropbear'
exit $changed
