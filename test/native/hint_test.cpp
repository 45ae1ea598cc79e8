// SPDX-License-Identifier: LGPL-2.1-or-later

/// Hints on real processes: memory goes that is not in use, everything that happens to a process
/// meanwhile is normal, and nobody loses anything by it.

#include "act/hint.hpp"

#include "act/frozen.hpp"
#include "catch.hpp"
#include "native/quiet.hpp"
#include "native/world.hpp"
#include "sense/fake_files.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

using namespace reapd;
using namespace reapd::test;

namespace {

const std::atomic<bool> nobody_stops{false};
constexpr std::size_t file_mib = 24;

bool hints_offered() {
    const bool offered =
        ::syscall(SYS_process_madvise, -1, nullptr, 0UL, MADV_COLD, 0) < 0 && errno == EBADF;
    if (!offered)
        skip("no process_madvise here");
    else if (!has_capability(23)) // CAP_SYS_NICE
        skip("no CAP_SYS_NICE");
    return offered && has_capability(23) && cgroups_offered();
}

bool has_swap() {
    std::istringstream swaps{read_file("/proc/swaps")};
    std::string line;
    std::getline(swaps, line); // headings
    return static_cast<bool>(std::getline(swaps, line));
}

/// Whether files below the folder for temporary files can go out of memory.
bool file_hints_offered() {
    struct statfs of{};
    const std::string folder = std::filesystem::temp_directory_path();
    const bool droppable = ::statfs(folder.c_str(), &of) == 0 && of.f_type != TMPFS_MAGIC;
    if (!droppable)
        skip("the folder for temporary files is in memory");
    return droppable && hints_offered();
}

/// A file that can be dropped from memory, since it is written out.
class DiskFile {
public:
    DiskFile() : path_{std::filesystem::temp_directory_path() / "reapd-hint-XXXXXX"} {
        const Fd file{::mkstemp(path_.data())};
        REQUIRE(file);
        const std::string piece(1 << 20, 'x');
        for (std::size_t i = 0; i < file_mib; ++i)
            REQUIRE(::write(file.get(), piece.data(), piece.size()) > 0);
        REQUIRE(::fsync(file.get()) == 0);
    }
    ~DiskFile() { std::filesystem::remove(path_); }
    DiskFile(const DiskFile&) = delete;
    DiskFile& operator=(const DiskFile&) = delete;

    /// For bodies of children.
    void map() const {
        const int file = ::open(path_.c_str(), O_RDONLY);
        const auto* const at = static_cast<const volatile char*>(
            ::mmap(nullptr, file_mib << 20, PROT_READ, MAP_PRIVATE, file, 0));
        if (at == MAP_FAILED)
            ::_exit(EXIT_FAILURE);
        for (std::size_t i = 0; i < file_mib << 20; i += 4096)
            (void)at[i];
    }

private:
    std::string path_;
};

std::size_t status_mib(pid_t pid, const std::string& key) {
    std::istringstream status{read_file("/proc/" + std::to_string(pid) + "/status")};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key + ':'))
            return std::stoul(line.substr(key.size() + 1)) >> 10;
    return 0;
}

/// What the process has touched since it was last called cold.
std::size_t referenced_mib(pid_t pid) {
    std::istringstream sums{read_file("/proc/" + std::to_string(pid) + "/smaps_rollup")};
    for (std::string line; std::getline(sums, line);)
        if (line.starts_with("Referenced:"))
            return std::stoul(line.substr(11)) >> 10;
    return 0;
}

class Round {
public:
    CoolingResult hint(const Cgroup& cgroup, const CoolingOrder& order) {
        return hint(cgroup.dir(), order);
    }
    CoolingResult hint(const Fd& dir, const CoolingOrder& order) {
        const StopSign stop{nobody_stops, TimePoint::max()};
        const Quiet quiet;
        return hint_cgroup(proc_, dir, order, stop, *scratch_, thawer_);
    }

private:
    Fd proc_{::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    std::unique_ptr<HintScratch> scratch_ = std::make_unique<HintScratch>();
    Thawer thawer_{};
};

/// Hears of every change of cgroup.events: of everything in the cgroup standing still, or not any
/// more.
class Changes {
public:
    explicit Changes(const Cgroup& cgroup) : watch_{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)} {
        REQUIRE(watch_);
        const std::string file = cgroup.path() + "/cgroup.events";
        REQUIRE(::inotify_add_watch(watch_.get(), file.c_str(), IN_MODIFY) >= 0);
    }
    /// Since it was asked last.
    bool any() const {
        std::array<char, 4096> events;
        return ::read(watch_.get(), events.data(), events.size()) > 0;
    }

private:
    Fd watch_;
};

/// For the body of a child, whose memory it shares: counts as long as it may run.
class Counting {
public:
    Counting() {
        void* const at = ::mmap(nullptr, sizeof(std::atomic<unsigned>), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        REQUIRE(at != MAP_FAILED);
        count_ = new (at) std::atomic<unsigned>{0};
    }
    ~Counting() { ::munmap(count_, sizeof *count_); }
    Counting(const Counting&) = delete;
    Counting& operator=(const Counting&) = delete;

    void run() const {
        if (::fork() == 0)
            for (;; ::usleep(1000))
                ++*count_;
    }
    bool goes_on() const {
        const unsigned before = *count_;
        return eventually([&] { return *count_ > before; });
    }

private:
    std::atomic<unsigned>* count_ = nullptr;
};

} // namespace

TEST_CASE("files that an idle process has mapped go out of memory") {
    if (!file_hints_offered())
        return;
    const DiskFile file;
    const Cgroup cgroup;
    const Child idle{cgroup, [&] { file.map(); }};
    REQUIRE(status_mib(idle.pid(), "RssFile") >= file_mib);
    const CoolingResult result =
        Round{}.hint(cgroup, {.advice = Advice::Pageout, .budget = mib(1024)});
    CHECK(result.error == 0);
    CHECK(result.processes == 1);
    CHECK(result.moved >= mib(file_mib - 2)); // Its libraries others have mapped, too.
    CHECK(status_mib(idle.pid(), "RssFile") <= 4);
    CHECK(result.exhausted);
    CHECK(idle.lives());
}

TEST_CASE("a round takes no more than its budget, even behind a long stretch of nothing") {
    if (!file_hints_offered())
        return;
    const DiskFile file;
    const Cgroup cgroup;
    // The kernel gives addresses out downwards: what was mapped last comes first.
    const Child idle{cgroup, [&] {
                         file.map();
                         (void)::mmap(nullptr, 512UZ << 20, PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
                     }};
    const CoolingResult result =
        Round{}.hint(cgroup, {.advice = Advice::Pageout, .budget = mib(4)});
    CHECK(result.moved > mib(2));
    CHECK(result.moved <= mib(4) + kib(512)); // The kernel counts per CPU and adds up in batches.
    CHECK_FALSE(result.exhausted);
    CHECK(status_mib(idle.pid(), "RssFile") >= file_mib - 5);
}

TEST_CASE("what is called cold stays where it is and counts as unused") {
    if (!hints_offered())
        return;
    const Cgroup cgroup;
    const Child idle{cgroup, [] { use_memory(16); }};
    REQUIRE(referenced_mib(idle.pid()) >= 16);
    const CoolingResult result =
        Round{}.hint(cgroup, {.advice = Advice::Cold, .budget = mib(1024)});
    CHECK(result.error == 0);
    CHECK(result.marked >= mib(16));
    CHECK(result.moved == Bytes{});
    CHECK(private_mib(idle.pid()) >= 16);
    CHECK(referenced_mib(idle.pid()) < 8);
}

TEST_CASE("anonymous memory of an idle process goes to swap") {
    if (!hints_offered())
        return;
    if (!has_swap()) {
        skip("no swap");
        return;
    }
    const Cgroup cgroup;
    const Child idle{cgroup, [] { use_memory(32); }};
    const CoolingResult result = Round{}.hint(cgroup, {.budget = mib(1024)});
    CHECK(result.error == 0);
    CHECK(result.moved >= mib(24));
    CHECK(status_mib(idle.pid(), "VmSwap") >= 24);
    CHECK(idle.lives());
}

TEST_CASE("a locked range is skipped, and what is around it is not") {
    if (!file_hints_offered())
        return;
    const DiskFile before;
    const DiskFile behind;
    const Cgroup cgroup;
    const Child idle{cgroup, [&] {
                         before.map();
                         void* const at = ::mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE,
                                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                         if (::mlock(at, 1 << 20) != 0)
                             ::_exit(EXIT_FAILURE);
                         behind.map();
                     }};
    REQUIRE(status_mib(idle.pid(), "RssFile") >= 2 * file_mib);
    const CoolingResult result =
        Round{}.hint(cgroup, {.advice = Advice::Pageout, .budget = mib(1024)});
    CHECK(result.error == 0);
    CHECK(result.skipped >= 1);
    CHECK(status_mib(idle.pid(), "RssFile") <= 4);
    CHECK(status_mib(idle.pid(), "VmLck") == 1);
}

TEST_CASE("of a thousand processes each gets its hint") {
    if (!hints_offered())
        return;
    const Cgroup cgroup;
    std::vector<Child> children;
    children.reserve(1000);
    for (int i = 0; i < 1000; ++i)
        children.emplace_back(cgroup, [] { use_memory(1); });
    const CoolingResult result =
        Round{}.hint(cgroup, {.advice = Advice::Cold, .budget = mib(1 << 20)});
    CHECK(result.error == 0);
    CHECK(result.processes == 1000);
    CHECK(result.gone == 0);
    CHECK(result.marked >= mib(1000));
}

TEST_CASE("only whom a hint is to hold still stands still for it, and goes on when it is over") {
    if (!hints_offered())
        return;
    const bool still = GENERATE(false, true);
    const Cgroup cgroup;
    const Changes changes{cgroup};
    const Counting counting;
    const Child parent{cgroup, [&] { counting.run(); }};
    REQUIRE(counting.goes_on());
    REQUIRE(eventually([&] { return changes.any(); })); // There are processes in it now.
    const CoolingResult result =
        Round{}.hint(cgroup, {.advice = Advice::Cold, .budget = mib(1024), .freeze = still});
    CHECK(result.processes == 2);
    if (still)
        CHECK(eventually([&] { return changes.any(); })); // The kernel tells it a little later.
    else
        CHECK_FALSE(changes.any());
    CHECK(*read_frozen(cgroup.dir().get()) == FrozenState{});
    CHECK(counting.goes_on());
    cgroup.write("cgroup.kill", "1");
}

TEST_CASE("what lies below a cgroup and is promised memory of its own is left alone") {
    if (!hints_offered())
        return;
    const Cgroup cgroup;
    const Child spared{cgroup, [] { use_memory(16); }};
    const Child cold{cgroup, [] { use_memory(16); }};
    const auto listed = [](const Child& child) { return std::to_string(child.pid()) + '\n'; };
    const FakeFiles files{{{"cgroup.procs", ""},
                           {"promised/cgroup.procs", ""},
                           {"promised/memory.low", "1\n"},
                           {"promised/inner/cgroup.procs", listed(spared)},
                           {"promised/inner/memory.low", "0\n"},
                           {"other/cgroup.procs", listed(cold)},
                           {"other/memory.low", "0\n"}}};
    const CoolingResult result =
        Round{}.hint(files.open(), {.advice = Advice::Cold, .budget = mib(1024)});
    CHECK(result.error == 0);
    CHECK(result.processes == 1);
    CHECK(referenced_mib(spared.pid()) >= 16);
    CHECK(referenced_mib(cold.pid()) < 8);
}

TEST_CASE("processes that end during a round are normal") {
    if (!hints_offered())
        return;
    const Cgroup cgroup;
    Round round;
    for (int again = 0; again < 5; ++again) {
        std::vector<std::unique_ptr<Child>> children;
        for (int i = 0; i < 40; ++i)
            children.push_back(std::make_unique<Child>(cgroup, [] { use_memory(2); }));
        std::thread killer{[&] { cgroup.write("cgroup.kill", "1"); }};
        CoolingResult result;
        do {
            result = round.hint(cgroup, {.advice = Advice::Cold, .budget = mib(1024)});
            CHECK(result.error == 0);
            CHECK(result.refused == 0);
        } while (result.processes > 0);
        killer.join();
    }
}

TEST_CASE("a process whose mappings change all the time loses nothing") {
    if (!hints_offered())
        return;
    const Cgroup cgroup;
    // It writes, moves and gives back memory, and ends when it finds anything but what it wrote.
    const auto juggle = [] {
        if (::fork() != 0)
            return;
        constexpr std::size_t size = 1 << 20;
        for (unsigned turn = 1;; ++turn) {
            char* at = static_cast<char*>(
                ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
            for (std::size_t i = 0; i < size; i += 4096)
                at[i] = static_cast<char>(turn);
            at = static_cast<char*>(::mremap(at, size, 2 * size, MREMAP_MAYMOVE));
            for (std::size_t i = 0; i < size; i += 4096)
                if (at[i] != static_cast<char>(turn))
                    ::_exit(EXIT_FAILURE);
            ::munmap(at, 2 * size);
        }
    };
    const Child parent{cgroup, juggle};
    REQUIRE(eventually([&] { return cgroup.read("cgroup.procs").size() > 4; }));
    Round round;
    for (int i = 0; i < 300; ++i) {
        const CoolingResult result =
            round.hint(cgroup, {.advice = Advice::Pageout, .budget = mib(1024)});
        CHECK(result.error == 0);
        CHECK(result.refused == 0);
    }
    std::istringstream pids{cgroup.read("cgroup.procs")};
    int living = 0;
    for (pid_t pid = 0; pids >> pid;)
        living += lives(pid) ? 1 : 0;
    CHECK(living == 2);
    cgroup.write("cgroup.kill", "1");
}

TEST_CASE("a process that runs one program after another is normal") {
    if (!hints_offered())
        return;
    const std::string script = std::filesystem::temp_directory_path() /
                               ("reapd-again-" + std::to_string(::getpid()) + ".sh");
    std::ofstream{script} << "exec /bin/sh \"$0\"\n";
    const Cgroup cgroup;
    const Child parent{cgroup, [&] {
                           if (::fork() == 0)
                               ::execl("/bin/sh", "/bin/sh", script.c_str(), nullptr);
                       }};
    Round round;
    for (int i = 0; i < 300; ++i) {
        const CoolingResult result =
            round.hint(cgroup, {.advice = Advice::Pageout, .budget = mib(1024)});
        CHECK(result.error == 0);
        CHECK(result.refused == 0);
    }
    cgroup.write("cgroup.kill", "1");
    std::filesystem::remove(script);
}

TEST_CASE("who may not look into a process is told so, process by process") {
    if (!hints_offered())
        return;
    const Cgroup cgroup;
    const Child first{cgroup, [] { use_memory(1); }};
    const Child second{cgroup, [] { use_memory(1); }};
    CoolingResult* const result = static_cast<CoolingResult*>(::mmap(
        nullptr, sizeof(CoolingResult), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    REQUIRE(result != MAP_FAILED);
    const pid_t nobody = ::fork();
    if (nobody == 0) {
        if (::setgid(65534) != 0 || ::setuid(65534) != 0)
            ::_exit(EXIT_FAILURE);
        *result = Round{}.hint(cgroup, {.budget = mib(1024)});
        ::_exit(EXIT_SUCCESS);
    }
    int status = 0;
    REQUIRE(::waitpid(nobody, &status, 0) == nobody);
    REQUIRE(status == 0);
    CHECK(result->refused == 2);
    CHECK(result->processes == 0);
    CHECK(result->moved == Bytes{});
    CHECK(result->error == 0);
    ::munmap(result, sizeof *result);
}
