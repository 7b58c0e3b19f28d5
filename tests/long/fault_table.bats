#!/usr/bin/env bats
# The same table as tests/e2e/fault_table.bats, for what takes long: ssh's own keepalives.

load ../e2e/helper
load ../e2e/faults
load ../e2e/talk
load ../e2e/fault_table

# rekeying STATE …: a row with sshds that change keys all 20 s, and do not answer then while they are stopped.
rekeying() {
	local host
	for host in h1 h2 h3; do
		sshd_ends "$host"
		sshd_starts "$host" -o RekeyLimit='default 20s'
	done
	fault "$@"
}

# A first hop is told as silent after 20 s, and gets another ssh after a minute, when its keepalives are over, too. A
# deeper one ends by these.
#                                                   state       within transfer back  what happens, how it ends, and how long it lasts
@test "the first session stands still for 40 s"    { rekeying stalled:stalled 25 lives 10 "session h1 STOP" "session h1 CONT" 15; }
@test "the second session stands still for 40 s"   { rekeying up               0 lives 10 "session h2 STOP" "session h2 CONT" 40; }
@test "the third session stands still for 40 s"    { rekeying up               0 lives 10 "session h3 STOP" "session h3 CONT" 40; }
@test "the first session stands still for long"    { fault stalled:stalled 25 any  60 "session h1 STOP" :; }
@test "the second session stands still for long"   { fault reconnecting   125 ends 10 "session h2 STOP" :; }
@test "the third session stands still for long"    { fault reconnecting   185 ends 10 "session h3 STOP" :; }
@test "no packets to the first host for 90 s"      { fault stalled:stalled 25 ends 60 "no_packets h1 v1" "sleep 65; packets h1"; }
@test "no packets to the second host for 90 s"     { fault up               0 lives 60 "no_packets h2 v2" "packets h2" 90; }
@test "no packets to the third host for 90 s"      { fault up               0 lives 60 "no_packets h3 v3" "packets h3" 90; }
