# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The killers that scenarios are staged against, each as a distribution would run it: its package's
# unit and settings, in Debian 12. What had to be added:
#
#   reapd         nothing; the rules it is shipped with
#   systemd-oomd  Debian's package watches user@.service alone (50 %, 20 s). What Fedora has or had
#                 besides: system.slice by the same numbers, and swap use (90 %) of everything.
#   oomd          nothing. Its settings watch user.slice (60 % for 30 s), system.slice (80 % for
#                 60 s) and free swap (10 %), every 5 s.
#   earlyoom      nothing. SIGTERM at 10 % of memory and of swap, SIGKILL at 5 %.
#   nohang        nothing; nohang.service, not the one for desktops.
#   kernel        nobody but the kernel's OOM killer

killers=(reapd systemd-oomd oomd earlyoom nohang kernel)

# setting FILE: from standard input.
setting() {
    mkdir -p "${1%/*}"
    cat >"$1"
}

ask_systemd_oomd() {
    rm /etc/systemd/{oomd.conf.d,system/-.slice.d,system/user@.service.d}/10-oomd-*.conf # masks
    printf '[Slice]\nManagedOOMSwap=kill\n' | setting /etc/systemd/system/-.slice.d/50-bench.conf
    printf '[Slice]\nManagedOOMMemoryPressure=kill\nManagedOOMMemoryPressureLimit=50%%\n' |
        setting /etc/systemd/system/system.slice.d/50-bench.conf
    systemctl daemon-reload
}

watched_by_oomd() { oomctl | grep -q 'Path: /system.slice'; }

# start_killer NAME: `killer_pid` is its process, 0 for the kernel.
start_killer() {
    killer_pid=0
    # A user's manager, which its package asks it to watch, would start it beside any other.
    [ "$1" = systemd-oomd ] ||
        systemctl --quiet mask --now --runtime systemd-oomd.service systemd-oomd.socket
    case $1 in
        kernel) return ;;
        reapd) start_reapd ;;
        systemd-oomd)
            ask_systemd_oomd
            systemctl start systemd-oomd.service || fail "$1 does not start"
            check wait_for 30 watched_by_oomd
            ;;
        oomd | earlyoom | nohang) systemctl start "$1.service" || fail "$1 does not start" ;;
        *) fail "there is no killer '$1'" ;;
    esac
    sleep 3 # They do not say when they are ready.
    check alive "$1.service"
    killer_pid=$(systemctl show -P MainPID "$1.service")
}

killer_version() {
    case $1 in
        kernel) uname -r ;;
        *) dpkg-query --showformat '${Version}\n' --show "$1" 2>/dev/null || echo - ;;
    esac
}
