# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What ./dev, the test runner and the guest harness share. Sourced, never run.

source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/reapd
build=${REAPD_BUILD:-$source_root/build}
export PATH=$PATH:/usr/sbin:/sbin

if [ -t 2 ] && [ -z "${NO_COLOR-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' clear_line=$'\r\e[K' plain=$'\e[0m'
else
    bold='' dim='' red='' clear_line='' plain=''
fi

say() { printf '%s\n' "$bold$*$plain" >&2; }
die() { printf '%s\n' "$red$*$plain" >&2; exit 1; }
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        command -v sudo >/dev/null || die "This needs root, and there is no sudo: $*"
        sudo "$@"
    fi
}

# step TEXT COMMAND…: a progress line while COMMAND runs; its output only if it fails.
# Whoever is interrupted meanwhile ends $step_pid: what runs in the background ignores Ctrl-C.
step_pid=''
step() {
    local text=$1 log status=0 start=$SECONDS
    shift
    log=$(mktemp)
    "$@" >"$log" 2>&1 </dev/null &
    step_pid=$!
    if [ -n "$clear_line" ]; then
        while kill -0 "$step_pid" 2>/dev/null; do
            printf '%s%s … %s s %s' "$clear_line" "$text" $((SECONDS - start)) \
                "$dim$(tail -n 1 "$log" | tr -d '\r' | cut -c 1-50)$plain" >&2
            sleep 0.2
        done
    else
        printf '%s …\n' "$text" >&2
    fi
    wait "$step_pid" || status=$?
    step_pid=''
    if [ $status = 0 ]; then
        printf '%s%s: %s s\n' "$clear_line" "$text" $((SECONDS - start)) >&2
    else
        printf '%s%s: failed (%s)\n' "$clear_line" "$text" $status >&2
        cat "$log" >&2
    fi
    rm -f "$log"
    return $status
}

# have PROBE: is a requirement met? PROBE is a command, pc:PKG_CONFIG_MODULE or a /file.
have() {
    case $1 in
        pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
        /*) [ -e "$1" ] ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# need PACKAGE[=PROBE]…: installs the packages whose probe (default: a command of the
# package's name) finds nothing. Probes, because they also work where there is no dpkg.
need() {
    local want missing=()
    for want; do
        have "${want#*=}" || missing+=("${want%%=*}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null ||
        die "Missing here, by the names Debian gives them: ${missing[*]}"
    compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null ||
        step "Reading package lists" as_root apt-get -q update || :
    install_packages() {
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y --no-install-recommends install "$@"
    }
    step "Installing ${missing[*]}" install_packages "${missing[@]}" && return
    # Old lists name versions that the mirror has no more.
    step "Reading package lists" as_root apt-get -q update || :
    step "Installing ${missing[*]}" install_packages "${missing[@]}" ||
        die "Cannot install: ${missing[*]}"
}

# The Debian mirror that this machine already uses.
mirror() {
    local uri=${REAPD_MIRROR-} codename
    if [ -z "$uri" ] && command -v apt-get >/dev/null; then
        codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
        # shellcheck disable=SC2016 # apt-get fills these in.
        uri=$(apt-get indextargets --format '$(ORIGIN)|$(RELEASE)|$(REPO_URI)' 'Created-By: Packages' |
            awk -F '|' -v release="$codename" \
                '($1 == "Debian" || $1 == "") && $2 == release { print $3; exit }')
    fi
    [ -n "$uri" ] || die "No Debian mirror in this machine's apt configuration; name one in REAPD_MIRROR."
    echo "${uri%/}"
}
