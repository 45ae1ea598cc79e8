// SPDX-License-Identifier: LGPL-2.1-or-later

/// The part of the Executioner that may allocate.

#include "act/state.hpp"

#include <fcntl.h>

#include <cstring>

namespace reapd {

Executioner::Executioner() : state_{std::make_unique<State>()} {}

Executioner::~Executioner() {
    // A thread in the kernel will come back to its storage: it is left behind.
    if (!state_->pool.stop()) {
        [[maybe_unused]] const State* const left_behind = state_.release();
    }
}

Result<> Executioner::start(const PoolSettings& settings, int proc) noexcept {
    state_->around.proc = Fd{::fcntl(proc, F_DUPFD_CLOEXEC, 0)};
    if (!state_->around.proc)
        return failed("fcntl");
    state_->around.releases = settings.releases;
    state_->cpus.assign(settings.cpus.begin(), settings.cpus.end());
    PoolSettings own = settings;
    own.cpus = state_->cpus;
    return state_->pool.start(own, state_->around);
}

} // namespace reapd
