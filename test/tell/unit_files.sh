#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: unit_files.sh SERVICE SLICE SOCKET MANUAL
#
# Holds the unit to its confinement, its files to systemd's own check, and its privileges to the
# manual.
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

# 2.3 of 10, of which 0.3 for the right to look into others (Do=hint); what remains is what the work takes (comments in the unit).
systemd-analyze security --no-pager --offline=true --threshold=23 "$work/reapd.service" >"$work/score" ||
    { cat "$work/score"; exit 1; }
tail -n 1 "$work/score"

capabilities=$(sed -n 's/^CapabilityBoundingSet=//p' "$1")
for capability in $capabilities; do
    grep -qx ".B $capability" "$4" || { echo "$capability is not in $4"; exit 1; }
done
