#include "actors/cluster/event_digest.hpp"

namespace senseflow::actors {

namespace {

constexpr size_t header_bytes = 17, entry_bytes = 13;

void append(std::string& out, uint64_t x, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(x >> (8 * i) & 0xff));
}

uint64_t number_at(std::string_view bytes, size_t at, size_t n) {
  uint64_t result = 0;
  for (const auto c : bytes.substr(at, n)) result = result << 8 | static_cast<unsigned char>(c);
  return result;
}

} // namespace

std::string to_bytes(const event_digest& x) {
  std::string result;
  result.reserve(header_bytes + entry_bytes * x.events.size());
  append(result, digest_format, 1);
  append(result, x.incarnation, 8);
  append(result, x.number, 8);
  for (const auto& e : x.events) {
    append(result, static_cast<uint8_t>(e.what), 1);
    append(result, e.event.hash, 8);
    append(result, e.event.occurrence, 4);
  }
  return result;
}

read_digest_result read_digest(std::string_view bytes) {
  read_digest_result result;
  if (bytes.empty() || static_cast<unsigned char>(bytes[0]) != digest_format) {
    result.fault = bytes.empty() ? digest_fault::malformed : digest_fault::other_format;
    return result;
  }
  if (bytes.size() < header_bytes || (bytes.size() - header_bytes) % entry_bytes != 0 ||
      (bytes.size() - header_bytes) / entry_bytes > event_digest::most_events) {
    result.fault = digest_fault::malformed;
    return result;
  }
  auto& x = result.digest;
  x.incarnation = number_at(bytes, 1, 8);
  x.number = number_at(bytes, 9, 8);
  x.events.reserve((bytes.size() - header_bytes) / entry_bytes);
  for (size_t at = header_bytes; at < bytes.size(); at += entry_bytes) {
    const auto what = number_at(bytes, at, 1);
    const messages::event_id event{number_at(bytes, at + 1, 8),
                                   static_cast<uint32_t>(number_at(bytes, at + 9, 4))};
    if (what >= 1 && what <= 4 && event) x.events.push_back({static_cast<event_fate>(what), event});
  }
  return result;
}

} // namespace senseflow::actors
