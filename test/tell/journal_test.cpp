// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/journal.hpp"

#include "catch.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

using namespace reapd;

namespace {

/// A journal that reads only when asked to.
class FakeJournal {
public:
    FakeJournal() {
        std::string name = std::filesystem::temp_directory_path() / "reapd-journal-XXXXXX";
        REQUIRE(::mkdtemp(name.data()));
        folder_ = name;
        socket_ = Fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        REQUIRE(path().size() < sizeof address.sun_path);
        path().copy(address.sun_path, sizeof address.sun_path - 1);
        REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address),
                       sizeof address) == 0);
    }
    FakeJournal(const FakeJournal&) = delete;
    FakeJournal& operator=(const FakeJournal&) = delete;
    ~FakeJournal() { std::filesystem::remove_all(folder_); }

    std::string path() const { return folder_ + "/socket"; }
    void die() { socket_ = Fd{}; }

    /// From now on it learns who sends, as journald does.
    void ask_for_senders() {
        const int on = 1;
        REQUIRE(::setsockopt(socket_.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0);
    }
    /// Of the last entry.
    uid_t sender() const { return sender_; }

    /// The next entry, from the datagram or from the file attached to it; "" when none waits.
    std::string next() const {
        std::string text(std::size_t{256} * 1024, '\0');
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(ucred))>
            control{};
        iovec part{.iov_base = text.data(), .iov_len = text.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t got = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
        int file = -1;
        cmsghdr* header = got < 0 ? nullptr : CMSG_FIRSTHDR(&message);
        for (; header; header = CMSG_NXTHDR(&message, header)) {
            if (header->cmsg_type == SCM_RIGHTS)
                std::memcpy(&file, CMSG_DATA(header), sizeof file);
            ucred sender{};
            if (header->cmsg_type == SCM_CREDENTIALS)
                std::memcpy(&sender, CMSG_DATA(header), sizeof sender);
            sender_ = sender.uid;
        }
        if (file >= 0) {
            CHECK(got == 0);
            return contents(Fd{file});
        }
        text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        return text;
    }

private:
    static std::string contents(const Fd& file) {
        const int seals = ::fcntl(file.get(), F_GET_SEALS);
        CHECK(seals == (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE));
        std::string text(std::size_t{4} * 1024 * 1024, '\0');
        const ssize_t got = ::pread(file.get(), text.data(), text.size(), 0);
        text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        return text;
    }

    std::string folder_{};
    Fd socket_{};
    mutable uid_t sender_ = ~uid_t{0};
};

/// Standard error as a pipe for as long as it lives.
class StandardError {
public:
    StandardError() : saved_{::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)} {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        reader_ = Fd{ends[0]};
        const Fd writer{ends[1]};
        REQUIRE(::fcntl(reader_.get(), F_SETFL, O_NONBLOCK) == 0);
        REQUIRE(::dup2(writer.get(), STDERR_FILENO) == STDERR_FILENO);
    }
    StandardError(const StandardError&) = delete;
    StandardError& operator=(const StandardError&) = delete;
    ~StandardError() { ::dup2(saved_.get(), STDERR_FILENO); }

    std::string text() const {
        std::string text(65536, '\0');
        const ssize_t got = ::read(reader_.get(), text.data(), text.size());
        text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        return text;
    }

private:
    Fd saved_;
    Fd reader_{};
};

} // namespace

TEST_CASE("an entry is one datagram of the native protocol") {
    const FakeJournal fake;
    Journal journal{fake.path()};
    journal.send(Entry{4, "Killed something."}.add(field::rule, "machine").add(field::id, 7));
    CHECK(fake.next() == "MESSAGE=Killed something.\nPRIORITY=4\nSYSLOG_IDENTIFIER=reapd\n"
                         "REAPD_RULE=machine\nREAPD_ID=7\n");
    CHECK(fake.next().empty());
    CHECK(journal.dropped() == 0);
}

TEST_CASE("a value with a newline carries its length") {
    Entry entry{6, "two\nlines"};
    CHECK(entry.wire() == std::string{"MESSAGE\n\x09\0\0\0\0\0\0\0two\nlines\n", 26} +
                              "PRIORITY=6\nSYSLOG_IDENTIFIER=reapd\n");
    entry.add(field::cgroup, std::string(300, '\n'));
    CHECK(entry.wire().find(std::string{"REAPD_CGROUP\n\x2c\x01\0\0\0\0\0\0\n", 22}) !=
          std::string::npos);
}

TEST_CASE("a journal that does not read is never waited for") {
    const FakeJournal fake;
    Journal journal{fake.path()};
    const Entry entry{4, "once more"};
    constexpr std::uint64_t tries = 2000; // net.unix.max_dgram_qlen is 512 at most by default
    for (std::uint64_t i = 0; i < tries; ++i)
        journal.send(entry);
    std::uint64_t read = 0;
    while (!fake.next().empty())
        ++read;
    CHECK(read > 0);
    CHECK(journal.dropped() == tries - read);

    journal.send(entry);
    CHECK(fake.next() == lost_entry(tries - read).wire());
    CHECK(fake.next() == entry.wire());
}

TEST_CASE("what was lost is counted and told before the next entry") {
    const FakeJournal fake;
    Journal journal{fake.path()};
    while (journal.dropped() < 3)
        journal.send(Entry{4, "once more"});
    CHECK(journal.owes());
    journal.tell_lost(); // too early: that is no loss of its own
    CHECK(journal.owes());
    CHECK(journal.dropped() == 3);

    std::string last;
    for (std::string text; !(text = fake.next()).empty();)
        last = text;
    CHECK(last == Entry{4, "once more"}.wire());
    journal.send(Entry{4, "again"});
    CHECK(fake.next() == lost_entry(3).wire());
    CHECK(fake.next() == Entry{4, "again"}.wire());
    CHECK_FALSE(journal.owes());
    journal.tell_lost();
    CHECK(fake.next().empty());
    CHECK(journal.dropped() == 3);
}

TEST_CASE("what was lost is told without a next entry, too") {
    const FakeJournal fake;
    Journal journal{fake.path()};
    while (journal.dropped() < 1)
        journal.send(Entry{4, "once more"});
    while (!fake.next().empty())
        continue;
    journal.tell_lost();
    CHECK(fake.next().starts_with(
        "MESSAGE=1 entry could not be written while the journal did not answer.\nPRIORITY=4\n"));
    CHECK_FALSE(journal.owes());
}

TEST_CASE("an entry for a user's journal comes from that user") {
    FakeJournal fake;
    fake.ask_for_senders();
    Journal journal{fake.path()};
    const Entry entry{4, "yours"};
    journal.send(entry);
    CHECK(fake.next() == entry.wire());
    CHECK(fake.sender() == ::geteuid());
    // Whom it may claim to be besides itself takes a privilege.
    const uid_t user = ::geteuid() == 0 ? 1000 : ::geteuid();
    journal.send_to_user(user, entry);
    CHECK(fake.next() == entry.wire());
    CHECK(fake.sender() == user);
    CHECK(journal.dropped() == 0);

    journal.set_level(3);
    journal.send_to_user(user, entry);
    CHECK(fake.next().empty());
}

TEST_CASE("an entry too large for a datagram travels in a sealed file") {
    const FakeJournal fake;
    Journal journal{fake.path()};
    Entry entry{4, "large"};
    entry.add(field::candidates, std::string(std::size_t{1024} * 1024, 'x'));
    journal.send(entry);
    CHECK(fake.next() == entry.wire());
    CHECK(journal.dropped() == 0);
}

TEST_CASE("without a journal, entries go to standard error") {
    FakeJournal fake;
    Journal journal{fake.path()};
    fake.die(); // the socket file stays: connection refused
    Journal nowhere{fake.path() + ".not"};
    std::string text;
    {
        const StandardError error;
        journal.send(Entry{3, "one\ntwo"});
        nowhere.send(Entry{6, "three"});
        text = error.text();
    }
    CHECK(text == "<3>one two\n<6>three\n");
    CHECK(journal.dropped() == 0);
}

TEST_CASE("standard error that nobody reads is not waited for either") {
    Journal journal{"/nonexistent/socket"};
    std::uint64_t lines = 0;
    {
        const StandardError error;
        const Entry entry{3, std::string(1000, 'x')};
        for (int i = 0; i < 200; ++i)
            journal.send(entry);
        const std::string text = error.text();
        lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    }
    CHECK(lines > 0);
    CHECK(journal.dropped() == 200 - lines);
}

TEST_CASE("the level leaves out what is less urgent, the target leaves out the journal") {
    const FakeJournal fake;
    Journal journal{fake.path()};
    journal.send(Entry{7, "debug"});
    CHECK(fake.next().empty());
    journal.set_level(7);
    journal.send(Entry{7, "debug"});
    CHECK_FALSE(fake.next().empty());

    CHECK(journal.target() == "journal");
    std::string text;
    {
        const StandardError error;
        journal.set_console(true);
        journal.send(Entry{5, "here"});
        text = error.text();
    }
    CHECK(journal.target() == "console");
    CHECK(text == "<5>here\n");
    CHECK(fake.next().empty());
}
