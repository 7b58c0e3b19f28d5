#!/usr/bin/env bats
# A laptop that moves between the places of its file while its tunnels are up: they follow, without a command.

load helper
load faults

setup_file() {
	lab_possible || return 0
	export TUNPLAN_FILE=$BATS_FILE_TMPDIR/tunplan.yaml
	export XDG_RUNTIME_DIR=$BATS_FILE_TMPDIR/run
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	cat >"$TUNPLAN_FILE" <<-'FILE'
		tunplan: 1
		me: you
		vlans:
		  internet: {trust: none}
		  office: 10.10.0.0/16
		  dmz: 10.20.0.0/24
		hosts:
		  you: {ssh: none}
		  gw: {vlans: {internet: 203.0.113.5, dmz: 10.20.0.5}, ssh: {}}
		  desk: {vlans: {office: 10.10.0.9, dmz: 10.20.0.9}, ssh: {}}
		  inner: {vlans: {dmz: 10.20.0.30}, ssh: {}}
		  intranet: {vlans: {dmz: 10.20.0.80}, ssh: none, services: {web: {port: 80, lab: http}}}
		tunnels:
		  web: 8080 -> intranet/web
		  follows: 8082 -> intranet/web
		  inside: {ingress: 8081, egress: intranet/web, via: desk, avoid: gw}
		  back: inner:9000 -> me:2222
		  rival: {ingress: "inner:9000", egress: "me:2222", via: gw}
		places:
		  at-office: {when: {addr: 10.10.0.0/16}, vlans: {office: 10.10.3.3}}
		  away: {vlans: {internet: 203.0.113.9}}
	FILE
	# Both networks are there; at which place that is, is told by the office's.
	"$TUNPLAN" lab up --place at-office --place away
}

teardown_file() {
	lab_stop
}

setup() {
	lab_possible || skip "$("$TUNPLAN" lab check 2>&1)"
}

teardown() {
	lab_possible || return 0
	on you tunplan down --all
	is_at office
	is_at internet
	# The sessions of a link that was down when they ended go on there: not while a test waits.
	on inner pkill -KILL -f '^sshd(-session)?: [^ ]+@notty' || true
	on desk pkill -KILL -f '^sshd(-session)?: [^ ]+@notty' || true
	on gw pkill -KILL -f '^sshd(-session)?: [^ ]+@notty' || true
	nothing_left you 8080 you 8081 you 8082 inner 9000
}

# leaves VLAN / is_at VLAN: the laptop's link there is down, or up with its routes.
leaves() {
	on you ip link set "$1" down
}

is_at() {
	on you ip link set "$1" up
	[ "$1" = office ] || on you ip route replace 203.0.113.5 dev internet src 203.0.113.9
}

# unsaid COMMAND…: on you, where nobody says where that is.
unsaid() {
	on you env -u TUNPLAN_PLACE "$@"
}

# goes NAME HOSTS PLACE: the tunnel is up by these hosts, as from that place.
goes() {
	equal "$(on you tunplan status --json "$1" |
		jq -r '.tunnels | map("\(.state) \(.hops | map(.host) | join(",")) \(.place | join(","))") | join("; ")')" \
		"up $2 $3"
}

answers() {
	[[ $(on you curl -sS -m 5 "http://localhost:$1/") == *intranet* ]]
}

@test "a tunnel follows to the other place and back, and status says where that is" {
	exits 0 unsaid tunplan up web
	goes web desk at-office
	leaves office
	eventually 15 goes web gw away
	answers 8080
	exits 0 on you tunplan status web
	says gw
	is_at office
	eventually 15 goes web desk at-office
	answers 8080
	# What led there from the other place ends.
	eventually 10 equal_to 1 masters
}

# log_lines: how many the supervisor has logged; said_since LINES PATTERN…: in those behind, the patterns, in that order.
log_lines() {
	shell_on you 'wc -l <~/.local/state/tunplan/supervisor.log'
}

said_since() {
	shell_on you 'tail -n +"$(($1 + 1))" ~/.local/state/tunplan/supervisor.log' "$1" |
		perl -e 'my @wanted = @ARGV; while (<STDIN>) { shift @wanted if @wanted && /$wanted[0]/ } exit(@wanted ? 1 : 0)' "${@:2}"
}

@test "what works is not broken before the new path is" {
	local seen
	leaves office
	exits 0 unsaid tunplan up web
	goes web gw away
	shell_on desk 'mv ~/.ssh/authorized_keys ~/keys.before'
	is_at office
	eventually 15 refused_on desk
	goes web gw away
	answers 8080
	# Nobody looks at what is tried beside it.
	equal "$(on you tunplan status --json web | jq '.tunnels | length')" 1
	shell_on desk 'mv ~/keys.before ~/.ssh/authorized_keys'
	# By its wait it would be after a minute. Another place, and this one again, end that.
	seen=$(log_lines)
	leaves office
	eventually 15 said_since "$seen" 'this machine is at away$'
	is_at office
	eventually 15 goes web desk at-office
	answers 8080
}

# refused_on HOST: a login there was tried in vain.
refused_on() {
	shell_on you 'grep -q "hop $1 .*Permission denied" ~/.local/state/tunplan/supervisor.log' "$1"
}

@test "where the place was said, the tunnel stays, until an up without a word about it" {
	exits 0 unsaid tunplan --place at-office up web
	exits 0 unsaid tunplan up follows
	leaves office
	eventually 5 is_state web stalled
	# Another one has followed meanwhile.
	eventually 15 goes follows gw away
	equal "$(on you tunplan status --json web | jq -c '.tunnels[0] | [.state, .place, (.hops | map(.host))]')" \
		'["stalled",["at-office"],["desk"]]'
	is_at office
	eventually 10 goes web desk at-office
	exits 0 unsaid tunplan up web
	leaves office
	eventually 15 goes web gw away
}

@test "a short outage of the only network, and a change that makes no other plan, move nothing" {
	local before seen
	leaves office
	exits 0 unsaid tunplan up web
	before=$(hop_pid web gw)
	leaves internet
	eventually 2 is_state web stalled
	is_at internet
	eventually 10 goes web gw away
	equal "$(hop_pid web gw)" "$before"
	seen=$(log_lines)
	on you ip link add d1 type veth peer name d2
	on you ip link set d1 up
	on you ip link del d1
	eventually 20 said_since "$seen" 'the network has settled$' 'this machine is at away$'
	goes web gw away
	equal "$(hop_pid web gw)" "$before"
}

@test "where the other place's path does not get up, the tunnel says so, and it is tried again" {
	shell_on gw 'mv ~/.ssh/authorized_keys ~/keys.before'
	exits 0 unsaid tunplan up web
	leaves office
	eventually 15 says_of_web "this machine is at away now, from where it goes by gw, which is not up"
	shell_on gw 'mv ~/keys.before ~/.ssh/authorized_keys'
	exits 0 unsaid tunplan up web
	goes web gw away
	answers 8080
}

@test "where there is no path from there, the tunnel says so, and goes on when the place is the old one again" {
	exits 0 unsaid tunplan up inside
	leaves office
	eventually 15 says_of_inside "this machine is at away now, from where there is no path"
	is_at office
	eventually 20 goes inside desk at-office
	answers 8081
}

# goes_once NAME HOSTS PLACE: the same, and notes if two were shown of that name.
goes_once() {
	[ "$(on you tunplan status --json "$1" | jq '.tunnels | length')" = 1 ] || touch "$BATS_TEST_TMPDIR/twice"
	goes "$@"
}

@test "a remote tunnel follows to the other place, where a dead session of its own still has the port, which one dial frees" {
	mute you 2222
	shell_on desk 'sysctl -qw net.ipv4.tcp_retries2=3'
	exits 0 unsaid tunplan up back web
	leaves office
	eventually 20 goes web gw away
	eventually 30 goes_once back gw,inner away
	[ ! -e "$BATS_TEST_TMPDIR/twice" ]
	shell_on you 'grep -q "tunnel back, forward 1: opening -> waiting" ~/.local/state/tunplan/supervisor.log'
	# It carries.
	shell_on inner 'socat -T 2 - TCP:127.0.0.1:9000 </dev/null'
	is_at office
	eventually 20 goes back desk,inner at-office
}

@test "as long as a dead session has the port, the tunnel waits for it by the new path, and says so" {
	local dead
	mute you 2222
	exits 0 unsaid tunplan up back
	dead=$(on inner ss -Htlnp "sport = :9000" | sed -E 's/.*pid=([0-9]+).*/\1/')
	on inner kill -STOP "$dead"
	leaves office
	eventually 30 equal_to "gw,inner port_held" waits_by back
	exits 1 on you tunplan down back
	complains "left behind: inner:127.0.0.1:9000"
	on inner kill -KILL "$dead"
}

@test "a listener elsewhere that another tunnel has by another path is told as that tunnel's" {
	mute you 2222
	exits 0 on you tunplan up back
	goes back desk,inner 'at-office,away'
	exits 1 on you tunplan up rival
	complains "tunnel 'back' of $TUNPLAN_FILE listens there (port_taken)"
	complains 'take that tunnel down (`tunplan down back`)'
	exits 0 on you tunplan down back
	exits 0 on you tunplan up rival
}

# waits_by NAME: the hosts of the path by which it goes on, and what it waits for.
waits_by() {
	on you tunplan status --json "$1" |
		jq -r '.tunnels | map("\(.hops | map(.host) | join(",")) \(.error.code)") | join("; ")'
}

says_of_web() {
	run on you tunplan status web
	says "$1"
}

says_of_inside() {
	run on you tunplan status inside
	says "$1"
}
