#!/bin/sh
# Shows the main job of tunplan from beginning to end: `make demo` runs this.
#
# It builds the network of examples/double-tunnel on this machine (namespaces and real sshds; nothing
# of the machine's own is touched), opens the tunnel, clones a Git repository through it, and takes
# everything down again, also on Ctrl-C and when a step fails.
set -eu

# One stream, so that what the programs say stands in its place also in a file.
exec 2>&1

if ! command -v tunplan >/dev/null; then
	echo 'demo: tunplan is not in the PATH; "make demo" builds it and puts it there'
	exit 1
fi
# Says itself what to do where neither root nor user namespaces are to be had.
tunplan lab check >/dev/null

# A lab is known by its file's path: with a copy of the topology, this one does not meet a lab that
# the reader has up already. The temporary directory is also where the clone goes.
unset TUNPLAN_FILE TUNPLAN_ME
topology=$(cd "$(dirname "$0")" && pwd)/double-tunnel/tunplan.yaml
scratch=$(mktemp -d "${TMPDIR:-/tmp}/demo.XXXXXX")

clean_up() {
	status=$?
	trap '' HUP INT TERM
	trap - EXIT
	tunplan -f "$scratch/tunplan.yaml" lab down >/dev/null || status=1
	cd /
	rm -rf "$scratch"
	exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

cp "$topology" "$scratch"
cd "$scratch"

# Commands are bold on a terminal, plain elsewhere.
bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

# why TEXT: what comes next, in a line.
why() {
	printf '\n# %s\n' "$*"
}

# here COMMAND…: shown as it would be typed, and run on this machine.
here() {
	printf '%s$ %s%s\n' "$bold" "$*" "$plain"
	"$@"
}

# on_you COMMAND…: the same on the host `you` of the lab.
on_you() {
	printf '%syou$ %s%s\n' "$bold" "$*" "$plain"
	tunplan lab exec you -- "$@"
}

why 'A Git repository behind two firewalls. This is all that has to be written down:'
here cat tunplan.yaml

why 'That network, real, on this machine: a namespace per host, a bridge per VLAN, sshd on the hosts.'
here tunplan lab up
here tunplan lab status

why 'On the host "you": how would tunplan get there, and who could read what on the way?'
on_you tunplan plan git-via-test-server

why 'Do it.'
on_you tunplan up git-via-test-server

why 'The Git server in VLAN 3, by a port of your own machine.'
on_you git clone ssh://git@localhost:7999/some-repo.git
on_you git -C some-repo log --oneline

why 'What is up, hop by hop?'
on_you tunplan status

why 'And away with it: no process, no socket, no port stays behind.'
on_you tunplan down git-via-test-server
on_you tunplan status
here tunplan lab down

why 'Your turn: cd examples/double-tunnel, tunplan lab up, tunplan lab shell. More in examples/README.md'
