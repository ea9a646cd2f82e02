#include "test/support/home_assistant_devices.hpp"

#include "test/support/paths.hpp"
#include "test/support/schema_check.hpp"

#include <fstream>
#include <stdexcept>
#include <utility>

namespace senseflow::test {

using nlohmann::json;
using clock = std::chrono::steady_clock;

namespace {

constexpr std::string_view end_of_topic = "/config";

json read_rules() {
  std::ifstream in{source_path("test/data/home_assistant/device.schema.json")};
  return json::parse(in);
}

} // namespace

discovered_devices::discovered_devices(std::string prefix)
    : begin_(std::move(prefix) + "/device/"), rules_(read_rules()) {}

void discovered_devices::handle(const received_message& m) {
  if (m.topic.rfind(begin_, 0) == 0 && m.topic.size() > begin_.size() + end_of_topic.size() &&
      m.topic.substr(m.topic.size() - end_of_topic.size()) == end_of_topic)
    return discover(m.topic.substr(begin_.size(), m.topic.size() - begin_.size() - end_of_topic.size()),
                    m.payload);
  kept_[m.topic] = m.payload;
  if (!m.payload.empty()) payloads_[m.topic].insert(m.payload);
  const timed_payload now{m.payload, clock::now()};
  for (auto& [id, d] : all_)
    for (auto& [key, e] : d.entities) {
      for (auto& w : e.availability)
        if (w.topic == m.topic) w.last = now;
      if (e.topic != m.topic) continue;
      e.last = now;
      if (e.config["platform"] == "event" && !m.retain) e.live.push_back(m.payload);
    }
}

/// It subscribes now, and gets what the broker has kept; events are not kept.
discovered_entity discovered_devices::make(const json& document, const json& component) const {
  discovered_entity x;
  x.config = component;
  for (const auto* inherited : {"availability", "availability_mode", "state_topic"})
    if (!component.contains(inherited) && document.contains(inherited))
      x.config[inherited] = document[inherited];
  const auto kept = [&](const std::string& topic) -> std::optional<timed_payload> {
    const auto i = kept_.find(topic);
    if (i == kept_.end() || i->second.empty()) return std::nullopt;
    return timed_payload{i->second, clock::now()};
  };
  x.topic = x.config.value("state_topic", "");
  if (x.config["platform"] != "event") x.last = kept(x.topic);
  for (const auto& a : x.config.value("availability", json::array()))
    x.availability.push_back({a["topic"], a.value("value_template", ""), kept(a["topic"])});
  return x;
}

void discovered_devices::discover(const std::string& id, const std::string& payload) {
  ++documents_;
  if (payload.empty()) {
    all_.erase(id);
    return;
  }
  const auto document = json::parse(payload, nullptr, false);
  if (id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != id.npos) {
    faults_.insert("id " + id);
    return;
  }
  if (const auto wrong = check_json(rules_, document); !wrong.empty()) {
    faults_.insert(id + ": " + wrong);
    return;
  }
  auto& d = all_[id];
  d.config = document["device"];
  for (const auto& [key, component] : document["components"].items()) {
    if (component.size() == 1) { // nothing but its platform
      d.entities.erase(key);
      continue;
    }
    auto x = make(document, component);
    const auto known = d.entities.find(key);
    if (known != d.entities.end() && known->second.config == x.config) continue;
    if (known != d.entities.end()) x.live = known->second.live;
    d.entities[key] = std::move(x);
  }
}

discovered_device* discovered_devices::find(const std::string& name) {
  for (auto& [id, d] : all_)
    if (d.config.value("name", "") == name) return &d;
  return nullptr;
}

std::string discovered_devices::topic_of(const std::string& name) const {
  for (const auto& [id, d] : all_)
    if (d.config.value("name", "") == name) return begin_ + id + std::string{end_of_topic};
  throw std::out_of_range("there is no device " + name);
}

} // namespace senseflow::test
