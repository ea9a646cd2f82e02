// Something that an operator should know of as long as it holds: a condition of the node's status.
#pragma once

#include <caf/timestamp.hpp>

#include <string>
#include <string_view>

namespace senseflow::messages::insights {

struct alarm {
  std::string_view id; ///< of its kind, among those of runtime/status/conditions; lives for ever
  std::string subject; ///< which of several: a server, a host
  enum class weight { info, warning, critical } how = weight::warning;
  std::string text; ///< what is the matter, with numbers: a sentence
  std::string next; ///< what to do: a sentence
  caf::timestamp since{};
};

inline bool operator==(const alarm& a, const alarm& b) {
  return a.id == b.id && a.subject == b.subject && a.how == b.how && a.text == b.text && a.next == b.next &&
         a.since == b.since;
}

} // namespace senseflow::messages::insights
