#include "messages/insights/machine_name.hpp"

#include "messages/text/text.hpp"

namespace senseflow::messages::insights {

namespace {

constexpr size_t longest = 63; // no machine's name has more characters

/// Neither a control or noncharacter, nor one that ends a line or turns the direction of what follows.
bool is_plain(char32_t c) {
  return c >= ' ' && (c < 0x7f || c > 0x9f) && (c < 0x2028 || c > 0x202e) && (c < 0x2066 || c > 0x2069) &&
         c != 0xfeff && (c & 0xfffe) != 0xfffe;
}

} // namespace

std::string quoted_machine(std::string_view host) {
  std::string result = "'";
  size_t n = 0;
  for (size_t at = 0; at < host.size();) {
    if (n++ == longest) {
      result += "...";
      break;
    }
    bool valid = false;
    const auto c = next_code_point(host, at, valid);
    append_utf8(result, is_plain(c) ? c : '_');
    if (c == '\'') result += '\'';
  }
  return result + '\'';
}

std::string how_to_tell(std::string_view host) {
  return "say so in insights.hosts, as in hosts: {" + quoted_machine(host) + ": <serverName>}";
}

} // namespace senseflow::messages::insights
