# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the tests in guests share. A test is a bash script named *.test that sources this file;
# its header tells the runner what it wants:
#
#   # promise: one sentence: what holds if this passes
#   # seconds: 40              the whole run's cost in an emulated guest
#   # memory: 1024             optional, as are all below; MiB
#   # swap: 512   # zram: 256  MiB, default none
#   # cpus: 2
#   # suite: bookworm trixie   where it holds; the CI set takes bookworm only. bookworm+desktop
#                              has polkit, a session bus and what shows notifications
#   # append: psi=0            more kernel arguments; costs a boot
#   # copy: demo @build/test/guest/programs/hog    beside the test; relative to test/guest
#   # set: all                 not in the CI set
#
# hog and probe (see programs/) always lie beside the test.

set -u
# The console is a terminal that nobody sits at.
export SYSTEMD_PAGER=cat

fail() {
    echo "FAIL: $*"
    echo "--- reapd's last entries, then what is under pressure"
    journalctl --no-pager -n 20 -u reapd.service
    head -n 3 /proc/meminfo
    head -n 2 /proc/pressure/memory
    exit 1
}

# check COMMAND…: the test fails unless COMMAND succeeds.
check() { "$@" || fail "$*"; }

skip() {
    echo "SKIP: $*"
    exit 77
}

# wait_for SECONDS COMMAND…: until COMMAND succeeds; false after SECONDS. The clock is the
# guest's, which runs on while an emulated processor is slow, so be generous.
wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.2
    done
}

# write_rule NAME: a rule from standard input.
write_rule() {
    mkdir -p /etc/reapd/rules.d
    cat >"/etc/reapd/rules.d/$1.rule"
}

# only_my_rules: masks the shipped ones.
only_my_rules() {
    local rule
    mkdir -p /etc/reapd/rules.d
    for rule in /usr/lib/reapd/rules.d/*.rule; do
        ln -sf /dev/null "/etc/reapd/rules.d/${rule##*/}"
    done
}

# start_reapd: returns when it says it is ready.
start_reapd() {
    systemctl start reapd.service || fail "reapd.service does not start"
}

# journal_json [MATCH…]: reapd's entries, one JSON object a line. All of them are the test's:
# its guest is fresh. (--after-cursor with a match loses the first entry, in systemd 252.)
journal_json() { journalctl --no-pager --all -o json _SYSTEMD_UNIT=reapd.service "$@"; }

# entries EVENT [ACTION]: those with that REAPD_EVENT=, and that REAPD_ACTION=; without ACTION not
# those about hints and reclaim, which the shipped rules may do at any time and nobody suffers from.
entries() {
    if [ -n "${2-}" ]; then
        journal_json "REAPD_EVENT=$1" "REAPD_ACTION=$2"
    else
        journal_json "REAPD_EVENT=$1" | grep -vE '"REAPD_ACTION" ?: ?"(hint|reclaim)"'
    fi
}

# entry EVENT [FIELD [ACTION]]: the first of them, or one field of it; fails when there is none.
entry() {
    local found
    found=$(entries "$1" "${@:3}" | head -n 1 | jq -r ".${2-} // empty")
    [ -n "$found" ] && echo "$found"
}

# told EVENT [ACTION]: is there one?
told() { entries "$@" | grep -q .; }

# how_often EVENT [ACTION]: prints how many there are.
how_often() { entries "$@" | grep -c .; }

alive() { systemctl --quiet is-active "$1"; }

gone() { ! alive "$1"; }

# service NAME [PROPERTY=VALUE…] -- COMMAND…: starts a transient unit; it dies like any other.
service() {
    local name=$1 properties=()
    shift
    while [ "$1" != -- ]; do
        properties+=(--property "$1")
        shift
    done
    shift
    systemd-run --quiet --unit "$name" "${properties[@]}" -- "$@" || fail "$name does not start"
}

# bystanders: three small services that every test keeps an eye on; `check bystanders_live`.
bystander() { service "bystander$1" -- "$PWD/hog" 40; }

bystanders() {
    local n
    for n in 1 2 3; do
        bystander "$n"
    done
}

bystanders_live() { alive bystander1 && alive bystander2 && alive bystander3; }

# as_user USER COMMAND…: in a session of its own, with the memory protection of the job off.
as_user() {
    local user=$1
    shift
    choom -n 0 -- su - "$user" -c "$*"
}

# messages: reapd's since the test began, one a line.
messages() { journal_json | jq -r '.MESSAGE | strings'; }

# said TEXT: is it in one of them?
said() { messages | grep -qF -- "$1"; }

# how_often_said TEXT: prints how many messages have it. Ask after something that is said later.
how_often_said() { messages | grep -cF -- "$1"; }

# property NAME: one of the daemon's on the bus, as JSON; fails when nobody answers.
property() {
    local found
    found=$(busctl --json=short get-property org.reapd1 /org/reapd1 org.reapd1.Manager "$1") &&
        jq -c .data <<<"$found"
}

state_is() { [ "$(property State)" = "\"$1\"" ]; }

# quick_rule NAME: writes a rule that needs no pressure: it kills the largest once memory is a
# third full, which even an emulated processor achieves in a few seconds.
quick_rule() {
    write_rule "$1" <<'RULE'
[Rule]
Watch=/
[When]
MemoryAvailable=<65%
[Victim]
Order=size
RULE
}

# dies NAME RULE: does a service that takes 40 % of the memory die by that rule?
dies() {
    local total
    read -r _ total _ </proc/meminfo
    service "$1" -- "$PWD/hog" $((total * 40 / 102400))
    wait_for 60 [ ! -e "/sys/fs/cgroup/system.slice/$1.service" ] &&
        wait_for 20 acted_on "/system.slice/$1.service" "$2"
}

# acted_on CGROUP RULE: does an entry say so?
acted_on() { journal_json REAPD_EVENT=acted "REAPD_CGROUP=$1" "REAPD_RULE=$2" | grep -q .; }
