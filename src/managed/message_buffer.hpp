// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Messages out of a stream of bytes: each ends with one NUL, and a read ends anywhere.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reapd {

class MessageBuffer {
public:
    /// For messages of up to `longest` bytes.
    explicit MessageBuffer(std::size_t longest) noexcept : longest_{longest} {}

    void append(std::string_view bytes) { bytes_ += bytes; }

    /// The next whole message, without its NUL, until the next call of a member.
    std::optional<std::string_view> next() {
        bytes_.erase(0, taken_);
        searched_ -= taken_;
        taken_ = 0;
        const std::size_t end = bytes_.find('\0', searched_);
        searched_ = end == std::string::npos ? bytes_.size() : end + 1;
        too_long_ = too_long_ || searched_ > longest_ + 1;
        if (end == std::string::npos || too_long_) {
            if (bytes_.empty())
                bytes_.shrink_to_fit(); // a peer that says nothing holds nothing
            return std::nullopt;
        }
        taken_ = end + 1;
        return std::string_view{bytes_}.substr(0, end);
    }

    /// Whether next() met one that is too long; nothing after it can be trusted.
    bool too_long() const noexcept { return too_long_; }

private:
    std::size_t longest_;
    std::string bytes_{};
    std::size_t taken_ = 0;    ///< of bytes_, by the last next()
    std::size_t searched_ = 0; ///< so far there is no NUL that was not found
    bool too_long_ = false;
};

} // namespace reapd
