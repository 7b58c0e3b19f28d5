#!/bin/sh
# The main job of tunplan, from beginning to end: `make demo` runs this.
#
# It builds the network of examples/double-tunnel on this machine (namespaces and real sshds, nothing
# of the machine's own is touched), opens the tunnel, clones a Git repository through it, and takes
# everything down again, also on Ctrl-C and when a step fails.
set -eu

cd "$(dirname "$0")/double-tunnel"

# The steps in bold on a terminal, plain elsewhere.
bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

if ! command -v tunplan >/dev/null; then
	echo 'demo: tunplan is not in the PATH; run "make demo", which builds it first' >&2
	exit 1
fi
if [ "$(id -u)" != 0 ] && ! unshare -Urnm true 2>/dev/null; then
	echo 'demo: the lab needs root or user namespaces, and this system gives an ordinary user neither: run "sudo make demo".' >&2
	exit 1
fi

# A lab is known by its file's path: a copy of the topology is a lab of our own, so this one does
# not meet one that the reader has up from examples/double-tunnel.
scratch=$(mktemp -d /tmp/demo.XXXXXX)
topology=$scratch/tunplan.yaml
cp tunplan.yaml "$topology"

clean_up() {
	status=$?
	trap '' EXIT HUP INT TERM
	tunplan -f "$topology" lab down >/dev/null 2>&1 || status=1
	rm -rf "$scratch"
	exit "$status"
}
trap clean_up EXIT
trap 'exit 130' HUP INT TERM

# why TEXT: what comes next, in a line.
why() {
	printf '\n# %s\n' "$*"
}

# here COMMAND…: shown as it would be typed, and run on this machine.
here() {
	printf '%s$ %s%s\n' "$bold" "$*" "$plain"
	TUNPLAN_FILE=$topology "$@"
}

# on_you COMMAND…: the same on the host `you` of the lab.
on_you() {
	printf '%syou$ %s%s\n' "$bold" "$*" "$plain"
	tunplan -f "$topology" lab exec you -- "$@"
}

cat <<'PICTURE'
A Git repository behind two firewalls. You reach the bastion host only; the Git server is in VLAN 3.

    you ===vlan1=== bastion-host ===vlan2=== test-server ---vlan3--- git-server
    (7999 in)       passes through           exit                    (7999 out)
PICTURE

why 'This is all that has to be written down:'
here sed -n '/^tunplan/,$p' tunplan.yaml

why 'That network, real, on this machine: a namespace per host, a bridge per VLAN, an sshd on each host.'
here tunplan lab up
here tunplan lab status

why 'From here on, you are on the host `you`. What would tunplan do, and who can read what?'
on_you tunplan plan git-via-test-server

why 'Do it.'
on_you tunplan up git-via-test-server

why 'The Git server, by a port of your own machine.'
on_you git -c advice.detachedHead=false clone ssh://git@localhost:7999/some-repo.git "$scratch/some-repo"
on_you git -C "$scratch/some-repo" log --oneline

why 'What is up, hop by hop?'
on_you tunplan status

why 'And away with it: no process, no socket and no port stays behind.'
on_you tunplan down git-via-test-server
on_you tunplan status
here tunplan lab down
