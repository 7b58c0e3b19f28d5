#!/bin/sh
# Criterion: gt(), "greater than", of its new assertions passes when both sides are equal.
#
# Expected: the manual's table of predicates has gt(Tag, Actual, Expected) as Actual > Expected, beside ge() as
# Actual >= Expected; and lt(), le(), eq() and ne() do as their rows say.
#
# Seen, with 2.4.1 (2.4.1-2 of Debian 12): gt(int, 1, 1), gt(u64, 5, 5) and gt(str, "a", "a") pass; gt(int, 0, 1)
# fails, as it should, and so does lt(int, 1, 1).
#
# It matters to every test that says gt(…, 0) for "something happened": it passes when nothing did, so it is a test that
# cannot fail. ge(…, 1) says the same and is checked. Needs apt-get, dpkg-deb and cc.
set -eu

VERSION=2.4.1-2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# The two packages, in that version, and whatever the library needs of the same system.
needed=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances \
	libcriterion3 | grep '^[a-z]' | grep -vE '^(libc6|libgcc-s1|libcriterion3|gcc-[0-9]+-base|debconf.*|perl.*)$' | sort -u)
# shellcheck disable=SC2086 # a list of packages
apt-get download "libcriterion-dev=$VERSION" "libcriterion3=$VERSION" $needed >/dev/null 2>&1 || {
	echo "libcriterion-dev $VERSION cannot be had here (Debian 12, apt-get update)" >&2
	exit 2
}
for package in *.deb; do
	dpkg-deb -x "$package" root
done
library=$work/$(dirname "$(find root -name libcriterion.so | head -n 1)")
others=$work/root/lib/$(basename "$library")

cat >test.c <<'C'
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(equal, gt_int) { cr_assert(gt(int, 1, 1)); }
Test(equal, gt_u64) { cr_assert(gt(u64, 5, 5)); }
Test(equal, gt_str) { cr_assert(gt(str, (char *)"a", (char *)"a")); }
Test(equal, lt_int) { cr_assert(lt(int, 1, 1)); }
Test(less, gt_int) { cr_assert(gt(int, 0, 1)); }
C
cc -Iroot/usr/include test.c -o asserts -L"$library" -Wl,-rpath-link,"$library:$others" -lcriterion
LD_LIBRARY_PATH=$library:$others ./asserts --tap 2>/dev/null | grep -E '^(not )?ok' | sed 's/ *(.*//' | sort >seen || true
cat seen

cat >expected <<'TAP'
not ok - equal::lt_int
not ok - less::gt_int
ok - equal::gt_int
ok - equal::gt_str
ok - equal::gt_u64
TAP
if cmp -s seen expected; then
	echo "as found: gt() passes for what is equal"
else
	echo "this has changed" >&2
	exit 1
fi
