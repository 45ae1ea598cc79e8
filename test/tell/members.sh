#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: members.sh INTROSPECT PAGE
#
# org.reapd1(5) has the members of org.reapd1.Manager and org.reapd1.Rule with their types, all of
# them and in their order, and no others; * stands at the properties that announce their changes.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" >"$work/xml"

# NAME TYPE of properties, NAME INS of signals, NAME INS -> OUTS of methods.
awk '
    function value(key) {
        return match($0, key "=\"[^\"]*\"") ? substr($0, RSTART + length(key) + 2, RLENGTH - length(key) - 3) : ""
    }
    function end() {
        if (member != "")
            print member, "(" ins ")" (outs != "" ? "->" outs : "")
        member = ""
    }
    /<interface / { ours = value("name") ~ /^org\.reapd1\./ }
    !ours { next }
    /<property / { property = value("name") " (" value("type") ")"; told = " *" }
    /EmitsChangedSignal/ && value("value") != "true" { told = "" }
    property != "" && /<\/property>|<property .*\/>/ { print property told; property = "" }
    /<(method|signal) / { member = value("name"); ins = outs = "" }
    /<arg / {
        if (value("direction") == "out")
            outs = outs (outs != "" ? ", " : "") value("type")
        else
            ins = ins (ins != "" ? ", " : "") value("type") " " value("name")
    }
    /<method .*\/>|<signal .*\/>|<\/(method|signal)>/ { end() }
' "$work/xml" >"$work/offered"
[ -s "$work/offered" ]

# The line after .TP or .TQ begins with the name; types stand in its quoted part.
sed -n '/^\.T[PQ]$/ { n; s/^\.BR* \([A-Z][A-Za-z0-9]*\) *"\([^"]*\)".*/\1 \2/p; }' "$2" |
    sed 's/\\//g; s/ (->) / /; s/ *(-> */->/; s/  */ /g' >"$work/described"
diff "$work/offered" "$work/described"
