#!/usr/bin/env bats
# up, status and down when things go wrong, twice, at once, or half way.

load helper
load faults

# old_answer TUNNEL: whether its egress was last heard of more than a second ago.
old_answer() {
	[ "$(on you tunplan status --json "$1" | jq '.tunnels[0].forwards[0].verified_s')" -ge 1 ]
}

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/office.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	open bastion-host
	open test-server
	leave_nothing
}

@test "up twice is fine, and the second is quick and says the same" {
	exits 0 on you tunplan up web
	local first=$output pid
	pid=$(hop_pid web test-server)
	exits 0 on you tunplan up web
	equal "$output" "$first"
	equal "$(hop_pid web test-server)" "$pid"
}

@test "ssh is asked about the hops that are to start, and about none that is up" {
	shell_on you 'mkdir -p ~/bin && cat >~/bin/ssh && chmod +x ~/bin/ssh' <<-'SSH'
		#!/bin/sh
		echo "$*" >>~/asked
		exec /usr/bin/ssh "$@"
	SSH
	exits 0 shell_on you 'PATH=~/bin:$PATH tunplan up web'
	equal "$(shell_on you 'grep -c "^-G" ~/asked')" 2
	shell_on you ': >~/asked'
	exits 0 shell_on you 'PATH=~/bin:$PATH tunplan up web'
	equal "$(shell_on you 'cat ~/asked')" ""
	shell_on you 'rm ~/bin/ssh ~/asked'
}

@test "two ups at once of one tunnel are fine, and make one chain" {
	in_background one you tunplan up web
	in_background two you tunplan up web
	ended one 0
	ended two 0
	equal "$(masters)" 2
	equal "$(cat "$BATS_TEST_TMPDIR/one.out" "$BATS_TEST_TMPDIR/two.out")" $'127.0.0.1:8080\n127.0.0.1:8080'
}

@test "two first ups at once start one supervisor" {
	in_background one you tunplan up web
	in_background two you tunplan up docs
	ended one 0
	ended two 0
	equal "$(on you ps -eo args= | grep -c '[t]unplan --supervisor')" 1
	is_state web up
	is_state docs up
}

@test "the ingress can be taken from the output: \$(tunplan up web) returns" {
	exits 0 timeout 20 "$TUNPLAN" lab exec you -- sh -c 'curl -sS -m 5 "http://$(tunplan up web)/"'
	says web-server
}

@test "a group comes up side by side, with a name and an ingress a line in its order" {
	exits 0 on you tunplan up pages
	equal "$output" $'docs 127.0.0.1:8081\nweb 127.0.0.1:8080'
	is_state docs up
	is_state web up
	exits 0 on you tunplan down pages
	nothing_left you 8080 you 8081
}

@test "ingresses come in the order asked, whatever is up first" {
	exits 0 on you tunplan up docs
	# docs is up already, so its result comes first.
	exits 0 on you tunplan up web git docs
	equal "$output" $'web 127.0.0.1:8080\ngit 127.0.0.1:7999\ndocs 127.0.0.1:8081'
	exits 4 on you tunplan up --json git lost docs web
	equal "$(jq -c '.tunnels // empty | map(.name)' <<<"$output")" '["git","docs","web"]'
}

@test "status and the end are told in the order asked, whatever is ready first" {
	exits 0 on you tunplan up docs
	exits 0 on you tunplan up web git
	exits 1 on you tunplan status git lost web docs
	equal "$(grep -o '^[a-z]*' <<<"$output" | paste -sd ' ')" 'git lost web docs'
	# What goes down at once is told behind what takes its time.
	on you kill -STOP "$(hop_pid git test-server)"
	exits 0 on you tunplan down lost git docs web
	# On a slow machine it is said whom it waits for.
	equal "$(grep -v '^tunplan: waiting for' <<<"$stderr")" $'lost: was not up\ngit: down\ndocs: down\nweb: down'
	exits 0 on you tunplan up web docs
	exits 0 on you tunplan down --all --json
	equal "$(jq -c '.tunnels | map(.name)' <<<"$output")" '["web","docs"]'
}

@test "tunnels that share hops share their ssh processes" {
	exits 0 on you tunplan up web git docs
	equal "$(masters)" 2
	equal "$(hop_pid web bastion-host)" "$(hop_pid docs bastion-host)"
	equal "$(hop_pid web test-server)" "$(hop_pid git test-server)"
}

@test "down of one leaves the others that share its hops" {
	exits 0 on you tunplan up web git docs
	exits 0 on you tunplan down web
	closed you 8080
	is_state git up
	exits 0 on you git ls-remote ssh://git@localhost:7999/some-repo.git
	exits 0 on you tunplan down git
	eventually 5 equal_to 1 masters
	is_state docs up
}

@test "an unknown tunnel is exit 2, with the nearest name, and nothing starts" {
	exits 2 on you tunplan up wep
	complains "web"
	equal "$output" ""
	nothing_left
}

@test "no path is exit 4, and nothing starts" {
	exits 4 on you tunplan up lost
	complains DEFAULT_DENY
	nothing_left
}

@test "a silent egress is exit 5: it is up, and called silent" {
	exits 5 on you tunplan up silent
	equal "$output" 127.0.0.1:8082
	complains 'silent is up, but its egress is silent: web-server:81'
	equal "$(on you tunplan status --json silent | jq -r '.tunnels[0] | .state, .forwards[0].state')" $'silent\nsilent'
	exits 5 on you tunplan status silent
	# Once: for its only forward the tunnel's state says it.
	[[ ${lines[0]} =~ ^'silent  silent for '[0-9]+' s  127.0.0.1:8082 -> web-server:81'$ ]]
}

@test "a remote tunnel whose egress is silent is exit 5, too" {
	exits 5 on you tunplan up back
	listens bastion-host 9090
	exits 0 on you tunplan down back
	closed bastion-host 9090
}

@test "a taken port is named with the ingress, exit 1, and what was started is gone" {
	mute you 8080
	exits 1 on you tunplan up web
	complains 8080
	complains "in use"
	nothing_left
}

@test "a taken port takes down its own tunnel and no other" {
	exits 0 on you tunplan up git
	mute you 8080
	exits 1 on you tunplan up web
	is_state git up
	equal "$(masters)" 2
}

@test "a refused first hop is exit 1 and names the hop, ssh's words and what to do" {
	local file
	file=$(variant refused 's/bastion-host: \[vlan1, vlan2\]/bastion-host: {vlans: [vlan1, vlan2], ssh: {port: 2299}}/')
	exits 1 on you tunplan -f "$file" up web
	complains bastion-host
	complains "Connection refused"
	equal "$output" ""
	nothing_left
}

@test "a refused second hop blames the second hop, though the first is another's process" {
	local file
	file=$(variant refused2 "$TEST_SERVER_ON_2299")
	exits 1 on you tunplan -f "$file" up web
	complains test-server
	complains "Connection refused"
	nothing_left
}

@test "a key that is not accepted is exit 1, class auth, and nothing is left" {
	local file
	shell_on you 'rm -f ~/wrong ~/wrong.pub; ssh-keygen -q -t ed25519 -N "" -f ~/wrong'
	file=$(variant wrong-key 's/test-server: \[vlan2, vlan3\]/test-server: {vlans: [vlan2, vlan3], ssh: {identity: ~\/wrong}}/')
	exits 1 on you tunplan -f "$file" up web
	complains test-server
	complains "Permission denied"
	nothing_left
}

@test "a host key that changed is exit 1, class host_key, and is not accepted" {
	shell_on you 'rm -f ~/other ~/other.pub && ssh-keygen -q -t ed25519 -N "" -f ~/other &&
		cp ~/.ssh/known_hosts ~/known_hosts.before &&
		sed -i "/bastion-host/s|ssh-ed25519 .*|$(cut -d" " -f1,2 ~/other.pub)|" ~/.ssh/known_hosts'
	run --separate-stderr on you tunplan up docs
	shell_on you 'mv ~/known_hosts.before ~/.ssh/known_hosts'
	equal "$status" 1
	complains bastion-host
	complains "HOST IDENTIFICATION HAS CHANGED"
	complains host_key
	nothing_left
}

@test "a host key that is not known is class host_key, with the command that logs in there by hand" {
	local file login
	file=$(variant options 's/test-server: \[vlan2, vlan3\]/test-server: {vlans: [vlan2, vlan3], ssh: {user: root}}/')
	shell_on you 'cp ~/.ssh/known_hosts ~/known_hosts.before && sed -i /test-server/d ~/.ssh/known_hosts
		cp ~/.ssh/config ~/config.before && sed -i s/accept-new/yes/ ~/.ssh/config'
	run --separate-stderr on you tunplan -f "$file" up --json web
	shell_on you 'mv ~/known_hosts.before ~/.ssh/known_hosts; mv ~/config.before ~/.ssh/config'
	equal "$status $(jq -r .error.code <<<"$output")" "1 host_key"
	login=$(jq -r .error.advice <<<"$output" | sed -n 's/.*log in once by hand (`\(.*\)`), compare.*/\1/p')
	equal "$login" 'ssh -J bastion-host root@test-server true'
	exits 0 shell_on you "$login"
	nothing_left
}

@test "a tunnel that has another name now is told who has its port, and how to take that down" {
	local file=$BATS_TEST_TMPDIR/renamed.yaml
	cp "$TUNPLAN_FILE" "$file"
	exits 0 on you tunplan -f "$file" up docs
	sed -i 's/^  docs:/  papers:/; s/\[docs, web\]/[papers, web]/' "$file"
	exits 1 on you tunplan -f "$file" up papers
	complains "tunnel 'docs' of $file listens there (port_taken)"
	complains 'take that tunnel down (`tunplan down docs`)'
	exits 0 on you tunplan -f "$file" down docs
	exits 0 on you tunplan -f "$file" up papers
}

@test "a name that nobody knows is exit 1 with ssh's words" {
	local file
	file=$(variant unknown-name 's/bastion-host/bastoin-host/g')
	exits 1 on you tunplan -f "$file" up web
	complains bastoin-host
	complains "resolve"
	nothing_left
}

@test "an address where no host is is exit 1 and names the hop" {
	local file
	file=$(variant no-host 's/bastion-host: \[vlan1, vlan2\]/bastion-host: {vlans: {vlan1: 192.0.2.77, vlan2: null}}/')
	exits 1 on you tunplan -f "$file" up web
	complains bastion-host
	nothing_left
}

@test "Ctrl-C while a hop hangs is exit 130 and leaves nothing" {
	local file
	file=$(variant mute "$TEST_SERVER_ON_2299")
	mute test-server 2299
	in_background up you tunplan -f "$file" up web
	eventually 10 test -s "$MUTE_LOG"
	on you kill -INT "$(cat "$BATS_TEST_TMPDIR/up.pid")"
	ended up 130
	nothing_left
}

@test "Ctrl-C of one of two who wait leaves the tunnel to the other" {
	exits 0 on you tunplan up docs
	local file
	file=$(variant mute2 "$TEST_SERVER_ON_2299")
	mute test-server 2299
	in_background up you tunplan -f "$file" up web
	eventually 10 test -s "$MUTE_LOG"
	on you kill -INT "$(cat "$BATS_TEST_TMPDIR/up.pid")"
	ended up 130
	is_state docs up
	equal "$(masters)" 1
}

@test "an up whose client is killed half way is as good as interrupted" {
	local file
	file=$(variant mute3 "$TEST_SERVER_ON_2299")
	mute test-server 2299
	in_background up you tunplan -f "$file" up web
	eventually 10 test -s "$MUTE_LOG"
	on you kill -KILL "$(cat "$BATS_TEST_TMPDIR/up.pid")"
	ended up 137
	# Well before the ConnectTimeout of the hop that hangs would end it anyway.
	eventually 5 equal_to 0 masters
}

@test "--timeout ends a hop that is silent after its banner, and names it" {
	local file
	file=$(variant mute4 "$TEST_SERVER_ON_2299")
	mute test-server 2299 SSH-2.0-Mute
	exits 1 timeout 20 "$TUNPLAN" lab exec you -- tunplan -f "$file" up --timeout 2 web
	complains test-server
	nothing_left
}

@test "an agent that hangs does not hang up for ever" {
	in_background agent you perl -MIO::Socket::UNIX -e '
		my $listener = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die $!;
		my @peers;
		while (my $peer = $listener->accept()) { push @peers, $peer }' /run/home/agent
	eventually 5 on you test -S /run/home/agent
	exits 1 timeout 20 "$TUNPLAN" lab exec you -- env SSH_AUTH_SOCK=/run/home/agent tunplan up --timeout 2 docs
	complains bastion-host
	nothing_left
	on you kill "$(cat "$BATS_TEST_TMPDIR/agent.pid")"
}

@test "a way to speak to masters that this version does not have is refused with a sentence" {
	exits 2 on you env TUNPLAN_MUX=pigeon tunplan up docs
	complains "pigeon'; this version has: native, ssh"
	nothing_left
	# Also where a supervisor runs that was started without it.
	exits 0 on you tunplan up docs
	exits 2 on you env TUNPLAN_MUX=pigeon tunplan up docs
	complains pigeon
}

@test "up of what shares a hop says that the hop was up already, and does not show its old time" {
	exits 0 on you tunplan up docs
	exits 0 on you tunplan up web
	complains "was up already"
	complains " ms"
}

@test "status tells when the egress last answered, and --probe asks it again" {
	exits 0 on you tunplan up web
	eventually 5 old_answer web
	exits 0 on you tunplan status --probe --json web
	equal "$(jq '.tunnels[0].forwards[0].verified_s' <<<"$output")" 0
	# Of what is less than an hour old, the text says nothing.
	exits 0 on you tunplan status web
	[[ $output != *answered* ]]
}

@test "a tunnel whose egress falls silent is silent, and up again when the egress answers" {
	mute you 9091
	exits 0 on you tunplan up back
	is_state back up
	on you kill "$(cat "$BATS_TEST_TMPDIR/mute.pid")"
	eventually 5 closed you 9091
	exits 5 on you tunplan status --probe back
	says 'back  silent for '
	says "Connection refused"
	is_state back silent
	mute you 9091
	exits 0 on you tunplan status --probe back
	is_state back up
}

# What `status` says of web's last hop between two tries of it.
waiting_hop() {
	on you tunplan status --json web | jq -r '.tunnels[0].hops[1] | .state, (.error | has("code") and has("text")),
		(.next_try_s >= 0), (.attempt > 0)'
}

# Whether `status` shows a hop between two tries, with the reason: a look may meet it in the middle of one.
shown_waiting() {
	exits 1 on you tunplan status web && says retry && says "Connection refused"
}

@test "a master that is killed, and does not come back, takes its tunnels along, and status says so" {
	exits 0 on you tunplan up web docs
	shut test-server
	on you kill -KILL "$(hop_pid web test-server)"
	eventually 3 is_state web reconnecting
	is_state docs up
	eventually 5 shown_waiting
	eventually 5 equal_to $'retry\ntrue\ntrue\ntrue' waiting_hop
	exits 0 on you tunplan status docs
	exits 1 on you tunplan status web docs
	closed you 8080
}

@test "a killed first hop takes all tunnels through it, and each names that hop" {
	exits 0 on you tunplan up web docs
	shut bastion-host
	on you kill -KILL "$(hop_pid web bastion-host)"
	eventually 5 is_state web reconnecting
	eventually 5 is_state docs reconnecting
	equal "$(on you tunplan status --json | jq -r '.tunnels[].error.host' | sort -u)" bastion-host
	# What stands behind it waits.
	equal "$(on you tunplan status --json web | jq -r '.tunnels[0].hops[1].state')" waiting
}

# status_is STATUS: the exit status of `status` for all, with the names of all, as text and as JSON.
status_is() {
	local options
	for options in "" --json "--all-files --json" "silent docs web"; do
		# shellcheck disable=SC2086 # a list of words
		exits "$1" on you tunplan status $options
	done
}

@test "status exits 1 for what is not up, else 5 for what is silent, else 0, with names and without" {
	exits 0 on you tunplan up docs web
	exits 0 on you tunplan status
	exits 0 on you tunplan status docs web
	exits 5 on you tunplan up silent
	status_is 5
	# The same hop carries web and silent: docs has its own.
	shut test-server
	on you kill -KILL "$(hop_pid web test-server)"
	eventually 3 is_state web reconnecting
	status_is 1
	exits 0 on you tunplan status docs
	# Who names a tunnel asks whether it is up.
	exits 0 on you tunplan down web silent
	exits 0 on you tunplan status
	exits 1 on you tunplan status docs web
}

@test "what nobody watches any more makes status exit 1, and as JSON says so" {
	exits 0 on you tunplan up docs
	exits 0 on you tunplan status --json
	equal "$(jq -c '[.watched, .error]' <<<"$output")" '[true,null]'
	on you kill -KILL "$(on you pgrep -f 'tunplan --supervisor')"
	exits 1 on you tunplan status
	complains 'left 1 ssh process running; the next `tunplan up`, `down`, `reload` or `restart` takes over'
	[[ $stderr != *"nothing is up"* ]]
	exits 1 on you tunplan status --json
	equal "$(jq -c '[.watched, [.tunnels[].state], (.error.text | length > 0)]' <<<"$output")" '[false,["unwatched"],true]'
	exits 0 on you tunplan down --all-files
	complains 'took over 1 ssh process that a killed supervisor left'
	exits 0 on you tunplan status
	nothing_left
}

@test "a tunnel that is not up is tried at once by up" {
	exits 0 on you tunplan up web
	shut bastion-host
	on you kill -KILL "$(hop_pid web bastion-host)"
	eventually 5 is_state web reconnecting
	exits 1 on you tunplan up web
	complains "Connection refused"
	complains "it is tried again by itself"
	open bastion-host
	exits 0 on you tunplan up web
	exits 0 on you curl -sS -m 5 http://localhost:8080/
	is_state web up
}

@test "the supervisor is gone when nothing is left to hold" {
	exits 0 on you tunplan up docs
	on you ps -eo args= | grep -q '[t]unplan --supervisor'
	exits 0 on you tunplan down docs
	nothing_left
}

@test "a killed supervisor: up works again, by the very processes that it had started" {
	local before
	exits 0 on you tunplan up web docs
	before=$(on you pgrep -f '^ssh -N ' | sort)
	on you kill -KILL "$(on you pgrep -f 'tunplan --supervisor')"
	exits 0 on you tunplan up web
	exits 0 on you curl -sS -m 5 http://localhost:8080/
	equal "$(on you pgrep -f '^ssh -N ' | sort)" "$before"
	exits 0 on you tunplan down --all
	nothing_left you 8080 you 8081
}

# file_change FILE: what status says of the file in which docs was planned, and "FILE_CHANGED FILE_CHANGE".
file_change() {
	exits 0 on you tunplan -f "$1" status
	grep ' file ' <<<"$output" || true
	on you tunplan -f "$1" status --json | jq -r '.tunnels[] | "\(.file_changed) \(.file_change)"'
}

@test "of a file that changed since up, status says what up would make of each tunnel" {
	local file=$BATS_FILE_TMPDIR/changing.yaml
	cp "$TUNPLAN_FILE" "$file"
	exits 0 on you tunplan -f "$file" up docs
	equal "$(file_change "$file")" 'false null'
	# Of others nothing is said: another tunnel, a host that docs does not pass, a remark.
	sed -i 's/8080/8180/; s/web-server:81/web-server:82/; s/^  test-server: .*/  test-server: [vlan2, vlan3, island]/' "$file"
	equal "$(file_change "$file")" 'false null'
	sed 's/docs: 8081/docs: 8181/' "$file" >"$file.new" && mv "$file.new" "$file"
	equal "$(file_change "$file")" '    the file has another plan for it by now: `tunplan up docs` replaces it, `tunplan reload` all that have changed
true replanned'
	sed -i 's/docs: 8181/docs: 8081/; s/bastion-host: \[vlan1, vlan2\]/bastion-host: {vlans: [vlan1, vlan2], ssh: {user: ops}}/' "$file"
	equal "$(file_change "$file" | tail -n 1)" 'true replanned'
	sed 's/bastion-host: {.*/bastion-host: [vlan2]/; s/^  test-server: .*/  test-server: [vlan3]/' "$file" >"$file.new"
	mv "$file.new" "$file"
	equal "$(file_change "$file")" '    the file has no plan for it any more: `tunplan up docs` would change nothing
true refused'
	sed 's/docs: /papers: /; s/\[docs, /[papers, /' "$TUNPLAN_FILE" >"$file"
	equal "$(file_change "$file")" '    the file does not have it any more: `tunplan down docs` ends it
true removed'
	# Whatever the file says, what is up stays as it is.
	listens you 8081
	cp "$TUNPLAN_FILE" "$file"
	equal "$(file_change "$file")" 'false null'
	exits 0 on you tunplan -f "$file" down docs
	closed you 8081
}

# docs_becomes SED-SCRIPT: the file has another plan for docs.
docs_becomes() {
	sed "$1" "$TUNPLAN_FILE" >"$file.new" && mv "$file.new" "$file"
}

@test "a changed tunnel is made before the one that works is broken, which else goes on as it was" {
	local before file=$BATS_FILE_TMPDIR/changing.yaml
	cp "$TUNPLAN_FILE" "$file"
	exits 0 on you tunplan -f "$file" up docs
	before=$(hop_pid docs bastion-host)
	# Its new chain does not come up; and the new egress does not answer.
	docs_becomes 's/bastion-host: \[vlan1, vlan2\]/bastion-host: {vlans: [vlan1, vlan2], ssh: {port: 2299}}/
		s/docs: 8081 -> \(.*http\).*/docs: {ingress: 8081, egress: \1, failover: no}/'
	exits 1 on you tunplan -f "$file" up docs
	complains 'Connection refused (refused)'
	complains 'docs is not as the file says now'
	complains 'docs goes on as it was'
	docs_becomes 's/docs: 8081.*/docs: 8081 -> docs-server:81/'
	exits 1 on you tunplan -f "$file" up docs
	complains 'docs-server'
	complains 'docs goes on as it was'
	equal "$(on you tunplan -f "$file" status --json | jq -c '.tunnels | map([.state, .file_change])')" '[["up","replanned"]]'
	exits 0 on you curl -sS -m 5 http://localhost:8081/
	equal "$(hop_pid docs bastion-host)" "$before"
	# What works takes its place, at the same port and at another.
	docs_becomes 's/docs: 8081.*/docs: 8081 -> bastion-host:22/'
	exits 0 on you tunplan -f "$file" up docs
	[[ $(on you socat -T 5 - TCP:127.0.0.1:8081 </dev/null) == SSH-* ]]
	cp "$TUNPLAN_FILE" "$file"
	docs_becomes 's/docs: 8081/docs: 8181/'
	exits 0 on you tunplan -f "$file" up docs
	closed you 8081
	exits 0 on you curl -sS -m 5 http://localhost:8181/
	exits 0 on you tunplan -f "$file" down docs
	nothing_left you 8181
}

@test "a changed tunnel whose new listener is refused leaves the old one, which listens again" {
	local before file=$BATS_FILE_TMPDIR/changing.yaml
	cp "$TUNPLAN_FILE" "$file"
	mute you 9091
	in_background taken bastion-host socat TCP-LISTEN:9190,bind=127.0.0.1,fork,reuseaddr PIPE
	eventually 5 listens bastion-host 9190
	exits 0 on you tunplan -f "$file" up back
	before=$(hop_pid back bastion-host)
	sed 's/back: bastion-host:9090/back: bastion-host:9190/' "$TUNPLAN_FILE" >"$file.new" && mv "$file.new" "$file"
	exits 1 on you tunplan -f "$file" up back
	complains 'remote port forwarding failed'
	complains 'back goes on as it was'
	eventually 5 listens bastion-host 9090
	eventually 5 is_state back up
	equal "$(hop_pid back bastion-host)" "$before"
	on bastion-host kill "$(cat "$BATS_TEST_TMPDIR/taken.pid")"
	exits 0 on you tunplan -f "$file" up back
	closed bastion-host 9090
	listens bastion-host 9190
	exits 0 on you tunplan -f "$file" down back
}

@test "two files may each have a tunnel of that name; their hops are shared if they are equal" {
	local file
	file=$(variant second 's/8081/8181/')
	exits 0 on you tunplan up docs
	exits 0 on you tunplan -f "$file" up docs
	listens you 8081
	listens you 8181
	equal "$(masters)" 1
	exits 0 on you tunplan down docs
	closed you 8081
	listens you 8181
}

# cancel: closes the listener of docs, as whoever may use the control socket of its ssh can.
cancel() {
	shell_on you 'ssh -S "$(ls "$XDG_RUNTIME_DIR"/tunplan/m-*)" -O cancel -L 127.0.0.1:8081:docs-server:80 bastion-host'
	closed you 8081
}

@test "a listener that its ssh has no longer is not told as up, and up makes another" {
	exits 0 on you tunplan up docs
	for command in status "status --probe" "status --json docs"; do
		cancel
		# shellcheck disable=SC2086 # a list of words
		exits 1 on you tunplan $command
		says "nothing listens there"
		exits 0 on you tunplan up docs
		exits 0 on you curl -sS -m 5 http://localhost:8081/
		exits 0 on you tunplan status
	done
	# Also when it was looked at by nobody before.
	cancel
	exits 0 on you tunplan up docs
	listens you 8081
}

@test "a listener that another program has is not told as up, and its owner is named" {
	exits 0 on you tunplan up docs
	cancel
	mute you 8081
	exits 1 on you tunplan status --probe docs
	says "process $(cat "$BATS_TEST_TMPDIR/mute.pid") (perl) listens there"
	says "(port_taken)"
	exits 1 on you tunplan up docs
	complains "in use"
	# The other's listener is not ours to take down, nor left behind.
	exits 0 on you tunplan down docs
	listens you 8081
}

# many INGRESS EGRESS: a list of eighty forwards, from the ports 20001 to 20080 behind INGRESS.
many() {
	seq -f "$1%.0f -> $2" -s ', ' 20001 20080
}

# A master lets 64 connections to its control socket wait: who comes then is turned away.
@test "eighty forwards of one hop come up, answer when they are probed again, and go down" {
	local file
	file=$(variant eighty "s|^tunnels:|tunnels:\n  many: [$(many '' docs-server/http)]|")
	exits 0 on you tunplan -f "$file" up many
	exits 0 on you tunplan -f "$file" status --json --probe many
	equal "$(jq -r '[.tunnels[].forwards[].state] | group_by(.) | map("\(length) \(.[0])") | join(" ")' <<<"$output")" "80 up"
	exits 0 on you tunplan -f "$file" down many
	nothing_left
}

@test "of eighty remote listeners of one hop, down leaves none behind" {
	local file
	file=$(variant eighty-remote "s|^tunnels:|tunnels:\n  many: [$(many bastion-host: me:9091)]|")
	mute you 9091
	exits 0 on you tunplan -f "$file" up many
	exits 0 on you tunplan -f "$file" down many
	equal "$(on bastion-host ss -Hltn 'sport >= :20001 and sport <= :20080')" ""
	nothing_left
}

@test "who waits for the port of a tunnel of ours gets it as soon as that is down" {
	local file
	file=$(variant rivals 's|^  web: .*|&\n  rival: 8080 -> docs-server/http|; s|^  web: [^ ]*|  web: 8080|')
	exits 0 on you tunplan -f "$file" up web
	# Nobody waits, though it is to be tried for as long as it takes.
	exits 1 on you tunplan -f "$file" up --persist --no-wait rival
	complains "tunnel 'web' of $file listens there"
	is_state rival failed
	exits 0 on you tunplan -f "$file" down web
	eventually 5 is_state rival up
	exits 0 on you tunplan -f "$file" down rival
}

@test "a restart that a down overtakes says how to have the tunnel again" {
	local sshd
	exits 0 on you tunplan up web
	sshd=$(on bastion-host ss -Hltnp 'sport = :22' | sed -n 's/.*pid=\([0-9]*\).*/\1/p' | head -n 1)
	# Who asks for a new login waits.
	stop bastion-host "$sshd"
	in_background restart you tunplan restart web
	eventually 5 equal_to 3 masters
	exits 0 on you tunplan down web
	ended restart 1
	on bastion-host kill -CONT "$sshd"
	grep -q 'run `tunplan up web` again' "$BATS_TEST_TMPDIR/restart.err"
}
