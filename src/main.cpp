// SPDX-License-Identifier: LGPL-2.1-or-later

/// reapd: arguments, what the machine can do, the memory lock, the threads, the exit status.

#include "act/memory_lock.hpp"
#include "base/escape.hpp"
#include "base/files.hpp"
#include "front.hpp"
#include "guard.hpp"
#include "kernel_offers.hpp"
#include "left_frozen.hpp"
#include "tell/message_ids.hpp"
#include "tell/order_entries.hpp"
#include "tell/version.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace reapd {
namespace {

constexpr const char* journal_socket = "/run/systemd/journal/socket";

/// Exit status that says "not here, and starting again won't help" (sysexits.h, EX_UNAVAILABLE).
constexpr int cannot_work_here = 69;

/// How long the one before may take to be gone when this one is started in its place.
constexpr std::chrono::seconds longest_farewell{2};

/// The guard needs little stack, and all of it is locked.
constexpr std::size_t guard_stack = 256 << 10;

struct Arguments {
    std::string root{};
    bool thaw = false;
    bool finished = false;
    int status = EXIT_SUCCESS;
};

void print_help() {
    fmt::print("reapd [OPTION...]\n\n"
               "Keeps a machine under memory pressure usable: see reapd(8).\n\n"
               "Options:\n"
               "  -h --help         Show this help\n"
               "     --version      Show the version\n"
               "     --root=PATH    Read settings below PATH\n"
               "     --thaw         Thaw what an ended reapd left frozen, and nothing else\n");
}

Arguments parse(int argc, char* argv[]) {
    constexpr int version_option = 1000;
    constexpr int root_option = 1001;
    constexpr int thaw_option = 1002;
    constexpr option options[] = {{"help", no_argument, nullptr, 'h'},
                                  {"version", no_argument, nullptr, version_option},
                                  {"root", required_argument, nullptr, root_option},
                                  {"thaw", no_argument, nullptr, thaw_option},
                                  {}};
    Arguments arguments;
    for (int c; (c = ::getopt_long(argc, argv, "h", options, nullptr)) >= 0;) {
        switch (c) {
        case 'h':
            print_help();
            return {.finished = true};
        case version_option:
            fmt::print("reapd {}\n", version());
            return {.finished = true};
        case root_option:
            arguments.root = ::optarg;
            break;
        case thaw_option:
            arguments.thaw = true;
            break;
        default:
            return {.finished = true, .status = 2};
        }
    }
    if (::optind < argc) {
        fmt::print(stderr, "reapd: \"{}\": no arguments are expected, see --help\n",
                   escape(argv[::optind]));
        return {.finished = true, .status = 2};
    }
    return arguments;
}

std::string read_text(const char* path) {
    std::ifstream file{path};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The path after "0::" in /proc/self/cgroup, without its leading slash.
std::string own_cgroup() {
    std::istringstream lines{read_text("/proc/self/cgroup")};
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("0::/"))
            return line.substr(4);
    return {};
}

Machine open_machine() {
    const std::string hierarchy = find_unified(read_text("/proc/self/mounts"));
    constexpr int directory = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    return {.proc = Fd{::open("/proc", directory)},
            .blocks = Fd{::open("/sys/block", directory)},
            .cgroups = Fd{hierarchy.empty() ? -1 : ::open(hierarchy.c_str(), directory)}};
}

void say(Journal& journal, int priority, std::string_view text, std::string_view id) {
    Entry entry{priority, text};
    entry.add(field::message_id, id);
    journal.send(entry);
}

/// A kill on an empty cgroup of our own puts the code of the way there into memory and shows
/// early what is not permitted.
void rehearse(Guard& guard, const Machine& machine, const std::string& own, Journal& journal) {
    constexpr const char* name = "rehearsal";
    const Fd here{::openat(machine.cgroups.get(), own.empty() ? "." : own.c_str(),
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!here || (::mkdirat(here.get(), name, 0755) != 0 && errno != EEXIST)) {
        say(journal, 4,
            "Cannot rehearse a kill: no cgroup of our own to make one in (Delegate=yes).",
            message_id::feature_missing);
        return;
    }
    {
        const Fd empty{::openat(here.get(), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (const Result<> done = guard.rehearse(empty.get()); !done)
            say(journal, 4,
                fmt::format("The rehearsal of a kill failed at {}: {}.", done.error().call,
                            ::strerrordesc_np(done.error().code)),
                message_id::feature_missing);
    }
    (void)::unlinkat(here.get(), name, AT_REMOVEDIR); // Busy for a moment at worst; it is ours.
}

/// Two daemons would both kill for the same pressure. The lock lasts as long as the process, in
/// whatever way that ends. Where its file cannot be made reapd works without.
enum class Turn : std::uint8_t { Ours, Theirs };

Turn take_turn(Fd& lock, std::chrono::milliseconds patience) {
    (void)::mkdir("/run/reapd", 0755); // The unit has made it, by RuntimeDirectory=.
    lock = Fd{::open("/run/reapd/lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!lock)
        return Turn::Ours;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return Turn::Ours;
        if (std::chrono::steady_clock::now() >= deadline)
            return Turn::Theirs;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    return Turn::Ours;
}

/// Each cgroup costs two descriptors, and some thousands are needed besides: for triggers, pidfds
/// and files.
void fit_descriptors(Config& config, Journal& journal) {
    constexpr std::uint32_t besides = 8192;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return;
    const auto all = static_cast<std::uint32_t>(std::min<rlim_t>(limit.rlim_cur, 1U << 30));
    const std::uint32_t most = all > besides + 128 ? (all - besides) / 2 : 64;
    if (config.max_cgroups <= most)
        return;
    say(journal, 4,
        fmt::format("MaxCgroups={} needs more descriptors than LimitNOFILE={} allows; {} are "
                    "followed.",
                    config.max_cgroups, all, most),
        message_id::feature_missing);
    config.max_cgroups = most;
}

/// Nobody remembers any more how long a rule wanted these frozen.
void thaw_left_behind(const Machine& machine, Journal& journal) {
    if (!machine.cgroups)
        return;
    for (const std::string& path : thaw_left_frozen(machine.cgroups))
        journal.send(left_frozen_entry("/" + escape(path)));
}

/// What is left when reapd has ended in whatever way. While one is at work nothing is.
int thaw_and_end() {
    Fd lock;
    if (take_turn(lock, {}) == Turn::Theirs)
        return EXIT_SUCCESS;
    Journal journal{journal_socket};
    thaw_left_behind(open_machine(), journal);
    return EXIT_SUCCESS;
}

GuardSettings guard_settings(const Config& config, const Features& features) {
    const std::uint32_t cpus = std::max(1U, std::thread::hardware_concurrency());
    GuardSettings settings{
        .max_cgroups = config.max_cgroups,
        .pool = {.threads = config.reaper_threads > 0 ? config.reaper_threads : std::min(4U, cpus),
                 .cpus = config.reaper_cpus,
                 .nice = config.reaper_nice,
                 .releases = {.bounded = features.mrelease_bounded,
                              .reap_kill = features.mrelease_reap_kill,
                              .expedite = features.kill_expedite}},
        .smallest_window = features.smallest_window,
        .notify_path = std::getenv("NOTIFY_SOCKET")};
    // Fed three times within what the manager allows.
    if (const char* const usec = std::getenv("WATCHDOG_USEC"))
        settings.watchdog = Microseconds{std::atoll(usec) / 3};
    return settings;
}

void* run_guard(void* guard) {
    static_cast<Guard*>(guard)->run();
    return nullptr;
}

Result<pthread_t> start_thread(Guard& guard) {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, guard_stack);
    pthread_t thread{};
    const int r = ::pthread_create(&thread, &attributes, run_guard, &guard);
    ::pthread_attr_destroy(&attributes);
    if (r != 0)
        return failed("pthread_create", r);
    return thread;
}

/// Sockets that the service manager hands over (sd_listen_fds(3)).
std::vector<Fd> taken_over() {
    std::vector<Fd> sockets;
    const int count = sd_listen_fds(1);
    for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; ++fd) {
        Fd given{fd};
        if (sd_is_socket_unix(fd, SOCK_STREAM, 1, nullptr, 0) > 0)
            sockets.push_back(std::move(given));
    }
    return sockets;
}

int fail(Journal& journal, const Error& error) {
    say(journal, 3, fmt::format("Cannot start: {}: {}.", error.call, ::strerrordesc_np(error.code)),
        message_id::guard_failed);
    return EXIT_FAILURE;
}

int serve(const std::string& root) {
    // The front takes signals from a descriptor; no thread is to be interrupted by one.
    sigset_t signals;
    ::sigfillset(&signals);
    ::pthread_sigmask(SIG_SETMASK, &signals, nullptr);

    Journal journal{journal_socket};
    Fd lock;
    if (take_turn(lock, longest_farewell) == Turn::Theirs) {
        say(journal, 3,
            "Another reapd is at work on this machine (it has /run/reapd/lock, and org.reapd1 on "
            "the bus): this one ends, or both would kill for the same pressure.",
            message_id::guard_failed);
        return EXIT_FAILURE;
    }
    Machine machine = open_machine();
    thaw_left_behind(machine, journal);
    const Features features = probe_features(machine);
    machine.memory_controller = features.memory_controller;
    if (!features.psi && !features.meminfo) {
        say(journal, 3,
            "Neither /proc/pressure/memory nor /proc/meminfo can be read: there is nothing to "
            "decide by. Boot with psi=1 and mount /proc.",
            message_id::feature_missing);
        return cannot_work_here;
    }
    Loaded loaded = load_settings(root, kernel_offers(features));
    if (const Result<> locked = lock_memory(); !locked)
        say(journal, 4,
            fmt::format("Memory is not locked ({}): under pressure reapd itself may have to wait "
                        "for the disk. Set LimitMEMLOCK=infinity.",
                        ::strerrordesc_np(locked.error().code)),
            message_id::feature_missing);

    (void)prefault_code(); // Only from Linux 5.14 on; the rehearsal touches the most of it anyway.

    fit_descriptors(loaded.policy.config, journal);
    Channel channel;
    if (const Result<> opened = Channel::open(channel); !opened)
        return fail(journal, opened.error());
    Guard guard{channel, machine, guard_settings(loaded.policy.config, features)};
    if (const Result<> prepared = guard.prepare(); !prepared)
        return fail(journal, prepared.error());
    const std::string own = own_cgroup();
    rehearse(guard, machine, own, journal);

    const char* const notify = std::getenv("NOTIFY_SOCKET");
    Front front{channel,
                machine,
                journal,
                {.root = root,
                 .own_cgroup = own,
                 .notify_path = notify != nullptr ? notify : "",
                 .features = features,
                 .max_cgroups = loaded.policy.config.max_cgroups,
                 .guard_epoll = guard.epoll(),
                 .listeners = taken_over()}};
    const Result<pthread_t> thread = start_thread(guard);
    if (!thread)
        return fail(journal, thread.error());
    const Result<> started = front.start(std::move(loaded));
    const int status = started ? front.run() : fail(journal, started.error());
    if (!started)
        std::_Exit(status); // The guard waits for work that will not come.
    ::pthread_join(*thread, nullptr);
    guard.end(); // Or somebody would be frozen behind the back of what thaws now.
    thaw_left_behind(machine, journal);
    return status;
}

} // namespace
} // namespace reapd

int main(int argc, char* argv[]) {
    const reapd::Arguments arguments = reapd::parse(argc, argv);
    if (arguments.finished)
        return arguments.status;
    return arguments.thaw ? reapd::thaw_and_end() : reapd::serve(arguments.root);
}
