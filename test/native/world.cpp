// SPDX-License-Identifier: LGPL-2.1-or-later
#include "native/world.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace reapd::test {
namespace {

constexpr auto patience = std::chrono::seconds{10};

/// Ends the test: what it needs is not there. Not Catch2, since benchmarks use this, too.
void must(bool done) {
    if (!done)
        throw std::system_error{errno, std::generic_category(), "preparing a test"};
}

std::string find_hierarchy() {
    std::ifstream mounts{"/proc/self/mounts"};
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream words{line};
        std::string source, target, type;
        words >> source >> target >> type;
        const std::string trial = target + "/reapd-trial-" + std::to_string(::getpid());
        if (type == "cgroup2" && ::mkdir(trial.c_str(), 0755) == 0) {
            ::rmdir(trial.c_str());
            return target;
        }
    }
    return {};
}

Fd open_dir(int at, const std::string& name) {
    return Fd{::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

} // namespace

const std::string& hierarchy() {
    static const std::string found = find_hierarchy();
    return found;
}

std::string read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

bool has_capability(int number) {
    const std::string status = read_file("/proc/self/status");
    const std::size_t at = status.find("CapEff:");
    must(at != std::string::npos);
    return (std::stoull(status.substr(at + 7), nullptr, 16) >> number & 1) != 0;
}

Cgroup::Cgroup() {
    static int made = 0;
    name_ = "reapd-test-" + std::to_string(::getpid()) + "-" + std::to_string(++made);
    path_ = hierarchy() + "/" + name_;
    parent_ = open_dir(AT_FDCWD, hierarchy());
    must(::mkdirat(parent_.get(), name_.c_str(), 0755) == 0);
    dir_ = open_dir(parent_.get(), name_);
}

Cgroup::Cgroup(const Cgroup& parent, std::string_view name)
    : parent_{open_dir(parent.dir().get(), ".")}, name_{name}, path_{parent.path() + "/" + name_} {
    must(::mkdirat(parent_.get(), name_.c_str(), 0755) == 0);
    dir_ = open_dir(parent_.get(), name_);
}

Cgroup::~Cgroup() {
    (void)write("cgroup.freeze", "0");
    (void)write("cgroup.kill", "1");
    for (int i = 0; i < 1000; ++i) {
        if (::unlinkat(parent_.get(), name_.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT)
            return;
        std::istringstream procs{read("cgroup.procs")}; // What cgroup.kill passes over.
        for (pid_t pid = 0; procs >> pid;)
            ::kill(pid, SIGKILL);
        ::usleep(2000);
    }
}

void Cgroup::remove() { must(::unlinkat(parent_.get(), name_.c_str(), AT_REMOVEDIR) == 0); }

std::string Cgroup::read(const char* name) const {
    const Fd file{::openat(dir_.get(), name, O_RDONLY | O_CLOEXEC)};
    std::string text(65536, '\0');
    const ssize_t n = ::read(file.get(), text.data(), text.size());
    text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return text;
}

bool Cgroup::write(const char* name, std::string_view text) const {
    const Fd file{::openat(dir_.get(), name, O_WRONLY | O_CLOEXEC)};
    return ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool Cgroup::populated() const {
    return read("cgroup.events").find("populated 1") != std::string::npos;
}

Child::Child(const std::function<void()>& body) {
    std::array<int, 2> ends{};
    must(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const Fd reader{ends[0]};
    Fd writer{ends[1]};
    pid_ = ::fork();
    must(pid_ >= 0);
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        body();
        (void)!::write(writer.get(), "r", 1);
        for (;;)
            ::pause();
    }
    writer = Fd{};
    pidfd_ = Fd{static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))};
    char ready = 0;
    must(::read(reader.get(), &ready, 1) == 1 || test::lives(pid_)); // execve(2) closes it.
}

Child::Child(const Cgroup& cgroup, const std::function<void()>& body)
    : Child{[&] {
          if (!cgroup.write("cgroup.procs", "0"))
              ::_exit(EXIT_FAILURE);
          body();
      }} {}

Child::Child(Child&& other) noexcept
    : pid_{std::exchange(other.pid_, 0)}, pidfd_{std::move(other.pidfd_)},
      waited_{std::exchange(other.waited_, true)} {}

Child::~Child() {
    if (!waited_) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

bool Child::was_killed() {
    pollfd end{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
    if (::poll(&end, 1, static_cast<int>(limit.count())) != 1)
        return false;
    int status = 0;
    waited_ = ::waitpid(pid_, &status, 0) == pid_;
    return waited_ && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

bool Child::lives() const { return !waited_ && test::lives(pid_); }

bool lives(pid_t pid) {
    const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
    const std::size_t at = stat.rfind(") ");
    return at != std::string::npos && stat[at + 2] != 'Z' && stat[at + 2] != 'X';
}

void use_memory(std::size_t mib) {
    const std::size_t size = mib << 20;
    void* const memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        ::_exit(EXIT_FAILURE);
    ::madvise(memory, size, MADV_NOHUGEPAGE);
    for (std::size_t at = 0; at < size; at += 4096)
        static_cast<volatile char*>(memory)[at] = 1;
}

void be_fork_bomb(unsigned processes) {
    // The limit counts per user, and root has none: each bomb is a user of its own.
    const auto uid = 60000 + static_cast<uid_t>(::getpid() % 5000);
    const rlimit most{.rlim_cur = processes, .rlim_max = processes};
    const rlimit cpu{.rlim_cur = 1, .rlim_max = 1}; // seconds
    if (::setrlimit(RLIMIT_NPROC, &most) != 0 || ::setrlimit(RLIMIT_CPU, &cpu) != 0 ||
        ::setuid(uid) != 0)
        ::_exit(EXIT_FAILURE);
    (void)!::nice(19); // The machine may have other work.
    if (::fork() != 0)
        return;
    constexpr int lifetime = 60000; // refusals, at least a millisecond apart
    for (int refused = 0; refused < lifetime;)
        if (::fork() < 0) {
            ++refused;
            ::usleep(1000);
        }
    ::_exit(EXIT_SUCCESS);
}

std::size_t private_mib(pid_t pid) {
    std::istringstream statm{read_file("/proc/" + std::to_string(pid) + "/statm")};
    std::size_t size = 0, resident = 0, shared = 0;
    statm >> size >> resident >> shared;
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return resident > shared ? (resident - shared) * page >> 20 : 0;
}

bool eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        ::usleep(1000);
    }
    return true;
}

} // namespace reapd::test
