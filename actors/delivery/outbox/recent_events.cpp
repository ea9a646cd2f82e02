#include "actors/delivery/outbox/recent_events.hpp"

#include <algorithm>

namespace senseflow::actors {

void recent_events::shrink(kept& x) const {
  while (x.events.size() > options_.most || x.bytes > max_bytes_) {
    x.bytes -= messages::footprint(*x.events.front());
    x.events.pop_front();
  }
}

void recent_events::configured(const recent_events_options& x) {
  options_ = x;
  for (auto& k : by_class_) shrink(k);
}

void recent_events::published(const messages::shared<messages::publication>& x) {
  if (options_.most == 0) return;
  auto& k = by_class_[static_cast<size_t>(x->cls)];
  k.events.push_back(x);
  k.bytes += messages::footprint(*x);
  shrink(k);
}

std::vector<messages::shared<messages::publication>> recent_events::newest(messages::item_class c,
                                                                           size_t most) const {
  const auto& all = by_class_[static_cast<size_t>(c)].events;
  return {all.end() - static_cast<std::ptrdiff_t>(std::min(most, all.size())), all.end()};
}

} // namespace senseflow::actors
