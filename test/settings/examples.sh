#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: examples.sh REAPCTL COUNT PAGE…
#
# Takes every file below /etc/reapd out of the pages, at least COUNT of them, and has reapctl check
# each by itself and all of a page together. A file is named by a line ".I PATH" and stands between
# the next ".nf" and ".fi".
set -eu

reapctl=$1 least=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
found=0

for page; do
    root=$work/$(basename "$page")
    mkdir -p "$root/sys/fs/cgroup"
    awk -v root="$root" '
        /^\.I \/etc\/reapd\// { name = $2; gsub(/\\-/, "-", name) }
        /^\.fi$/ { inside = 0; name = "" }
        inside && !/^\.R[SE]$/ {
            gsub(/\\-/, "-"); gsub(/\\e/, "\\")
            print > (root name)
        }
        /^\.nf$/ && name != "" {
            inside = 1
            folder = root name; sub(/[^\/]*$/, "", folder)
            system("mkdir -p \"" folder "\"")
        }' "$page"
    # A drop-in is for a rule that reapd brings along.
    mkdir -p "$root/usr/lib/reapd"
    cp -r "$(dirname "$0")/../../units/rules.d" "$root/usr/lib/reapd/"
    for file in $(find "$root/etc/reapd" -type f | sort); do
        found=$((found + 1))
        "$reapctl" check "$file" >"$work/said" || { echo "$file:"; cat "$work/said"; exit 1; }
    done
    "$reapctl" --root="$root" check >"$work/said" || { cat "$work/said"; exit 1; }
    tail -n 1 "$work/said"
done
echo "$found files"
[ "$found" -ge "$least" ]
