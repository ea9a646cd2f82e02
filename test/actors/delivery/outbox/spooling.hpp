// An outbox store with a disk, and the events that go through it.
#pragma once

#include "test/support/unit_test.hpp"

#include "actors/delivery/outbox/store.hpp"
#include "runtime/accounting/ledger_report.hpp"
#include "test/support/sound_ledger.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::test {

using actors::delivery_mode;
using actors::outbox_store;
using messages::item_class;
using messages::outcome;
using messages::spool_status;
using namespace std::chrono_literals;

/// What runtime/spool does, in memory.
struct fake_spool {
  std::map<uint64_t, messages::spool_entry> entries;
  uint64_t max_entries = UINT64_MAX;
  bool broken = false;
  bool full = false; ///< takes nothing new, but still reads and removes
  bool damage_next = false;
  std::vector<uint64_t> at_risk;
  std::map<std::string, messages::retained_topic> topics; ///< recorded
  uint64_t ids_below = 0;
  size_t commits = 0;

  messages::spool_committed last;

  messages::spool_committed commit(const messages::spool_commit& x) {
    if (x.number > 0 && x.number == last.number) return last;
    messages::spool_committed result;
    result.number = x.number;
    if (damage_next) {
      damage_next = false;
      entries.clear();
      topics.clear();
      result.status = spool_status::damaged;
      return last = result;
    }
    if (broken || (full && !x.writes.empty())) {
      result.status = spool_status::failed;
      return result;
    }
    ++commits;
    for (auto id : x.removes) entries.erase(id);
    for (const auto& e : x.writes) entries.emplace(e.id, e);
    while (entries.size() > max_entries) {
      const auto& e = entries.begin()->second;
      result.losses.push_back({e.id, e.lane, e.content->cls, e.content->origin.str(), "spool_full"});
      entries.erase(entries.begin());
    }
    at_risk = x.at_risk;
    for (const auto& t : x.topics)
      if (t.is_there)
        topics.insert_or_assign(t.topic, t);
      else
        topics.erase(t.topic);
    if (x.ids_below > 0) ids_below = x.ids_below;
    if (x.number > 0) last = result;
    return result;
  }

  messages::spool_content read(const messages::spool_read& x) const {
    messages::spool_content result;
    result.number = x.number;
    uint64_t bytes = 0;
    for (auto i = entries.upper_bound(x.after); i != entries.end() && result.entries.size() < x.max_items;
         ++i)
      if (i->second.lane == x.lane && bytes < x.max_bytes) {
        result.entries.push_back(i->second);
        bytes += footprint(*i->second.content);
      }
    return result;
  }

  std::vector<outbox_store::found_on_disk> found() const {
    std::vector<outbox_store::found_on_disk> result;
    for (const auto& [id, e] : entries)
      result.push_back({e.lane, e.content->cls, e.content->origin.str(), 1});
    return result;
  }
};

struct spooling_fixture {
  std::unique_ptr<runtime::ledger> book = std::make_unique<runtime::ledger>();
  actors::outbox_options options;
  outbox_store::time_point now{1h};
  std::unique_ptr<outbox_store> aut;
  fake_spool disk;
  uint64_t number = 0;
  std::map<std::string, uint64_t> last_of; ///< by origin: events made

  spooling_fixture() {
    options.mode = delivery_mode::overflow;
    options.replay_delay = 0ms;
    options.replay_rate = 0;
    options.unix_ms = [] { return int64_t{1'700'000'000'000}; };
  }

  ~spooling_fixture() { new_book(); }

  /// The old one must have been right all the time.
  void new_book() {
    if (const auto wrong = unsound(*book); !wrong.empty()) CAF_ERROR(wrong);
    book = std::make_unique<runtime::ledger>();
  }

  /// All but the options.
  void reset() {
    aut.reset();
    new_book();
    disk = {};
    last_of.clear();
  }

  void start() {
    aut = std::make_unique<outbox_store>(options, *book);
    number = 0;
  }

  void put(const std::string& origin = "a", size_t payload = 10, uint32_t expiry_s = 0) {
    messages::publication x;
    x.cls = item_class::user_event;
    x.origin = origin;
    auto text = std::to_string(++last_of[origin]);
    x.messages.push_back({"topic", text + std::string(payload, ' '), 1, false, expiry_s});
    put(std::move(x));
  }
  void put(messages::publication x) {
    book->received(x.cls, x.origin.view());
    messages::encoded_batch b;
    b.id = {1, ++number};
    b.publications.emplace_back(std::move(x));
    if (!aut->accept(b, now)) CAF_FAIL("not accepted");
  }
  void put_expiring(uint32_t after_s) { put("a", 10, after_s); }
  void put_many(int n) {
    for (int i = 0; i < n; ++i) put();
  }

  void connect(uint32_t window = 64, uint32_t slot = 0, bool resumed = false) {
    aut->publisher_here({slot, true, resumed, window, {}}, now);
  }
  void disconnect() { aut->publisher_here({0, false, false, 0, {}}, now); }

  /// The disk does all that is asked of it.
  void serve_disk() {
    for (int i = 0; i < 1000; ++i) {
      now += 5ms;
      auto c = aut->next_commit(now);
      if (c) aut->committed(disk.commit(*c), now);
      auto r = aut->next_read(now);
      if (r) aut->loaded(disk.read(*r), now);
      if (!c && !r && i > 20) return;
    }
  }

  static uint64_t sequence(const messages::outgoing& x) {
    return std::stoull(x.content->messages.front().payload.str());
  }

  /// Delivers all that can be; the sequence numbers of one origin.
  std::vector<uint64_t> deliver(const std::string& origin = "a") {
    std::vector<uint64_t> result;
    for (int idle = 0; idle < 3;) {
      serve_disk();
      auto sent = aut->take(0, now);
      idle = sent.empty() ? idle + 1 : 0;
      std::vector<messages::settlement> done;
      for (const auto& x : sent) {
        if (x.content->origin.str() == origin) result.push_back(sequence(x));
        done.push_back({x.id, outcome::acknowledged, {}});
      }
      aut->settle(0, done, now);
    }
    return result;
  }

  static std::vector<uint64_t> numbers(uint64_t from, uint64_t to) {
    std::vector<uint64_t> result;
    for (auto i = from; i <= to; ++i) result.push_back(i);
    return result;
  }

  runtime::ledger_line seen;
  runtime::ledger_line& line() {
    seen = book->snapshot()[static_cast<size_t>(item_class::user_event)];
    return seen;
  }
};

} // namespace senseflow::test
