#include "test/support/message_judge.hpp"

#include "test/support/schema_check.hpp"

#include <mosquitto.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>

namespace senseflow::test {

namespace {

using breach = message_contract::breach;

constexpr size_t most_kinds = 20;

bool matches(const std::string& filter, const std::string& topic) {
  bool result = false;
  return mosquitto_topic_matches_sub(filter.c_str(), topic.c_str(), &result) == MOSQ_ERR_SUCCESS && result;
}

/// What nodes of a cluster tell each other is not described: a matter between them.
bool is_between_nodes(const std::string& topic) {
  const auto at = topic.find("senseflow/cluster/");
  if (at != 0 && (at == std::string::npos || topic[at - 1] != '/')) return false;
  const auto rest = topic.substr(at);
  return matches("senseflow/cluster/+/digests/+", rest) || matches("senseflow/cluster/+/marker/+", rest);
}

/// Of all programs that were configured.
class contracts {
public:
  contracts() { add({}); }

  void add(const message_contract::parameters& x) {
    if (known_.insert(x).second) all_.push_back(std::make_unique<message_contract>(x));
  }

  /// Nothing if it keeps one of them.
  std::optional<breach> judge(const received_message& m) {
    std::optional<breach> result;
    for (const auto& x : all_) {
      auto broken = x->judge(m.topic, m.payload);
      if (!broken) return std::nullopt;
      if (!result || result->channel.empty()) result = std::move(broken);
    }
    return result;
  }

  /// One that has the topic; empty if none has.
  std::string channel_of(const std::string& topic) const {
    for (const auto& x : all_)
      if (const auto names = x->channels_of(topic); !names.empty()) return names.front();
    return {};
  }

private:
  std::set<message_contract::parameters> known_;
  std::vector<std::unique_ptr<message_contract>> all_;
};

struct common_state {
  std::mutex mutex; // guards all below, the contracts and the compiled schemas
  message_judge::listener listener;
};

common_state& common() {
  static common_state x;
  return x;
}

contracts& all_contracts() {
  static contracts x;
  return x;
}

/// Places in lists and other numbers make no kind of their own.
std::string without_numbers(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (!digit) result += c;
    if (digit && (result.empty() || result.back() != '#')) result += '#';
  }
  return result;
}

class verdicts {
public:
  void add(const received_message& m, const breach& x) {
    const auto kind = x.channel + ": " + without_numbers(x.reason);
    const auto [i, is_new] = kinds_.try_emplace(kind);
    if (is_new) i->second.text = words(m, x);
    ++i->second.count;
  }

  std::vector<message_judge::fault> all() const {
    std::vector<message_judge::fault> result;
    for (const auto& [kind, x] : kinds_) {
      if (result.size() == most_kinds) break;
      const auto more = x.count - 1;
      result.push_back({kind, x.text + (more == 0 ? "" : " (and " + std::to_string(more) + " more)")});
    }
    return result;
  }

private:
  struct some {
    std::string text;
    size_t count = 0;
  };

  static std::string words(const received_message& m, const breach& x) {
    const auto channel = x.channel.empty() ? "" : "channel " + x.channel + ": ";
    return "a message breaks config/asyncapi.yaml: " + channel + x.reason + ": " + m.topic + ": " +
           m.payload.substr(0, 300);
  }

  std::map<std::string, some> kinds_;
};

} // namespace

message_judge::listener message_judge::report_to(listener x) {
  auto& here = common();
  std::lock_guard lock{here.mutex};
  return std::exchange(here.listener, std::move(x));
}

bool message_judge::is_on() {
  auto& here = common();
  std::lock_guard lock{here.mutex};
  return here.listener != nullptr;
}

void message_judge::configured(const std::string& configuration) {
  std::lock_guard lock{common().mutex};
  try {
    all_contracts().add(message_contract::of_configuration(configuration));
  } catch (const std::runtime_error&) {
  }
}

void message_judge::take(std::vector<received_message> arrived) {
  std::lock_guard lock{mutex_};
  for (auto& m : arrived) {
    auto& x = topics_[m.topic];
    if (++x.count == 1) {
      x.first = std::move(m);
      continue;
    }
    auto former = std::exchange(x.last, std::move(m));
    const auto between = x.count - 2;
    if (between == 0) continue;
    if (x.others.size() < most_others) {
      x.others.push_back(std::move(former));
    } else if (const auto place = dice_.below(between); place < most_others) {
      x.others[place] = std::move(former);
    }
  }
}

void message_judge::knows(const std::string& filter, const std::string& schema) {
  std::lock_guard lock{mutex_};
  chosen_[filter] = schema;
}

std::vector<message_judge::fault> message_judge::faults() const {
  std::scoped_lock lock{mutex_, common().mutex};
  auto& known = all_contracts();
  verdicts result;
  const auto judge = [&](const received_message& m) {
    if (const auto broken = known.judge(m)) result.add(m, *broken);
  };
  std::map<std::string, std::vector<const received_message*>> others; // by channel
  for (const auto& [topic, x] : topics_) {
    if (is_between_nodes(topic)) continue;
    const auto chosen = std::find_if(chosen_.begin(), chosen_.end(),
                                     [&, &name = topic](const auto& c) { return matches(c.first, name); });
    if (chosen == chosen_.end()) {
      judge(x.first);
      if (x.count > 1) judge(x.last);
      auto& to = others[known.channel_of(topic)];
      for (const auto& m : x.others) to.push_back(&m);
    } else if (!chosen->second.empty()) {
      for (const auto* m : {&x.first, &x.last}) {
        const auto value = nlohmann::json::parse(m->payload, nullptr, false);
        const auto broken = check_value(chosen->second, value);
        if (m->topic == topic && !broken.empty()) result.add(*m, {chosen->second, broken});
      }
    }
  }
  std::mt19937_64 random{1};
  for (const auto& [channel, all] : others) {
    std::vector<const received_message*> some;
    std::sample(all.begin(), all.end(), std::back_inserter(some), most_others, random);
    for (const auto* m : some) judge(*m);
  }
  return result.all();
}

void message_judge::report() const {
  auto& here = common();
  const auto all = faults();
  std::unique_lock lock{here.mutex};
  const auto hears = here.listener;
  lock.unlock();
  if (hears)
    for (const auto& x : all) hears(x);
}

} // namespace senseflow::test
