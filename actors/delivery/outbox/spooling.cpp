#include "actors/delivery/outbox/spooling.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::actors {

namespace {

using messages::footprint;
using messages::spool_status;
using runtime::place;
using saved = outbox_item::saved;

/// Transactions at the end: one that was asked for before and writes nothing says nothing about the rest, and
/// one that finds the file damaged makes a new one.
constexpr int most_in_vain = 3;

/// Everything in memory that is not on disk, and would be lost with the process.
void write_all(outbox_contents& held) {
  for (uint32_t n = 0; n < outbox_lane_count; ++n)
    for (const auto& [id, x] : held.lanes[n].sendable)
      if (x.on_disk == saved::no) held.tasks.write(id, n);
  for (const auto& [id, x] : held.on_way.items())
    if (x.what.on_disk == saved::no && !x.what.is_state()) held.tasks.write(id, x.lane);
}

std::optional<messages::spool_entry> entry_of(outbox_contents& held, uint64_t id, uint32_t lane) {
  auto* x = held.find(id, lane);
  if (x == nullptr || x->on_disk != saved::no) return std::nullopt;
  x->on_disk = saved::asked;
  auto& l = held.lanes[lane];
  // What is written down while it may be sent is never to be read back.
  if (l.to_write.count(id) == 0) l.read_up_to = std::max(l.read_up_to, id);
  return messages::spool_entry{id, lane, x->accepted_ms, x->content};
}

void written(outbox_contents& held, uint64_t id, uint32_t lane) {
  auto* x = held.find(id, lane);
  if (x == nullptr) return held.tasks.remove(id); // it has arrived meanwhile
  if (!held.tasks.written(*x)) return;
  auto& l = held.lanes[lane];
  auto i = l.to_write.find(id);
  if (i == l.to_write.end()) return;
  const auto bytes = footprint(*x->content);
  held.budget.subtract_unwritten(bytes);
  if (l.on_disk == 0 && !held.budget.half_full()) return l.may_be_sent(i);
  held.book.moved(x->content->cls, x->content->origin.view(), place::memory, place::disk);
  held.budget.subtract(bytes);
  l.stays_on_disk(i);
}

/// The transaction was not done: what it was to write waits again.
void not_written(outbox_contents& held, const messages::spool_commit& asked) {
  for (const auto& e : asked.writes)
    if (auto* x = held.find(e.id, e.lane); x != nullptr && held.tasks.not_written(*x))
      held.tasks.write(e.id, e.lane);
}

/// An entry is no longer on disk: a loss only if it was nowhere else.
void entry_lost(outbox_contents& held, const messages::spool_loss& loss) {
  auto lane = loss.lane % outbox_lane_count;
  if (auto* x = held.find(loss.id, lane)) {
    held.tasks.lost(*x);
  } else if (held.lanes[lane].lost_on_disk(loss.id)) {
    held.book.dropped(loss.cls, loss.source, place::disk, loss.reason);
    if (held.events) held.events->lost_some();
  }
}

void disk_lost(outbox_contents& held) {
  held.book.disk_lost("spool_damaged");
  if (held.events && held.on_disk() > 0) held.events->lost_some();
  held.tasks.forget_removes();
  held.tasks.given_ids.lost();
  for (auto& l : held.lanes) {
    l.on_disk = 0;
    for (auto& [id, x] : l.sendable) held.tasks.lost(x);
  }
  for (auto& [id, x] : held.on_way.items()) held.tasks.lost(x.what);
  held.retained.all_news();
}

void read_back(outbox_contents& held, outbox_lane& l, const messages::spool_entry& e, int64_t accepted_ms) {
  if (!l.reads_on_with(e.id)) return;
  held.budget.add(footprint(*e.content));
  held.book.moved(e.content->cls, e.content->origin.view(), place::disk, place::memory);
  l.read_back(e.id, {e.content, accepted_ms, 0, saved::yes});
}

/// The end of the first event of a lane: on disk, or nowhere.
void leave_on_disk(outbox_contents& held, outbox_lane& l, outbox_queue& from) {
  auto i = from.begin();
  if (i->second.on_disk == saved::asked) return held.drop(l, from, runtime::unconfirmed);
  if (i->second.on_disk == saved::no) return held.drop(l, from, at_the_end);
  const auto& content = *i->second.content;
  held.book.moved(content.cls, content.origin.view(), place::memory, place::disk);
  held.budget.subtract(footprint(content));
  ++l.on_disk;
  from.erase(i);
}

} // namespace

outbox_spooling::outbox_spooling(outbox_options options, runtime::ledger& book)
    : options_(std::move(options)), held_{book,
                                          byte_budget{options_.max_bytes, options_.high_watermark_percent},
                                          retained_state{options_.max_bytes / 4,
                                                         options_.mode != delivery_mode::memory},
                                          sent_values{options_.max_bytes / 4},
                                          recent_events{options_.max_bytes / 16}},
      outage_(options_.away_after), clock_(options_.unix_ms),
      dialogue_(options_.commit_interval, options_.spool_retry, options_.spool_patience) {
  held_.events = options_.events;
}

bool outbox_spooling::writing() const {
  switch (options_.mode) {
  case delivery_mode::memory:
    return false;
  case delivery_mode::overflow:
    return outage_.away() || held_.budget.half_full();
  case delivery_mode::journal:
    return true;
  }
  return false;
}

void outbox_spooling::tell_witness() {
  if (options_.events) options_.events->broker(held_.on_way.connected(), now_);
}

void outbox_spooling::start_or_stop_writing() {
  tell_witness();
  const bool went_away = outage_.observe(held_.on_way.connected(), now_);
  if (went_away && options_.mode == delivery_mode::overflow) write_all(held_);
  if (writing() && spool_works()) return;
  for (auto& l : held_.lanes)
    while (l.on_disk == 0 && !l.to_write.empty()) {
      auto first = l.to_write.begin();
      if (options_.mode == delivery_mode::journal) ++bypassed_;
      held_.tasks.need_not_write(first->first);
      held_.budget.subtract_unwritten(footprint(*first->second.content));
      l.may_be_sent(first);
    }
}

void outbox_spooling::watch_spool(time_point now) {
  now_ = now;
  if (options_.mode == delivery_mode::memory || !dialogue_.falls_silent(now, held_.tasks)) return;
  start_or_stop_writing();
  make_room();
}

void outbox_spooling::heard_of_spool() {
  if (dialogue_.heard() && dialogue_.works() && writes_all()) write_all(held_);
}

void outbox_spooling::make_room() {
  if (!spool_works()) held_.drop_surplus(); // else it takes the rest, or `congested` keeps more from coming
}

std::optional<outbox_spooling::time_point> outbox_spooling::commit_due() const {
  if (options_.mode == delivery_mode::memory) return std::nullopt;
  return dialogue_.commit_due(held_.tasks);
}

std::optional<messages::spool_commit> outbox_spooling::next_commit(time_point now) {
  now_ = now;
  if (options_.mode == delivery_mode::memory || dialogue_.commit_on_its_way()) return std::nullopt;
  start_or_stop_writing();
  for (auto& topic : held_.retained.take_news()) held_.tasks.record(std::move(topic));
  return dialogue_.next_commit(
      now, held_.tasks, [this](uint64_t id, uint32_t lane) { return entry_of(held_, id, lane); },
      [this] { return held_.book.at_sources(); });
}

void outbox_spooling::committed(const messages::spool_committed& x, time_point now) {
  now_ = now;
  heard_of_spool();
  const auto asked = dialogue_.committed(x, now, held_.tasks);
  if (!asked) return;
  if (x.status == spool_status::ok) {
    if (asked->works_again && writes_all()) write_all(held_);
    for (const auto& e : asked->content.writes) written(held_, e.id, e.lane);
    for (const auto& loss : x.losses) entry_lost(held_, loss);
  } else {
    not_written(held_, asked->content);
    if (x.status == spool_status::damaged) {
      disk_lost(held_);
      if (writes_all()) write_all(held_);
    }
  }
  start_or_stop_writing();
  make_room();
}

std::optional<messages::spool_read> outbox_spooling::next_read(time_point now) {
  now_ = now;
  const auto room = held_.budget.room_to_read(spool_works());
  if (draining_ || !room || !held_.on_way.connected()) return std::nullopt;
  return dialogue_.next_read(now, held_.lanes, *room);
}

void outbox_spooling::loaded(const messages::spool_content& x, time_point now) {
  now_ = now;
  heard_of_spool();
  const auto asked = dialogue_.loaded(x, now);
  if (!asked) return;
  if (x.status == spool_status::damaged) {
    disk_lost(held_);
    if (writes_all()) write_all(held_);
  }
  auto& l = held_.lanes[asked->lane];
  const auto before = l.read_up_to;
  for (const auto& loss : x.losses)
    if (loss.id > before) {
      entry_lost(held_, loss);
      held_.tasks.remove(loss.id);
    }
  for (const auto& e : x.entries) {
    const bool ours = e.id >= options_.first_id;
    read_back(held_, l, e, ours ? e.accepted_ms : clock_.of_earlier(e.accepted_ms, now));
  }
  for (const auto& loss : x.losses) l.read_up_to = std::max(l.read_up_to, loss.id);
  if (l.read_up_to == before) l.read_again = now + options_.spool_retry; // nothing came: not in a busy loop
  start_or_stop_writing();
  make_room();
}

/// False: it says nothing.
bool outbox_spooling::write_all_down(const committer& commit) {
  spool_lost();
  const auto found = commit({}).status;
  if (found == spool_status::unanswered) return false;
  if (found == spool_status::damaged) disk_lost(held_); // since the last question
  write_all(held_);
  for (int in_vain = 0; in_vain < most_in_vain;) {
    now_ += std::max(options_.commit_interval, options_.spool_retry) + std::chrono::seconds(1);
    const auto x = next_commit(now_);
    if (!x) break;
    const auto done = commit(*x);
    if (done.status == spool_status::unanswered) return false;
    committed(done, now_);
    if (dialogue_.works()) continue;
    ++in_vain;
    write_all(held_);
  }
  return true;
}

void outbox_spooling::write_rest(const committer& commit) {
  const bool answers = commit && options_.mode != delivery_mode::memory && write_all_down(commit);
  for (auto& l : held_.lanes)
    for (auto* q : {&l.sendable, &l.to_write})
      while (!q->empty()) leave_on_disk(held_, l, *q);
  if (answers) commit(dialogue_.last_commit(held_.tasks));
}

} // namespace senseflow::actors
