# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Stages scenarios, one after the other in one guest, against reapd with the rules it is shipped
# with. A scenario is a file scenarios/NAME.scenario; a test names it in `stage NAME…`. Its lines,
# which happen from top to bottom:
#
#   # what this shows
#   file PATH                             a file of reapd's settings, of the lines below it that
#   | LINE                                begin so
#   set UNIT PROPERTY=VALUE…              limits of a slice or of what runs already
#   unit NAME [PROPERTY=VALUE…] = PART    a service; PART is what programs/actor does
#   idle COUNT REST                       so many services which do nothing and have all available
#                                         memory but REST MiB
#   tree NAME = PART                      a delegated service with its own cgroups below: a with
#                                         an actor of that PART, b with a small one, and self
#   scope NAME [PROPERTY=VALUE…] = PART   an application of alice's, under her service manager
#   scope-tree NAME = PART                the same with cgroups below as those of `tree`
#   app NAME = PART                       a service of alice's manager
#   nested NAME = PART                    a service of a manager that is a service of alice's
#   login NAME = PART                     a login shell of alice's starts it; there is only one
#   ssh NAME = PART                       the same with a shell that she has through sshd
#   cold NAME MIB                         pushes so much of that unit into swap
#   guest = MEMORY SWAP                   the machine it is meant for, MiB; default 512 128
#   wait = SECONDS                        before the next one starts
#   victim = CGROUP… | session/NAME | none   who must die: these cgroups; one process of the login's
#                                         session; nobody
#   tells = EVENT                         with `victim = none`: reapd must tell of it, as stuck
#   stalled = MS                          the machine must have stood still for so long, or nothing
#                                         was shown
#   rule = NAME                           the one that must decide it; default 10-machine
#   time = SECONDS                        so long it may take; with `victim = none`: so long it
#                                         goes on after all have started
#
# All others must live to its end, with their main process and without a restart. Afterwards all of
# it is stopped and the memory is back.
. ./kills.sh
. ./cast.sh
. ./killers.sh

available() { awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo; }
swap_used() { awk '/^SwapTotal:/ { t = $2 } /^SwapFree:/ { print int((t - $2) / 1024) }' /proc/meminfo; }
stalled() { sed -n 's/^full.*total=//p' /proc/pressure/memory; }
as_before() { [ "$(available)" -ge $((room - room / 10)) ]; }
at_rest() { state_is idle; }
kernel_kills() { journalctl -k --no-pager | grep -c 'oom-kill:'; }

# acts: what reapd has killed in this scenario, "CGROUP RULE" a line, for a process with its pid.
acts() {
    entries acted | tail -n +$((acts_before + 1)) |
        jq -r '"\(.REAPD_CGROUP) \(.REAPD_RULE) \(.REAPD_PID // "")"' | sed 's/ $//' | sort
}
tells_here() { [ "$(how_often "$tells")" -gt "$tells_before" ]; }
acted_times() { [ "$(how_often acted)" -ge $((acts_before + $1)) ]; }
ended_times() { [ "$(how_often completed)" -ge $((ends_before + $1)) ]; }

# wrong WHAT…: this scenario fails, and the test later.
wrong() {
    echo "  WRONG: $*"
    problems=$((problems + 1))
}

# must_die NAME: is it one of the victims?
must_die() {
    local one
    for one in "${victims[@]}"; do
        [ "${one##*/}" != "$1" ] || return 0
    done
    return 1
}

# perform: reads the scenario. Files of settings are for reapd, so another killer is spared them.
perform() {
    local kind name words file=''
    while read -r kind name words; do
        case $kind in
            '' | '#'*) continue ;;
            '|')
                echo "$name${words:+ $words}" >>"$file"
                continue
                ;;
        esac
        if [ -n "$file" ]; then
            file=''
            ! alive reapd.service || check systemctl reload reapd.service
        fi
        local arguments=()
        eval "arguments=(\"\$name\" $words)" # words as in a shell, so they may be quoted
        case $kind in
            file)
                file=$name
                files+=("$file")
                mkdir -p "${file%/*}"
                : >"$file"
                ;;
            set)
                check systemctl set-property --runtime "${arguments[@]}"
                limited+=("$name")
                ;;
            unit | idle | tree | scope | app | nested) "start_$kind" "${arguments[@]}" ;;
            scope-tree) start_scope_tree "${arguments[@]}" ;;
            login | ssh) start_in_session "$kind" "${arguments[@]}" ;;
            cold)
                # It fails when it finds less than that.
                echo "${words}M" >"/sys/fs/cgroup/system.slice/$name/memory.reclaim" 2>/dev/null
                check [ "$(swap_used)" -ge $((words * 8 / 10)) ]
                ;;
            guest) ;; # for bench-scenarios
            wait) sleep "$words" ;;
            victim)
                read -ra victims <<<"$words"
                [ "$words" != none ] || victims=()
                said_victim=yes
                ;;
            tells) ;; # was read before all others
            stalled) least_stall=$words ;;
            rule) rule=$words ;;
            time) time=$words ;;
            *) fail "$scenario: what is '$kind'?" ;;
        esac
    done <"scenarios/$scenario.scenario"
    [ "$said_victim" = yes ] || fail "$scenario says no victim"
    [ -n "$time" ] || fail "$scenario says no time"
}

# judge: has that happened which had to, and nothing else?
judge() {
    local one member name manager pid count=${#victims[@]} happened expected
    if [ "$count" = 0 ]; then
        sleep "$time"
        [ -z "$tells" ] || tells_here || wrong "reapd does not tell '$tells'"
    elif wait_for "$time" acted_times "$count"; then
        took=$((SECONDS - began))
        wait_for 30 ended_times "$count" || wrong "the kill does not come to its end"
        sleep 2 # for one too many
    else
        wrong "not enough was killed within $time s"
    fi
    happened=$(acts)
    expected=$(for one in "${victims[@]}"; do
        case $one in
            session/*) echo "$session $rule PID" ;;
            *) echo "$one $rule" ;;
        esac
    done | sort)
    # Which process it was is seen below.
    [[ ${victims[0]-} != session/* ]] || happened="${happened% *} PID"
    [ "$happened" = "$expected" ] ||
        wrong "expected '${expected//$'\n'/; }', killed '${happened//$'\n'/; }'"
    [ "$(kernel_kills)" = "$kernel_before" ] || wrong "the kernel had to kill"
    for member in "${cast[@]}"; do
        read -r name manager pid <<<"$member"
        if must_die "$name"; then
            gone_pid "$pid" || wrong "$name was to die and lives"
        elif gone_pid "$pid"; then
            wrong "$name died"
        elif [ "$manager" = - ]; then
            [ "$(systemctl show -P MainPID "$name")" = "$pid" ] ||
                wrong "$name has another main process"
        fi
    done
    check [ "$(systemctl show -P NRestarts reapd.service)" = 0 ]
}

# strike: everybody goes, and all is as it was before.
strike() {
    local name
    dismiss
    for name in "${limited[@]}"; do
        systemctl stop "$name"
        systemctl revert "$name" 2>/dev/null
    done
    if [ ${#files[@]} -gt 0 ]; then
        rm -f "${files[@]}"
        ! alive reapd.service || check systemctl reload reapd.service
    fi
    rm -rf /run/stage/* /dev/shm/*
    echo 3 >/proc/sys/vm/drop_caches
    wait_for 30 as_before || fail "after $scenario only $(available) of $room MiB are available"
}

# scene NAME: one scenario up to its end, as `judge` sees it; prints how it went.
scene() {
    local scenario=$1 victims=() said_victim=no rule=10-machine time='' problems=0 took=''
    local tells tells_before least_stall=0 began=$SECONDS stall name cast=() limited=() files=()
    check [ -e "scenarios/$scenario.scenario" ]
    tells=$(sed -n 's/^tells = //p' "scenarios/$scenario.scenario")
    tells_before=$(how_often "$tells")
    acts_before=$(how_often acted) ends_before=$(how_often completed)
    kernel_before=$(kernel_kills)
    stall=$(stalled)
    perform
    judge
    [ $((($(stalled) - stall) / 1000)) -ge "$least_stall" ] || wrong "too little stood still"
    if [ $problems = 0 ]; then echo "ok     $scenario"; else
        echo "FAILED $scenario"
        failed+=("$scenario")
    fi
    echo "       ${took:+killed after $took s, }$((SECONDS - began)) s, $((($(stalled) - stall) / 1000)) ms stalled, $(available) of $room MiB available, $(swap_used) MiB in swap"
    if [ $problems -gt 0 ]; then
        messages | tail -n 5
        for name in "${limited[@]}"; do
            grep . "/sys/fs/cgroup$(systemctl show -P ControlGroup "$name")/memory.pressure"
        done
    fi
    strike
}

set_stage() {
    mkdir -p /run/stage
    chmod 1777 /run/stage
    # What fills it shall run into the end of memory, not of the file system.
    mount -o remount,size=150% /dev/shm
    room=$(available)
}

# stage NAME…: the scenarios of these names; the test fails if one of them went wrong.
stage() {
    local name failed=()
    start_killer reapd
    check wait_for 20 at_rest
    set_stage
    for name; do
        scene "$name"
        wait_for 60 at_rest || fail "after $name reapd is not idle"
    done
    [ ${#failed[@]} = 0 ] || fail "went wrong: ${failed[*]}"
}
