#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: manual.sh PROGRAM PAGE
#
# The page has every verb and every option that the program's help has, and no others.
set -eu
export LC_ALL=C

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

section() { sed -n "/^\.SH $1\$/,/^\.SH /p" "$page"; }
# Each on one line, however many it takes on a screen.
help() { "$program" --help | sed -n "/^$1:/,/^\$/p" | sed '1d' | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n \{15,\}/ /g'; }
program=$1
page=$2

help Verbs | sed -n 's/^  \([a-z]*\).*/\1/p' | sort >"$work/offered"
section VERBS | grep -A 1 '^\.TP' | sed -n 's/^\.B[RI]* \([a-z]*\).*/\1/p' | sort >"$work/described"
[ -s "$work/offered" ] || [ "${program##*/}" = reapd ] # a daemon has no verbs
diff "$work/offered" "$work/described"

# "-n --lines=NUMBER  only …" as "-n" and "--lines="
help Options | grep -oE '^ *(-[a-zA-Z])?( ?--[a-z-]+=?)?' | tr ' ' '\n' | grep . | sort \
    >"$work/offered"
section OPTIONS | grep -A 1 '^\.TP' | sed 's/\\-/-/g; s/\\f[A-Z]//g' |
    grep -oE '(^|[ ",])-{1,2}[a-zA-Z][a-z-]*=?' | tr -d ' ",' | sort >"$work/described"
[ -s "$work/offered" ]
diff "$work/offered" "$work/described"
