#!/usr/bin/env bats
# Services and sshds in the lab are as the file states, and tunnels to them come up.

load helper
load faults

setup_file() {
	cat >"$BATS_FILE_TMPDIR/services.yaml" <<-'FILE'
		tunplan: 1
		me: you
		vlans: {out: {}, in: 10.9.0.0/24, back: 10.8.0.0/24}
		hosts:
		  you: [out]
		  gate: [out, in]
		  mute: {vlans: [out, in], sshd: {AllowTcpForwarding: no}}
		  picky: {vlans: [out, in], sshd: {PermitOpen: "app:80"}}
		  app:
		    vlans: {in: 10.9.0.4, back: 10.8.0.4}
		    ssh: {options: {ServerAliveInterval: 7, ConnectTimeout: 9}}
		    services:
		      sock: {socket: /run/app/app.sock}
		      web: {socket: /run/web.sock, lab: http}
		      pg: {port: 5432, listen: loopback}
		      site: {port: 80, listen: in, lab: http}
		      mail: {port: 143, lab: imap}
		tunnels:
		  sock: 7001 -> app/sock
		  web: 7002 -> app/web
		  pg: 7003 -> app/pg
		  site: 7004 -> app/site
		  picked: {ingress: 7005, egress: app/site, exit: picky}
		  unpicked: {ingress: 7006, egress: app/mail, exit: picky}
		  muted: {ingress: 7007, egress: app/mail, exit: mute}
		  quiet: {ingress: 7008, egress: app/mail, probe: no}
	FILE
	lab_start "$BATS_FILE_TMPDIR/services.yaml"
}

teardown_file() {
	lab_stop
}

# connections: how many connections the masters have carried, those of the hops to each other apart.
connections() {
	shell_on you 'cat ~/.local/state/tunplan/*.log | grep -c -e "channel [0-9]*: new direct-tcpip" -e "channel_connect_stdio_fwd().*: .*:\(143\|5432\)"'
}

teardown() {
	leave_nothing
}

@test "a service listens on its socket, or on the addresses that the file says" {
	exits 0 shell_on app 'ss -Hltn "sport = 5432 or sport = 80" | awk "{print \$4}" | sort'
	equal "$output" $'10.9.0.4:80\n127.0.0.1:5432\n[::1]:5432'
	exits 0 shell_on app 'test -S /run/app/app.sock && test -S /run/web.sock'
	exits 0 "$TUNPLAN" lab status
	says 'sock:/run/app/app.sock (responder), web:/run/web.sock (http), pg:5432 (responder)'
}

@test "unix sockets and loopback services are reached on their own host" {
	exits 0 on you tunplan up sock web pg site
	equal "$(on you curl -s -m 5 --http0.9 localhost:7001)" 'app/sock answers on /run/app/app.sock'
	exits 0 on you curl -s -m 5 localhost:7002/some-file.txt
	says 'from the web service of app'
	equal "$(on you curl -s -m 5 --http0.9 localhost:7003)" 'app/pg answers on 127.0.0.1:5432'
	exits 0 on you curl -s -m 5 localhost:7004/some-file.txt
	says 'from the site service of app'
}

@test "an exit is what its sshd lets it be, and a real sshd agrees" {
	exits 0 on you tunplan up picked
	exits 0 on you curl -s -m 5 localhost:7005/some-file.txt
	says 'from the site service of app'
	exits 4 on you tunplan up unpicked
	complains PERMIT_OPEN
	exits 4 on you tunplan up muted
	complains FWD_OFF
	for host in picky mute; do
		exits 255 on you ssh -n -o ExitOnForwardFailure=yes -W app:143 "$host"
		complains 'administratively prohibited'
	done
}

@test "the options of a host's ssh are given to ssh" {
	exits 0 on you tunplan up pg
	exits 0 shell_on you 'tr "\0" "\n" <"/proc/$1/cmdline" | grep -x -e "ServerAliveInterval=.*" -e "ConnectTimeout=.*"' \
		"$(hop_pid pg app)"
	equal "$output" $'ConnectTimeout=9\nServerAliveInterval=7\nServerAliveInterval=15'
}

@test "without a probe nobody connects to the service, and status says that nobody did" {
	exits 0 on you tunplan up quiet
	exits 0 on you tunplan status quiet
	says '127.0.0.1:7008 -> app:143  not probed'
	equal "$(on you tunplan status --json quiet | jq -r '.tunnels[0].forwards[0].verified_s')" null
	# Each connection through an ssh leaves its trace in that ssh's log.
	equal "$(connections)" 0
	exits 0 on you tunplan up pg
	[ "$(connections)" -gt 0 ]
}
