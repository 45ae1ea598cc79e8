# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the tests of orders over the bus share; they name it in `copy:` and source it after lib.sh.

# order USER METHOD [CGROUP]: a call that lets nobody be asked.
order() {
    local words=("${@:2}")
    case $2 in
        Kill) words=(Kill 'ssa{sv}' "$3" why 0) ;;
        Freeze | Thaw) words=("$2" s "$3") ;;
    esac
    setpriv --reuid "$1" --regid "$1" --init-groups env SYSTEMD_LOG_LEVEL=debug \
        busctl --allow-interactive-authorization=no \
        call org.reapd1 /org/reapd1 org.reapd1.Manager "${words[@]}" 2>/tmp/answer
}

# refused ERROR USER METHOD [CGROUP]
refused() {
    ! order "${@:2}" && grep -qF " error-name=org.freedesktop.DBus.Error.$1 " /tmp/answer && return
    grep 'type=error' /tmp/answer
    return 1
}

# frozen CGROUP 0|1
frozen() { [ "$(sed -n 's/^frozen //p' "/sys/fs/cgroup$1/cgroup.events")" = "$2" ]; }
