#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: history.sh REAPCTL
#
# Writes a journal as two runs of the daemon and somebody who passes for it would, and reads it
# with "reapctl history".
set -eu
export LC_ALL=C TZ=UTC

for remote in systemd-journal-remote /usr/lib/systemd/systemd-journal-remote \
    /lib/systemd/systemd-journal-remote none; do
    ! command -v "$remote" >/dev/null || break
done
[ "$remote" != none ] || { echo "systemd-journal-remote is not here"; exit 77; }

reapctl=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# entry SECOND PID UNIT MESSAGE_ID FIELD…
boot=0123456789abcdef0123456789abcdef
entry() {
    printf '__REALTIME_TIMESTAMP=%s123456\n__MONOTONIC_TIMESTAMP=%s123456\n' "$1" "$1"
    printf '_BOOT_ID=%s\n_PID=%s\n_SYSTEMD_UNIT=%s\nMESSAGE_ID=%s\n' "$boot" "$2" "$3" "$4"
    shift 4
    printf '%s\n' "$@" ''
}
killed=5391ffb8ca0a46b7b0a96da9388ddb99
completed=c63d393cd01a4aae846f74b05b1e72f4
stuck=2f39533dc287435eacc9abd8cbc7876f
repeated=a538f65cb9814f7bbfac85b3fd8898ec
reloaded=df5e911c12164597ac2e5b14a40c4218
{
    entry 1000 10 reapd.service $killed REAPD_EVENT=acted REAPD_ID=1 REAPD_ACTION=kill \
        REAPD_CGROUP=/first REAPD_RULE=a REAPD_PRESSURE=40.00 MESSAGE=First.
    entry 1001 10 reapd.service $completed REAPD_EVENT=completed REAPD_ID=1 \
        REAPD_BYTES_RELEASED=1048576 REAPD_RELEASE_USEC=5000 MESSAGE=Done.
    entry 1002 11 evil.service $killed REAPD_EVENT=acted REAPD_ID=1 REAPD_CGROUP=/forged \
        MESSAGE=Forged.
    entry 2000 20 reapd.service $reloaded REAPD_EVENT=reloaded MESSAGE=Reloaded.
    entry 2001 20 reapd.service $killed REAPD_EVENT=acted REAPD_ID=1 REAPD_ACTION=kill \
        REAPD_CGROUP=/second REAPD_RULE=b REAPD_PRESSURE=20.00 MESSAGE=Second.
    entry 2002 20 reapd.service $stuck REAPD_EVENT=stuck REAPD_WATCHED=/slice REAPD_RULE=b \
        REAPD_PRESSURE=90.00 MESSAGE=Stuck.
    entry 2003 20 reapd.service $repeated REAPD_EVENT=repeated REAPD_WATCHED=/slice REAPD_RULE=b \
        REAPD_COUNT=12 'MESSAGE=12 more like this within 1min: Stuck.'
} >"$work/export"
mkdir "$work/journal"
"$remote" -o "$work/journal/system.journal" "$work/export" 2>"$work/complaints" ||
    { cat "$work/complaints"; exit 1; }

history() { "$reapctl" history --directory="$work/journal" "$@"; }
expect() { diff "$work/expected" "$work/got" || { echo "^ $*"; exit 1; }; }

history >"$work/got"
cat >"$work/expected" <<'END'
TIME                     ID  ACTION    RULE  STALL   RELEASED  IN     CGROUP
Thu 1970-01-01 00:16:40  1   kill      a     40.00%  1M        5.0ms  /first
Thu 1970-01-01 00:33:21  1   kill      b     20.00%  -         -      /second
Thu 1970-01-01 00:33:22  -   stuck     b     90.00%  -         -      /slice
Thu 1970-01-01 00:33:23  -   repeated  b     -       -         -      /slice

4 events listed.
END
expect "all that the daemon did, over its restarts, and nothing forged"

history --no-legend --since=@2000 --until=@2001 >"$work/got"
echo 'Thu 1970-01-01 00:33:21  1  kill  b  20.00%  -  -  /second' >"$work/expected"
expect "a part"

history --no-legend -n 1 >"$work/got"
echo 'Thu 1970-01-01 00:33:23  -  repeated  b  -  -  -  /slice' >"$work/expected"
expect "the newest"

history --no-legend >"$work/expected"
history --no-legend -n 4 >"$work/got"
expect "as many as there are, from the end"

history --no-legend -n 1 --until=@1500 >"$work/got"
echo 'Thu 1970-01-01 00:16:40  1  kill  a  40.00%  1M  5.0ms  /first' >"$work/expected"
expect "the newest until a time, with its end"

history --no-legend -n 5 --since=@2003 >"$work/got"
echo 'Thu 1970-01-01 00:33:23  -  repeated  b  -  -  -  /slice' >"$work/expected"
expect "the newest since a time"

history 1 | head -n 1 >"$work/got"
echo '1: Second.' >"$work/expected"
expect "of two runs the newer event"

history 1 --until=@1500 | head -n 1 >"$work/got"
echo '1: First.' >"$work/expected"
expect "of two runs the older event"

history 1 --until='1970-01-01 00:16:40' >"$work/got"
grep -q '  Released: 1M of ' "$work/got" || { echo "the time that the table shows"; exit 1; }

history 1 --until=@1500 --json=short >"$work/json"
grep -q '"bytes_released":1048576' "$work/json"
[ "$(wc -l <"$work/json")" = 1 ]

status=0
history 9 >"$work/got" 2>&1 || status=$?
[ $status = 1 ]
grep -q 'no event 9' "$work/got"
status=0
history first 2>/dev/null || status=$?
[ $status = 2 ]

for words in '1 --follow' '--follow --until=now'; do
    status=0
    # shellcheck disable=SC2086 # several words
    history $words >"$work/got" 2>&1 || status=$?
    [ $status = 2 ]
    grep -q 'follow' "$work/got"
done

status=0
history >/dev/full 2>"$work/got" || status=$?
[ $status = 1 ]
grep -q 'No space left' "$work/got"

timeout 1 "$reapctl" history --directory="$work/journal" --follow --json=short -n 2 \
    >"$work/got" || [ $? = 124 ]
[ "$(grep -c '^{.*}$' "$work/got")" = 2 ]
