// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/syscall_count.hpp"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>

namespace reapd::test {
namespace {

constexpr const char* id_file = "/sys/kernel/tracing/events/raw_syscalls/sys_enter/id";

std::uint64_t tracepoint() {
    if (::access(id_file, R_OK) != 0)
        ::mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, nullptr);
    std::uint64_t id = 0;
    std::ifstream{id_file} >> id;
    return id;
}

} // namespace

SyscallCount::SyscallCount(pid_t thread) : own_{thread == 0} {
    perf_event_attr attributes{};
    attributes.type = PERF_TYPE_TRACEPOINT;
    attributes.size = sizeof attributes;
    attributes.config = tracepoint();
    attributes.disabled = 1;
    if (attributes.config != 0)
        counter_ = Fd{static_cast<int>(
            ::syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC))};
}

void SyscallCount::begin() const {
    if (!counter_)
        return;
    ::ioctl(counter_.get(), PERF_EVENT_IOC_RESET, 0);
    ::ioctl(counter_.get(), PERF_EVENT_IOC_ENABLE, 0);
}

std::optional<std::uint64_t> SyscallCount::end() const {
    std::uint64_t count = 0;
    if (!counter_ || ::ioctl(counter_.get(), PERF_EVENT_IOC_DISABLE, 0) != 0 ||
        ::read(counter_.get(), &count, sizeof count) != sizeof count)
        return std::nullopt;
    return own_ && count > 0 ? count - 1 : count;
}

} // namespace reapd::test
