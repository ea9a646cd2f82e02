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

outlet::outlet(messages::batch_id last, uint32_t batch_max_items)
    : source_(last.source), batch_max_items_(std::max(batch_max_items, 1u)), last_number_(last.number) {}

messages::item_list& outlet::open() {
  if (lists_.empty() || lists_.back().size() >= batch_max_items_) lists_.emplace_back();
  ++waiting_;
  return lists_.back();
}

void outlet::push(messages::health_sample x) { open().health.push_back(std::move(x)); }
void outlet::push(messages::session_sample x) { open().sessions.push_back(std::move(x)); }
void outlet::push(messages::user_event x) { open().user_events.push_back(std::move(x)); }
void outlet::push(messages::log_event x) { open().log_events.push_back(std::move(x)); }
void outlet::push(messages::availability_sample x) { open().availability.push_back(std::move(x)); }
void outlet::push(messages::server_event x) { open().server_events.push_back(std::move(x)); }
void outlet::push(messages::insight x) { open().insights.push_back(std::move(x)); }

std::optional<messages::item_batch> outlet::next() {
  if (grant_ == 0) return std::nullopt;
  if (again_ < sent_.size()) {
    const auto& batch = sent_[again_++];
    grant_ -= std::min<uint64_t>(grant_, batch.items->size());
    return batch;
  }
  if (lists_.empty()) return std::nullopt;
  messages::item_list items;
  if (lists_.front().size() <= grant_) {
    items = std::move(lists_.front());
    lists_.pop_front();
  } else {
    items = take_front(lists_.front(), grant_);
  }
  auto n = items.size();
  grant_ -= n;
  waiting_ -= n;
  on_the_way_ += n;
  sent_.push_back({{source_, ++last_number_}, messages::shared<messages::item_list>{std::move(items)}});
  again_ = sent_.size();
  return sent_.back();
}

void outlet::accepted(uint64_t number) {
  if (number > last_number_) return;
  while (!sent_.empty() && sent_.front().id.number <= number) {
    on_the_way_ -= sent_.front().items->size();
    sent_.pop_front();
    if (again_ > 0) --again_;
  }
}

void outlet::consumer_lost() {
  grant_ = 0;
  again_ = 0;
}

std::vector<messages::item_batch> outlet::take_all() {
  consumer_lost();
  grant_ = on_the_way_ + waiting_;
  std::vector<messages::item_batch> result;
  while (auto batch = next()) result.push_back(std::move(*batch));
  sent_.clear();
  grant_ = on_the_way_ = again_ = 0;
  return result;
}

} // namespace senseflow::actors
