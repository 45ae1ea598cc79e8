// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The one way a function in this program reports failure.

#include <cerrno>
#include <expected>
#include <string_view>

namespace reapd {

/// Which call failed and why.
///
/// Copyable without allocation, so it may be returned from the kill path. Text is
/// made from it where it is reported, never where it happens.
struct Error {
    std::string_view call{}; ///< what was attempted; refers to a string literal
    int code = 0;            ///< positive errno value

    bool operator==(const Error&) const = default;
};

/// A value or an Error. A class of its own because std::expected may be ignored silently;
/// this may not.
template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
    using std::expected<T, Error>::expected;
};

/// The failure of `call`, with errno unless a code is given.
[[nodiscard]] inline std::unexpected<Error> failed(std::string_view call,
                                                   int code = errno) noexcept {
    return std::unexpected(Error{.call = call, .code = code});
}

} // namespace reapd
