#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: screen.sh REAPD_NOTIFY ANNOUNCE [PICTURE]
#
# The whole way from reapd's signals to the screen: two private buses, a real notification daemon
# on a virtual screen, and a picture of it.
set -u

notify=$1 announce=$2 picture=${3-}
for program in dbus-daemon Xvfb dunst dunstctl import; do
    command -v $program >/dev/null || { echo "SKIP: notify/screen: no $program"; exit 77; }
done

work=$(mktemp -d)
children=()
end() {
    kill "${children[@]}" 2>/dev/null
    wait
    rm -rf "$work"
}
trap end EXIT
fail() {
    echo "FAIL: $*"
    tail -n 20 "$work"/*.log
    exit 1
}
# await COMMAND…: until it succeeds, but not for ever.
await() {
    local tries
    for tries in $(seq 300); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    echo "after $tries tries:"
    return 1
}

# start_bus NAME: a bus where everybody may do everything; prints nothing, waits for its address.
start_bus() {
    cat >"$work/$1.conf" <<CONF
<busconfig><listen>unix:path=$work/$1</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow own="*"/>
<allow eavesdrop="true"/></policy></busconfig>
CONF
    dbus-daemon --nofork --config-file="$work/$1.conf" >"$work/$1.log" 2>&1 &
    children+=($!)
    await test -S "$work/$1" || fail "no bus"
}
start_bus system
start_bus session
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$work/system DBUS_SESSION_BUS_ADDRESS=unix:path=$work/session

mkdir -p "$work/home" "$work/data/applications"
export HOME=$work/home XDG_DATA_HOME=$work/data
printf '[Desktop Entry]\nName=Web Browser\nName[de]=Netzbetrachter\n' \
    >"$work/data/applications/org.example.Browser.desktop"

Xvfb -displayfd 3 -screen 0 800x300x24 3>"$work/display" >"$work/xvfb.log" 2>&1 &
children+=($!)
await test -s "$work/display" || fail "no screen"
DISPLAY=:$(cat "$work/display")
export DISPLAY
dunst >"$work/dunst.log" 2>&1 &
children+=($!)
await dunstctl is-paused || fail "no notification daemon"

env -u LC_ALL LC_MESSAGES=de_AT.UTF-8 "$notify" 2>"$work/notify.log" &
children+=($!)
listens() { busctl --address="$DBUS_SYSTEM_BUS_ADDRESS" --list --no-legend list | grep -q reapd-notify; }
await listens || fail "reapd-notify is not on the bus"
slice=/user.slice/user-$(id -u).slice/user@$(id -u).service/app.slice
"$announce" "$slice/app-gnome-org.example.Browser-4711.scope" >"$work/announce.log" 2>&1 &
children+=($!)

shown() { dunstctl history; dunstctl count displayed; }
is_shown() { [ "$(dunstctl count displayed)" = 1 ]; }
await is_shown || fail "nothing is shown: $(shown)"
# Replaced in place: still one.
sleep 1
is_shown || fail "not one notification: $(shown)"
[ -z "$picture" ] || import -window root "$picture" || fail "no picture"
dunstctl close-all
history=$(dunstctl history)
for text in 'Netzbetrachter was closed to free memory' '31% of the time' '790M of memory came back' \
    'Rule: 10-machine'; do
    grep -qF "$text" <<<"$history" || fail "\"$text\" is not in: $history"
done
echo "shown: Netzbetrachter was closed to free memory"
