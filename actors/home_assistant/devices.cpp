#include "actors/home_assistant/devices.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace senseflow::actors {

using messages::home_assistant::document;
using messages::home_assistant::document_of;

namespace {

using namespace std::chrono_literals;

constexpr auto grace = 5s; ///< an older document of our own may come late: it is no dispute

/// Documents are large, and made in no time: only what tells one from another is kept.
size_t hash(std::string_view text) { return std::hash<std::string_view>{}(text); }

} // namespace

document devices::make(const device& x) const {
  return x.of.name.empty() ? document_of(options_.at, options_.node) : document_of(options_.at, x.of);
}

void devices::note(device& x, const document& made) {
  x.wanted = hash(made.payload);
  x.removing = hash(made.removing);
}

/// Goes on from what is known of it.
void devices::put(device x, time_point not_before) {
  const auto made = make(x);
  note(x, made);
  x.not_before = not_before;
  auto [i, is_new] = all_.try_emplace(made.topic, x);
  auto& known = i->second;
  if (is_new || known.wanted == x.wanted) return;
  x.not_before = known.told ? time_point{} : known.not_before;
  x.dispute_over = known.dispute_over;
  x.cleared = known.cleared;
  known = std::move(x);
}

std::string devices::topic_of(const std::string& server) const {
  return messages::home_assistant::device_topic(options_.at.prefix, server_id(options_.at, server));
}

void devices::configured(const device_options& x, time_point now) {
  if (x.generation != options_.generation) {
    all_.clear();
    elsewhere_.clear();
  }
  const bool same_frame = options_.at == x.at && options_.node == x.node;
  options_ = x;
  auto before = std::exchange(all_, {});
  const auto place = [&](const std::string& topic, device d, time_point not_before) {
    if (auto known = before.extract(topic)) {
      if (d.of.version.empty()) d.of.version = known.mapped().of.version;
      const bool same = same_frame && d.of == known.mapped().of; // as thousands, when one changes its owner
      all_.insert(std::move(known));
      if (same) return;
    } else if (const auto theirs = elsewhere_.find(topic); theirs != elsewhere_.end()) {
      d.told = d.let_go = theirs->second;
    }
    put(std::move(d), not_before);
  };
  place(messages::home_assistant::device_topic(x.at.prefix, node_id(x.at)), {}, time_point{});
  for (const auto& server : x.servers) {
    device d;
    d.of = server;
    place(topic_of(server.name), std::move(d), now + x.patience);
  }
  std::map<std::string, bool> others;
  for (const auto& server : x.elsewhere) {
    const auto topic = topic_of(server);
    const auto ours = before.find(topic);
    const auto theirs = elsewhere_.find(topic);
    others[topic] = ours != before.end() ? ours->second.let_go : theirs != elsewhere_.end() && theirs->second;
  }
  elsewhere_ = std::move(others);
}

void devices::seen(const std::string& server, const std::string& version) {
  if (version.empty()) return;
  const auto i = all_.find(topic_of(server));
  if (i == all_.end() || i->second.of.version == version) return;
  auto& x = i->second;
  x.of.version = version;
  note(x, make(x));
  x.told = x.let_go;
  x.not_before = {};
}

size_t devices::again() {
  for (auto& [topic, removed] : elsewhere_) removed = false; // their owners tell them, too
  cleared_until_ = {};
  for (auto& [topic, x] : all_) {
    x.told = false;
    x.not_before = {};
  }
  return all_.size();
}

bool devices::heard(const std::string& topic, std::string_view payload, time_point now) {
  if (const auto theirs = elsewhere_.find(topic); theirs != elsewhere_.end())
    theirs->second = payload.empty();
  const auto i = all_.find(topic);
  if (i == all_.end()) return false;
  auto& x = i->second;
  const auto what = hash(payload);
  if (what == x.wanted) {
    if (std::exchange(x.disputed, false)) x.told = true;
    return false;
  }
  // An older document of our own may come late: it is followed by the newest.
  if ((!x.told && !x.disputed) || x.let_go) return false;
  if (payload.empty()) {
    if (!std::exchange(x.disputed, false) && now >= x.dispute_over) return x.told = x.let_go = true;
    x.told = false;
    x.cleared = true;
    cleared_until_ = now + options_.clean_up;
    return false;
  }
  if (what == x.removing || x.disputed) return false;
  x.disputed = true;
  x.dispute_known = x.told = false;
  x.not_before = now + options_.dispute;
  return false;
}

std::vector<std::string> devices::disputes(time_point now) {
  std::vector<std::string> result;
  for (auto& [topic, x] : all_)
    if (x.disputed && !x.dispute_known && x.not_before - now <= options_.dispute - grace) {
      x.dispute_known = true;
      x.dispute_over = now + options_.dispute_lasts;
      result.push_back(topic);
    }
  return result;
}

bool devices::is_due(const device& x, time_point now) const {
  return !x.told && now >= (x.cleared ? cleared_until_ : x.not_before);
}

bool devices::idle(time_point now) const {
  return std::none_of(all_.begin(), all_.end(), [&](const auto& x) { return is_due(x.second, now); });
}

std::optional<devices::due> devices::next(time_point now) {
  const auto i = std::find_if(all_.begin(), all_.end(), [&](const auto& x) { return is_due(x.second, now); });
  if (i == all_.end()) return std::nullopt;
  auto& x = i->second;
  if (x.disputed) x.dispute_over = now + options_.dispute_lasts;
  due result{i->first,
             {},
             std::exchange(x.let_go, false),
             std::exchange(x.disputed, false),
             x.dispute_known,
             std::exchange(x.cleared, false)};
  auto made = make(x);
  if (std::exchange(x.changed_by_configuration, false) && !made.removing.empty())
    result.payloads.push_back(std::move(made.removing));
  result.payloads.push_back(std::move(made.payload));
  x.told = true;
  return result;
}

} // namespace senseflow::actors
