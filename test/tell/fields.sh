#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: fields.sh JOURNAL_HEADER PAGE
#
# Every journal field of ours is in reapd(8), and none that there is not.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
grep -o '"REAPD_[A-Z_]*"' "$1" | tr -d '"' | sort >"$work/sent"
grep -o 'REAPD_[A-Z_]*' "$2" | sort -u >"$work/described"
[ -s "$work/sent" ]
diff "$work/sent" "$work/described"
