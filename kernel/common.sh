# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the scripts of this folder share. Sourced, never run.

kernel_root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$kernel_root/../test/guest/harness/common.sh"
kernels=$cache/kernel

# Newest first: what is meant when no series is named.
all_series() {
    local folder
    for folder in "$kernel_root"/series/*/; do
        basename "$folder"
    done | sort --reverse --version-sort
}

known_series() {
    [ -e "$kernel_root/series/$1/series" ] || die "No such series: $1 ($(all_series | xargs))"
}

# bases SERIES: lines "VERSION SHA256 PATH-ON-THE-MIRROR", the one tested by default first.
bases() { sed '/^#/d' "$kernel_root/series/$1/bases"; }

versions() { bases "$1" | cut -d ' ' -f 1; }

# patches SERIES: the files in their order.
patches() {
    sed -e 's/ *#.*//' -e '/^$/d' -e "s|^|$kernel_root/series/$1/|" "$kernel_root/series/$1/series"
}

# The patch without which the stress has to crash, if the series has one.
guard() { sed -n "s|^\([^ ]*\) *# guard\$|$kernel_root/series/$1/\1|p" "$kernel_root/series/$1/series"; }
