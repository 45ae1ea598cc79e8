#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: actions.sh SOURCE POLICY PAGE
#
# What polkit is asked about, what it is told of, and what org.reapd1(5) has are the same actions.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
grep -o '"org\.reapd1\.[a-z-]*"' "$1" | tr -d '"' | sort >"$work/asked"
[ -s "$work/asked" ]
sed -n 's/.*<action id="\([^"]*\)".*/\1/p' "$2" | sort >"$work/known"
sed -n 's/^\.B \(org\.reapd1\.[a-z\-]*\)$/\1/p' "$3" | tr -d '\134' | sort >"$work/described"
diff "$work/asked" "$work/known"
diff "$work/asked" "$work/described"
