// Between the outbox and its spool on disk: what to write down, to forget and to read back.
#pragma once

#include "messages/publication.hpp"
#include "messages/shared.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace senseflow::messages {

struct spool_entry {
  uint64_t id = 0; ///< the order of acceptance; never reused
  uint32_t lane = 0;
  int64_t accepted_ms = 0; ///< Unix time at which the outbox accepted it
  shared<publication> content;
};
inline bool operator==(const spool_entry& a, const spool_entry& b) {
  return a.id == b.id && a.lane == b.lane && a.accepted_ms == b.accepted_ms && a.content == b.content;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spool_entry& x) {
  return f(caf::meta::type_name("spool_entry"), x.id, x.lane, x.accepted_ms, x.content);
}

/// A topic at which the broker retains a message of ours, or no longer does.
struct retained_topic {
  std::string topic;
  item_class cls = item_class::node;
  std::string source; ///< as a publication's `origin`
  bool is_there = true;
};
inline bool operator==(const retained_topic& a, const retained_topic& b) {
  return a.topic == b.topic && a.cls == b.cls && a.source == b.source && a.is_there == b.is_there;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, retained_topic& x) {
  return f(caf::meta::type_name("retained_topic"), x.topic, x.cls, x.source, x.is_there);
}

/// Topics at which a broker retains messages of this installation, whether or not anybody has recorded them.
struct left_topics {
  std::vector<retained_topic> topics;
};
inline bool operator==(const left_topics& a, const left_topics& b) { return a.topics == b.topics; }
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, left_topics& x) {
  return f(caf::meta::type_name("left_topics"), x.topics);
}

/// One transaction. Asked for twice, it is done once and answered twice.
struct spool_commit {
  uint64_t number = 0;
  std::vector<spool_entry> writes; ///< in the order of their ids
  std::vector<uint64_t> removes;
  std::vector<uint64_t> at_risk; ///< by class: items that are lost if the process is killed now
  std::vector<retained_topic> topics = {};
  uint64_t ids_below = 0; ///< no id has reached this, nor will soon; 0 = says nothing
};
inline bool operator==(const spool_commit& a, const spool_commit& b) {
  return a.number == b.number && a.writes == b.writes && a.removes == b.removes && a.at_risk == b.at_risk &&
         a.topics == b.topics && a.ids_below == b.ids_below;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spool_commit& x) {
  return f(caf::meta::type_name("spool_commit"), x.number, x.writes, x.removes, x.at_risk, x.topics,
           x.ids_below);
}

/// An entry that is no longer on disk, though nobody removed it.
struct spool_loss {
  uint64_t id = 0;
  uint32_t lane = 0;
  item_class cls = item_class::user_event;
  std::string source; ///< as a publication's `origin`
  std::string reason; ///< spool_full, disk_full, spool_damaged
};
inline bool operator==(const spool_loss& a, const spool_loss& b) {
  return a.id == b.id && a.lane == b.lane && a.cls == b.cls && a.source == b.source && a.reason == b.reason;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spool_loss& x) {
  return f(caf::meta::type_name("spool_loss"), x.id, x.lane, x.cls, x.source, x.reason);
}

enum class spool_status : uint8_t {
  ok,
  failed,    ///< nothing of this transaction was done; what was on disk still is
  damaged,   ///< the file could not be used any more and was set aside: nothing is on disk now
  unanswered ///< at the end, when nobody waits any longer: it may be done later
};

struct spool_committed {
  uint64_t number = 0;
  spool_status status = spool_status::ok;
  std::string problem; ///< if it is not ok: one line for the log
  std::vector<spool_loss> losses;
};
inline bool operator==(const spool_committed& a, const spool_committed& b) {
  return a.number == b.number && a.status == b.status && a.problem == b.problem && a.losses == b.losses;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spool_committed& x) {
  return f(caf::meta::type_name("spool_committed"), x.number, x.status, x.problem, x.losses);
}

struct spool_read {
  uint64_t number = 0;
  uint32_t lane = 0;
  uint64_t after = 0; ///< entries with greater ids only
  uint32_t max_items = 0;
  uint64_t max_bytes = 0; ///< of their footprints; one entry may be larger
};
inline bool operator==(const spool_read& a, const spool_read& b) {
  return a.number == b.number && a.lane == b.lane && a.after == b.after && a.max_items == b.max_items &&
         a.max_bytes == b.max_bytes;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spool_read& x) {
  return f(caf::meta::type_name("spool_read"), x.number, x.lane, x.after, x.max_items, x.max_bytes);
}

/// The entries stay on disk until they are removed.
struct spool_content {
  uint64_t number = 0;
  spool_status status = spool_status::ok;
  std::string problem;
  std::vector<spool_entry> entries; ///< in the order of their ids
  std::vector<spool_loss> losses;   ///< those that can't be read any more
};
inline bool operator==(const spool_content& a, const spool_content& b) {
  return a.number == b.number && a.status == b.status && a.problem == b.problem && a.entries == b.entries &&
         a.losses == b.losses;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spool_content& x) {
  return f(caf::meta::type_name("spool_content"), x.number, x.status, x.problem, x.entries, x.losses);
}

} // namespace senseflow::messages
