#!/bin/sh
# tinysshd: asked for a remote forward (`ssh -R`), it gives an answer that ssh does not take for one, so
# ExitOnForwardFailure never fires, and a script that waits for the forward waits for ever.
#
# Expected: a server that does not know a global request answers SSH_MSG_REQUEST_FAILURE (RFC 4254, 4); `ssh -N -R … -o
# ExitOnForwardFailure=yes` then ends at once with "remote port forwarding failed".
#
# Seen, with tinysshd 20230101-1 of Debian 12 and OpenSSH's client 9.2: tinysshd answers with SSH_MSG_UNIMPLEMENTED, for the
# whole message is unknown to it. ssh ignores that, and its keepalives are content with it. `ssh -N -R` with
# ExitOnForwardFailure logs in and stays, without a listener, without a word on stderr and without an end; on a control
# socket, `ssh -O forward -R` does not return.
#
# It matters to autossh and the like: the session is there, answers keepalives, and forwards nothing. Only a deadline of
# one's own tells. Needs apt-get, dpkg-deb, socat, OpenSSH's client and, as root, unshare.
set -eu

VERSION=20230101-1

[ "$(id -u)" = 0 ] || { echo 'this needs root: for namespaces of its own' >&2; exit 2; }
if [ -z "${WORK:-}" ]; then
	WORK=$(mktemp -d)
	export WORK
	trap 'rm -rf "$WORK"' EXIT
	(cd "$WORK" && apt-get download "tinysshd=$VERSION") >/dev/null 2>&1 || {
		echo "tinysshd $VERSION cannot be had here (Debian 12, apt-get update)" >&2
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
root/usr/sbin/tinysshd-makekey "$WORK/keys"
socat TCP-LISTEN:2200,bind=127.0.0.1,fork,reuseaddr EXEC:"root/usr/sbin/tinysshd $WORK/keys" 2>log &

changed=0
# expect WHAT SEEN EXPECTED
expect() {
	echo "$1: $2"
	[ "$2" = "$3" ] && return
	echo "     CHANGED: it was $3" >&2
	changed=1
}

i=0
until [ -n "$(ss -Hltn 'sport = :2200')" ]; do
	i=$((i + 1))
	[ $i -lt 100 ] || exit 2
	sleep 0.1
done

status=0
timeout 10 ssh -F none -i key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
	-o ExitOnForwardFailure=yes -o ServerAliveInterval=2 -o ServerAliveCountMax=2 \
	-N -R 127.0.0.1:9100:127.0.0.1:9 -p 2200 root@127.0.0.1 2>said || status=$?
expect 'ssh -N -R with ExitOnForwardFailure, ended after 10 s (124) or by itself' "$status" 124
expect 'what it said' "$(tr -d '\r' <said)" ''
exit $changed
