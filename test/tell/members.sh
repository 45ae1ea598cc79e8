#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: members.sh INTROSPECT PAGE
#
# org.reapd1(5) has the members of org.reapd1.Manager, all of them and in their order.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" | sed -n '/interface name="org.reapd1.Manager"/,/<\/interface>/ {
    s/.*<\(property\|method\|signal\) name="\([A-Za-z]*\)".*/\2/p
}' >"$work/offered"
[ -s "$work/offered" ]
grep -A 1 '^\.TP' "$2" | sed -n 's/^\.BR* \([A-Z][A-Za-z]*\).*/\1/p' >"$work/described"
diff "$work/offered" "$work/described"
