#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: types.sh SRC
#
# Checks that no two headers define a type of the same name. All of them are in one namespace: a
# program that saw both would have two meanings for one name, and the compiler need not say so.
set -eu

names=$(grep -RhoE --include='*.hpp' '^(struct|class|union|enum|enum class) [A-Za-z0-9_]+( [^;]*)?\{' "$1" |
    sed -E 's/^(enum class|struct|class|union|enum) ([A-Za-z0-9_]+).*/\2/' | sort)
[ -n "$names" ]
twice=$(echo "$names" | uniq -d)
[ -z "$twice" ] && exit
for name in $twice; do
    echo "$name is defined more than once:"
    grep -RnE --include='*.hpp' "^(struct|class|union|enum|enum class) $name( [^;]*)?\{" "$1"
done
exit 1
