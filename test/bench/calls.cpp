// SPDX-License-Identifier: LGPL-2.1-or-later

/// Usage: bench-calls SECONDS PID…
///
/// Prints "PID CALLS" for each process: how many system calls all of its threads made together. The
/// kernel counts; a tracer would slow down whoever makes many.

#include "bench/syscall_count.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace reapd::test;

namespace {

struct Process {
    std::string pid{};
    std::vector<SyscallCount> threads{};
};

} // namespace

int main(int argc, char** argv) {
    if (argc < 3)
        return 2;
    std::vector<Process> processes;
    for (int i = 2; i < argc; ++i) {
        Process& process = processes.emplace_back(Process{.pid = argv[i]});
        std::error_code gone;
        for (const auto& task :
             std::filesystem::directory_iterator{"/proc/" + process.pid + "/task", gone})
            process.threads.emplace_back(std::atoi(task.path().filename().c_str()));
    }
    for (const Process& process : processes)
        for (const SyscallCount& thread : process.threads)
            thread.begin();
    ::sleep(static_cast<unsigned>(std::atoi(argv[1])));
    for (const Process& process : processes) {
        std::uint64_t calls = 0;
        for (const SyscallCount& thread : process.threads)
            calls += thread.end().value_or(0);
        std::printf("%s %llu\n", process.pid.c_str(), static_cast<unsigned long long>(calls));
    }
}
