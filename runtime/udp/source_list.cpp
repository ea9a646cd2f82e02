#include "runtime/udp/source_list.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace senseflow::runtime {

namespace {

constexpr uint8_t v4_offset_bits = 96;

std::optional<ip_network> parse_network(const std::string& text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string::npos) return ip_network{*address};
  const bool v4 = text.find(':') == std::string::npos;
  unsigned bits = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + slash + 1, last, bits);
  if (error != std::errc{} || end != last || bits > (v4 ? 32u : 128u)) return std::nullopt;
  return ip_network{*address, static_cast<uint8_t>(v4 ? bits + v4_offset_bits : bits)};
}

} // namespace

bool ip_network::holds(const ip_address& x) const {
  const auto& mine = address.bytes;
  const size_t whole = prefix_bits / 8;
  if (!std::equal(mine.begin(), mine.begin() + static_cast<std::ptrdiff_t>(whole), x.bytes.begin()))
    return false;
  const unsigned rest = prefix_bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<uint8_t>(0xff << (8 - rest));
  return (x.bytes[whole] & mask) == (mine[whole] & mask);
}

source_list::source_list(const std::vector<std::string>& entries) {
  for (const auto& entry : entries) {
    if (auto network = parse_network(entry))
      fixed_.push_back(*network);
    else
      names_.push_back(entry);
  }
  addresses_.resize(names_.size());
}

void source_list::learn(const lookup_result& x, std::chrono::steady_clock::time_point now) {
  const bool too_old = x.status == lookup_status::no_answer && now - x.answered > longest_silence;
  for (size_t i = 0; i < names_.size(); ++i)
    if (names_[i] == x.name) addresses_[i] = too_old ? std::vector<ip_address>{} : x.addresses;
}

bool source_list::allows(std::string_view address) const {
  const auto x = parse_address(address);
  if (!x) return false;
  return std::any_of(fixed_.begin(), fixed_.end(), [&](const auto& n) { return n.holds(*x); }) ||
         std::any_of(addresses_.begin(), addresses_.end(), [&](const auto& all) {
           return std::any_of(all.begin(), all.end(), [&](const auto& a) { return a.bytes == x->bytes; });
         });
}

} // namespace senseflow::runtime
