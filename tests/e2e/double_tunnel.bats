#!/usr/bin/env bats
# The guide's double tunnel: Git behind two firewalls, by bastion-host and test-server.

load helper
load faults

setup_file() {
	lab_start double-tunnel
}

teardown_file() {
	lab_stop
}

# git_on_you ARG…: git as a person types it on `you`, in the home there.
git_on_you() {
	shell_on you 'cd && exec git "$@"' "$@"
}

# Clones through the port, commits, pushes, and pulls the same into a second clone.
clone_push_pull() {
	local url=ssh://git@localhost:7999/some-repo.git
	shell_on you 'cd && rm -rf one two'
	git_on_you clone -q "$url" one
	git_on_you clone -q "$url" two
	shell_on you 'cd ~/one && date +%N >new.txt && git add new.txt && git commit -qm "a new file"'
	git_on_you -C one push -q
	git_on_you -C two remote add tunnel "$url"
	git_on_you -C two pull -q tunnel master
	shell_on you 'cd && cmp one/new.txt two/new.txt'
}

@test "without the tunnel, you reach neither the test server nor the git server" {
	cut_off you test-server 22
	cut_off you git-server 7999
	cut_off bastion-host git-server 7999
	reaches test-server git-server 7999
}

@test "the plan goes by bastion-host and then test-server, one inside the other" {
	exits 0 on you tunplan plan --json git-via-test-server
	equal "$(jq -r '[.hops[].host] | join(" ")' <<<"$output")" "bastion-host test-server"
	equal "$(jq -r '.hops[1].through == .hops[0].id' <<<"$output")" true
	equal "$(jq -r '.method' <<<"$output")" nested
	equal "$(jq -r '[.exposure[] | select(.encrypted_by == null and .from != .to)] | length' <<<"$output")" 0
}

@test "the plan shows what the user's ssh_config makes of the first hop, and that no other goes by it" {
	shell_on you 'cp -p ~/.ssh/config ~/config.before && cat >>~/.ssh/config' <<-'CONFIG'
		Host bastion-host test-server
		  Port 2222
		  User ops
	CONFIG
	exits 0 on you tunplan plan git-via-test-server
	says 'your ssh_config dials bastion-host:2222 for bastion-host, as ops'
	says 'bastion-host dials test-server:22, and not test-server:2222 as your ssh_config says'
	says 'your ssh_config logs in to test-server as ops'
	says '-J bastion-host -p 22 test-server'
	shell_on you 'mv ~/config.before ~/.ssh/config'
}

@test "up tells its progress hop by hop and prints the ingress" {
	exits 0 on you tunplan up git-via-test-server
	equal "$output" 127.0.0.1:7999
	complains bastion-host
	complains test-server
}

@test "git clones, pushes and pulls through it" {
	clone_push_pull
}

@test "status shows the tunnel and both hops up" {
	exits 0 on you tunplan status git-via-test-server
	says bastion-host
	says test-server
	exits 0 on you tunplan status --json git-via-test-server
	equal "$(jq -r '.tunnels[0] | .name, .state, ([.hops[] | .host + "=" + .state] | join(" "))' <<<"$output")" \
		$'git-via-test-server\nup\nbastion-host=up test-server=up'
	equal "$(jq -r '.tunnels[0] | .file' <<<"$output")" "$TUNPLAN_FILE"
}

@test "nothing listens on the hosts between" {
	equal "$(on bastion-host ss -Hltn 'sport != :22')" ""
	equal "$(on test-server ss -Hltn 'sport != :22')" ""
}

@test "down leaves nothing" {
	exits 0 on you tunplan down git-via-test-server
	nothing_left you 7999
	fails git_on_you -C one fetch -q
}

@test "the plain command that plan prints does the same" {
	by_hand git-via-test-server
	eventually 10 reaches you localhost 7999
	clone_push_pull
	by_hand_stop
	nothing_left you 7999
}

@test "so does the line pasted from plan's text into a shell" {
	by_hand_pasted git-via-test-server
	eventually 10 reaches you localhost 7999
	clone_push_pull
	by_hand_stop
	nothing_left you 7999
}

@test "joined on the bastion, as the guide writes it, it comes up as well" {
	local file
	file=$(variant stitched 's|^  git-via-test-server: .*|  git-via-test-server: {ingress: 7999, egress: git-server/git, method: stitched, stitch: [2999]}|')
	exits 0 on you tunplan -f "$file" up git-via-test-server
	equal "$output" 127.0.0.1:7999
	clone_push_pull
	equal "$(on bastion-host ss -Hltn 'sport != :22' | awk '{print $4}')" 127.0.0.1:2999
	exits 0 on you tunplan -f "$file" down git-via-test-server
	nothing_left you 7999 bastion-host 2999
}
