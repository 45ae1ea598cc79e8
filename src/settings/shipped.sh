#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: shipped.sh FILE.rule...
#
# Prints the C++ source of shipped_rules(): each file between the marks of a raw string, so that
# the program and the installed files cannot differ.
set -eu

cat <<'END'
#include "settings/shipped.hpp"

namespace {

constexpr reapd::ShippedRule rules[] = {
END
for file; do
    printf '{"%s", R"rule(' "$(basename "$file" .rule)"
    cat "$file"
    printf ')rule"},\n'
done
cat <<'END'
};

} // namespace

std::span<const reapd::ShippedRule> reapd::shipped_rules() noexcept { return rules; }
END
