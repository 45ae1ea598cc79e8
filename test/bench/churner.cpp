// SPDX-License-Identifier: LGPL-2.1-or-later

/// Usage: bench-churner FOLDER RATE SECONDS
///
/// Makes and removes RATE cgroups a second below FOLDER, evenly; each lives for a second. Prints
/// how many it made a second in truth, and removes the last ones at the end.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

using Clock = std::chrono::steady_clock;

int main(int argc, char** argv) {
    if (argc != 4)
        return 2;
    const int folder = ::open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const long rate = std::atol(argv[2]);
    const double seconds = std::atof(argv[3]);
    if (folder < 0 || rate <= 0) {
        std::perror("bench-churner");
        return 1;
    }
    const auto name = [](long number) { return "churn" + std::to_string(number); };
    const auto passed = [began = Clock::now()] {
        return std::chrono::duration<double>(Clock::now() - began).count();
    };
    long made = 0, removed = 0;
    while (passed() < seconds) {
        // Who was held up does not catch up: that would be another load.
        const long due = static_cast<long>(passed() * static_cast<double>(rate));
        for (long n = 0; made < due && n < rate / 50 + 1; ++n) {
            ::mkdirat(folder, name(made++).c_str(), 0755);
            if (made - removed > rate)
                ::unlinkat(folder, name(removed++).c_str(), AT_REMOVEDIR);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    std::printf("%.0f\n", static_cast<double>(made) / passed());
    while (removed < made)
        ::unlinkat(folder, name(removed++).c_str(), AT_REMOVEDIR);
}
