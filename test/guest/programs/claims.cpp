// SPDX-License-Identifier: LGPL-2.1-or-later
// Serves the listening sockets it was started with and writes down, as a line of words, every
// claim there is whenever one has changed: "USER PATH LIMIT", or "none".
#include "base/sd.hpp"
#include "managed/socket.hpp"

#include <systemd/sd-daemon.h>

#include <cstdio>
#include <cstdlib>

using namespace reapd;

int main() {
    sd_event* made = nullptr;
    if (sd_event_new(&made) < 0)
        return EXIT_FAILURE;
    const sd::Event loop{made};
    ManagedSocket* served = nullptr;
    const auto write_down = [&] {
        const std::vector<Claim> claims = served->claims();
        for (const Claim& claim : claims)
            std::printf("%u %s %u\n", claim.uid, claim.path.c_str(),
                        claim.unit.limit.value_or(Permyriad{}).value);
        if (claims.empty())
            std::puts("none");
        std::fflush(stdout);
    };
    const auto complain = [](const std::string& text) {
        std::printf("complaint: %s\n", text.c_str());
        std::fflush(stdout);
    };
    ManagedSocket socket{loop.get(), write_down, complain};
    served = &socket;
    std::vector<Fd> listeners;
    for (int i = 0, count = sd_listen_fds(1); i < count; ++i)
        listeners.emplace_back(SD_LISTEN_FDS_START + i);
    if (listeners.size() != 2 || !socket.listen(std::move(listeners)))
        return EXIT_FAILURE;
    return sd_event_loop(loop.get());
}
