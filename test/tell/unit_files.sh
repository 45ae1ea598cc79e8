#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: unit_files.sh SERVICE SLICE SOCKET
#
# Holds the unit to its confinement and its files to systemd's own check.
set -eu

command -v systemd-analyze >/dev/null || { echo "no systemd-analyze here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The program is not installed where the unit looks for it.
sed 's,^\(ExecStart\|ExecStopPost\)=.*,\1=/bin/true,' "$1" >"$work/reapd.service"
cp "$2" "$work/reapd.slice"
cp "$3" "$work/reapd-oom.socket"
systemd-analyze verify --man=no "$work/reapd.service" "$work/reapd.slice" \
    "$work/reapd-oom.socket" 2>"$work/complaints" ||
    { cat "$work/complaints"; exit 1; }
if grep -F "$work" "$work/complaints"; then
    exit 1
fi

# 2.0 of 10; what remains is what the work takes (comments in the unit).
systemd-analyze security --no-pager --offline=true --threshold=20 "$work/reapd.service" >"$work/score" ||
    { cat "$work/score"; exit 1; }
tail -n 1 "$work/score"
