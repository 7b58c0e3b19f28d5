# For the rooms `servers` and `tools`, which need packages that some distribution may lack.
#
# shellcheck shell=bash

# needs COMMAND PACKAGE: skips the test where the command is not to be had. tests/run counts apart, and lets
# pass, what the distribution has no package for; what was only not installed is a skip like any other.
needs() {
	command -v "$1" >/dev/null && return 0
	[ -z "$("$REPOSITORY/tests/packages" --lacking "$2")" ] || skip "lacking: there is no package $2 here"
	skip "$1 is not installed: it is in the package $2"
}
