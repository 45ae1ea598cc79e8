#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: pages.sh PAGE…
#
# Manual pages are written without mistakes, in the eyes of every reader that is here.
set -eu

seen=0
if command -v mandoc >/dev/null; then
    seen=1
    mandoc -Tlint -W warning "$@"
fi
if command -v man >/dev/null; then
    seen=1
    for page; do
        complaints=$(man --warnings=w --encoding=UTF-8 --local-file "$page" 2>&1 >/dev/null)
        [ -z "$complaints" ] || { echo "$page: $complaints"; exit 1; }
    done
fi
[ $seen = 1 ] || { echo "neither mandoc nor man here"; exit 77; }
