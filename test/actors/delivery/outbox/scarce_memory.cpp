#define CAF_SUITE actors.delivery.outbox.scarce_memory
#include "test/actors/delivery/outbox/spooling.hpp"

#include "runtime/estate.hpp"
#include "runtime/memory_reserve.hpp"
#include "test/scarce_memory/fail_allocation.hpp"

#include <deque>
#include <sstream>

// Each allocation that the store makes in a play of all that can happen to it fails in turn. What becomes of
// the events, the books and the disk does not show it.

using namespace senseflow;
using namespace senseflow::test;

namespace {

using clock_type = std::chrono::steady_clock;

class play {
  /// As an actor enters its estate.
  template <class F>
  decltype(auto) inside(F f) {
    struct counting {
      play& of;
      explicit counting(play& x) : of(x) { senseflow_fail_allocation(of.left_); }
      ~counting() { of.left_ = senseflow_fail_allocation(0); }
    };
    if (const auto wrong = unsound(book_); !wrong.empty()) CAF_FAIL(wrong);
    return own_.with([&](outbox_store& s) -> decltype(auto) {
      const counting here{*this};
      return f(s);
    });
  }

public:
  /// The store's allocation of this number fails; 0: none does.
  play(delivery_mode mode, uint32_t failing) : left_(failing) {
    actors::outbox_options o;
    o.mode = mode;
    o.max_bytes = 12'000;
    o.replay_delay = 0ms;
    o.replay_rate = 0;
    o.spool_patience = 1000ms;
    o.unix_ms = [] { return int64_t{1'700'000'000'000}; };
    home_ = std::make_shared<runtime::estate<outbox_store>>(o, book_);
    own_ = runtime::estate<outbox_store>::enter(home_);
    failing_ = failing > 0;
  }

  /// What the broker, the disk and the ledger have to say about it.
  std::string perform() {
    configure({"state/a", "state/b"});
    connect();
    sources_send(6);
    disk_serves();
    deliver(outcome::acknowledged);
    sources_send(10);
    deliver(outcome::returned); // and the connection ends
    disconnect();
    now_ += 2s;
    for (int i = 0; i < 4; ++i) sources_send(10); // more than memory takes
    disk_serves();
    outbox_crashes();
    connect();
    disk_serves();
    deliver(outcome::refused);
    disk_.full = true;
    for (int i = 0; i < 4; ++i) sources_send(10);
    disk_serves();
    disk_.full = false;
    now_ += 2s;
    disk_serves();
    publisher_dies();
    disk_.damage_next = true;
    sources_send(5);
    disk_serves();
    connect();
    configure({"state/b"});
    deliver(outcome::acknowledged);
    now_ += 5s;
    disk_is_silent();
    for (int i = 0; i < 6; ++i) sources_send(10);
    deliver(outcome::not_sent);
    disk_serves();
    for (int i = 0; i < 30; ++i) {
      disk_serves();
      deliver(outcome::acknowledged);
    }
    sources_send(5);
    disk_serves();
    inside([&](outbox_store& s) { s.end([&](const auto& x) { return disk_.commit(x); }); });
    trace_ << runtime::to_json(book_.snapshot()) << '\n';
    for (const auto& [id, e] : disk_.entries) trace_ << id << ' ';
    for (const auto& [topic, x] : disk_.topics) trace_ << topic << ' ';
    return trace_.str();
  }

  bool has_failed() const { return failing_ && left_ == 0; }

private:
  void configure(std::set<std::string> topics) {
    auto x =
        std::make_shared<const actors::retained_topics>(actors::retained_topics{std::move(topics), {}, {}});
    inside([&](outbox_store& s) { s.retained().configured(x); });
  }

  messages::publication made(item_class cls, const std::string& origin) {
    messages::publication x;
    x.cls = cls;
    x.origin = origin;
    const auto text = std::to_string(++made_);
    if (is_state(cls)) {
      x.replaces = "state/" + origin;
      x.messages.push_back({"state/" + origin, text, 0, true, 0});
    } else {
      x.messages.push_back({"event", text + std::string(200, ' '), 1, false, 0});
    }
    return x;
  }

  /// A batch of each kind of item, and some that end before the outbox.
  void sources_send(size_t events) {
    messages::encoded_batch b;
    b.id = {1, ++number_};
    const auto put = [&](item_class cls, const std::string& origin) {
      book_.received(cls, origin);
      b.publications.emplace_back(made(cls, origin));
    };
    for (size_t i = 0; i < events; ++i) put(item_class::user_event, "host" + std::to_string(i % 3));
    for (const auto* who : {"a", "b"}) put(item_class::health, who);
    book_.received(item_class::log_event, "filtered", 2);
    b.ended.push_back({item_class::log_event, "filtered", true, "rule", 2});
    book_.received(item_class::log_event, "dropped", 1);
    b.ended.push_back({item_class::log_event, "dropped", false, "poison", 1});
    for (int twice = 0; twice < 2; ++twice) // the answer may get lost
      if (!inside([&](outbox_store& s) { return s.accept(b, now_); })) CAF_FAIL("not accepted");
  }

  void connect() {
    inside([&](outbox_store& s) { s.publisher_here({0, true, false, 20, {}}, now_); });
  }
  void disconnect() {
    inside([&](outbox_store& s) { s.publisher_here({0, false, false, 0, {}}, now_); });
  }
  void publisher_dies() {
    inside([&](outbox_store& s) { s.publisher_died(0, now_); });
  }
  void outbox_crashes() {
    inside([&](outbox_store& s) {
      s.forget_connections();
      s.spool_lost();
    });
  }

  /// Everything that goes out now, all with the same end.
  void deliver(outcome how) {
    now_ += 1100ms; // beyond pauses of suspects
    auto sent = inside([&](outbox_store& s) { return s.take(0, now_); });
    std::vector<messages::settlement> results;
    for (const auto& x : sent) {
      const auto& m = x.content->messages.front();
      trace_ << m.topic.str() << '=' << m.payload.str().substr(0, 6) << ' ';
      results.push_back({x.id, how, how == outcome::refused ? "too_large" : "", {}});
    }
    trace_ << static_cast<int>(how) << '\n';
    inside([&](outbox_store& s) { s.settle(0, results, now_); });
  }

  void disk_serves() {
    for (int i = 0; i < 15; ++i) {
      now_ += 50ms;
      auto c = inside([&](outbox_store& s) { return s.next_commit(now_); });
      if (c) {
        const auto done = disk_.commit(*c);
        inside([&](outbox_store& s) { s.committed(done, now_); });
      }
      auto r = inside([&](outbox_store& s) { return s.next_read(now_); });
      if (r) {
        const auto done = disk_.read(*r);
        inside([&](outbox_store& s) { s.loaded(done, now_); });
      }
    }
  }
  void disk_is_silent() {
    auto c = inside([&](outbox_store& s) { return s.next_commit(now_); });
    for (int i = 0; i < 3; ++i) {
      now_ += 1s;
      inside([&](outbox_store& s) { s.watch_spool(now_); });
    }
    if (!c) return;
    const auto done = disk_.commit(*c);
    inside([&](outbox_store& s) { s.committed(done, now_); });
  }

  runtime::ledger book_;
  fake_spool disk_;
  std::shared_ptr<runtime::estate<outbox_store>> home_;
  runtime::estate<outbox_store>::lease own_;
  clock_type::time_point now_{1h};
  uint32_t left_; ///< allocations until one fails
  bool failing_ = false;
  uint64_t number_ = 0; ///< of the last batch
  uint64_t made_ = 0;
  std::ostringstream trace_;
};

} // namespace

CAF_TEST(whichever allocation of the store fails it is as if none had) {
  runtime::reserve_memory();
  for (auto mode : {delivery_mode::memory, delivery_mode::overflow, delivery_mode::journal}) {
    const auto expected = play{mode, 0}.perform();
    uint32_t failed = 0;
    for (uint32_t number = 1;; ++number) {
      play aut{mode, number};
      if (aut.perform() != expected) CAF_FAIL("another end when allocation " << number << " fails");
      if (!aut.has_failed()) break;
      ++failed;
    }
    CAF_MESSAGE(failed << " allocations");
    CAF_CHECK_GREATER(failed, 300u);
  }
}
