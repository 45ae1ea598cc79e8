#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: layers.sh SRC
#
# Checks that data flows one way: a folder includes only the folders named here. The files
# directly in SRC (main, guard, front) put everything together and may include all of them.
# uapi has the numbers of our kernel patches.
set -eu
cd "$1"

wrong=0
may_include() {
    # Includes name their folder, so "x.hpp" without one is an offence as well.
    if grep -Rn --include='*.?pp' --include='*.h' '^ *# *include *"' "$1" | grep -vE "\"($2)/"; then
        echo "^ $1 may include: $2"
        wrong=1
    fi
}

may_include base     'base|uapi'
may_include settings 'base|settings'
may_include sense    'base|sense'
may_include managed  'base|settings|sense|managed'
may_include decide   'base|settings|sense|decide'
may_include act      'base|act'
may_include tell     'base|settings|sense|decide|act|tell'
may_include ctl      'base|settings|sense|decide|tell|ctl'
may_include notify   'base|settings|tell|notify'

# A folder that nobody has given a place.
for folder in */; do
    case $folder in
        base/|settings/|sense/|managed/|decide/|act/|tell/|ctl/|notify/) ;;
        *) echo "src/$folder has no place among the layers"; wrong=1 ;;
    esac
done

exit $wrong
