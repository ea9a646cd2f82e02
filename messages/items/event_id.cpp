#include "messages/items/event_id.hpp"

#include <charconv>

namespace senseflow::messages {

namespace {
constexpr size_t hash_digits = 16;
} // namespace

std::string to_text(const event_id& x) {
  if (!x) return {};
  constexpr char digits[] = "0123456789abcdef";
  std::string result(hash_digits, '0');
  auto rest = x.hash;
  for (size_t i = hash_digits; i-- > 0; rest >>= 4) result[i] = digits[rest & 15];
  return result.append("-").append(std::to_string(x.occurrence));
}

std::optional<event_id> parse_event_id(std::string_view text) {
  event_id result;
  if (text.size() <= hash_digits) return {};
  const auto *const begin = text.data(), *const dash = begin + hash_digits, *const end = begin + text.size();
  if (std::from_chars(begin, dash, result.hash, 16).ptr != dash) return {};
  if (std::from_chars(dash + 1, end, result.occurrence).ptr != end || to_text(result) != text) return {};
  return result;
}

} // namespace senseflow::messages
