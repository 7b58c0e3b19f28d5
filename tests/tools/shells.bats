#!/usr/bin/env bats
# The exported script is for any POSIX shell: each of those that a Unix comes with reads it, runs it, and ends
# it with the status that a signal gives, or that of ssh where one of them ends.

load ../e2e/helper
load ../e2e/faults
load ../e2e/scripts
load ../lacking

# runs_under SHELL [ARGUMENT…]
runs_under() {
	lab_of double-tunnel
	run_script git-via-test-server "$@"
	"$@" -n "$SCRIPT"
	clones
	stop_script TERM 143
	nothing_left you 7999
	fails clones
	ends_with TERM 'ssh -N -M -S hop2 ' "$@"
}

@test "dash" {
	needs dash dash
	runs_under dash
}

@test "bash, as sh" {
	needs bash bash
	runs_under bash --posix
}

@test "mksh" {
	needs mksh mksh
	runs_under mksh
}

@test "ksh93" {
	needs ksh93 ksh93u+m
	runs_under ksh93
}

@test "busybox" {
	needs busybox busybox
	runs_under busybox sh
}

@test "zsh, as sh" {
	needs zsh zsh
	runs_under zsh --emulate sh
}

@test "zsh, as ksh" {
	needs zsh zsh
	runs_under zsh --emulate ksh
}
