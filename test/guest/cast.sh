# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Who takes part in a scenario: services, containers, applications of a user, what is started from
# a login shell. Each is an actor (programs/actor.c) that has the name of its unit. `cast` has a
# line "NAME MANAGER PID" for each; MANAGER is who can stop it: - the system's, alice hers, and .
# nobody, for it goes with another.

remember() { cast+=("$1 $2 $3"); }

# split_at_equals WORD… = WORD…: into `properties` what is before, into `part` what is after.
split_at_equals() {
    properties=() part=()
    while [ "$1" != = ]; do
        properties+=("$1")
        shift
    done
    part=("${@:2}")
}

start_unit() {
    local properties part name=$1
    split_at_equals "${@:2}"
    service "$name" WorkingDirectory="$PWD" "${properties[@]}" -- \
        ./actor as "${name%.*}" "${part[@]}"
    remember "$name" - "$(systemctl show -P MainPID "$name")"
}

# start_idle COUNT REST: so many services that have all available memory but REST MiB, in equal
# parts.
start_idle() {
    local n each=$((($(available) - $2) / $1))
    echo "       $1 of $each MiB each"
    for n in $(seq "$1"); do
        start_unit "idle$n.service" = hold $each
    done
}

# Delegated, with cgroups of its own below: `a` has an actor of the part, `b` a small one, `self`
# the process that is in charge of them.
# No double dollar: the service manager would make one of it.
# shellcheck disable=SC2016 # The inner shell's.
tree='
    own=/sys/fs/cgroup$(sed -n "s/^0:://p" /proc/self/cgroup)
    mkdir "$own/self" "$own/a" "$own/b"
    echo $BASHPID >"$own/self/cgroup.procs"
    echo $BASHPID >"/run/stage/$0"
    echo +memory >"$own/cgroup.subtree_control"
    inside() { echo $BASHPID >"$own/$1/cgroup.procs"; exec ./actor as "$@"; }
    inside b hold 20 &
    echo $! >"/run/stage/$0.b"
    inside a "$@" &
    echo $! >"/run/stage/$0.a"
    exec sleep infinity'

remember_tree() {
    check wait_for 120 test -s "/run/stage/$1.a"
    remember "$1" "$2" "$(cat "/run/stage/$1")"
    remember a . "$(cat "/run/stage/$1.a")"
    remember b . "$(cat "/run/stage/$1.b")"
}

start_tree() {
    local properties part name=$1
    split_at_equals "${@:2}"
    service "$name" WorkingDirectory="$PWD" Delegate=yes -- bash -euc "$tree" "$name" "${part[@]}"
    remember_tree "$name" -
}

as_alice() {
    [ -S "/run/user/$(id -u alice)/systemd/private" ] || user_manager alice
    as_manager alice "$@"
}

# in_scope NAME [PROPERTY=VALUE…] -- COMMAND…: runs until the scope ends.
in_scope() {
    local name=$1 options=()
    shift
    while [ "$1" != -- ]; do
        options+=(--property "$1")
        shift
    done
    as_alice systemd-run --quiet --user --scope --unit "$name" --slice app.slice \
        "${options[@]}" "$@" </dev/null
}

start_scope() {
    local properties part name=$1
    split_at_equals "${@:2}"
    # shellcheck disable=SC2016 # The inner shell's.
    in_scope "$name" "${properties[@]}" -- sh -c 'echo $$ >"/run/stage/$0"; exec "$@"' \
        "$name" ./actor as "${name%.*}" "${part[@]}" &
    check wait_for 120 test -s "/run/stage/$name"
    remember "$name" alice "$(cat "/run/stage/$name")"
}

start_scope_tree() {
    local properties part name=$1
    split_at_equals "${@:2}"
    in_scope "$name" Delegate=yes -- bash -euc "$tree" "$name" "${part[@]}" &
    remember_tree "$name" alice
}

start_app() {
    local properties part name=$1
    split_at_equals "${@:2}"
    as_alice systemd-run --quiet --user --unit "$name" -- \
        "$PWD/actor" as "${name%.*}" "${part[@]}" || fail "$name does not start"
    remember "$name" alice "$(as_alice systemctl --user show -P MainPID "$name")"
}

# A service of alice's that is a service manager itself; the actor is a service of that one.
start_nested() {
    local properties part name=$1 inner inside
    split_at_equals "${@:2}"
    inner=/run/user/$(id -u alice)/inner
    inside=(env "XDG_RUNTIME_DIR=$inner")
    as_alice mkdir -p "$inner"
    as_alice systemd-run --quiet --user --unit inner.service --property Delegate=yes \
        --setenv "XDG_RUNTIME_DIR=$inner" -- /lib/systemd/systemd --user
    remember inner.service alice "$(as_alice systemctl --user show -P MainPID inner.service)"
    check wait_for 120 test -S "$inner/systemd/private"
    as_alice "${inside[@]}" systemd-run --quiet --user --unit "$name" -- \
        "$PWD/actor" as "${name%.*}" "${part[@]}" || fail "$name does not start"
    remember "$name" . "$(as_alice "${inside[@]}" systemctl --user show -P MainPID "$name")"
}

# open_session login|ssh
open_session() {
    case $1 in
        login) log_in alice su - alice -c 'exec setsid bash -l' ;; # as login(1) does
        ssh)
            systemctl start ssh.service
            as_user alice 'mkdir -p -m 700 .ssh; rm -f .ssh/key; ssh-keygen -q -t ed25519 -N "" -f .ssh/key
                cp .ssh/key.pub .ssh/authorized_keys'
            cp /home/alice/.ssh/key /run/stage/key
            log_in alice ssh -T -i /run/stage/key -o StrictHostKeyChecking=no \
                -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR alice@127.0.0.1 exec bash -l
            ;;
    esac
    # shellcheck disable=SC2154 # By log_in.
    remember "$(basename "$session")" . "$shell"
}

# start_in_session login|ssh NAME = PART: the first one opens the session of all.
start_in_session() {
    local properties part name=$2
    [ -n "${session-}" ] || open_session "$1"
    split_at_equals "${@:3}"
    rm -f /home/alice/actor.pid
    echo "$PWD/actor as $name ${part[*]} & echo \$! >actor.pid" >&7
    check wait_for 20 test -s /home/alice/actor.pid
    remember "$name" . "$(cat /home/alice/actor.pid)"
}

# dismiss: all of them go, however deaf they are.
dismiss() {
    local member name manager pid units=()
    for member in "${cast[@]}"; do
        read -r name manager pid <<<"$member"
        case $manager in
            -) units+=("$name") ;;
            alice)
                as_alice systemctl --user kill --signal KILL "$name" 2>/dev/null
                as_alice systemctl --user stop "$name" 2>/dev/null
                as_alice systemctl --user reset-failed "$name" 2>/dev/null
                ;;
        esac
    done
    if [ ${#units[@]} -gt 0 ]; then
        systemctl kill --signal KILL "${units[@]}" 2>/dev/null
        systemctl stop "${units[@]}" 2>/dev/null
        systemctl reset-failed "${units[@]}" 2>/dev/null
    fi
    if [ -n "${session-}" ]; then
        echo 1 >"/sys/fs/cgroup$session/cgroup.kill"
        loginctl terminate-session "$(basename "${session#*session-}" .scope)" 2>/dev/null
        exec 7>&-
        unset session
    fi
}
