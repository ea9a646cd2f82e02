#include "actors/delivery/outbox/sent_values.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::actors {

using messages::measure;
using messages::mqtt_message;

namespace {

uint64_t footprint(const mqtt_message& m) {
  return sizeof(mqtt_message) + sizeof(sent_values::time_point) + m.topic.size() + m.payload.size();
}

bool clears(const mqtt_message& m) { return m.retain && m.payload.size() == 0; }

/// Messages come in one order: most often it is at its own place, or near.
template <class Values>
auto find(Values& xs, size_t n, const std::string& topic) {
  const auto is_it = [&](const auto& x) { return x.message.topic.str() == topic; };
  const auto from = xs.begin() + static_cast<std::ptrdiff_t>(std::min(n, xs.size()));
  const auto i = std::find_if(from, xs.end(), is_it);
  if (i != xs.end()) return i;
  const auto j = std::find_if(xs.begin(), from, is_it);
  return j != from ? j : xs.end();
}

} // namespace

void sent_values::configured(std::shared_ptr<const on_change_options> x) {
  forget();
  options_ = x && (x->values || x->documents) ? std::move(x) : nullptr;
}

void sent_values::forget() {
  records_.clear();
  bytes_ = 0;
}

void sent_values::forget_until(time_point x) {
  forget();
  forgets_until_ = x;
}

bool sent_values::compares(const mqtt_message& m) const {
  switch (m.compared) {
  case measure::none:
    return false;
  case measure::dated:
  case measure::health:
    return options_->documents;
  case measure::text:
  case measure::cpu:
  case measure::memory:
  case measure::counter:
    break;
  }
  return options_->values;
}

bool sent_values::is_news(const record& r, size_t n, const mqtt_message& m, time_point now) const {
  if (!compares(m)) return true;
  const auto i = find(r.values, n, m.topic.str());
  return i == r.values.end() || now - i->sent >= options_->refresh_every ||
         !messages::same(i->message, m, options_->bands);
}

std::optional<messages::publication> sent_values::news_of(const messages::publication& x,
                                                          time_point now) const {
  if (!options_) return std::nullopt;
  const auto i = records_.find(x.replaces.str());
  if (i == records_.end() || !(i->second.from == x.from)) return std::nullopt;
  messages::publication result;
  size_t n = 0;
  for (const auto& m : x.messages)
    if (is_news(i->second, n++, m, now)) result.messages.push_back(m);
  if (result.messages.size() == x.messages.size()) return std::nullopt;
  result.cls = x.cls;
  result.origin = x.origin;
  result.replaces = x.replaces;
  result.from = x.from;
  return result;
}

void sent_values::sent(const messages::publication& x, time_point now) {
  if (!options_ || !is_state(x.cls)) return;
  if (std::any_of(x.messages.begin(), x.messages.end(), clears)) return forget();
  if (now < forgets_until_) return;
  if (std::none_of(x.messages.begin(), x.messages.end(), [&](const auto& m) { return compares(m); })) return;
  sweep(now);
  auto& r = records_[x.replaces.str()];
  if (!(r.from == x.from))
    while (!r.values.empty()) erase(r, r.values.back().message.topic.str());
  r.from = x.from;
  r.sent = now;
  size_t n = 0;
  for (const auto& m : x.messages) {
    if (compares(m)) put(r, n, m, now);
    ++n;
  }
}

void sent_values::put(record& r, size_t n, const mqtt_message& m, time_point now) {
  const auto i = find(r.values, n, m.topic.str());
  const auto before = i == r.values.end() ? 0 : footprint(i->message);
  const auto after = footprint(m);
  if (bytes_ - before + after > max_bytes_) {
    ++counts_.unremembered;
    return erase(r, m.topic.str());
  }
  bytes_ += after - before;
  if (i == r.values.end())
    r.values.push_back({m, now});
  else
    *i = {m, now};
}

void sent_values::lost(const messages::publication& x) {
  if (!options_ || !is_state(x.cls)) return;
  const auto i = records_.find(x.replaces.str());
  if (i == records_.end()) return;
  for (const auto& m : x.messages) erase(i->second, m.topic.str());
}

void sent_values::delivered(const messages::publication& x,
                            const std::vector<messages::message_outcome>& each) {
  if (!options_ || !is_state(x.cls)) return;
  const auto i = records_.find(x.replaces.str());
  if (i == records_.end()) return;
  for (size_t n = 0; n < std::min(each.size(), x.messages.size()); ++n)
    if (each[n].result == messages::outcome::refused) erase(i->second, x.messages[n].topic.str());
}

void sent_values::erase(record& r, const std::string& topic) {
  const auto i = find(r.values, 0, topic);
  if (i == r.values.end()) return;
  bytes_ -= footprint(i->message);
  r.values.erase(i);
}

/// Of servers that are gone nothing is sent any more: what is older than it may be goes.
void sent_values::sweep(time_point now) {
  if (now - swept_ < options_->refresh_every) return;
  swept_ = now;
  for (auto i = records_.begin(); i != records_.end();) {
    auto& r = i->second;
    if (now - r.sent >= options_->refresh_every)
      while (!r.values.empty()) erase(r, r.values.back().message.topic.str());
    i = r.values.empty() ? records_.erase(i) : std::next(i);
  }
}

} // namespace senseflow::actors
