#!/usr/bin/env bats
# What happened is kept on disk: what went down, when and why; and whoever looks after a reboot or a logout is told.

load helper
load faults

setup_file() {
	lab_start "$BATS_TEST_DIRNAME/office.yaml"
}

teardown_file() {
	lab_stop
}

teardown() {
	lab_possible || return 0
	leave_nothing
	# Each test begins without a past.
	shell_on you 'rm -f ~/.local/state/tunplan/history*; umount ~/state ~/boot 2>/dev/null; rm -rf ~/state ~/boot'
}

# lose_web: the ssh of its second hop is killed, and the tunnel comes back.
lose_web() {
	on you kill -KILL "$(hop_pid web test-server)"
	eventually 10 came_back web
}

supervisor_is_gone() {
	fails on you pgrep -f 'tunplan --supervisor'
}

# end_supervisor SIGNAL: and wait until it has gone.
end_supervisor() {
	on you kill "-$1" "$(supervisor_pid)"
	eventually 10 supervisor_is_gone
}

# told WORDS…: the JSON of `logs` as one word for each line: "web:up", "gw:retry", "supervisor:left".
told() {
	on you tunplan logs --json "$@" | jq -r '"\(.name // .host // .what):\(.state)"' | paste -sd ' '
}

@test "logs tells what went down, when and why, of a tunnel and of its hops" {
	exits 0 on you tunplan up docs web
	lose_web
	exits 0 on you tunplan down docs
	exits 0 on you tunplan logs web
	says "tunnel web: starting by bastion-host, test-server"
	says "tunnel web: starting -> up"
	says "tunnel web: up -> reconnecting: trouble with you: its ssh was ended by signal 9 (Killed) (killed)"
	says "hop test-server (test-server:22): up -> retry: "
	says "hop bastion-host (bastion-host:22): authenticating -> up"
	[[ $output != *docs* ]]
	# Each line has its time, and they are in their order.
	fails grep -vqE '^2[0-9]{3}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} (supervisor|tunnel|hop) ' <<<"$output"
	sort -c -s -k1,2 <<<"$output"
	exits 0 on you tunplan logs
	says "tunnel docs: up -> stopping: it was taken down by \`tunplan down\` (stopped)"
	# A group; and as JSON, an object a line.
	equal "$(told pages)" "$(told)"
	equal "$(on you tunplan logs --json docs | jq -s -c 'map(select(.name) | [.from, .state, .by, .error.code])')" \
		'[[null,"starting",["bastion-host"],null],["starting","up",null,null],["up","stopping",null,"stopped"],["stopping","down",null,"stopped"]]'
	on you tunplan logs --json | jq -e '.at | fromdateiso8601? // (sub("\\.[0-9]+Z$"; "Z") | fromdateiso8601)' >/dev/null
}

@test "logs needs neither a supervisor nor the file, and names what is ambiguous" {
	local other
	exits 0 on you tunplan up web
	end_supervisor KILL
	exits 0 on you tunplan logs web
	says "tunnel web: starting -> up"
	exits 0 on you tunplan down --all-files
	exits 0 on you env -u TUNPLAN_FILE -C / tunplan logs web
	says "tunnel web: starting -> up"
	exits 2 on you tunplan logs nonsense
	complains "nonsense"
	exits 0 on you tunplan logs git
	complains "nothing is told of that"
	# The same name of another file.
	other=$(variant other 's/8080 ->/8088 ->/')
	exits 0 on you tunplan -f "$other" up web
	exits 0 on you tunplan -f "$other" down web
	exits 2 on you env -u TUNPLAN_FILE -C / tunplan logs web
	complains "tunplan -f $other logs web"
	exits 0 on you tunplan -f "$other" logs web
	[[ $output == *"supervisor"*"starting -> up"* ]]
	equal "$(on you tunplan -f "$other" logs --json | jq -s -r 'map(.file // empty) | unique[]')" "$other"
	exits 0 on you tunplan logs --all-files
	says "tunnel web ($other): starting -> up"
	says "tunnel web ($TUNPLAN_FILE): starting -> up"
}

@test "logs --since leaves out what is older" {
	exits 0 on you tunplan up docs
	# As if it had been two hours ago.
	shell_on you 'cd ~/.local/state/tunplan && jq -c ".at -= 7200000" history >moved && cat moved >history && rm moved'
	exits 0 on you tunplan down docs
	equal "$(told --since 1h docs)" "docs:stopping bastion-host:down docs:down supervisor:left"
	[[ $(told --since 3h docs) == "supervisor:started docs:starting "* ]]
	exits 0 on you tunplan logs --since 0s
	complains "nothing is told of that"
	exits 2 on you tunplan logs --since soon
	complains "--since wants a duration (10m, 2h, 1d) or a time"
}

@test "what is half written, or of a newer program, costs no other line" {
	exits 0 on you tunplan up docs
	shell_on you 'cd ~/.local/state/tunplan && last=$(tail -n 1 history) && jq -c ".v = 2 | .state = \"melted\"" <<EOF >>history &&
$last
EOF
		printf "%s\n%s" "{}" "{\"v\":1,\"at\":17" >>history'
	exits 0 on you tunplan down docs
	exits 0 on you tunplan logs docs
	says "tunnel docs: starting -> up"
	says "tunnel docs: stopping -> down"
	[[ $output != *melted* ]]
}

@test "status -v shows the last two changes of each tunnel" {
	exits 0 on you tunplan up web docs
	lose_web
	exits 0 on you tunplan status -v
	equal "$(grep -cE '^    20[0-9-]+ [0-9:]+  ' <<<"$output")" 4
	grep -qE '^    20[0-9-]+ [0-9:]+  up -> reconnecting: trouble with you: .*\(killed\)$' <<<"$output"
	grep -qE '^    20[0-9-]+ [0-9:]+  reconnecting -> up$' <<<"$output"
	exits 0 on you tunplan status
	[[ $output != *"-> up"* ]]
	equal "$(on you tunplan status -v --json | jq -c '.tunnels[] | select(.name == "web").changes | map(.state)')" '["reconnecting","up"]'
	on you tunplan status --json | jq -e '.tunnels[0] | has("changes") | not' >/dev/null
}

@test "a tunnel that moves to a newer plan tells where it goes, and whose lines are the old one's" {
	local file
	file=$(variant moving 's/8081 ->/8084 ->/')
	exits 0 on you tunplan -f "$file" up docs
	sed -i 's/8084 ->/8085 ->/' "$file"
	exits 0 on you tunplan -f "$file" up docs
	eventually 5 closed you 8084
	equal "$(on you tunplan -f "$file" logs docs --json | jq -r 'select(.name) | "\(.as // "-"):\(.state)"' | paste -sd ' ')" \
		"-:starting -:up new:starting old:reconnecting new:up old:stopping -:up old:down"
	equal "$(on you tunplan -f "$file" status -v --json docs | jq -c '.tunnels[0].changes | map([.state, .by])')" \
		'[["up",null],["up",["bastion-host"]]]'
}

# booted COMMAND…: on `you`, as if the machine had been started again since.
booted() {
	on you unshare -m sh -c 'mount --bind ~/boot_id /proc/sys/kernel/random/boot_id && exec "$@"' sh "$@"
}

@test "after a reboot nothing comes up by itself, and status says what was up when the machine went down" {
	shell_on you 'echo 01234567-89ab-cdef-0123-456789abcdef >~/boot_id'
	exits 0 on you tunplan up web docs
	exits 0 on you tunplan down docs
	# The machine goes down without a word, and with it what is in the runtime directory.
	end_supervisor KILL
	on you pkill -KILL -f ControlMaster=yes
	shell_on you 'rm -r "$XDG_RUNTIME_DIR/tunplan"'
	exits 0 booted tunplan status
	complains "nothing is up"
	complains "this machine went down after 20"
	complains "and was started again at 20"
	complains "up until then: web; \`tunplan up web\` brings it up again"
	equal "$(masters)" 0
	exits 0 booted tunplan status --json
	equal "$(jq -c '[.tunnels, .ended.how, .ended.tunnels[0].name, (.ended.tunnels | length), (.ended.machine_started_at | type)]' <<<"$output")" \
		'[[],"killed","web",1,"string"]'
	# Whose file it is not, is told nothing; and who asks for a tunnel, of that one.
	exits 0 booted env -u TUNPLAN_FILE TUNPLAN_FILE="$(variant nobody 's/8080 ->/8088 ->/')" tunplan status
	[[ $stderr != *"went down"* ]]
	exits 1 booted tunplan status docs
	[[ $stderr != *"went down"* ]]
	exits 1 booted tunplan status web
	complains "this machine went down after 20"
	exits 0 booted env -u TUNPLAN_FILE -C / tunplan status --all-files
	complains "up until then: web ($TUNPLAN_FILE)"
	# Nor is it told for ever.
	exits 0 booted tunplan up docs
	exits 0 booted tunplan status
	[[ $stderr != *"went down"* ]]
	exits 0 booted tunplan logs --all-files
	says " machine: started; it went down after 20"
	exits 0 booted tunplan down docs
	exits 0 booted tunplan status
	equal "$stderr" "nothing is up"
}

@test "when a shutdown or a logout has told the supervisor to go, status says so, and what was up" {
	shell_on you 'echo 01234567-89ab-cdef-0123-456789abcdef >~/boot_id'
	exits 0 on you tunplan up web
	end_supervisor TERM
	exits 0 on you tunplan status
	complains "the supervisor was told to go at 20"
	complains ", as by a logout; up until then: web"
	exits 0 booted tunplan status
	complains ", and this machine was started again at 20"
	equal "$(on you tunplan status --json | jq -c '[.ended.how, .ended.machine_started_at]')" '["told",null]'
	nothing_left you 8080
	exits 0 on you tunplan logs web
	says "told to go by signal 15"
	exits 0 on you tunplan up web
	exits 0 on you tunplan down web
	exits 0 on you tunplan status
	equal "$stderr" "nothing is up"
}

@test "up says once that a logout ends what is up, unless the user lingers" {
	on you mkdir -p /run/systemd/system
	exits 0 on you tunplan up docs
	complains "a logout ends this"
	exits 0 on you tunplan up web
	[[ $stderr != *logout* ]]
	exits 0 on you tunplan down --all
	on you unshare -m sh -c 'mkdir -p ~/boot && mount -t tmpfs none /var/lib && mkdir -p /var/lib/systemd/linger &&
		: >"/var/lib/systemd/linger/$(id -un)" && tunplan up docs' 2>"$BATS_TEST_TMPDIR/lingers"
	fails grep -q logout "$BATS_TEST_TMPDIR/lingers"
	on you rm -r /run/systemd
}

# with_state COMMAND…: on `you`, with its state in ~/state.
with_state() {
	on you env XDG_STATE_HOME=/run/home/state "$@"
}

@test "a full state directory costs the history, which is said once, and no tunnel" {
	shell_on you 'mkdir ~/state && mount -t tmpfs -o size=64k,mode=700 none ~/state &&
		{ head -c 1m /dev/zero >~/state/filler 2>/dev/null; test -s ~/state/filler; }'
	exits 0 with_state tunplan up web docs
	equal "$(grep -c "history cannot be written (No space left on device)" <<<"$stderr")" 1
	exits 0 on you curl -sS -m 5 http://localhost:8080/
	exits 0 with_state tunplan status
	[[ $stderr != *history* ]]
	exits 0 with_state tunplan status -v
	equal "$(grep -c "history cannot be written (No space left on device)" <<<"$stderr")" 1
	[[ $(with_state tunplan status --json | jq -r .history_trouble) == *"No space left"* ]]
	# There is room again: what is up is known at once, what happened meanwhile is lost.
	on you rm /run/home/state/filler
	exits 0 with_state tunplan down docs
	exits 0 with_state tunplan up web
	[[ $stderr != *history* ]]
	exits 0 with_state tunplan logs
	says "tunnel docs: up -> stopping"
	[[ $output != *starting* ]]
	on you kill -KILL "$(supervisor_pid)"
	exits 0 with_state tunplan down --all-files
}

@test "a read-only state directory is replaced, which is said once, and costs no tunnel" {
	shell_on you 'mkdir ~/state && mount -t tmpfs -o ro none ~/state'
	exits 0 with_state tunplan up web
	equal "$(grep -c "state directory /run/home/state/tunplan cannot be written (Read-only file system)" <<<"$stderr")" 1
	exits 0 with_state tunplan status web
	[[ $stderr != *Read-only* ]]
	exits 0 with_state tunplan status -v web
	complains "Read-only file system"
	says "starting -> up"
	exits 0 with_state tunplan down web
	exits 0 with_state tunplan logs web
	says "tunnel web: stopping -> down"
	nothing_left you 8080
}
