#include "actors/delivery/in_transit.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace senseflow::actors {

using messages::outcome;

namespace {

constexpr size_t most_carried = 256;
constexpr auto ended_after_ack = std::chrono::seconds(1); // the end comes with the acknowledgement
constexpr auto carried_for = std::chrono::seconds(5);     // a connection that ends later has other reasons

} // namespace

void in_transit::add(const messages::outgoing& x) {
  const auto n = x.content->messages.size();
  auto& e = entries_[x.id] = {x.content, std::vector<messages::message_outcome>(n), 0, x.age_s};
  for (size_t i = 0; i < n; ++i) {
    if (i < 64 && (x.arrived >> i & 1) != 0) {
      e.parts[i].result = outcome::acknowledged;
    } else {
      ++e.open;
      waiting_.push_back({x.id, i});
    }
  }
}

std::optional<in_transit::departure> in_transit::next() const {
  if (waiting_.empty()) return {};
  const auto& p = waiting_.front();
  const auto& x = entries_.at(p.id);
  return departure{last_token_ + 1, p.id, x.age_s, x.content, p.index};
}

void in_transit::left(uint8_t qos) {
  auto p = waiting_.front();
  waiting_.pop_front();
  p.qos = std::min(std::max(message(p).qos, qos), maximum_qos_);
  on_the_way_.emplace(++last_token_, p);
  entries_.at(p.id).parts[p.index].result = outcome::returned;
}

void in_transit::refused(std::string reason) {
  const auto p = waiting_.front();
  waiting_.pop_front();
  end(p, outcome::refused, std::move(reason));
}

std::optional<in_transit::part> in_transit::take(uint64_t token) {
  const auto i = on_the_way_.find(token);
  if (i == on_the_way_.end()) return {};
  const auto result = i->second;
  on_the_way_.erase(i);
  return result;
}

void in_transit::acknowledged(uint64_t token, time now) {
  const auto p = take(token);
  if (!p) return;
  if (p->qos == 0) { // that it was written proves nothing
    carry(token, *p, now);
  } else {
    blamed_.reset();
    if (!acks_prove_) last_acknowledged_ = carried{token, now, described(*p)};
    while (!carried_.empty() && carried_.front().token < token) carried_.pop_front();
  }
  end(*p, p->qos == 0 ? outcome::written : outcome::acknowledged, {});
}

void in_transit::proven(uint64_t token) {
  while (!carried_.empty() && carried_.front().token <= token) carried_.pop_front();
  if (last_acknowledged_ && last_acknowledged_->token <= token) last_acknowledged_.reset();
}

std::optional<messages::shared_text> in_transit::refused(uint64_t token, std::string reason, time now) {
  const auto p = take(token);
  if (!p) return {};
  blamed_ = carried{token, now, described(*p)};
  blamed_->what.reason = reason;
  end(*p, outcome::refused, std::move(reason));
  return blamed_->what.topic;
}

void in_transit::failed(uint64_t token, time now) {
  const auto p = take(token);
  if (!p) return;
  carry(token, *p, now);
  for (const auto& [other, x] : on_the_way_)
    if (x.id == p->id) carry(other, x, now);
  // Part of it may have arrived: delivered twice is better than not at all.
  settle(p->id, outcome::returned, {});
}

void in_transit::unsent(uint64_t token) {
  const auto p = take(token);
  if (!p) return;
  entries_.at(p->id).parts[p->index].result = outcome::not_sent;
  const auto place = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& x) {
    return std::tie(x.id, x.index) > std::tie(p->id, p->index);
  });
  waiting_.insert(place, *p);
}

void in_transit::return_unsent() {
  std::vector<uint64_t> back;
  for (const auto& [id, x] : entries_)
    if (std::all_of(x.parts.begin(), x.parts.end(), [](const auto& m) {
          return m.result == outcome::not_sent || m.result == outcome::acknowledged;
        }))
      back.push_back(id);
  for (const auto id : back) settle(id, outcome::not_sent, {});
}

void in_transit::connected(uint8_t maximum_qos, bool acks_prove) {
  maximum_qos_ = maximum_qos;
  acks_prove_ = acks_prove;
  last_acknowledged_.reset();
  carried_.clear();
  blamed_.reset();
}

std::vector<carried_message> in_transit::unproven(time now) const {
  std::map<uint64_t, carried_message> by_token;
  for (const auto& x : carried_)
    if (now - x.when < carried_for) by_token.emplace(x.token, x.what);
  if (const auto& x = last_acknowledged_; x && now - x->when < ended_after_ack)
    by_token.emplace(x->token, x->what);
  for (const auto& [token, p] : on_the_way_) by_token.emplace(token, described(p));
  std::vector<carried_message> result;
  if (blamed_ && now - blamed_->when < carried_for) result.push_back(blamed_->what);
  for (auto& [token, x] : by_token) result.push_back(std::move(x));
  return result;
}

std::vector<std::pair<uint64_t, in_transit::publication_ptr>> in_transit::held() const {
  std::vector<std::pair<uint64_t, publication_ptr>> result;
  for (const auto& [id, x] : entries_) result.emplace_back(id, x.content);
  return result;
}

std::vector<messages::settlement> in_transit::take_settled() { return std::exchange(settled_, {}); }

carried_message in_transit::described(const part& p) const {
  const auto& m = message(p);
  return {entries_.at(p.id).content->cls, m.topic, m.payload.size(), p.qos, m.retain};
}

carried_message in_transit::described(const departure& x) const {
  const auto& m = x.message();
  return {x.content->cls, m.topic, m.payload.size(), std::min(m.qos, maximum_qos_), m.retain};
}

std::optional<carried_message> in_transit::described(uint64_t token) const {
  const auto i = on_the_way_.find(token);
  if (i == on_the_way_.end()) return {};
  return described(i->second);
}

void in_transit::carry(uint64_t token, const part& p, time now) {
  if (carried_.size() == most_carried) carried_.pop_front();
  carried_.push_back({token, now, described(p)});
}

void in_transit::end(const part& p, outcome how, std::string reason) {
  auto& x = entries_.at(p.id);
  x.parts[p.index] = {how, std::move(reason)};
  if (--x.open > 0) return;
  const auto any = [&x](outcome o) {
    return std::any_of(x.parts.begin(), x.parts.end(), [o](const auto& m) { return m.result == o; });
  };
  if (any(outcome::written))
    settle(p.id, outcome::written, {});
  else if (any(outcome::acknowledged))
    settle(p.id, outcome::acknowledged, {});
  else
    settle(p.id, outcome::refused, x.parts.front().reason);
}

// Nothing of it may be taken for a part of its next attempt.
void in_transit::settle(uint64_t id, outcome how, std::string reason) {
  auto& x = entries_.at(id);
  const messages::message_outcome all{how, reason};
  if (std::all_of(x.parts.begin(), x.parts.end(), [&](const auto& m) { return m == all; })) x.parts.clear();
  settled_.push_back({id, how, std::move(reason), std::move(x.parts)});
  if (x.open > 0) {
    waiting_.erase(
        std::remove_if(waiting_.begin(), waiting_.end(), [id](const auto& p) { return p.id == id; }),
        waiting_.end());
    for (auto i = on_the_way_.begin(); i != on_the_way_.end();)
      i = i->second.id == id ? on_the_way_.erase(i) : std::next(i);
  }
  entries_.erase(id);
}

} // namespace senseflow::actors
