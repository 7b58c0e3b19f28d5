#!/usr/bin/env bats
# What becomes of a tunnel of three hops, and of a transfer through it, by each fault on its way: a table.

load helper
load faults
load talk
load fault_table

# Keepalives that are over in 3 s, for what takes a minute with ssh's own.
SHORT='s/ssh: \{port/ssh: {options: {ServerAliveInterval: 1, ServerAliveCountMax: 2}, port/'

# quick STATE WITHIN TRANSFER BACK …: a row with these keepalives.
quick() {
	table_again "$SHORT"
	fault "$@"
}

# clock STATE …: one of programs whose wall clock can be stepped.
clock() {
	# shellcheck disable=SC2034 # of fault()
	VARIABLES=("${STEPPING[@]}")
	fault "$@"
}

#                                                                        state              within transfer back  what happens, how it ends, and how long it lasts
@test "the first master is killed"                             { fault reconnecting        1 ends  10 "master h1 KILL" :; }
@test "the second master is killed"                            { fault reconnecting        1 ends  10 "master h2 KILL" :; }
@test "the third master is killed"                             { fault reconnecting        1 ends  10 "master h3 KILL" :; }
@test "the first sshd ends the session"                        { fault reconnecting        1 ends  10 "session h1 KILL" :; }
@test "the second sshd ends the session"                       { fault reconnecting        1 ends  10 "session h2 KILL" :; }
@test "the third sshd ends the session"                        { fault reconnecting        1 ends  10 "session h3 KILL" :; }
@test "the first master is stopped"                            { fault stalled:ssh_stopped 3 lives 5  "master h1 STOP" "master h1 CONT"; }
@test "the second master is stopped"                           { fault stalled:ssh_stopped 3 lives 5  "master h2 STOP" "master h2 CONT"; }
@test "the third master is stopped"                            { fault stalled:ssh_stopped 3 lives 5  "master h3 STOP" "master h3 CONT"; }
@test "the first sshd is restarted"                            { fault up                  0 lives 5  "restart_sshd h1" :; }
@test "the second sshd is restarted"                           { fault up                  0 lives 5  "restart_sshd h2" :; }
@test "the third sshd is restarted"                            { fault up                  0 lives 5  "restart_sshd h3" :; }
@test "no packets to the first host for 5 s"                   { fault up                  0 lives 5  "no_packets h1 v1" "packets h1" 5; }
@test "no packets to the second host for 5 s"                  { fault up                  0 lives 5  "no_packets h2 v2" "packets h2" 5; }
@test "no packets to the third host for 5 s"                   { fault up                  0 lives 5  "no_packets h3 v3" "packets h3" 5; }
@test "none for longer than keepalives last, to the first"     { quick reconnecting        8 ends  8  "no_packets h1 v1" "packets h1" 2; }
@test "none for longer than keepalives last, to the second"    { quick reconnecting        8 ends  8  "no_packets h2 v2" "packets h2" 2; }
@test "none for longer than keepalives last, to the third"     { quick reconnecting        8 ends  8  "no_packets h3 v3" "packets h3" 2; }
@test "the own link is down and up six times"                  { fault stalled:own_link    1 lives 5  "own_link down" "flap 6"; }
@test "the link is slow under an upload"                       { fault up                  0 lives 9  "slow_upload" "fast" 6; }
@test "the wall clock steps by a day"                          { clock up                  0 lives 5  "wall_clock 86400" "wall_clock 0" 2; }
@test "the wall clock steps back by a day"                     { clock up                  0 lives 5  "wall_clock -86400" "wall_clock 0" 2; }
@test "MaxStartups is used up when the first master is killed" { fault reconnecting        1 ends  40 "full h1; master h1 KILL" "not_full" 2; }
