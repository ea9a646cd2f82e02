// The outbox store's dealings with the disk, and its end.
#include "actors/delivery/outbox_store.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::actors {

namespace {

using messages::footprint;
using messages::is_state;
using messages::spool_status;
using runtime::place;
using namespace std::chrono_literals;

constexpr size_t most_writes = 2000;      ///< in one transaction
constexpr uint64_t most_bytes = 4u << 20; ///< of writes in one transaction
constexpr size_t few_events = 250;        ///< in a lane: time to read on
constexpr uint32_t events_read_at_once = 500;
constexpr auto idle_commit_interval = 1000ms; ///< for the numbers of what is at risk
constexpr auto remove_interval = 100ms;       ///< removing is not urgent

} // namespace

bool outbox_store::writing() const {
  switch (options_.mode) {
  case delivery_mode::memory:
    return false;
  case delivery_mode::overflow:
    return away() || bytes_ > keep_bytes();
  case delivery_mode::journal:
    return true;
  }
  return false;
}

uint64_t outbox_store::on_disk() const {
  uint64_t sum = 0;
  for (const auto& l : lanes_) sum += l.disk;
  return sum;
}

/// The broker is away: what is in memory would be lost with the process.
void outbox_store::save_all() {
  for (auto& l : lanes_)
    for (const auto& [id, x] : l.events)
      if (x.on_disk == saved::no) to_save_.emplace(id, static_cast<uint32_t>(index(l)));
  for (const auto& [id, x] : in_flight_)
    if (x.what.on_disk == saved::no && !is_state(x.what.content->cls)) to_save_.emplace(id, x.lane);
}

/// Lets events go that need not wait to be written down.
void outbox_store::release(lane& l) {
  while (l.disk == 0 && !l.unsaved.empty()) {
    auto first = l.unsaved.begin();
    if (options_.mode == delivery_mode::journal) ++bypassed_;
    l.loaded = std::max(l.loaded, first->first); // it may be on disk all the same
    to_save_.erase(first->first);
    bytes_to_save_ -= footprint(*first->second.content);
    l.events.emplace_hint(l.events.end(), first->first, std::move(first->second));
    l.unsaved.erase(first);
  }
}

outbox_store::item* outbox_store::find(uint64_t id, lane& l) {
  if (auto i = l.events.find(id); i != l.events.end()) return &i->second;
  if (auto i = in_flight_.find(id); i != in_flight_.end()) return &i->second.what;
  if (auto i = l.unsaved.find(id); i != l.unsaved.end()) return &i->second;
  return nullptr;
}

std::optional<outbox_store::time_point> outbox_store::commit_due() const {
  if (commit_sent_ || options_.mode == delivery_mode::memory) return std::nullopt;
  if (retry_spool_at_) return retry_spool_at_;
  if (!to_save_.empty()) return last_commit_ + options_.commit_interval;
  return std::nullopt; // the rest is not urgent
}

std::vector<uint64_t> outbox_store::at_risk(const messages::spool_commit& x) const {
  auto result = book_.at_sources();
  for (size_t c = 0; c < unsaved_.size(); ++c) result[c] += unsaved_[c];
  for (const auto& e : x.writes) --result[static_cast<size_t>(e.content->cls)];
  for (size_t c = 0; c < result.size(); ++c) // the next poll replaces state anyway
    if (is_state(static_cast<messages::item_class>(c))) result[c] = 0;
  return {result.begin(), result.end()};
}

std::optional<messages::spool_commit> outbox_store::next_commit(time_point now) {
  now_ = now;
  if (options_.mode == delivery_mode::memory || commit_sent_) return std::nullopt;
  look_around();
  if (asked_) { // unanswered by a former spool
    commit_sent_ = true;
    return asked_;
  }
  auto since = now - last_commit_;
  // A disk that takes nothing may still give up what has arrived, which makes room: each in turn.
  const bool only_remove = retry_spool_at_ && now < *retry_spool_at_;
  if (only_remove ? to_remove_.empty() || !may_remove_ || since < remove_interval
                  : !retry_spool_at_ &&
                        since < (!to_save_.empty()     ? std::chrono::milliseconds(options_.commit_interval)
                                 : !to_remove_.empty() ? remove_interval
                                                       : idle_commit_interval))
    return std::nullopt;
  messages::spool_commit x;
  uint64_t bytes = 0;
  while (!only_remove && !to_save_.empty() && x.writes.size() < most_writes && bytes < most_bytes) {
    auto [id, lane_index] = *to_save_.begin();
    to_save_.erase(to_save_.begin());
    auto& l = lanes_[lane_index];
    auto* found = find(id, l);
    if (found == nullptr || found->on_disk != saved::no) continue;
    found->on_disk = saved::asked;
    // What is written down while it may be sent is never to be read back.
    if (l.unsaved.count(id) == 0) l.loaded = std::max(l.loaded, id);
    x.writes.push_back({id, lane_index, found->accepted_ms, found->content});
    bytes += footprint(*found->content);
  }
  if (!retry_spool_at_ || x.writes.empty()) x.removes.swap(to_remove_);
  x.at_risk = at_risk(x);
  if (x.writes.empty() && x.removes.empty() && x.at_risk == last_at_risk_ && !retry_spool_at_) {
    last_commit_ = now;
    return std::nullopt;
  }
  x.number = ++last_number_;
  last_commit_ = now;
  asked_ = std::move(x);
  commit_sent_ = true;
  return asked_;
}

void outbox_store::committed(const messages::spool_committed& x, time_point now) {
  now_ = now;
  if (!commit_sent_ || !asked_ || x.number != asked_->number) return;
  auto done = std::move(*asked_);
  asked_.reset();
  commit_sent_ = false;
  if (x.status == spool_status::ok) {
    // That it removes says nothing about whether it writes.
    auto works = !done.writes.empty() || to_save_.empty();
    auto was_broken = works && std::exchange(retry_spool_at_, std::nullopt).has_value();
    if (was_broken && (away_ || options_.mode == delivery_mode::journal)) save_all();
    may_remove_ = true;
    last_at_risk_ = done.at_risk;
    for (const auto& e : done.writes) saved_now(e.id, lanes_[e.lane]);
    for (const auto& loss : x.losses) lost(loss);
  } else {
    may_remove_ = !done.writes.empty();
    if (may_remove_ || !retry_spool_at_) retry_spool_at_ = now + options_.spool_retry;
    not_saved(done);
    if (x.status == spool_status::damaged)
      all_lost();
    else
      to_remove_.insert(to_remove_.end(), done.removes.begin(), done.removes.end());
  }
  look_around();
  evict();
}

void outbox_store::saved_now(uint64_t id, lane& l) {
  auto* x = find(id, l);
  if (x == nullptr) { // it has arrived meanwhile
    to_remove_.push_back(id);
    return;
  }
  if (x->on_disk != saved::asked) return;
  x->on_disk = saved::yes;
  --unsaved_[static_cast<size_t>(x->content->cls)];
  auto i = l.unsaved.find(id);
  if (i == l.unsaved.end()) return;
  bytes_to_save_ -= footprint(*x->content);
  if (l.disk == 0 && bytes_ <= keep_bytes()) {
    l.loaded = std::max(l.loaded, id);
    l.events.emplace_hint(l.events.end(), id, std::move(i->second));
  } else {
    const auto& content = *i->second.content;
    book_.moved(content.cls, content.origin.view(), place::memory, place::disk);
    bytes_ -= footprint(content);
    --waiting_;
    ++l.disk;
  }
  l.unsaved.erase(i);
}

/// The transaction was not done: what it was to write waits again.
void outbox_store::not_saved(const messages::spool_commit& x) {
  for (const auto& e : x.writes) {
    auto* found = find(e.id, lanes_[e.lane]);
    if (found == nullptr || found->on_disk != saved::asked) continue;
    found->on_disk = saved::no;
    to_save_.emplace(e.id, e.lane);
  }
}

/// An entry is no longer on disk: a loss only if it was nowhere else.
void outbox_store::lost(const messages::spool_loss& x) {
  auto& l = lanes_[x.lane % lane_count];
  if (auto* found = find(x.id, l)) {
    if (found->on_disk != saved::yes) return;
    found->on_disk = saved::no;
    ++unsaved_[static_cast<size_t>(x.cls)];
  } else if (x.id > l.loaded && l.disk > 0) {
    --l.disk;
    book_.dropped(x.cls, x.source, place::disk, x.reason);
  }
}

void outbox_store::all_lost() {
  book_.disk_lost("spool_damaged");
  to_remove_.clear();
  auto no_longer = [this](item& x) {
    if (x.on_disk != saved::yes) return;
    x.on_disk = saved::no;
    ++unsaved_[static_cast<size_t>(x.content->cls)];
  };
  for (auto& l : lanes_) {
    l.disk = 0;
    for (auto& [id, x] : l.events) no_longer(x);
  }
  for (auto& [id, x] : in_flight_) no_longer(x.what);
  if (away_ || options_.mode == delivery_mode::journal) save_all();
}

std::optional<messages::spool_read> outbox_store::next_read(time_point now) {
  now_ = now;
  // What can't be written down waits in memory behind what is on disk: there has to be room for both, and for
  // an entry more, or `evict` would take what was just read.
  auto limit = spool_works() ? keep_bytes() : options_.max_bytes / 16 * 15;
  if (read_sent_ || draining_ || !connected() || bytes_ > limit) return std::nullopt;
  for (uint32_t i = 0; i < lane_count; ++i) {
    auto n = (next_lane_ + i) % lane_count;
    const auto& l = lanes_[n];
    if (l.disk == 0 || l.events.size() > few_events || now < l.hold_until || now < l.read_again) continue;
    next_lane_ = n + 1;
    read_sent_ = true;
    reading_ = messages::spool_read{++last_number_, n, l.loaded, events_read_at_once, limit - bytes_};
    return reading_;
  }
  return std::nullopt;
}

void outbox_store::loaded(const messages::spool_content& x, time_point now) {
  now_ = now;
  if (!read_sent_ || x.number != reading_->number) return;
  read_sent_ = false;
  auto& l = lanes_[reading_->lane];
  if (x.status == spool_status::damaged) {
    retry_spool_at_ = now + options_.spool_retry;
    all_lost();
  }
  auto loaded_before = l.loaded;
  for (const auto& loss : x.losses)
    if (loss.id > l.loaded) {
      lost(loss);
      to_remove_.push_back(loss.id);
    }
  for (const auto& e : x.entries) {
    if (e.id <= l.loaded || l.disk == 0) continue;
    if (!l.unsaved.empty() && e.id >= l.unsaved.begin()->first) break; // its commit is not answered yet
    l.loaded = e.id;
    --l.disk;
    bytes_ += footprint(*e.content);
    book_.moved(e.content->cls, e.content->origin.view(), place::disk, place::memory);
    put_event(e.id, l, {e.content, e.accepted_ms, 0, saved::yes});
  }
  for (const auto& loss : x.losses) l.loaded = std::max(l.loaded, loss.id);
  if (l.loaded == loaded_before)
    l.read_again = now + options_.spool_retry; // nothing came: not in a busy loop
  look_around();
  evict();
}

void outbox_store::spool_lost() { commit_sent_ = read_sent_ = false; }

// --- the end --------------------------------------------------------------------------------------

bool outbox_store::drained() const {
  if (empty()) return true;
  return spool_works() && !connected();
}

void outbox_store::end(const committer& commit) {
  for (uint32_t slot = 0; slot < publishers_.size(); ++slot) publisher_gone(slot, now_);
  for (auto& l : lanes_)
    while (!l.states.empty()) drop_waiting(l.states, l.states.begin()->first, "shutdown");
  if (commit && options_.mode != delivery_mode::memory) {
    spool_lost();
    save_all();
    do {
      now_ += std::max<std::chrono::milliseconds>(options_.commit_interval, options_.spool_retry) +
              idle_commit_interval;
      auto x = next_commit(now_);
      if (!x) break;
      committed(commit(*x), now_);
    } while (!retry_spool_at_);
  }
  for (auto& l : lanes_)
    for (auto* q : {&l.events, &l.unsaved})
      while (!q->empty()) {
        auto i = q->begin();
        if (i->second.on_disk != saved::yes) {
          drop_waiting(*q, i->first, "shutdown");
          continue;
        }
        const auto& x = *i->second.content;
        book_.moved(x.cls, x.origin.view(), place::memory, place::disk);
        bytes_ -= footprint(x);
        ++l.disk;
        --waiting_;
        q->erase(i);
      }
  if (commit && options_.mode != delivery_mode::memory)
    commit({++last_number_, {}, std::move(to_remove_), std::vector<uint64_t>(unsaved_.size(), 0)});
}

} // namespace senseflow::actors
