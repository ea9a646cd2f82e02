#include "messages/items/user_event.hpp"

#include "messages/text/fields.hpp"
#include "messages/text/text.hpp"

namespace senseflow::messages {

namespace {

// Wherever they stand: the reference takes two slashes away.
std::string without_slashes(std::string_view text) {
  auto out = ascii_lower(text);
  for (int i = 0; i < 2; ++i)
    if (const auto at = out.find('/'); at != std::string::npos) out.erase(at, 1);
  return out;
}

} // namespace

bool operator==(const user_event& a, const user_event& b) {
  return a.type == b.type && a.host == b.host && a.command == b.command &&
         a.user_directory == b.user_directory && a.user_id == b.user_id && a.origin == b.origin &&
         a.context == b.context && a.message == b.message && a.received == b.received && a.id == b.id;
}

std::string_view app_id_of(const user_event& x) {
  constexpr std::string_view prefix = "/app/";
  std::string_view context = x.context;
  if (context.substr(0, prefix.size()) != prefix) return {};
  context.remove_prefix(prefix.size());
  context = context.substr(0, context.find(prefix));
  context = context.substr(0, context.find('?'));
  return is_real_uuid(context) ? context : std::string_view{};
}

parsed<user_event> parse_user_event(std::string_view datagram) {
  const auto all = split_fields<8>(datagram, 8, 7).fields;
  user_event event;
  event.type = without_slashes(all[0]);
  if (event.type != "qseow-proxy-session" && event.type != "qseow-proxy-connection")
    return parsed<user_event>::rejected("unknown_source");
  if (!is_utf8(datagram)) return parse_user_event(repaired_utf8(datagram));
  event.host = cleaned(all[1], 100);
  event.command = cleaned(all[2], 100);
  event.user_directory = cleaned(all[3], 100);
  event.user_id = cleaned(all[4], 100);
  event.origin = cleaned(all[5], 200);
  event.context = cleaned(all[6], 500);
  event.message = cleaned(all[7], 1000);
  return parsed<user_event>::ok(std::move(event));
}

} // namespace senseflow::messages
