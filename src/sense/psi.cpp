// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/psi.hpp"

#include "base/text.hpp"

namespace reapd {
namespace {

Stall parse_line(Reader& in, std::string_view name) noexcept {
    Stall line;
    in.literal(name);
    in.literal(" avg10=");
    line.avg10 = in.percentage();
    in.literal(" avg60=");
    line.avg60 = in.percentage();
    in.literal(" avg300=");
    line.avg300 = in.percentage();
    in.literal(" total=");
    line.total = std::chrono::microseconds{in.number()};
    in.literal("\n");
    return line;
}

} // namespace

Result<Pressure> parse_pressure(std::string_view text) noexcept {
    Reader in{text};
    const Stall some = parse_line(in, "some");
    const Stall full = parse_line(in, "full");
    if (!in.ok() || !in.done())
        return failed("parse_pressure", EBADMSG);
    return Pressure{.some = some, .full = full};
}

} // namespace reapd
