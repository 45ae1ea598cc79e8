# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the tests of kills share; they name it in `copy:` and source it instead of lib.sh.
. ./lib.sh

# kernel_killed: has the kernel's own OOM killer acted?
kernel_killed() {
    journalctl -k --no-pager | grep -q 'oom-kill:'
}

told_times() { [ "$(how_often "$2")" -ge "$1" ]; }

# one_victim CGROUP RULE [COUNT]: waits until the kill is over; then reapd must have killed this
# cgroup (or one process in it) by this rule, nothing else, and told all of it. The kernel has
# killed nothing, the bystanders live, and reapd still is the one that was started. With COUNT
# this was the COUNTth kill of the test. The victim had more than `least_victim` MiB.
least_victim=50
one_victim() {
    local cgroup=$1 rule=$2 count=${3:-1} wrong
    check wait_for 60 told_times "$count" completed
    # shellcheck disable=SC2016 # The variables are jq's.
    wrong=$(journal_json | jq -rs --arg cgroup "$cgroup" --arg rule "$rule" --argjson count "$count" \
        --argjson least "$least_victim" '
        def number($name): .[$name] // "-1" | tonumber;
        map(select(.REAPD_ACTION != "hint" and .REAPD_ACTION != "reclaim"))
        | map(select(.REAPD_EVENT == "acted")) as $acted
        | map(select(.REAPD_EVENT == "completed")) as $completed
        | ($acted | last) as $kill | ($completed | last) as $done
        | ($kill.REAPD_CANDIDATES // "[]" | fromjson) as $ranking
        | { "as many kills as expected": (($acted | length) == $count),
            "as many ends as kills": (($completed | length) == $count),
            "REAPD_CGROUP": ($kill.REAPD_CGROUP == $cgroup and $done.REAPD_CGROUP == $cgroup),
            "REAPD_RULE": ($kill.REAPD_RULE == $rule),
            "REAPD_ACTION": ($kill.REAPD_ACTION == "kill"),
            "REAPD_ID": ($kill.REAPD_ID == $done.REAPD_ID),
            "REAPD_PRESSURE": (($kill | number("REAPD_PRESSURE")) > 0),
            "REAPD_WINDOW_USEC": (($kill | number("REAPD_WINDOW_USEC")) >= 500000),
            "REAPD_CANDIDATES": ([$ranking[] | select(.exempt | not)][0].cgroup == $cgroup),
            "REAPD_BYTES_BEFORE": (($kill | number("REAPD_BYTES_BEFORE")) > $least * 1048576),
            "REAPD_BYTES_RELEASED": (($done | number("REAPD_BYTES_RELEASED")) * 2
                                     > ($kill | number("REAPD_BYTES_BEFORE"))),
            "REAPD_PROCESSES": (($done | number("REAPD_PROCESSES")) > 0),
            "REAPD_SURVIVORS": (($done | number("REAPD_SURVIVORS")) == 0),
            "REAPD_SIGNAL_USEC": (($done | number("REAPD_SIGNAL_USEC")) >= 0),
            "MESSAGE": ($kill.MESSAGE | contains($cgroup)) }
        | to_entries[] | select(.value | not) | .key') || fail "the journal entries cannot be read"
    if [ -n "$wrong" ]; then
        journal_json | jq -c 'select(.REAPD_EVENT == ("acted", "completed"))
            | with_entries(select(.key | test("^(REAPD_|MESSAGE$|OBJECT_)")))'
        fail "of the kill of $cgroup, not as it should be: ${wrong//$'\n'/, }"
    fi
    ! kernel_killed || fail "the kernel had to kill"
    check bystanders_live
    check [ "$(systemctl show -P NRestarts reapd.service)" = 0 ]
}

# nothing_died: no kill was told, and none was done.
nothing_died() {
    check [ "$(how_often acted)" = 0 ]
    ! kernel_killed || fail "the kernel had to kill"
    check bystanders_live
}

# explained_to UNIT: the journal of the victim has reapd's entry, and its manager knows why.
explained_to() {
    journalctl --no-pager -u "$1" REAPD_EVENT=acted -o cat | grep -q . ||
        fail "journalctl -u $1 does not show the kill"
    local result
    result=$(systemctl show -P Result "$1")
    [ "$result" = oom-kill ] || fail "Result of $1 is $result"
}

# log_in USER [COMMAND…]: a login shell in a session of its own that reads commands from descriptor
# 7; `session` is its scope and `shell` its pid. COMMAND opens it, without it `su`.
log_in() {
    local how=("${@:2}")
    [ ${#how[@]} -gt 0 ] || how=(su - "$1")
    rm -f keyboard "/home/$1/shell.pid"
    mkfifo keyboard
    exec 7<>keyboard
    choom -n 0 -- "${how[@]}" <keyboard 7>&- &
    # shellcheck disable=SC2016 # It is the other shell's pid.
    echo 'echo $$ >shell.pid' >&7
    check wait_for 60 test -s "/home/$1/shell.pid"
    shell=$(cat "/home/$1/shell.pid")
    session=$(sed -n 's/^0:://p' "/proc/$shell/cgroup")
    case $session in
        /user.slice/user-*.slice/session-*.scope) ;;
        *) fail "the login shell is in $session" ;;
    esac
}

# user_manager USER: starts the user's service manager, without a session.
user_manager() {
    loginctl enable-linger "$1"
    check wait_for 120 test -S "/run/user/$(id -u "$1")/systemd/private"
}

# as_manager USER COMMAND…: COMMAND by that user, who talks to a manager of its own.
as_manager() {
    local user=$1
    shift
    choom -n 0 -- setpriv --reuid "$user" --regid "$user" --init-groups \
        env "XDG_RUNTIME_DIR=/run/user/$(id -u "$user")" "HOME=/home/$user" "$@"
}

# gone_pid PID: is it dead? A zombie is.
gone_pid() {
    [ ! -e "/proc/$1/stat" ] || [ "$(sed 's/.*) //' "/proc/$1/stat" | cut -c 1)" = Z ]
}

# cpu_usec UNIT: processor time it has had.
cpu_usec() {
    sed -n 's/^usage_usec //p' "/sys/fs/cgroup$(systemctl show -P ControlGroup "$1")/cpu.stat"
}
