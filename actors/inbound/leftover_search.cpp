#include "actors/inbound/leftover_search.hpp"

#include "messages/text/text.hpp"
#include "messages/text/topic_filter.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::actors {

namespace {

constexpr size_t digits = 16; // of an installation, at the beginning of an instance

} // namespace

leftover_search::leftover_search(const std::string& instance, std::vector<std::string> filters, size_t most)
    : installation_(instance.substr(0, digits)), filters_(std::move(filters)), most_(most) {}

bool leftover_search::is_ours(const runtime::mqtt_received& m) const {
  const auto i = m.user.find("instance");
  if (!m.retain || m.payload.size() == 0 || i == m.user.end() || installation_.size() < digits ||
      i->second.compare(0, digits, installation_) != 0)
    return false;
  // Brokers may be broken.
  return runtime::fits_into_mqtt(m) && messages::is_utf8(m.topic.view()) &&
         std::any_of(filters_.begin(), filters_.end(),
                     [&](const auto& x) { return messages::covers(x, m.topic.view()); });
}

bool leftover_search::hear(const runtime::mqtt_received& m) {
  if (!is_ours(m)) { // what was ours there has been cleared or replaced meanwhile
    found_.erase(m.topic.str());
    return true;
  }
  if (found_.size() >= most_ && found_.count(m.topic.str()) == 0) return false;
  found_.insert(m.topic.str());
  return true;
}

} // namespace senseflow::actors
