# The ssh servers that cases.bats is run against: one row each, whose script beside this starts the server.
#
# shellcheck shell=bash

# name | whether it is there | package | modes of its script | what it does that others do not
#
# opens-first: it opens a channel before it dials what was asked for.
# keeps: it takes back a cancelled listener only with the connection.
# no-answer: it gives no answer, which ssh would understand, to what it does not know.
SERVERS='
dropbear | command -v dropbear         | dropbear-bin     | allowed forbidden remote | keeps
tinysshd | command -v tinysshd         | tinysshd         | forbidden                | no-answer
asyncssh | /usr/bin/python3 -c import\ asyncssh | python3-asyncssh | allowed forbidden remote |
conch    | /usr/bin/python3 -c import\ twisted  | python3-twisted  | allowed forbidden        | opens-first
ssh2     | test -d build/npm/node_modules/ssh2 | nodejs   | allowed forbidden wide   |
erlang   | command -v escript          | erlang-ssh       | allowed forbidden        | keeps
'

# server_names: prints the names of all.
server_names() {
	sed -n 's/^\([a-z0-9]*\) *|.*/\1/p' <<<"$SERVERS"
}

# server_column NAME N: prints a field of its row.
server_column() {
	awk -F ' *[|] *' -v name="$1" -v field="$2" '$1 == name { sub(/ *$/, "", $field); print $field }' <<<"$SERVERS"
}
