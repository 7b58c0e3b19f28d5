#!/bin/sh
# OpenSSH: BindInterface leads to a link-local address, until the interface gets a global one.
#
# Expected: a link-local address (fe80::…) means another machine on each link, so the interface has to be said. ssh has an option
# for that, BindInterface, and a configuration with it and the bare address that works once goes on working.
#
# Seen, with openssh-client 1:9.2p1-2+deb12u10 of Debian 12 and 1:10.0p1-7+deb13u4 of Debian 13: ssh takes a source address from
# the interface, not the interface itself. While a link-local address is all that it has, the kernel learns the link from that source, and ssh connects.
# Once a router or an administrator gives the interface a global address, ssh takes that one, no link is said any more, and the
# same command ends with "Invalid argument", about which nothing in the network is wrong. With the zone in the address
# (fe80::2%eth0) it connects in both cases; in an ssh_config that is written HostName fe80::2%%eth0.
#
# It matters to whoever reaches a device by its link alone, as one does before it has any other address: the tunnel breaks on
# the day on which the network begins to announce a prefix. Needs apt-get, dpkg-deb, python3
# and, as root, unshare, nsenter and ip.
set -eu

case $(cat /etc/debian_version) in
12*) VERSION=1:9.2p1-2+deb12u10 ;;
*) VERSION=1:10.0p1-7+deb13u4 ;;
esac

[ "$(id -u)" = 0 ] || { echo 'this needs root: for namespaces of its own' >&2; exit 2; }
if [ -z "${WORK:-}" ]; then
	WORK=$(mktemp -d)
	export WORK
	trap 'rm -rf "$WORK"' EXIT
	(cd "$WORK" && apt-get download "openssh-client=$VERSION") >/dev/null 2>&1 || {
		echo "openssh-client $VERSION cannot be had here (apt-get update)" >&2
		exit 2
	}
	dpkg-deb -x "$WORK"/*.deb "$WORK/root"
	unshare --mount --net --pid --fork --kill-child --mount-proc sh "$0"
	exit
fi

cd "$WORK"
# One link; the far end is in a namespace of its own, and answers with a banner, which is as far as this goes.
unshare --net sh -c 'echo $$ >far; exec sleep 60' &
i=0
until [ -s far ] && [ "$(readlink "/proc/$(cat far)/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do
	i=$((i + 1))
	[ "$i" -lt 100 ] || { echo 'no second namespace' >&2; exit 2; }
	sleep 0.05
done
far=$(cat far)
there() { nsenter --net="/proc/$far/ns/net" "$@"; }
ip link set lo up
ip link add eth0 address 02:00:00:00:00:01 type veth peer name eth0 address 02:00:00:00:00:02 netns "$far"
echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad
for dad in eth0 default; do echo 0 >"/proc/sys/net/ipv6/conf/$dad/accept_dad"; done
# shellcheck disable=SC2016 # it is for the other shell
there sh -c 'for dad in all eth0; do echo 0 >/proc/sys/net/ipv6/conf/$dad/accept_dad; done; ip link set eth0 up'
ip link set eth0 up
cat >banner.py <<'PYTHON'
import socket

listener = socket.create_server(("::", 22), family=socket.AF_INET6)
while True:
    listener.accept()[0].sendall(b"SSH-2.0-banner\r\n")
PYTHON
there python3 banner.py &
peer=fe80::ff:fe00:2
i=0
until python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], 22), 1)' "$peer%eth0" 2>/dev/null; do
	i=$((i + 1))
	[ "$i" -lt 100 ] || { echo 'the far end does not answer' >&2; exit 2; }
	sleep 0.1
done

# What ssh says of the connection itself.
dial() {
	timeout 10 root/usr/bin/ssh -F none -v -o BatchMode=yes "$@" true 2>&1 |
		grep -m 1 -oE 'Connection established|Invalid argument' || echo nothing
}
one=$(dial -o BindInterface=eth0 "$peer")
ip address add 2001:db8::1/64 dev eth0 nodad
two=$(dial -o BindInterface=eth0 "$peer")
three=$(dial "$peer%eth0")
printf 'BindInterface, no global address:  %s\nBindInterface, with a global one:  %s\nthe zone in the address:           %s\n' \
	"$one" "$two" "$three"
[ "$one" = 'Connection established' ] && [ "$two" = 'Invalid argument' ] && [ "$three" = 'Connection established' ]
