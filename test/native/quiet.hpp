// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Ends the program when the kill path allocates: in a Quiet scope, no allocation may happen in
/// this thread, nor in any other but the main one.

namespace reapd::test {

class Quiet {
public:
    Quiet() noexcept;
    ~Quiet();
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;
};

/// Whether this build can tell: a sanitizer has the allocator for itself.
bool can_be_quiet() noexcept;

} // namespace reapd::test
