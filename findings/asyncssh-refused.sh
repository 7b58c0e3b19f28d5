#!/bin/sh
# AsyncSSH: a server that forbids forwarding says that the connection was refused, as if nothing listened.
#
# Expected: "administratively prohibited", the reason that RFC 4254 (5.1) has for what a server does not allow, and that
# OpenSSH and dropbear give.
#
# Seen, with python3-asyncssh 2.10.1-2+deb12u2 of Debian 12: a server that leaves SSHServer.connection_requested as it is, so
# that nothing may be forwarded, answers each direct-tcpip with the reason "connect failed" and the words "Connection
# refused", whatever is asked for, also a service that listens, and a name that does not exist. A server that does allow it
# gives the same reason where nothing listens.
#
# It matters to whoever looks for the fault: it is sought in the service, its firewall and its address, and is in the
# server's program. A client that tells "may not" from "is not there" by the reason cannot do so here. Needs apt-get,
# dpkg-deb, python3 3.11 with cryptography, OpenSSH's client and, as root, unshare.
set -eu

VERSION=2.10.1-2+deb12u2

[ "$(id -u)" = 0 ] || { echo 'this needs root: for namespaces of its own' >&2; exit 2; }
if [ -z "${WORK:-}" ]; then
	WORK=$(mktemp -d)
	export WORK
	trap 'rm -rf "$WORK"' EXIT
	(cd "$WORK" && apt-get download "python3-asyncssh=$VERSION") >/dev/null 2>&1 || {
		echo "python3-asyncssh $VERSION cannot be had here (Debian 12, apt-get update)" >&2
		exit 2
	}
	for package in "$WORK"/*.deb; do
		dpkg-deb -x "$package" "$WORK/root"
	done
	# Networks and processes of its own: whatever this starts ends with it.
	unshare --mount --net --pid --fork --kill-child --mount-proc sh "$0"
	exit
fi

cd "$WORK"
ip link set lo up
ssh-keygen -q -t ed25519 -N '' -f key
cat >server.py <<'PYTHON'
import asyncio, asyncssh

class Server(asyncssh.SSHServer):
    def begin_auth(self, username):
        return False

class Allowed(Server):
    def connection_requested(self, dest_host, dest_port, orig_host, orig_port):
        return True

async def serve():
    for port, kind in (2200, Server), (2201, Allowed):
        await asyncssh.create_server(kind, "127.0.0.1", port, server_host_keys=["key"])
    await asyncio.get_running_loop().create_future()

asyncio.run(serve())
PYTHON
PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3 -W ignore server.py 2>log &
/usr/bin/python3 -m http.server --bind 127.0.0.1 8000 >/dev/null 2>&1 &
i=0
until [ "$(ss -Hltn 'sport = :2200 or sport = :2201 or sport = :8000' | wc -l)" = 3 ]; do
	i=$((i + 1))
	[ $i -lt 100 ] || { cat log >&2; exit 2; }
	sleep 0.1
done

changed=0
# expect WHAT SEEN EXPECTED
expect() {
	echo "$1: $2"
	[ "$2" = "$3" ] && return
	echo "     CHANGED: it was $3" >&2
	changed=1
}

# dial SERVER PLACE
dial() {
	ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -W "$2" -p "$1" x@127.0.0.1 \
		</dev/null 2>&1 >/dev/null | sed -n 's/\r$//; s/^channel [0-9]*: //p'
}

expect 'forbidden, a service that listens' "$(dial 2200 127.0.0.1:8000)" 'open failed: connect failed: Connection refused'
expect 'forbidden, a name that does not exist' "$(dial 2200 nosuch.invalid:80)" 'open failed: connect failed: Connection refused'
expect 'allowed, where nothing listens' "$(dial 2201 127.0.0.1:9 | sed 's/: \[Errno.*//')" 'open failed: connect failed'
exit $changed
