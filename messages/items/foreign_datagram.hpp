// What a datagram may be that is no event of its port, for those who have to find out where it comes from.
#pragma once

#include <string>
#include <string_view>

namespace senseflow::messages {

enum class event_port : uint8_t { user_events, log_events };

/// What it looks like and what to do about it, in words of ours only; "" if it looks like nothing we know.
std::string looks_like(std::string_view datagram, event_port port);

/// Its first bytes in printable ASCII, `limit` characters at most: `\xNN` for any other byte, `…` at a cut.
std::string excerpt(std::string_view bytes, size_t limit = 100);

} // namespace senseflow::messages
