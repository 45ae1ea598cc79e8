// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/queue.hpp"

#include "catch.hpp"

#include <thread>

using namespace reapd;

TEST_CASE("a full queue refuses and an empty one has nothing") {
    Queue<int, 2> queue;
    int value = 0;
    CHECK_FALSE(queue.pop(value));
    CHECK(queue.push(1));
    CHECK(queue.push(2));
    CHECK_FALSE(queue.push(3));
    CHECK(queue.pop(value));
    CHECK(value == 1);
    CHECK(queue.push(3));
    CHECK(queue.pop(value));
    CHECK(queue.pop(value));
    CHECK(value == 3);
    CHECK_FALSE(queue.pop(value));
}

TEST_CASE("a queue has room while half of it is free") {
    Queue<int, 4> queue;
    CHECK(queue.has_room());
    CHECK(queue.push(1));
    CHECK(queue.push(2));
    CHECK(queue.has_room());
    CHECK(queue.push(3));
    CHECK_FALSE(queue.has_room());
    int value = 0;
    CHECK(queue.pop(value));
    CHECK(queue.has_room());
}

TEST_CASE("two threads lose nothing and keep the order") {
    Queue<int, 64> queue;
    constexpr int count = 200000;
    std::thread producer{[&] {
        for (int i = 0; i < count;)
            if (queue.push(i))
                ++i;
    }};
    int expected = 0;
    bool ordered = true;
    while (expected < count)
        if (int value = 0; queue.pop(value))
            ordered = ordered && value == expected++;
    producer.join();
    CHECK(ordered);
}
