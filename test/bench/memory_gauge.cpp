// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/memory_gauge.hpp"

#include "bench/old_hierarchy.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace reapd::test {
namespace {

enum class Source { Current, Old, Available };

const std::string& old_hierarchy() {
    static const std::string found = find_old("memory");
    return found;
}

Source best_source() {
    const Cgroup trial;
    if (!trial.read("memory.current").empty())
        return Source::Current;
    return old_hierarchy().empty() ? Source::Available : Source::Old;
}

Source chosen() {
    static const Source source = best_source();
    return source;
}

std::uint64_t available_mib() {
    const std::string text = read_file("/proc/meminfo");
    return std::stoull(text.substr(text.find("MemAvailable:") + 13)) >> 10;
}

} // namespace

MemoryGauge::MemoryGauge(const Cgroup& cgroup) {
    if (chosen() == Source::Current) {
        file_ = cgroup.path() + "/memory.current";
        swap_file_ = cgroup.path() + "/memory.swap.current";
    }
    if (chosen() != Source::Old)
        return;
    old_ = old_hierarchy() + cgroup.path().substr(cgroup.path().rfind('/'));
    ::mkdir(old_.c_str(), 0755);
    file_ = old_ + "/memory.usage_in_bytes";
}

MemoryGauge::~MemoryGauge() {
    for (int i = 0; i < 1000 && !old_.empty() && ::rmdir(old_.c_str()) != 0; ++i)
        ::usleep(1000);
}

void MemoryGauge::enter() const {
    if (!old_.empty())
        std::ofstream{old_ + "/cgroup.procs"} << ::getpid() << std::flush;
}

std::uint64_t MemoryGauge::read() const {
    if (file_.empty())
        return available_mib();
    const std::uint64_t swap = swap_file_.empty() ? 0 : std::stoull("0" + read_file(swap_file_));
    return (std::stoull("0" + read_file(file_)) + swap) >> 20;
}

std::uint64_t MemoryGauge::given_back(std::uint64_t since) const {
    const std::uint64_t now = read();
    const bool grows = file_.empty();
    const std::uint64_t more = grows ? now : since;
    const std::uint64_t less = grows ? since : now;
    return more > less ? more - less : 0;
}

const char* MemoryGauge::source() {
    switch (chosen()) {
    case Source::Current:
        return "memory.current";
    case Source::Old:
        return "memory.usage_in_bytes";
    case Source::Available:
        break;
    }
    return "MemAvailable";
}

bool is_guest() {
    return read_file("/sys/class/dmi/id/sys_vendor").find("QEMU") != std::string::npos;
}

} // namespace reapd::test
