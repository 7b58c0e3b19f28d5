#!/bin/sh
# OpenSSH: `ProxyJump=none` on the command line keeps a ProxyCommand of ssh_config out, or not, by the Debian revision of
# one and the same upstream version; and it switches `CanonicalizeHostname yes` off in both.
#
# Expected: ssh_config(5) says that the first value obtained for a parameter is used, and that ProxyJump and ProxyCommand
# compete: whichever is given first keeps the other one from having any effect. So `-o ProxyJump=none` should keep a
# ProxyCommand of the file out, and a direct connection should be canonicalized like any other direct connection.
#
# Seen, with 1:9.2p1-2+deb12u9 and 1:9.2p1-2+deb12u10 of Debian 12:
#   - u9: with `ProxyJump=none` the ProxyCommand of the file has no effect. u10 (a backport of what 10.3 changed): it is
#     used. An upgrade within a stable release sends connections another way.
#   - both: `ProxyJump=none` counts as a proxy when `CanonicalizeHostname yes` decides whether the name is completed, so
#     a short name stays short, and `Host *.example` blocks do not match.
#   - both: `ProxyCommand=none` alone keeps ProxyCommand and ProxyJump of the file out, and names are completed.
#
# It matters to every program that builds an ssh command line for a hop that has to be dialled directly: `ProxyJump=none`
# reads like the way to say so, and is not. Needs apt-get, dpkg-deb, unshare, and root or user namespaces.
set -eu

OLD=1:9.2p1-2+deb12u9
NEW=1:9.2p1-2+deb12u10

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

for version in "$OLD" "$NEW"; do
	apt-get download "openssh-client=$version" >/dev/null 2>&1 || {
		echo "openssh-client $version cannot be had here (Debian 12, apt-get update)" >&2
		exit 2
	}
	mkdir "${version##*u}"
	dpkg-deb -x "openssh-client_$(printf %s "$version" | sed 's/:/%3a/')_$(dpkg --print-architecture).deb" "${version##*u}"
done

# ssh asks for the completed name with a dot behind it.
printf '127.0.0.1 localhost\n127.0.0.2 bastion.corp.example bastion.corp.example.\n' >hosts
printf 'Host *\n\tProxyCommand through-the-users-proxy %%h\n' >command.conf
printf 'Host *\n\tProxyJump the-users-jump\n' >jump.conf
printf 'Host *\n\tCanonicalizeHostname yes\n\tCanonicalDomains corp.example\n' >canonical.conf

# ask REVISION FILE KEYWORD OPTION...: what `ssh -G` says of the keyword, or "-"
cat >ask <<'ASK'
mount --bind hosts /etc/hosts
revision=$1 file=$2 keyword=$3
shift 3
"./$revision/usr/bin/ssh" -T -F "$file" -G "$@" bastion | sed -n "s/^$keyword //p" | grep . || echo -
ASK
if [ "$(id -u)" = 0 ]; then map=; else map=--map-root-user; fi
ask() {
	unshare $map --mount --propagation private sh ./ask "$@"
}

status=0
# is EXPECTED REVISION FILE KEYWORD OPTION...
is() {
	expected=$1
	shift
	seen=$(ask "$@")
	printf '%-4s %-15s %-40s %s\n' "u$1" "$2" "$(shift 3; echo "$*")" "$3: $seen"
	[ "$seen" = "$expected" ] || {
		echo "     CHANGED: it was: $expected" >&2
		status=1
	}
}

is - 9 command.conf proxycommand -o ProxyJump=none
is 'through-the-users-proxy %h' 10 command.conf proxycommand -o ProxyJump=none
for revision in 9 10; do
	is - $revision command.conf proxycommand -o ProxyCommand=none
	is - $revision jump.conf proxyjump -o ProxyCommand=none
	is bastion.corp.example $revision canonical.conf hostname -o ProxyCommand=none
	is bastion $revision canonical.conf hostname -o ProxyJump=none
	is bastion $revision canonical.conf hostname -o ProxyJump=none -o ProxyCommand=none
done
exit $status
