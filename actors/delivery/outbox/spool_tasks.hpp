// What the spool is still to do for the outbox: write and remove; and what would be lost without it.
#pragma once

#include "actors/delivery/outbox/id_reserve.hpp"
#include "actors/delivery/outbox/item.hpp"
#include "messages/spooling.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::actors {

/// Not thread-safe. Follows each item in memory through `outbox_item::saved`.
class spool_tasks {
public:
  using by_class = std::array<uint64_t, messages::item_class_count>;

  id_reserve given_ids; ///< of all items

  /// A new item, in memory only.
  void entered(const outbox_item& x) { ++unsaved_of(x); }
  /// It leaves the memory for good.
  void ended(uint64_t id, const outbox_item& x);

  void write(uint64_t id, uint32_t lane) { to_write_.emplace(id, lane); }
  void need_not_write(uint64_t id) { to_write_.erase(id); }
  bool nothing_to_write() const { return to_write_.empty(); }
  /// The oldest that is to be written, with its lane; it is no longer.
  std::pair<uint64_t, uint32_t> next_write();

  void remove(uint64_t id) { to_remove_.push_back(id); }
  bool nothing_to_remove() const { return to_remove_.empty(); }
  std::vector<uint64_t> take_removes() { return std::exchange(to_remove_, {}); }
  void remove_again(const std::vector<uint64_t>& ids);
  void forget_removes() { to_remove_.clear(); }

  /// What is retained where. The last word about a topic counts.
  void record(messages::retained_topic x);
  std::vector<messages::retained_topic> take_topics();
  void record_again(const std::vector<messages::retained_topic>& failed);

  /// What became of it on disk: false if that is of no interest to it.
  bool written(outbox_item& x);
  bool not_written(outbox_item& x);
  bool lost(outbox_item& x);

  /// By class: what is lost if the process is killed when these writes are done. But for state: the next poll
  /// replaces it.
  std::vector<uint64_t> at_risk(const by_class& at_sources,
                                const std::vector<messages::spool_entry>& writes) const;

private:
  uint64_t& unsaved_of(const outbox_item& x) { return unsaved_[static_cast<size_t>(x.content->cls)]; }

  std::map<uint64_t, uint32_t> to_write_; ///< id -> lane
  std::vector<uint64_t> to_remove_;
  std::map<std::string, messages::retained_topic> topics_;
  by_class unsaved_{}; ///< in memory and not on disk
};

} // namespace senseflow::actors
