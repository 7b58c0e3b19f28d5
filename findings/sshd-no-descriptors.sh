#!/bin/sh
# OpenSSH: an sshd whose connection has no file descriptors left tells the client that a known name is not known, and of an
# address just "open failed".
#
# Expected: the reason of a failure, as sshd itself has it in its log ("Too many open files"), or a reason that is about
# resources; the protocol has one of that name ("resource shortage", RFC 4254, 5.1).
#
# Seen, with 1:9.2p1-2+deb12u10 of Debian 12, sshd and ssh on one machine, `ssh -W` over a control socket, for a service that
# is there:
#   - by address: "channel N: open failed: connect failed: open failed"
#   - by name, which is in /etc/hosts: "channel N: open failed: connect failed: Name or service not known"
# Both come from "could not make a socket": to look a name up, too, takes a descriptor. systemd starts ssh.service with a
# soft limit of 1024, and sshd does not raise it: the 1018th connection through one login gets there.
#
# It matters to whoever looks for the fault: the words lead to DNS, to the route and to the service, and all three are well;
# each is even well for everybody else, whose connection has another process. Needs apt-get, dpkg-deb, python3, prlimit, the
# libraries of openssh-server and, as root, unshare.
set -eu

VERSION=1:9.2p1-2+deb12u10

[ "$(id -u)" = 0 ] || { echo 'this needs root: for namespaces of its own' >&2; exit 2; }
if [ -z "${WORK:-}" ]; then
	WORK=$(mktemp -d)
	export WORK
	trap 'rm -rf "$WORK"' EXIT
	(cd "$WORK" && apt-get download "openssh-client=$VERSION" "openssh-server=$VERSION") >/dev/null 2>&1 || {
		echo "openssh-client and openssh-server $VERSION cannot be had here (Debian 12, apt-get update)" >&2
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
mkdir -p run/sshd
mount --bind run /run
printf '127.0.0.1\tlocalhost known\n' >hosts
mount --bind hosts /etc/hosts
for key in host user; do
	./root/usr/bin/ssh-keygen -q -t ed25519 -N '' -f $key
done
cp user.pub /root/.ssh/authorized_keys
"$WORK/root/usr/sbin/sshd" -D -e -f /dev/null -o HostKey="$WORK/host" -o UsePAM=no -o PidFile=none \
	-o ListenAddress=127.0.0.1:2200 2>log &
python3 -m http.server --bind 127.0.0.1 8000 >/dev/null 2>&1 &
i=0
until [ "$(ss -Hltn 'sport = :2200 or sport = :8000' | wc -l)" = 2 ]; do
	i=$((i + 1))
	[ $i -lt 100 ] || exit 2
	sleep 0.1
done

./root/usr/bin/ssh -F none -i user -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
	-N -M -S "$WORK/control" -p 2200 root@127.0.0.1 2>>said &
i=0
until [ -S control ]; do
	i=$((i + 1))
	[ $i -lt 100 ] || exit 2
	sleep 0.1
done
# As if all others were in use.
for pid in $(pgrep -f '^sshd: root'); do
	prlimit --pid "$pid" --nofile=3
done

changed=0
# expect WHAT SEEN EXPECTED
expect() {
	echo "$1: $2"
	[ "$2" = "$3" ] && return
	echo "     CHANGED: it was $3" >&2
	changed=1
}

# dial PLACE: what the master says of it.
dial() {
	: >said
	./root/usr/bin/ssh -F none -S "$WORK/control" -W "$1" x </dev/null >/dev/null 2>&1 || true
	sed -n 's/\r$//; s/^channel [0-9]*: //p' said
}

expect 'by address' "$(dial 127.0.0.1:8000)" 'open failed: connect failed: open failed'
expect 'by name' "$(dial known:8000)" 'open failed: connect failed: Name or service not known'
exit $changed
