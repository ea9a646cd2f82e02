// What crosses the edges of the data flow: batches to the right, demand to the left. See README.md for the
// protocol of an edge.
#pragma once

#include "messages/items/availability_sample.hpp"
#include "messages/items/health_sample.hpp"
#include "messages/items/insight.hpp"
#include "messages/items/log_event.hpp"
#include "messages/items/server_event.hpp"
#include "messages/items/session_sample.hpp"
#include "messages/items/user_event.hpp"
#include "messages/publication.hpp"
#include "messages/shared.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::messages {

/// Names a batch for the life of the process, so that handing it over twice has the effect of once.
struct batch_id {
  uint64_t source = 0; ///< the outlet that made it
  uint64_t number = 0; ///< counted from 1 by that outlet, without a gap
};
inline bool operator==(const batch_id& a, const batch_id& b) {
  return a.source == b.source && a.number == b.number;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, batch_id& x) {
  return f(caf::meta::type_name("batch_id"), x.source, x.number);
}

/// Items in order of arrival; usually only one of the lists has entries.
struct item_list {
  std::vector<health_sample> health;
  std::vector<session_sample> sessions;
  std::vector<user_event> user_events;
  std::vector<log_event> log_events;
  std::vector<availability_sample> availability;
  std::vector<server_event> server_events;
  std::vector<insight> insights;

  /// Calls `f(pointer to member)` for each of the lists.
  template <class F>
  static void for_each_list(F&& f) {
    f(&item_list::health);
    f(&item_list::sessions);
    f(&item_list::user_events);
    f(&item_list::log_events);
    f(&item_list::availability);
    f(&item_list::server_events);
    f(&item_list::insights);
  }

  size_t size() const {
    size_t n = 0;
    for_each_list([&](auto list) { n += (this->*list).size(); });
    return n;
  }
};
inline bool operator==(const item_list& a, const item_list& b) {
  bool same = true;
  item_list::for_each_list([&](auto list) { same = same && a.*list == b.*list; });
  return same;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, item_list& x) {
  return f(caf::meta::type_name("item_list"), x.health, x.sessions, x.user_events, x.log_events,
           x.availability, x.server_events, x.insights);
}

/// The class of an item, and what it is accounted for and kept in order by: a publication's `origin`.
constexpr item_class class_of(const health_sample&) { return item_class::health; }
constexpr item_class class_of(const session_sample&) { return item_class::sessions; }
constexpr item_class class_of(const user_event&) { return item_class::user_event; }
constexpr item_class class_of(const log_event&) { return item_class::log_event; }
constexpr item_class class_of(const availability_sample&) { return item_class::availability; }
constexpr item_class class_of(const server_event&) { return item_class::server_event; }
inline item_class class_of(const insight& x) {
  return x.event ? item_class::insight_event : item_class::insight;
}
/// Null: this kind has none.
template <class T>
const event_id* event_of(const T&) {
  return nullptr;
}
inline const event_id* event_of(const user_event& x) { return &x.id; }
inline const event_id* event_of(const log_event& x) { return &x.id; }
inline const std::string& origin_of(const health_sample& x) { return x.server; }
inline const std::string& origin_of(const session_sample& x) { return x.server; }
inline const std::string& origin_of(const user_event& x) { return x.host; }
inline const std::string& origin_of(const log_event& x) { return x.host(); }
inline const std::string& origin_of(const availability_sample& x) { return x.server; }
inline const std::string& origin_of(const server_event& x) { return x.server; }
inline const std::string& origin_of(const insight& x) { return x.origin; }

template <class F>
void for_each(const item_list& xs, F f) {
  item_list::for_each_list([&](auto list) {
    for (const auto& x : xs.*list) f(x);
  });
}

/// Source -> encoder. Cheap to copy: the source keeps it until it was accepted.
struct item_batch {
  batch_id id;
  shared<item_list> items;
};
inline bool operator==(const item_batch& a, const item_batch& b) {
  return a.id == b.id && a.items == b.items;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, item_batch& x) {
  return f(caf::meta::type_name("item_batch"), x.id, x.items);
}

/// Items of one class and source that end here, with the reason (a short fixed word).
struct ended_items {
  item_class cls = item_class::health;
  shared_text source;  ///< as a publication's `origin`
  bool by_rule = true; ///< true: filtered, as configured; false: dropped, a loss
  std::string reason;
  uint64_t count = 0;
};
inline bool operator==(const ended_items& a, const ended_items& b) {
  return a.cls == b.cls && a.source == b.source && a.by_rule == b.by_rule && a.reason == b.reason &&
         a.count == b.count;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, ended_items& x) {
  return f(caf::meta::type_name("ended_items"), x.cls, x.source, x.by_rule, x.reason, x.count);
}

/// Notes the end of one item; repetitions add up.
void add_ended(std::vector<ended_items>& to, item_class cls, std::string_view source, bool by_rule,
               std::string_view reason);

/// Encoder -> outbox: every item of the batch of the same id, either as a publication or as ended.
struct encoded_batch {
  batch_id id;
  std::vector<shared<publication>> publications;
  std::vector<ended_items> ended;
  std::vector<event_id> ended_events; ///< of these, those that have an id

  /// As many as the batch had.
  uint32_t items() const;
};
inline bool operator==(const encoded_batch& a, const encoded_batch& b) {
  return a.id == b.id && a.publications == b.publications && a.ended == b.ended &&
         a.ended_events == b.ended_events;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, encoded_batch& x) {
  return f(caf::meta::type_name("encoded_batch"), x.id, x.publications, x.ended, x.ended_events);
}

/// Consumer -> producer: so many more items may come.
struct demand {
  uint32_t items = 0;
};
inline bool operator==(const demand& a, const demand& b) { return a.items == b.items; }
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, demand& x) {
  return f(caf::meta::type_name("demand"), x.items);
}

} // namespace senseflow::messages
