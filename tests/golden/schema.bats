#!/usr/bin/env bats
# `tunplan schema`, applied to every topology that we have by a real JSON Schema validator.

# What a schema does not see: what the YAML reader finds (T001 to T014), names that do not exist, are
# there twice or do not fit together, how strings of one list go together (T043, T051), and what is wrong
# inside of a string that has a grammar, or with the name in it (T020, T022, T029, T034, T044).
UNSEEN='T00[1-9]|T01[0-4]|T02[0-2]|T02[4-7]|T029|T034|T038|T039|T04[01345678]|T051|T065|T07[789]'

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	schema=$BATS_TEST_TMPDIR/schema.json
	"${TUNPLAN:-build/tunplan}" schema >"$schema"
}

# judge FILE…: a line for each, "accepted FILE", "refused FILE" or "unreadable FILE".
judge() {
	tests/golden/schema.py "$schema" "$@" 2>"$BATS_TEST_TMPDIR/why"
}

# Prints what the validator said, and fails.
complain() {
	printf '%s\n' "$@"
	cat "$BATS_TEST_TMPDIR/why"
	return 1
}

# shown FILE NAME: each topology in a document, from "tunplan: 1" to the end of its block, as NAME-1.yaml…
shown() {
	awk -v to="$BATS_TEST_TMPDIR/$2-" '
		/^tunplan: 1/ { file = to (++count) ".yaml" } /^.?``/ { file = "" } file { print >file }' "$1"
	[ -s "$BATS_TEST_TMPDIR/$2-1.yaml" ]
}

@test "the schema takes every example and every good file" {
	shown README.md readme
	shown cmd/tunplan.1.scd commands
	shown topology/tunplan.5.scd language
	local files=(examples/*/*.yaml tests/golden/{good,lints,silent}/*.yaml "$BATS_TEST_TMPDIR"/*.yaml)
	local verdicts
	verdicts=$(judge "${files[@]}") || complain "$verdicts"
	[ "$(grep -c '^accepted ' <<<"$verdicts")" = "${#files[@]}" ] || complain "$verdicts"
}

@test "the schema takes no broken file whose errors it can see" {
	local verdicts verdict file codes seen=0 unseen=0
	verdicts=$(judge tests/golden/broken/*.yaml) || complain "$verdicts"
	while read -r verdict file; do
		codes=$(grep -oE 'error\[T[0-9]+\]' "${file%.yaml}.txt" | grep -oE 'T[0-9]+')
		if grep -qvE "^($UNSEEN)$" <<<"$codes"; then
			[ "$verdict" != accepted ] || complain "$file is accepted:" "$codes"
			seen=$((seen + 1))
		elif [ "$verdict" = accepted ]; then
			unseen=$((unseen + 1))
		fi
	done <<<"$verdicts"
	# Most are of the first sort, and the second is not made up.
	[ "$seen" -gt 20 ] && [ "$unseen" -gt 4 ] || complain "$seen seen, $unseen accepted"
}

# one_tunnel STRING: a topology with that tunnel.
one_tunnel() {
	printf 'tunplan: 1\ntunnels:\n  a: %s\n' "$1" >"$BATS_TEST_TMPDIR/one.yaml"
	judge "$BATS_TEST_TMPDIR/one.yaml"
}

@test "the schema refuses a single mistake" {
	local string
	for string in '8080 - web:80' 'web:80' '-> web:80' '[80 -> web:80, 8080]' '[]' \
		'{ingress: 80}' '{ingress: 80, egress: web:80, forwards: [80 -> web:80]}' \
		'{ingress: 80, egress: web:80, vai: gw}' '{ingress: 80, egress: [web:80]}' '{ingress: 80, egress: web}' \
		'{forwards: []}' '{}' ''; do
		[[ $(one_tunnel "$string") == refused* ]] || complain "accepted: $string"
	done
	# The first is right; the grammar of the second is for check.
	for string in '8080 -> web:80 via gw' '8080 -> web:080 over gw'; do
		[[ $(one_tunnel "$string") == accepted* ]] || complain "refused: $string"
	done
}
