#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: catalog.sh MESSAGE_IDS CATALOG
#
# Every message id has an entry in the catalog and every entry belongs to a message id.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed -n 's/.*= "\([0-9a-f]\{32\}\)";.*/\1/p' "$1" | sort >"$work/sent"
sed -n 's/^-- \([0-9a-f]\{32\}\)$/\1/p' "$2" | sort >"$work/explained"
[ -s "$work/sent" ]
diff "$work/sent" "$work/explained"
[ -z "$(uniq -d "$work/sent")" ]

# Fields that an entry speaks of are fields that there are.
grep -o '@[A-Z_]*@' "$2" | tr -d @ | sort -u | while read -r field; do
    grep -qF "\"$field\"" "$(dirname "$1")/journal.hpp" || { echo "no such field: $field"; exit 1; }
done

command -v journalctl >/dev/null || exit 0
mkdir -p "$work/usr/lib/systemd/catalog"
cp "$2" "$work/usr/lib/systemd/catalog/"
journalctl --root="$work" --update-catalog
