# For tests/servers and tests/tools, which need packages that some distributions lack.
#
# shellcheck shell=bash

# needs COMMAND PACKAGE: skips the test if the command is missing. If the distribution has no such package,
# tests/run counts the test apart ("lacking"); if the package is only not installed, it is an ordinary skip.
needs() {
	command -v "$1" >/dev/null && return 0
	[ -z "$("$REPOSITORY/tests/packages" --lacking "$2")" ] || skip "lacking: there is no package $2 here"
	skip "$1 is not installed: it is in the package $2"
}
