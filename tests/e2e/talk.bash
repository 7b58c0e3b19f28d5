# A connection through a tunnel that lives on: what is said on it comes back, from its egress. Unless told otherwise, it is
# `held` of recover.yaml, to h4.
#
# shellcheck shell=bash

# echo_starts [HOST PORT]: there it comes back.
echo_starts() {
	ECHO_HOST=${1:-h4}
	in_background echo "$ECHO_HOST" socat "TCP-LISTEN:${2:-7002},fork,reuseaddr" EXEC:cat
	eventually 5 listens "$ECHO_HOST" "${2:-7002}"
}

echo_ends() {
	on "$ECHO_HOST" kill "$(cat "$BATS_TEST_TMPDIR/echo.pid")"
}

# connect [PORT]: to the far end, which says again what it is told, as long as somebody keeps the input open.
connect() {
	coproc TALK { on you socat - "TCP:127.0.0.1:${1:-7104}"; }
	says_again before
}

# says_again WORD: the connection carries.
says_again() {
	local answer
	echo "$1" >&"${TALK[1]}"
	IFS= read -r -t 20 -u "${TALK[0]}" answer
	equal "$answer" "$1"
}

disconnect() {
	eval "exec ${TALK[1]}>&-"
}

says_hello() {
	[[ $(on you socat -T 5 - "TCP:127.0.0.1:$1" </dev/null) == *hello* ]]
}

# reason NAME: the code and the words of why it is not well.
reason() {
	on you tunplan status --json "$1" | jq -r '.tunnels[0].error | "\(.code): \(.text)"'
}
