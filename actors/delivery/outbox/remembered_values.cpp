#include "actors/delivery/outbox/remembered_values.hpp"

#include <iterator>

namespace senseflow::actors {

namespace {
constexpr uint64_t overhead = 400; ///< of nodes, texts and the like
} // namespace

size_t remembered_values::put(const messages::mqtt_message& m, int64_t accepted_ms) {
  erase(m.topic.str());
  const auto bytes = overhead + 2 * m.topic.size() + m.payload.size();
  const auto i = values_.emplace(m.topic.str(), value{m, accepted_ms, bytes}).first;
  by_size_.emplace(bytes, &i->first);
  bytes_ += bytes;
  size_t left_out = 0;
  for (; bytes_ > max_bytes_; ++left_out) erase(values_.find(*std::prev(by_size_.end())->second));
  return left_out;
}

void remembered_values::erase(const std::string& topic) {
  if (auto i = values_.find(topic); i != values_.end()) erase(i);
}

void remembered_values::erase(map::iterator i) {
  bytes_ -= i->second.bytes;
  by_size_.erase({i->second.bytes, &i->first});
  values_.erase(i);
}

const remembered_values::value* remembered_values::find(const std::string& topic) const {
  const auto i = values_.find(topic);
  return i == values_.end() ? nullptr : &i->second;
}

} // namespace senseflow::actors
