#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: pages.sh PAGE…
#
# Manual pages are written without mistakes.
set -eu

if command -v mandoc >/dev/null; then
    mandoc -Tlint -W warning "$@"
elif command -v man >/dev/null; then
    for page; do
        complaints=$(man --warnings=w --encoding=UTF-8 --local-file "$page" 2>&1 >/dev/null)
        [ -z "$complaints" ] || { echo "$page: $complaints"; exit 1; }
    done
else
    echo "neither mandoc nor man here"
    exit 77
fi
