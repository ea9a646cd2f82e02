#include "test/support/home_assistant.hpp"

#include "test/support/child_process.hpp"

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <stdexcept>
#include <utility>

namespace senseflow::test {

using nlohmann::json;
using clock = std::chrono::steady_clock;

namespace {

bool is_number(const std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0';
}

bool is_moment(const std::string& text) {
  static const std::regex form{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))"};
  return std::regex_match(text, form);
}

bool holds(const json& xs, const json& x) { return std::find(xs.begin(), xs.end(), x) != xs.end(); }

/// Why the value is refused; empty: it is not.
std::string refusal(const json& config, const std::string& text) {
  const std::string platform = config["platform"], cls = config.value("device_class", "");
  if (platform == "binary_sensor") return text == "ON" || text == "OFF" ? "" : "neither ON nor OFF";
  if (platform == "event") {
    const auto event = json::parse(text, nullptr, false);
    if (!event.is_object() || !event.contains("event_type")) return "no event";
    return holds(config["event_types"], event["event_type"]) ? "" : "none of its events";
  }
  if (cls == "timestamp") return is_moment(text) ? "" : "no moment";
  if (cls == "enum") return holds(config["options"], text) ? "" : "none of its options";
  if (config.contains("state_class") || config.contains("unit_of_measurement"))
    return is_number(text) ? "" : "no number";
  return text.size() <= 255 ? "" : "too long";
}

void publish(uint16_t port, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"mosquitto_pub", "-p", std::to_string(port), "-q", "1"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  child_process pub{command};
  if (pub.wait() != 0) throw std::runtime_error("mosquitto_pub: " + pub.output());
}

} // namespace

home_assistant::home_assistant(uint16_t port, std::string prefix)
    : port_(port), prefix_(std::move(prefix)),
      heard_(std::make_unique<subscriber>(subscriber_options{port, "#", 1})),
      known_(std::make_unique<discovered_devices>(prefix_)) {}

void home_assistant::restart() {
  faults_ = faults();
  heard_ = std::make_unique<subscriber>(subscriber_options{port_, "#", 1});
  known_ = std::make_unique<discovered_devices>(prefix_);
  seen_ = 0;
  if (!heard_->settle()) throw std::runtime_error("the broker does not deliver");
  look();
  say_online();
}

void home_assistant::say_online() const { publish(port_, {"-t", prefix_ + "/status", "-m", "online"}); }

void home_assistant::remove(const std::string& device) {
  publish(port_, {"-t", known_->topic_of(device), "-r", "-n"});
}

void home_assistant::look() {
  const auto all = heard_->messages();
  for (; seen_ < all.size(); ++seen_) known_->handle(all[seen_]);
}

std::set<std::string> home_assistant::devices() {
  std::set<std::string> result;
  for (const auto& [id, d] : known_->all()) result.insert(d.config.value("name", ""));
  return result;
}

std::set<std::string> home_assistant::entities(const std::string& device) {
  std::set<std::string> result;
  if (const auto* d = known_->find(device))
    for (const auto& [key, e] : d->entities) result.insert(key);
  return result;
}

discovered_entity& home_assistant::find(const std::string& device, const std::string& key) {
  if (auto* d = known_->find(device)) return d->entities.at(key);
  throw std::out_of_range("there is no device " + device);
}

// --- values ---------------------------------------------------------------------------------------

std::string home_assistant::render(const std::string& text, const std::string& payload) {
  if (text.empty()) return payload;
  const auto& result = templates_.render(text, payload);
  if (!result.error.empty()) faults_.insert(text + ": " + result.error + ": " + payload.substr(0, 200));
  return result.text;
}

/// Mode `all`.
bool home_assistant::is_available(const discovered_entity& x) {
  for (const auto& w : x.availability) {
    if (!w.last) return false;
    const auto said = render(w.text, w.last->payload);
    if (said != "online" && said != "offline") faults_.insert("availability " + w.topic + " says " + said);
    if (said != "online") return false;
  }
  if (!x.config.contains("expire_after")) return true;
  return x.last && clock::now() - x.last->at < std::chrono::seconds(x.config["expire_after"].get<int>());
}

bool home_assistant::available(const std::string& device, const std::string& key) {
  return is_available(find(device, key));
}

bool home_assistant::all_available(const std::string& device) {
  const auto* d = known_->find(device);
  return d != nullptr && std::all_of(d->entities.begin(), d->entities.end(), [&](const auto& e) {
           return is_available(e.second) && (e.second.last || e.second.config["platform"] == "event");
         });
}

bool home_assistant::none_available(const std::string& device, const std::set<std::string>& but) {
  const auto* d = known_->find(device);
  return d != nullptr && std::all_of(d->entities.begin(), d->entities.end(), [&](const auto& e) {
           return is_available(e.second) == (but.count(e.first) > 0);
         });
}

std::string home_assistant::shown(const discovered_entity& x, const std::string& payload) {
  auto text = render(x.config.value("value_template", ""), payload);
  if (text == "None") return "unknown";
  const bool is_event = x.config["platform"] == "event";
  if (is_event && text.empty()) return {}; // skipped without a word
  if (const auto why = refusal(x.config, text); !why.empty()) {
    faults_.insert(x.config.value("unique_id", "") + ": " + why + ": " + text.substr(0, 100));
    return "unknown";
  }
  return is_event ? json::parse(text)["event_type"].get<std::string>() : text;
}

std::string home_assistant::state(const std::string& device, const std::string& key) {
  const auto& x = find(device, key);
  return x.last ? shown(x, x.last->payload) : "unknown";
}

std::vector<std::string> home_assistant::events(const std::string& device, const std::string& key) {
  const auto& x = find(device, key);
  std::vector<std::string> result;
  for (const auto& payload : x.live)
    if (auto type = shown(x, payload); !type.empty()) result.push_back(std::move(type));
  return result;
}

size_t home_assistant::render_all() {
  std::vector<jinja::question> questions;
  const auto add = [&](const std::string& text, const std::string& topic) {
    if (!text.empty())
      for (const auto& payload : known_->payloads(topic)) questions.emplace_back(text, payload);
  };
  for (const auto& [id, d] : known_->all())
    for (const auto& [key, e] : d.entities) {
      add(e.config.value("value_template", ""), e.topic);
      for (const auto& w : e.availability) add(w.text, w.topic);
    }
  templates_.prepare(questions);
  for (const auto& [id, d] : known_->all())
    for (const auto& [key, e] : d.entities)
      for (const auto& payload : known_->payloads(e.topic)) shown(e, payload);
  return questions.size();
}

std::set<std::string> home_assistant::faults() const {
  auto result = faults_;
  result.insert(known_->faults().begin(), known_->faults().end());
  return result;
}

} // namespace senseflow::test
