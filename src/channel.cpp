// SPDX-License-Identifier: LGPL-2.1-or-later
#include "channel.hpp"

#include <sys/eventfd.h>

namespace reapd {

Result<> Channel::open(Channel& channel) noexcept {
    channel.to_guard = Fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    channel.to_front = Fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!channel.to_guard || !channel.to_front)
        return failed("eventfd");
    return {};
}

void ring(const Fd& eventfd) noexcept {
    constexpr std::uint64_t one = 1;
    (void)!::write(eventfd.get(), &one, sizeof one); // EAGAIN: it rings already
}

void hush(const Fd& eventfd) noexcept {
    std::uint64_t count = 0;
    (void)!::read(eventfd.get(), &count, sizeof count); // EAGAIN: it was silent
}

} // namespace reapd
