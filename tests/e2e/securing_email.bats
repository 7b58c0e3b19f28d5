#!/usr/bin/env bats
# The guide's first example: clear-text IMAP by way of a trusted host.

load helper

setup_file() {
	lab_start securing-email
}

teardown_file() {
	lab_stop
}

# mail SERVER: a login and the list of mailboxes.
mail() {
	on you curl -sS -m 5 "imap://alice:secret@$1/"
}

@test "the mail server answers without a tunnel, too: nothing is blocked, it is only unsafe" {
	exits 0 mail mail-server
	says INBOX
}

@test "its mailbox has one message, and opens for the right password only" {
	exits 0 on you curl -sS -m 5 "imap://alice:secret@mail-server/INBOX;UID=1"
	says "Subject: Your mail"
	says "has read both."
	exits 67 on you curl -sS -m 5 "imap://alice:guess@mail-server/"
}

@test "the mail server says no to those who did not log in, and bye to those who leave" {
	local dialogue=$'a LIST "" *\r\nb LOGIN alice guess\r\nc LIST "" *\r\nd LOGIN secret\r\n'
	dialogue+=$'e login "a b" "secret"\r\nf LSUB "" *\r\ng STARTTLS\r\n\r\nh LOGOUT\r\n'
	local no="NO log in first, with the right password"

	exits 0 on you bash -c 'exec 3<>/dev/tcp/mail-server/143 && printf %s "$1" >&3 && timeout 5 cat <&3' - "$dialogue"
	equal "${output//$'\r'/}" "* OK mail-server is ready
a $no
b $no
c $no
d $no
e OK logged in, in clear
* LSUB () \"/\" INBOX
f OK done
g BAD the lab's mail server does not know that
* BAD the lab's mail server does not know that
* BYE until next time
h OK done"
}

@test "the plan goes by the trusted host, and says that the server is reached without it, too" {
	exits 0 on you tunplan plan mail
	says trusted-host
	says "without a tunnel"
	exits 0 on you tunplan plan --json mail
	equal "$(jq -r '[.hops[].host] | join(" ")' <<<"$output")" trusted-host
}

@test "a mail program logs in through the tunnel" {
	exits 0 on you tunplan up mail
	equal "$output" 127.0.0.1:2143
	exits 0 mail localhost:2143
	says INBOX
	is_state mail up
}

@test "down leaves nothing" {
	exits 0 on you tunplan down mail
	nothing_left you 2143
}

@test "the plain command that plan prints does the same" {
	by_hand mail
	eventually 10 mail localhost:2143
	exits 0 mail localhost:2143
	says INBOX
	by_hand_stop
	nothing_left you 2143
}
