# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Stages scenarios, one after the other in one guest, against reapd with the rules it is shipped
# with. A scenario is a file scenarios/NAME.scenario; a test names it in `stage NAME…`. Its lines,
# which happen from top to bottom:
#
#   # what this shows
#   slice NAME.slice PROPERTY=VALUE…      limits of a slice
#   unit NAME [PROPERTY=VALUE…] = PART    a service; PART is what programs/actor does
#   tree NAME = PART                      a delegated service with its own cgroups below: a with
#                                         an actor of that PART, b with a small one, and self
#   scope NAME [PROPERTY=VALUE…] = PART   an application of alice's, under her service manager
#   login = PART                          a login shell of alice's starts it
#   cold NAME MIB                         pushes so much of that unit into swap
#   wait = SECONDS                        before the next one starts
#   victim = CGROUP | session | none      who must die: a cgroup, one process of the login's
#                                         session, nobody
#   stuck = yes                           with `victim = none`: reapd must say that it is stuck
#   rule = NAME                           the one that must decide it; default 10-machine
#   time = SECONDS                        so long it may take; with `victim = none`: so long it
#                                         goes on after all have started
#
# All others must live to its end, with their main process and without a restart. Afterwards all of
# it is stopped and the memory is back.
. ./kills.sh

available() { awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo; }
swap_used() { awk '/^SwapTotal:/ { t = $2 } /^SwapFree:/ { print int((t - $2) / 1024) }' /proc/meminfo; }
stalled() { sed -n 's/^full.*total=//p' /proc/pressure/memory; }
as_before() { [ "$(available)" -ge $((room - room / 10)) ]; }
at_rest() { state_is idle; }

# acts: what reapd has killed in this scenario, "CGROUP RULE PID" a line; without `process` in the
# kill the last is -.
acts() {
    journal_json REAPD_EVENT=acted | tail -n +$((acts_before + 1)) |
        jq -r '"\(.REAPD_CGROUP) \(.REAPD_RULE) \(.REAPD_PID // "-")"'
}
acted_here() { [ "$(how_often acted)" -gt "$acts_before" ]; }
ended_here() { [ "$(how_often completed)" -gt "$ends_before" ]; }
stuck_here() { [ "$(how_often stuck)" -gt "$stucks_before" ]; }

# wrong WHAT…: this scenario fails, and the test later.
wrong() {
    echo "  WRONG: $*"
    problems=$((problems + 1))
}

# A unit is known by "NAME MANAGER PID" until the end; MANAGER is - or the user.
remember() {
    local pid
    case $2 in
        -) pid=$(systemctl show -P MainPID "$1") ;;
        *) pid=$(cat "/run/stage/$1") ;;
    esac
    cast+=("$1 $2 $pid")
}

start_tree() {
    local name=$1
    shift
    # No double dollar: the manager would make one of it.
    # shellcheck disable=SC2016 # The inner shell's.
    service "$name" WorkingDirectory="$PWD" Delegate=yes -- bash -euc '
        own=/sys/fs/cgroup$(sed -n "s/^0:://p" /proc/self/cgroup)
        mkdir "$own/self" "$own/a" "$own/b"
        echo $BASHPID >"$own/self/cgroup.procs"
        echo +memory >"$own/cgroup.subtree_control"
        inside() { echo $BASHPID >"$own/$1/cgroup.procs"; shift; exec "$@"; }
        inside b ./actor hold 20 &
        echo $! >"/run/stage/$0.b"
        inside a ./actor "$@" &
        exec sleep infinity' "${name%.service}" "$@"
}

start_scope() {
    local name=$1 properties=()
    [ -S "/run/user/$(id -u alice)/systemd/private" ] || user_manager alice
    shift
    while [ "$1" != = ]; do
        properties+=(--property "$1")
        shift
    done
    shift
    # shellcheck disable=SC2016 # The inner shell's.
    as_manager alice systemd-run --quiet --user --scope --unit "$name" --slice app.slice \
        "${properties[@]}" -- sh -c 'echo $$ >"/run/stage/$0"; exec "$@"' \
        "$name" ./actor "$@" </dev/null &
    check wait_for 30 test -s "/run/stage/$name"
}

start_login() {
    log_in alice
    shell_pid=$shell
    rm -f /home/alice/actor.pid
    echo "$PWD/actor $* & echo \$! >actor.pid" >&7
    check wait_for 20 test -s /home/alice/actor.pid
}

perform() {
    local kind name words
    while read -r kind name words; do
        case $kind in
            '' | '#'*) continue ;;
        esac
        # shellcheck disable=SC2086 # Words are words here.
        set -- $words
        case $kind in
            slice)
                check systemctl set-property --runtime "$name" "$@"
                slices+=("$name")
                ;;
            unit)
                local properties=()
                while [ "$1" != = ]; do
                    properties+=("$1")
                    shift
                done
                shift
                service "$name" WorkingDirectory="$PWD" "${properties[@]}" -- ./actor "$@"
                remember "$name" -
                ;;
            tree)
                shift
                start_tree "$name" "$@"
                remember "$name" -
                ;;
            scope)
                start_scope "$name" "$@"
                remember "$name" alice
                ;;
            login) start_login "$@" ;;
            cold)
                # It fails when it finds less than that.
                echo "${words}M" >"/sys/fs/cgroup/system.slice/$name/memory.reclaim" 2>/dev/null
                check [ "$(swap_used)" -ge $((words * 8 / 10)) ]
                ;;
            wait) sleep "$words" ;;
            victim) victim=$words ;;
            stuck) stuck=$words ;;
            rule) rule=$words ;;
            time) time=$words ;;
            *) fail "$scenario: what is '$kind'?" ;;
        esac
    done <"scenarios/$scenario.scenario"
}

# judge: has that happened which had to, and nothing else?
judge() {
    local expected='' happened member name manager pid
    case $victim in
        none) sleep "$time" ;;
        session) victim=$session ;;
    esac
    if [ "$victim" != none ]; then
        if wait_for "$time" acted_here; then
            took=$((SECONDS - began))
            wait_for 30 ended_here || wrong "the kill does not come to its end"
            sleep 2 # for a second one
        else
            wrong "nothing was killed within $time s"
        fi
        expected="$victim $rule"
    elif [ "$stuck" = yes ]; then
        stuck_here || wrong "reapd does not say that it is stuck"
    fi
    happened=$(acts)
    case $happened in
        "$expected") ;;
        "$expected -") # a whole cgroup
            [ "$victim" != "${session-}" ] || wrong "the whole session died: $happened"
            ;;
        "$expected "*) # one process
            [ "$victim" = "${session-}" ] || wrong "only one process died: $happened"
            gone_pid "$(cat /home/alice/actor.pid)" || wrong "another process than the actor died"
            kill -0 "$shell_pid" || wrong "the login shell died"
            ;;
        *) wrong "expected '${expected:-nothing}', killed '${happened//$'\n'/; }'" ;;
    esac
    [ "$(kernel_kills)" = "$kernel_before" ] || wrong "the kernel had to kill"
    for member in "${cast[@]}"; do
        read -r name manager pid <<<"$member"
        case $victim in
            */"$name")
                gone_pid "$pid" || wrong "$name was to die and lives"
                continue
                ;;
        esac
        ! gone_pid "$pid" || wrong "$name died"
        [ "$manager" != - ] || [ "$(systemctl show -P MainPID "$name")" = "$pid" ] ||
            wrong "$name has another main process"
        [ ! -e "/run/stage/${name%.service}.b" ] || ! gone_pid "$(cat "/run/stage/${name%.service}.b")" ||
            wrong "the other part of $name died"
    done
    check [ "$(systemctl show -P NRestarts reapd.service)" = 0 ]
}

kernel_kills() { journalctl -k --no-pager | grep -c 'oom-kill:'; }

# strike: everybody goes, and all is as it was before.
strike() {
    local member name manager pid units=()
    for member in "${cast[@]}"; do
        read -r name manager pid <<<"$member"
        case $manager in
            -) units+=("$name") ;;
            *) as_manager "$manager" systemctl --user stop "$name" 2>/dev/null ;;
        esac
    done
    if [ ${#units[@]} -gt 0 ]; then # SIGTERM is not for the deaf
        systemctl kill --signal KILL "${units[@]}" 2>/dev/null
        systemctl stop "${units[@]}" 2>/dev/null
        systemctl reset-failed "${units[@]}" 2>/dev/null
    fi
    if [ -n "${session-}" ]; then
        loginctl terminate-session "$(basename "${session#*session-}" .scope)" 2>/dev/null
        exec 7>&-
        unset session
    fi
    for name in "${slices[@]}"; do
        systemctl stop "$name"
        systemctl revert "$name" 2>/dev/null
    done
    rm -f /run/stage/*
    echo 3 >/proc/sys/vm/drop_caches
    wait_for 30 as_before || fail "after $scenario only $(available) of $room MiB are available"
    wait_for 60 at_rest || fail "after $scenario reapd is not idle"
}

# stage NAME…: the scenarios of these names; the test fails if one of them went wrong.
stage() {
    local scenario failed=()
    mkdir -p /run/stage
    chmod 1777 /run/stage
    start_reapd
    check wait_for 20 at_rest
    room=$(available)
    for scenario; do
        local victim='' rule=10-machine stuck=no time='' problems=0 took='' began stall slice
        cast=() slices=()
        acts_before=$(how_often acted) ends_before=$(how_often completed)
        stucks_before=$(how_often stuck) kernel_before=$(kernel_kills)
        check [ -e "scenarios/$scenario.scenario" ]
        began=$SECONDS stall=$(stalled)
        perform
        [ -n "$victim" ] || fail "$scenario says no victim"
        [ -n "$time" ] || fail "$scenario says no time"
        judge
        if [ $problems = 0 ]; then echo "ok     $scenario"; else
            echo "FAILED $scenario"
            failed+=("$scenario")
        fi
        echo "       ${took:+killed after $took s, }$((SECONDS - began)) s, $((($(stalled) - stall) / 1000)) ms stalled, $(available) of $room MiB available, $(swap_used) MiB in swap"
        if [ $problems -gt 0 ]; then
            messages | tail -n 5
            for slice in "${slices[@]}"; do
                grep . "/sys/fs/cgroup/$slice/memory.pressure"
            done
        fi
        strike
    done
    [ ${#failed[@]} = 0 ] || fail "went wrong: ${failed[*]}"
}
