// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A large fixed array whose pages cost nothing until an element of them is used.

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace reapd {

/// `size` elements of zero bytes, which must be T's "unused". Memory is reserved when it is made
/// and taken by the first use of each page.
template <class T>
class LazyArray {
    static_assert(std::is_trivially_copyable_v<T>, "elements are bytes: nothing constructs them");

public:
    explicit LazyArray(std::size_t size) : size_{size} {
        void* const memory = ::mmap(nullptr, size * sizeof(T), PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
            throw std::bad_alloc{};
        elements_ = static_cast<T*>(memory);
    }
    LazyArray(const LazyArray&) = delete;
    LazyArray& operator=(const LazyArray&) = delete;
    LazyArray(LazyArray&& other) noexcept
        : elements_{std::exchange(other.elements_, nullptr)}, size_{std::exchange(other.size_, 0)} {
    }
    LazyArray& operator=(LazyArray&& other) noexcept {
        std::swap(elements_, other.elements_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~LazyArray() {
        if (elements_ != nullptr)
            ::munmap(elements_, size_ * sizeof(T));
    }

    std::span<T> span() noexcept { return {elements_, size_}; }
    std::span<const T> span() const noexcept { return {elements_, size_}; }
    T& operator[](std::size_t at) noexcept { return elements_[at]; }
    const T& operator[](std::size_t at) const noexcept { return elements_[at]; }
    std::size_t size() const noexcept { return size_; }

    /// Takes the memory of the first `count` elements now, so that their first use is no fault.
    void touch(std::size_t count) noexcept {
        auto* const bytes = reinterpret_cast<volatile char*>(elements_);
        for (std::size_t at = 0; at < count * sizeof(T); at += 4096)
            bytes[at] = bytes[at]; // Writing takes the page; what is there stays.
    }

private:
    T* elements_ = nullptr;
    std::size_t size_;
};

} // namespace reapd
