#!/bin/sh
# OpenSSH: an sshd before 10.1 holds small packets of a connection back, for some 40 ms each time, until the connection has
# had a session; one `true` makes all that it forwards quick.
#
# Expected: ssh sets TCP_NODELAY on every connection, and sshd as well; no manual says that what `ssh -N` forwards is
# slower for as long as nobody has run a command over the same connection.
#
# Seen, with 1:9.2p1-2+deb12u10 of Debian 12, sshd and ssh on one machine, medians of 20 connections through one `ssh -N`,
# to a service that greets after 5 ms, and answers in two pieces, 5 ms apart:
#   - without a session: 43.7 ms to the greeting, 44.0 ms to the whole answer. The packet that opens the channel and the
#     first piece go out at once; what follows waits (Nagle) until the other side acknowledges them, which Linux delays by
#     some 40 ms as it has nothing to send.
#   - after one session, of `true`, on the same connection: 5.8 ms and 5.7 ms, which is what the service takes.
#
# It matters to everybody who measures or builds tunnels: a protocol that greets, or answers in pieces, is slower by 40 ms
# for each of them through `ssh -N` than through `ssh`, on a network without any delay, and no log tells why. A program
# that keeps masters does well to run `true` on each. Needs apt-get, dpkg-deb, python3, the libraries of openssh-server and,
# as root, unshare.
set -eu

VERSION=1:9.2p1-2+deb12u10

work=$(mktemp -d)
sshd=
# shellcheck disable=SC2317,SC2329 # the trap calls it
leave() {
	[ ! -S control ] || ./root/usr/bin/ssh -F client.conf -O exit far 2>/dev/null || true
	[ -z "$sshd" ] || kill "$sshd" || true
	rm -rf "$work"
}
trap leave EXIT
trap 'exit 2' HUP INT TERM
cd "$work"

apt-get download "openssh-client=$VERSION" "openssh-server=$VERSION" >/dev/null 2>&1 || {
	echo "openssh-client and openssh-server $VERSION cannot be had here (Debian 12, apt-get update)" >&2
	exit 2
}
for package in *.deb; do
	dpkg-deb -x "$package" root
done
if ldd root/usr/sbin/sshd | grep 'not found' >&2; then exit 2; fi

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
for key in host user; do
	./root/usr/bin/ssh-keygen -q -t ed25519 -N '' -f $key
done
cat >sshd.conf <<CONF
ListenAddress 127.0.0.1:$port
HostKey $work/host
AuthorizedKeysFile $work/user.pub
StrictModes no
UsePAM no
PidFile none
CONF
cat >client.conf <<CONF
Host far
	HostName 127.0.0.1
	Port $port
	ConnectionAttempts 10
	IdentityFile $work/user
	IdentitiesOnly yes
	BatchMode yes
	StrictHostKeyChecking no
	UserKnownHostsFile /dev/null
	LogLevel ERROR
	ControlPath $work/control
CONF

# An sshd of root wants a user and a folder of its own, and an account that is not locked: it sees them, nobody else does.
printf 'root:x:0:0::/:/bin/sh\nsshd:x:65534:65534::/run/sshd:/bin/false\n' >passwd
printf 'root:*:1::::::\n' >shadow
cat >as-root <<'ROOT'
set -e
mount --bind passwd /etc/passwd
mount --bind shadow /etc/shadow
mount -t tmpfs none /run
mkdir -m 755 /run/sshd
exec "$@"
ROOT
if [ "$(id -u)" = 0 ]; then as_root='unshare --mount --propagation private sh ./as-root'; else as_root=; fi
$as_root "$work/root/usr/sbin/sshd" -D -e -f "$work/sshd.conf" >>log 2>&1 &
sshd=$!

# One connection for all that follows, with no session.
./root/usr/bin/ssh -F client.conf -f -N -M -o ExitOnForwardFailure=yes -L "$work/in:$work/out" far >>log 2>&1 || {
	cat log >&2
	exit 2
}

# Both ends of what is forwarded, in one process.
cat >measure.py <<'PYTHON'
import os, signal, socket, statistics, sys, time

when, least, most = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
signal.alarm(60)
service = socket.socket(socket.AF_UNIX)
service.bind("out")
service.listen()
greeting, answer = [], []
for _ in range(20):
    client = socket.socket(socket.AF_UNIX)
    begun = time.monotonic()
    client.connect("in")
    server = service.accept()[0]
    time.sleep(0.005)
    server.sendall(b"hello\n")
    client.recv(6, socket.MSG_WAITALL)
    greeting.append(1000 * (time.monotonic() - begun))

    begun = time.monotonic()
    client.sendall(b"who?\n")
    server.recv(5, socket.MSG_WAITALL)
    server.sendall(b"one ")
    time.sleep(0.005)
    server.sendall(b"two\n")
    client.recv(8, socket.MSG_WAITALL)
    answer.append(1000 * (time.monotonic() - begun))
    server.close()
    client.close()
os.unlink("out")

changed = False
for what, times in ("greeting", greeting), ("answer", answer):
    median = statistics.median(times)
    print(f"{when:16} {what:9} median {median:5.1f} ms, {min(times):5.1f} to {max(times):5.1f}", flush=True)
    if not least <= median <= most:
        print(f"     CHANGED: it was between {least:.0f} and {most:.0f} ms", file=sys.stderr)
        changed = True
sys.exit(changed)
PYTHON

status=0
python3 measure.py 'without session' 30 100 || status=1
./root/usr/bin/ssh -F client.conf far true
python3 measure.py 'after a session' 0 15 || status=1
exit $status
