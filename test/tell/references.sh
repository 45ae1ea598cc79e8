#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: references.sh MAN
#
# Pages of ours that a page speaks of are there, every page is installed, and another one leads to it.
set -eu
cd "$1"

wrong=0
spoken=$(mktemp)
trap 'rm -f "$spoken"' EXIT
for page in *.[1-9]; do
    sed -n 's/^\.BR \(\\*[a-z][^ ]*\) (\([0-9]\)).*/\1.\2/p' "$page" | sed 's,\\,,g' |
        grep -E '^(reap|org\.reapd1)' | grep -vxF "$page" | sort -u
done | sort -u >"$spoken"
[ -s "$spoken" ]
while read -r page; do
    [ -e "$page" ] || { echo "no such page: $page"; wrong=1; }
done <"$spoken"
for page in *.[1-9]; do
    grep -qxF "$page" "$spoken" || { echo "no page leads to $page"; wrong=1; }
    grep -qF "'$page'" meson.build || { echo "not installed: $page"; wrong=1; }
done
exit $wrong
