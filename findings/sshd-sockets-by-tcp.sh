#!/bin/sh
# OpenSSH: an sshd whose AllowTcpForwarding forbids a direction forwards no unix sockets in that direction, either, though
# AllowStreamLocalForwarding is a keyword of its own and says yes.
#
# Expected: sshd_config(5) has two keywords, one for TCP and one for unix sockets, each with the values yes, local and remote,
# and neither mentions the other. So "AllowTcpForwarding no" with "AllowStreamLocalForwarding yes", the default, should leave
# sockets as they are: a host that is to give away /run/service.sock and no port would be configured so.
#
# Seen, with 1:9.2p1-2+deb12u10 of Debian 12 (and by hand with 1:10.0p1-7+deb13u4 of Debian 13, the same):
#   - AllowTcpForwarding local: `ssh -R /path:/path` is refused: "remote port forwarding failed for listen path /path"
#   - AllowTcpForwarding remote: `ssh -L /path:/path` listens here, and each connection to it is closed
#   - AllowTcpForwarding no: both
#   - PermitOpen with a host and a port closes `ssh -L` to a socket, too
# sshd turns off all that it would forward in a direction by the TCP keyword alone, before it looks at the one for sockets.
#
# It matters to whoever reads "failed for listen path": it names a path, so the directory, its permissions and
# AllowStreamLocalForwarding are looked at, and all are well. Needs apt-get, dpkg-deb, python3, the libraries of openssh-server and, as root, unshare.
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
mount -t tmpfs none /run
mkdir /run/sshd
for key in host user; do
	./root/usr/bin/ssh-keygen -q -t ed25519 -N '' -f $key
done
cp user.pub /root/.ssh/authorized_keys
python3 -c '
import socket
service = socket.socket(socket.AF_UNIX)
service.bind("/run/service")
service.listen(9)
while True:
    connection, _ = service.accept()
    connection.send(b"hello\n")
    connection.close()' &

# soon COMMAND...: waits until it is true; 2 if it does not become so.
soon() {
	i=0
	until "$@"; do
		i=$((i + 1))
		[ $i -lt 100 ] || exit 2
		sleep 0.1
	done
}
soon test -S /run/service

# greets PATH: whether "hello" comes from a socket.
greets() {
	python3 -c '
import socket, sys
client = socket.socket(socket.AF_UNIX)
client.settimeout(5)
try:
    client.connect(sys.argv[1])
    answer = client.recv(9)
except OSError:
    answer = b""
sys.exit(answer != b"hello\n")' "$1"
}

port=2200 changed=0

# shellcheck disable=SC2317 # called by soon
listens() {
	[ -n "$(ss -Hltn "sport = :$port")" ]
}

# expect OPTION REMOTE LOCAL: with which sockets are forwarded, by -R and by -L.
expect() {
	port=$((port + 1))
	"$WORK/root/usr/sbin/sshd" -D -e -f /dev/null -o HostKey="$WORK/host" -o UsePAM=no -o PidFile=none \
		-o ListenAddress=127.0.0.1:$port -o "$1" 2>log &
	soon listens
	remote=no local=no
	for side in "-R /run/r.$port:/run/service" "-L /run/l.$port:/run/service"; do
		# shellcheck disable=SC2086 # two words
		./root/usr/bin/ssh -F none -i user -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
			-o LogLevel=QUIET -o ExitOnForwardFailure=yes -f -N -p $port $side root@127.0.0.1 || continue
		case $side in
		-R*) greets /run/r.$port && remote=yes ;;
		-L*) greets /run/l.$port && local=yes ;;
		esac
	done
	echo "$1: remote socket $remote, local socket $local"
	[ "$remote $local" = "$2 $3" ] && return
	echo "     CHANGED: it was $2, $3" >&2
	changed=1
}

expect AllowTcpForwarding=yes yes yes
expect AllowTcpForwarding=local no yes
expect AllowTcpForwarding=remote yes no
expect AllowTcpForwarding=no no no
expect PermitOpen=127.0.0.1:80 yes no
exit $changed
