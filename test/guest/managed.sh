# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the tests of ManagedOOM* share; they name it and kills.sh in `copy:` and source it.
. ./kills.sh

systemd_version() { systemctl --version | awk 'NR == 1 { print $2 + 0 }'; }

# watched RULE CGROUP: does reapd watch that?
watched() { reapctl --no-legend watched | awk -v rule="$1" -v cgroup="$2" '$1 == rule && $NF == cgroup { found = 1 } END { exit !found }'; }
unwatched() { ! watched "$@"; }

# asks CGROUP TEXT: does oomctl list that cgroup, and TEXT in what it says of it?
asks() {
    oomctl --no-pager dump | awk -v path="Path: $1" -v text="$2" '
        { sub(/^[ \t]+/, "") }
        /^Path: / { here = $0 == path }
        here && index($0, text) { found = 1 }
        END { exit !found }'
}

# put FILE: writes it, with its folders, from standard input.
put() {
    mkdir -p "$(dirname "$1")"
    cat >"$1"
}

dead() { [ "$(systemctl show -P ActiveState "$1")" = failed ]; }
