#include "actors/delivery/outbox/spool_dialogue.hpp"

#include <algorithm>
#include <utility>

namespace senseflow::actors {

namespace {

using messages::footprint;
using messages::spool_status;
using namespace std::chrono_literals;

constexpr size_t most_writes = 2000;      ///< in one transaction
constexpr uint64_t most_bytes = 4u << 20; ///< of writes in one transaction
constexpr uint32_t events_read_at_once = 500;
constexpr int commits_ahead =
    8; ///< of their pace: at a low rate nobody waits for others to share a transaction
constexpr auto idle_commit_interval = 1000ms; ///< for the numbers of what is at risk
constexpr auto remove_interval = 100ms;       ///< removing is not urgent

} // namespace

spool_dialogue::time_point spool_dialogue::write_due() const {
  return next_by_pace_ - commits_ahead * commit_interval_;
}

std::optional<spool_dialogue::time_point> spool_dialogue::commit_due(const spool_tasks& tasks) const {
  if (commit_sent_) return std::nullopt;
  if (retry_at_) return retry_at_;
  if (!tasks.nothing_to_write()) return write_due();
  return std::nullopt; // the rest is not urgent
}

bool spool_dialogue::falls_silent(time_point now, const spool_tasks& tasks) {
  if (!asked_ && !read_sent_ && tasks.nothing_to_write()) {
    waiting_since_.reset();
    return false;
  }
  if (!waiting_since_) waiting_since_ = now;
  return now - *waiting_since_ >= patience_ && !std::exchange(silent_, true);
}

bool spool_dialogue::heard() {
  waiting_since_.reset();
  return std::exchange(silent_, false);
}

spool_dialogue::scope spool_dialogue::due(time_point now, const spool_tasks& tasks) const {
  const auto since = now - last_commit_;
  if (retry_at_) {
    if (now >= *retry_at_) return scope::everything;
    // A disk that takes nothing may still give up what has arrived, which makes room: each in turn.
    return may_remove_ && !tasks.nothing_to_remove() && since >= remove_interval ? scope::removes
                                                                                 : scope::nothing;
  }
  if (!tasks.nothing_to_write()) return now >= write_due() ? scope::everything : scope::nothing;
  const auto interval = tasks.nothing_to_remove() ? idle_commit_interval : remove_interval;
  return since >= interval ? scope::everything : scope::nothing;
}

std::vector<messages::spool_entry> spool_dialogue::writes(spool_tasks& tasks, const make_entry& entry) const {
  std::vector<messages::spool_entry> result;
  for (uint64_t bytes = 0; !tasks.nothing_to_write() && result.size() < most_writes && bytes < most_bytes;) {
    auto [id, lane] = tasks.next_write();
    auto x = entry(id, lane);
    if (!x) continue;
    bytes += footprint(*x->content);
    result.push_back(std::move(*x));
  }
  return result;
}

std::optional<messages::spool_commit> spool_dialogue::next_commit(time_point now, spool_tasks& tasks,
                                                                  const make_entry& entry,
                                                                  const count_at_sources& at_sources) {
  if (commit_sent_) return std::nullopt;
  if (!asked_) { // else unanswered by a former spool
    const auto what = due(now, tasks);
    if (what == scope::nothing) return std::nullopt;
    last_commit_ = now;
    messages::spool_commit x;
    if (what == scope::everything) x.writes = writes(tasks, entry);
    if (!x.writes.empty()) next_by_pace_ = std::max(next_by_pace_, now) + commit_interval_;
    if (works() || x.writes.empty()) x.removes = tasks.take_removes();
    x.at_risk = tasks.at_risk(at_sources(), x.writes);
    if (works()) x.topics = tasks.take_topics(); // a full disk has to be able to remove
    const bool has_news = !x.writes.empty() || !x.removes.empty() || !x.topics.empty() ||
                          x.at_risk != last_at_risk_ || tasks.given_ids.due();
    if (!has_news && works()) return std::nullopt;
    x.number = ++last_number_;
    x.ids_below = tasks.given_ids.limit();
    asked_ = std::move(x);
  }
  commit_sent_ = true;
  return asked_;
}

messages::spool_commit spool_dialogue::last_commit(spool_tasks& tasks) {
  return {++last_number_,       {},
          tasks.take_removes(), std::vector<uint64_t>(messages::item_class_count, 0),
          tasks.take_topics(),  tasks.given_ids.last() + 1};
}

std::optional<spool_dialogue::transaction> spool_dialogue::committed(const messages::spool_committed& x,
                                                                     time_point now, spool_tasks& tasks) {
  if (!commit_sent_ || !asked_ || x.number != asked_->number) return std::nullopt;
  transaction done{std::move(*asked_)};
  asked_.reset();
  commit_sent_ = false;
  const bool wrote = !done.content.writes.empty();
  if (x.status == spool_status::ok) {
    // That it removes says nothing about whether it writes.
    if (wrote || tasks.nothing_to_write())
      done.works_again = std::exchange(retry_at_, std::nullopt).has_value();
    may_remove_ = true;
    if (wrote || failed_ == attempt::other) failed_ = attempt::none;
    last_at_risk_ = done.content.at_risk;
    tasks.given_ids.written(done.content.ids_below);
  } else {
    may_remove_ = wrote;
    failed_ = std::max(failed_, wrote ? attempt::write : attempt::other);
    if (wrote || works()) retry_at_ = now + retry_after_;
    if (x.status == spool_status::failed) {
      tasks.remove_again(done.content.removes);
      tasks.record_again(done.content.topics);
    }
    if (x.status == spool_status::damaged) tasks.given_ids.lost();
  }
  return done;
}

std::optional<messages::spool_read> spool_dialogue::next_read(time_point now, const outbox_lanes& from,
                                                              uint64_t max_bytes) {
  if (read_sent_) return std::nullopt;
  for (uint32_t i = 0; i < outbox_lane_count; ++i) {
    auto n = (next_lane_ + i) % outbox_lane_count;
    if (!from[n].wants_to_read(now)) continue;
    next_lane_ = n + 1;
    read_sent_ = true;
    reading_ = {++last_number_, n, from[n].read_up_to, events_read_at_once, max_bytes};
    return reading_;
  }
  return std::nullopt;
}

std::optional<messages::spool_read> spool_dialogue::loaded(const messages::spool_content& x, time_point now) {
  if (!read_sent_ || x.number != reading_->number) return std::nullopt;
  read_sent_ = false;
  if (x.status == spool_status::damaged) {
    retry_at_ = now + retry_after_;
    failed_ = std::max(failed_, attempt::other);
  }
  return reading_;
}

} // namespace senseflow::actors
