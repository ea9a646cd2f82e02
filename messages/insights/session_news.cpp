#include "messages/insights/session_news.hpp"

#include "messages/rules/user_agent.hpp"
#include "messages/text/text.hpp"

#include <array>
#include <utility>

namespace senseflow::messages::insights {

namespace {

session_step step_of(std::string_view command) {
  constexpr std::array<std::pair<std::string_view, session_step>, 4> steps{
      {{"Start session", session_step::start},
       {"Stop session", session_step::stop},
       {"Open connection", session_step::open},
       {"Close connection", session_step::close}}};
  for (const auto& [text, step] : steps)
    if (command == text) return step;
  return session_step::other;
}

/// The first id in a lower-case text, other than `but`.
std::string_view id_in(std::string_view text, std::string_view but) {
  constexpr size_t length = 36, first_hyphen = 8;
  for (auto at = text.find('-'); at != text.npos; at = text.find('-', at + 1)) {
    if (at < first_hyphen) continue;
    const auto id = text.substr(at - first_hyphen, length);
    if (id.size() == length && is_lower_uuid(id) && id != but) return id;
  }
  return {};
}

std::string with_version(const std::string& name, const std::string& version) {
  return name.empty() || version.empty() ? name : name + ' ' + version;
}

bool holds_any(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const auto word : words)
    if (text.find(word) != text.npos) return true;
  return false;
}

} // namespace

std::string user_key(std::string_view directory, std::string_view id) {
  auto result = ascii_lower(directory);
  result += '\0'; // cleaned text has none
  return result += ascii_lower(id);
}

session_news news_of(const user_event& x) {
  session_news out;
  out.step = step_of(x.command);
  if (out.step == session_step::other) return out;
  out.user = user_key(x.user_directory, x.user_id);
  out.app = ascii_lower(app_id_of(x));
  const auto message = ascii_lower(x.message);
  out.token = id_in(message, out.app);
  // What follows is the browser's own text.
  const auto words = std::string_view{message}.substr(0, message.find("useragent:"));
  out.timed_out = holds_any(words, {"timeout", "timed out", "time-out", "inactiv"});
  if (const auto text = user_agent_text(x.message); !text.empty()) {
    const auto agent = parse_user_agent(text);
    out.browser = with_version(agent.browser_name, agent.browser_major_version);
    out.os = with_version(agent.os_name, agent.os_version);
  }
  return out;
}

} // namespace senseflow::messages::insights
