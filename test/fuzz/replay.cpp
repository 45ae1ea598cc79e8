// SPDX-License-Identifier: LGPL-2.1-or-later
// For compilers without libFuzzer: gives each file that is named to the fuzz target, and then
// variants of it, made from a fixed sequence of numbers so that every run is the same.
//
// Usage: TARGET COUNT FILE...
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size);

namespace {

void run(const std::string& text) {
    (void)LLVMFuzzerTestOneInput(reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

/// Some bytes of `text` replaced, taken out, doubled or moved.
std::string varied(std::string text, std::mt19937& random) {
    constexpr std::string_view interesting = "\n\\=[]#;% \t/.*<>-09KMsm\r\x80\xff{}\":,";
    for (auto left = 1 + random() % 6; left > 0 && !text.empty(); --left) {
        const std::size_t at = random() % text.size();
        const std::size_t length = 1 + random() % 12;
        switch (random() % 4) {
        case 0:
            text[at] = interesting[random() % interesting.size()];
            break;
        case 1:
            text.erase(at, length);
            break;
        case 2:
            text.insert(random() % (text.size() + 1), text.substr(at, length));
            break;
        default:
            text[at] = static_cast<char>(random() % 256);
        }
    }
    return text;
}

} // namespace

int main(int count, char** arguments) {
    const unsigned long variants = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 0;
    std::mt19937 random{1};
    for (int i = 2; i < count; ++i) {
        std::ifstream file{arguments[i], std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        if (!file) {
            std::cerr << arguments[i] << ": cannot be read\n";
            return EXIT_FAILURE;
        }
        run(text);
        for (unsigned long n = 0; n < variants; ++n)
            run(varied(text, random));
    }
    return EXIT_SUCCESS;
}
