#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: headers.sh complete|seconds DIR
#
# complete: every guest test says in its header what it promises and how long it takes.
# seconds:  those of the CI set stay below 1800 together, the share of a CI run they have.
set -eu
question=$1
cd "$2"

total=0
wrong=0
for test in *.test; do
    [ -e "$test" ] || continue
    seconds=$(sed -n 's/^# seconds: *\([0-9][0-9]*\) *$/\1/p' "$test")
    if [ -z "$seconds" ] || ! grep -q '^# promise: .' "$test"; then
        echo "$test: lacks '# promise: …' or '# seconds: N'"
        wrong=1
    fi
    # Left out of CI: what says so, and what runs on other suites only.
    if grep -q '^# set: *all' "$test" ||
        { grep -q '^# suite:' "$test" && ! grep -q '^# suite:.*bookworm' "$test"; }; then
        continue
    fi
    total=$((total + ${seconds:-0}))
done
echo "$total s"
case $question in
    complete) exit $wrong ;;
    seconds) [ "$total" -le 1800 ] ;;
    *) exit 2 ;;
esac
