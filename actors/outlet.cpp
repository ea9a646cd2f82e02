#include "actors/outlet.hpp"

#include <algorithm>
#include <iterator>

namespace senseflow::actors {

namespace {

/// Moves the first `n` elements of `from` to `to`, at most; returns how many are still missing.
template <class T>
size_t move_front(std::vector<T>& from, std::vector<T>& to, size_t n) {
  auto end = from.begin() + static_cast<std::ptrdiff_t>(std::min(n, from.size()));
  n -= static_cast<size_t>(end - from.begin());
  to.assign(std::make_move_iterator(from.begin()), std::make_move_iterator(end));
  from.erase(from.begin(), end);
  return n;
}

messages::item_list take_front(messages::item_list& from, size_t n) {
  messages::item_list result;
  messages::item_list::for_each_list([&](auto list) { n = move_front(from.*list, result.*list, n); });
  return result;
}

} // namespace

outlet::outlet(uint64_t source, uint32_t lanes, uint32_t batch_max_items)
    : source_(source), batch_max_items_(std::max(batch_max_items, 1u)), lanes_(std::max(lanes, 1u)) {}

messages::item_list& outlet::open(std::string_view origin) {
  auto& lane = lanes_[messages::lane_of(origin, lanes_.size())];
  if (lane.empty() || lane.back().size() >= batch_max_items_) lane.emplace_back();
  ++waiting_;
  return lane.back();
}

void outlet::push(messages::health_sample x) {
  auto& items = open(origin_of(x)).health;
  items.push_back(std::move(x));
}
void outlet::push(messages::session_sample x) {
  auto& items = open(origin_of(x)).sessions;
  items.push_back(std::move(x));
}
void outlet::push(messages::user_event x) {
  auto& items = open(origin_of(x)).user_events;
  items.push_back(std::move(x));
}
void outlet::push(messages::log_event x) {
  auto& items = open(origin_of(x)).log_events;
  items.push_back(std::move(x));
}
void outlet::push(messages::availability_sample x) {
  auto& items = open(origin_of(x)).availability;
  items.push_back(std::move(x));
}
void outlet::push(messages::server_event x) {
  auto& items = open(origin_of(x)).server_events;
  items.push_back(std::move(x));
}

messages::item_batch outlet::seal(uint32_t lane, messages::item_list items) {
  messages::item_batch batch;
  batch.id = {source_, ++last_number_};
  batch.lane = lane;
  batch.items = messages::shared<messages::item_list>{std::move(items)};
  return batch;
}

std::optional<messages::item_batch> outlet::next() {
  if (grant_ == 0) return std::nullopt;
  if (!again_.empty()) {
    auto& batch = sent_.at(again_.front());
    again_.pop_front();
    grant_ -= std::min<uint64_t>(grant_, batch.items->size());
    batch.settled_below = sent_.begin()->first;
    return batch;
  }
  if (waiting_ == 0) return std::nullopt;
  while (lanes_[turn_].empty()) turn_ = (turn_ + 1) % static_cast<uint32_t>(lanes_.size());
  auto lane = turn_;
  auto& lists = lanes_[lane];
  messages::item_list items;
  if (lists.front().size() <= grant_) {
    items = std::move(lists.front());
    lists.pop_front();
  } else {
    items = take_front(lists.front(), grant_);
  }
  turn_ = (turn_ + 1) % static_cast<uint32_t>(lanes_.size());
  auto n = items.size();
  grant_ -= n;
  waiting_ -= n;
  on_the_way_ += n;
  auto batch = seal(lane, std::move(items));
  auto number = batch.id.number;
  batch.settled_below = sent_.empty() ? number : sent_.begin()->first;
  sent_.emplace(number, batch);
  return batch;
}

void outlet::accepted(uint64_t number) {
  auto i = sent_.find(number);
  if (i == sent_.end()) return;
  on_the_way_ -= i->second.items->size();
  sent_.erase(i);
  again_.erase(std::remove(again_.begin(), again_.end(), number), again_.end());
}

void outlet::consumer_lost() {
  grant_ = 0;
  again_.clear();
  for (const auto& [number, batch] : sent_) again_.push_back(number);
}

std::vector<messages::item_batch> outlet::take_all() {
  consumer_lost();
  grant_ = on_the_way_ + waiting_;
  std::vector<messages::item_batch> result;
  while (auto batch = next()) result.push_back(std::move(*batch));
  sent_.clear();
  grant_ = on_the_way_ = 0;
  return result;
}

} // namespace senseflow::actors
