#include "messages/text/topic_filter.hpp"

#include <algorithm>

namespace senseflow::messages {

bool covers(std::string_view filter, std::string_view topic) {
  if (topic.substr(0, 1) == "$" && (filter.substr(0, 1) == "+" || filter.substr(0, 1) == "#")) return false;
  while (true) {
    const auto wanted = filter.substr(0, filter.find('/')), level = topic.substr(0, topic.find('/'));
    if (wanted == "#") return true;
    if (wanted != "+" && wanted != level) return false;
    const bool more_wanted = wanted.size() < filter.size(), more = level.size() < topic.size();
    filter.remove_prefix(std::min(wanted.size() + 1, filter.size()));
    topic.remove_prefix(std::min(level.size() + 1, topic.size()));
    if (!more) return !more_wanted || filter == "#";
    if (!more_wanted) return false;
  }
}

} // namespace senseflow::messages
