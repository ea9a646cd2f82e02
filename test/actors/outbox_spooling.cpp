#define CAF_SUITE actors.outbox_spooling
#include <caf/test/unit_test.hpp>

#include "actors/outbox_store.hpp"
#include "runtime/ledger_report.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <random>
#include <variant>

using namespace senseflow;
using actors::delivery_mode;
using actors::outbox_store;
using messages::item_class;
using messages::outcome;
using messages::spool_status;
using namespace std::chrono_literals;

namespace {

/// What runtime/spool does, in memory.
struct fake_spool {
  std::map<uint64_t, messages::spool_entry> entries;
  uint64_t max_entries = UINT64_MAX;
  bool broken = false;
  bool full = false; ///< takes nothing new, but still reads and removes
  bool damage_next = false;
  std::vector<uint64_t> at_risk;
  size_t commits = 0;

  messages::spool_committed last;

  messages::spool_committed commit(const messages::spool_commit& x) {
    if (x.number == last.number) return last;
    messages::spool_committed result;
    result.number = x.number;
    if (damage_next) {
      damage_next = false;
      entries.clear();
      result.status = spool_status::damaged;
      return result;
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
    last = result;
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

struct fixture {
  std::unique_ptr<runtime::ledger> book = std::make_unique<runtime::ledger>();
  actors::outbox_options options;
  outbox_store::time_point now{1h};
  std::unique_ptr<outbox_store> aut;
  fake_spool disk;
  uint64_t number = 0;
  std::map<std::string, uint64_t> last_of; ///< by origin: events made

  fixture() {
    options.mode = delivery_mode::overflow;
    options.replay_delay = 0ms;
    options.replay_rate = 0;
    options.unix_ms = [] { return int64_t{1'700'000'000'000}; };
  }

  /// All but the options.
  void reset() {
    aut.reset();
    book = std::make_unique<runtime::ledger>();
    disk = {};
    last_of.clear();
    number = 0;
  }

  void start() { aut = std::make_unique<outbox_store>(options, *book); }

  void put(const std::string& origin = "a", size_t payload = 10) {
    messages::publication x;
    x.cls = item_class::user_event;
    x.origin = origin;
    auto text = std::to_string(++last_of[origin]);
    x.messages.push_back({"topic", text + std::string(payload, ' '), 1, false, 0});
    messages::encoded_batch b;
    b.id = {1, ++number};
    b.publications.emplace_back(std::move(x));
    book->received(item_class::user_event, origin);
    if (!aut->accept(b, now)) CAF_FAIL("not accepted");
  }
  void put_many(int n) {
    for (int i = 0; i < n; ++i) put();
  }

  void connect(uint32_t window = 64, uint32_t slot = 0) {
    aut->publisher_here({slot, true, false, window, {}}, now);
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

} // namespace

CAF_TEST_FIXTURE_SCOPE(outbox_spooling_tests, fixture)

CAF_TEST(in overflow mode nothing is written down while the broker takes everything) {
  start();
  connect(1000);
  put_many(100);
  CAF_CHECK_EQUAL(deliver(), numbers(1, 100));
  CAF_CHECK(disk.entries.empty());
  CAF_CHECK_EQUAL(line().published, 100u);
}

CAF_TEST(while the broker is away everything is written down and comes back in order) {
  start();
  connect(10);
  put_many(20);
  aut->take(0, now);
  disconnect();
  put_many(20);
  now += 1s;
  serve_disk();
  CAF_CHECK_EQUAL(disk.entries.size(), 40u);
  put_many(20);
  serve_disk();
  CAF_CHECK_EQUAL(disk.entries.size(), 60u);
  connect(10);
  CAF_CHECK_EQUAL(deliver(), numbers(1, 60));
  serve_disk();
  CAF_CHECK(disk.entries.empty());
  CAF_CHECK(line().balanced());
  // And then the disk is left alone again.
  auto commits = disk.commits;
  put_many(5);
  CAF_CHECK_EQUAL(deliver(), numbers(61, 65));
  CAF_CHECK(disk.commits <= commits + 2); // the numbers of what is at risk
}

CAF_TEST(what does not fit into memory is on disk only and memory stays bounded) {
  options.max_bytes = 100'000;
  start();
  for (int i = 0; i < 1000; ++i) {
    put("a", 1000);
    serve_disk();
    CAF_REQUIRE(aut->bytes() <= options.max_bytes);
  }
  CAF_CHECK(aut->on_disk() > 900);
  CAF_CHECK_EQUAL(line().in(runtime::place::disk), aut->on_disk());
  CAF_CHECK_EQUAL(disk.entries.size(), 1000u);
  connect();
  CAF_CHECK_EQUAL(deliver(), numbers(1, 1000));
  CAF_CHECK_EQUAL(aut->bytes(), 0u);
  CAF_CHECK(line().dropped.empty());
}

CAF_TEST(events that come while a backlog is read back stay behind it) {
  options.max_bytes = 100'000;
  start();
  for (int i = 0; i < 500; ++i) {
    put("a", 1000);
    serve_disk();
  }
  connect();
  std::vector<uint64_t> got;
  for (int i = 0; i < 2000 && got.size() < 700; ++i) {
    if (last_of["a"] < 700) put("a", 1000);
    now += 5ms;
    if (auto c = aut->next_commit(now)) aut->committed(disk.commit(*c), now);
    if (auto r = aut->next_read(now)) aut->loaded(disk.read(*r), now);
    std::vector<messages::settlement> done;
    for (const auto& x : aut->take(0, now)) {
      got.push_back(sequence(x));
      done.push_back({x.id, outcome::acknowledged, {}});
    }
    aut->settle(0, done, now);
  }
  CAF_CHECK_EQUAL(got, numbers(1, 700));
}

CAF_TEST(in journal mode nothing is sent before it was written down) {
  options.mode = delivery_mode::journal;
  start();
  connect();
  put_many(3);
  CAF_CHECK(aut->take(0, now).empty());
  auto c = aut->next_commit(now += 5ms);
  CAF_REQUIRE(c);
  CAF_CHECK_EQUAL(c->writes.size(), 3u);
  CAF_CHECK(aut->take(0, now).empty());
  put_many(1);
  CAF_CHECK(!aut->next_commit(now += 5ms)); // one at a time
  aut->committed(disk.commit(*c), now);
  CAF_CHECK_EQUAL(aut->take(0, now).size(), 3u);
  CAF_CHECK_EQUAL(disk.at_risk[static_cast<size_t>(item_class::user_event)], 0u);
  c = aut->next_commit(now += 5ms);
  CAF_REQUIRE(c);
  CAF_CHECK_EQUAL(c->writes.size(), 1u);
}

CAF_TEST(what is acknowledged is removed from the journal) {
  options.mode = delivery_mode::journal;
  start();
  connect();
  put_many(100);
  CAF_CHECK_EQUAL(deliver(), numbers(1, 100));
  serve_disk();
  CAF_CHECK(disk.entries.empty());
  CAF_CHECK_EQUAL(aut->bytes(), 0u);
}

CAF_TEST(a process that was killed leaves what was committed to the next one) {
  options.mode = delivery_mode::journal;
  start();
  connect(10);
  put_many(50);
  serve_disk();
  auto sent = aut->take(0, now);
  aut->settle(0, {{sent[0].id, outcome::acknowledged, {}}}, now);
  serve_disk();
  put_many(5); // never committed
  book = std::make_unique<runtime::ledger>();
  options.first_id = 1'000'000;
  start();
  aut->recover(disk.found());
  CAF_CHECK_EQUAL(line().recovered, 49u);
  put_many(1);
  connect(10);
  auto expected = numbers(2, 50);
  expected.push_back(56);
  CAF_CHECK_EQUAL(deliver(), expected);
  CAF_CHECK(line().balanced());
}

CAF_TEST(a disk that fails holds nothing up and is used again when it works) {
  options.mode = delivery_mode::journal;
  start();
  connect();
  disk.broken = true;
  put_many(10);
  auto got = deliver();
  put_many(10);
  auto more = deliver();
  got.insert(got.end(), more.begin(), more.end());
  CAF_CHECK_EQUAL(got, numbers(1, 20));
  CAF_CHECK_EQUAL(aut->bypassed(), 20u);
  disk.broken = false;
  now += 1s;
  serve_disk();
  put_many(10);
  CAF_CHECK(aut->take(0, now).empty());
  CAF_CHECK_EQUAL(deliver(), numbers(21, 30));
  CAF_CHECK_EQUAL(aut->bypassed(), 20u);
  CAF_CHECK(line().balanced());
}

CAF_TEST(events behind a backlog on a disk that can not be written keep their order) {
  options.max_bytes = 100'000;
  start();
  for (int i = 0; i < 300; ++i) {
    put("a", 1000);
    serve_disk();
  }
  disk.broken = true;
  for (int i = 0; i < 20; ++i) put("a", 1000);
  connect();
  CAF_CHECK_EQUAL(deliver(), numbers(1, 320));
  CAF_CHECK(line().balanced());
}

CAF_TEST(a damaged disk costs what was only there and the rest goes on) {
  options.max_bytes = 100'000;
  start();
  for (int i = 0; i < 300; ++i) {
    put("a", 1000);
    serve_disk();
  }
  auto only_there = aut->on_disk();
  disk.damage_next = true;
  put_many(1);
  serve_disk();
  CAF_CHECK_EQUAL(line().dropped["spool_damaged"], only_there);
  connect();
  CAF_CHECK_EQUAL(deliver().size(), 301 - only_there);
  CAF_CHECK(line().balanced());
}

CAF_TEST(when the disk is full the oldest on it go and are counted) {
  options.max_bytes = 100'000;
  disk.max_entries = 100;
  start();
  for (int i = 0; i < 300; ++i) {
    put("a", 1000);
    serve_disk();
  }
  auto dropped = line().dropped["spool_full"];
  CAF_CHECK(dropped > 100);
  connect();
  CAF_CHECK_EQUAL(deliver().size(), 300 - dropped);
  CAF_CHECK(line().balanced());
}

CAF_TEST(without a working disk and a broker memory is the bound) {
  options.max_bytes = 100'000;
  disk.broken = true;
  start();
  for (int i = 0; i < 300; ++i) {
    put("a", 1000);
    serve_disk();
    CAF_REQUIRE(aut->bytes() <= options.max_bytes + 2000);
  }
  CAF_CHECK(line().dropped["memory_full"] > 100);
  CAF_CHECK(line().balanced());
}

CAF_TEST(a disk slower than the sources holds them back) {
  options.mode = delivery_mode::journal;
  options.max_bytes = 100'000;
  start();
  connect();
  int n = 0;
  while (!aut->congested()) {
    put("a", 1000);
    CAF_REQUIRE(++n < 200);
  }
  CAF_CHECK(aut->bytes() <= options.max_bytes);
  serve_disk();
  CAF_CHECK(!aut->congested());
  CAF_CHECK_EQUAL(deliver().size(), static_cast<size_t>(n));
}

CAF_TEST(a full disk is emptied while what it does not take waits behind that) {
  for (int more : {30, 500}) {
    options.max_bytes = 100'000;
    reset();
    start();
    for (int i = 0; i < 300; ++i) {
      put("a", 1000);
      serve_disk();
    }
    disk.full = true;
    for (int i = 0; i < more; ++i) {
      put("a", 1000);
      serve_disk();
    }
    CAF_CHECK(!aut->spool_works());
    CAF_CHECK(aut->bytes() <= options.max_bytes);
    connect();
    auto got = deliver();
    CAF_CHECK(std::is_sorted(got.begin(), got.end()));
    CAF_CHECK_EQUAL(got.size() + line().dropped["memory_full"], static_cast<size_t>(300 + more));
    if (more == 30) CAF_CHECK_EQUAL(got, numbers(1, 330));
    serve_disk();
    CAF_CHECK(disk.entries.empty());
    CAF_CHECK(aut->empty());
  }
}

CAF_TEST(a spool that was restarted is asked again and nothing happens twice) {
  options.mode = delivery_mode::journal;
  start();
  connect();
  put_many(5);
  auto first = aut->next_commit(now += 5ms);
  disk.commit(*first); // done, but the answer is lost
  aut->spool_lost();
  auto again = aut->next_commit(now += 5ms);
  CAF_REQUIRE(again);
  CAF_CHECK(*again == *first);
  aut->committed(disk.commit(*again), now);
  CAF_CHECK_EQUAL(deliver(), numbers(1, 5));
}

CAF_TEST(at the end everything is on disk and state is dropped) {
  start();
  connect(10);
  put_many(30);
  aut->take(0, now);
  messages::publication state;
  state.cls = item_class::health;
  state.replaces = "s";
  state.messages.push_back({"t", "p", 0, false, 0});
  messages::encoded_batch b;
  b.id = {2, 1};
  b.publications.emplace_back(state);
  book->received(item_class::health, "");
  aut->accept(b, now);
  aut->end([&](const auto& x) { return disk.commit(x); });
  CAF_CHECK_EQUAL(disk.entries.size(), 30u);
  CAF_CHECK_EQUAL(line().in(runtime::place::disk), 30u);
  CAF_CHECK(line().balanced());
  CAF_CHECK(aut->empty());
  CAF_CHECK_EQUAL(aut->bytes(), 0u);
  CAF_CHECK_EQUAL(disk.at_risk[static_cast<size_t>(item_class::user_event)], 0u);
  seen = book->snapshot()[static_cast<size_t>(item_class::health)];
  CAF_CHECK_EQUAL(seen.dropped["shutdown"], 1u);
  book = std::make_unique<runtime::ledger>();
  options.first_id = 1000;
  start();
  aut->recover(disk.found());
  connect();
  CAF_CHECK_EQUAL(deliver(), numbers(1, 30));
}

CAF_TEST(at the end what a broken disk does not take is dropped and counted) {
  start();
  put_many(30);
  disk.broken = true;
  aut->end([&](const auto& x) { return disk.commit(x); });
  CAF_CHECK_EQUAL(line().dropped["shutdown"], 30u);
  CAF_CHECK(line().balanced());
}

/// Everything at random: arrivals, outages, lost answers, crashes, a failing disk, kills; two publishers. At
/// every step the law holds, and no event is sent while an older one of its origin waits.
struct chaos {
  struct publisher {
    uint32_t slot = 0;
    bool connected = false;
    std::deque<uint64_t> in_flight; ///< ids
  };

  fixture& f;
  std::mt19937 random;
  bool strict; ///< nothing may be dropped
  std::deque<std::variant<messages::spool_commit, messages::spool_read>> asked = {}; ///< of the spool
  std::array<publisher, 2> publishers{publisher{0, false, {}}, publisher{1, false, {}}};
  std::map<std::string, std::map<uint64_t, uint64_t>> open =
      {}; ///< origin -> sequence -> id of the last sending or 0
  std::set<std::pair<std::string, uint64_t>> arrived = {};
  std::map<uint64_t, std::pair<std::string, uint64_t>> sent = {};

  uint32_t pick(uint32_t n) { return static_cast<uint32_t>(random() % n); }
  publisher& any_publisher() { return publishers[pick(2)]; }

  void lose_all(publisher& p) {
    for (auto id : p.in_flight) {
      auto& [o, sequence] = sent.at(id);
      auto i = open[o].find(sequence);
      if (i != open[o].end()) i->second = 0;
    }
    p.in_flight.clear();
  }

  void connect(publisher& p) {
    f.connect(1 + pick(50), p.slot);
    p.connected = true;
  }

  /// As the publisher tells it: first that it has lost its connection, then what came of what it held.
  void disconnect(publisher& p) {
    f.aut->publisher_here({p.slot, false, false, 0, {p.in_flight.begin(), p.in_flight.end()}}, f.now);
    std::vector<messages::settlement> back;
    for (auto id : p.in_flight)
      back.push_back({id, pick(3) == 0 ? outcome::returned : outcome::not_sent, {}});
    f.aut->settle(p.slot, back, f.now);
    lose_all(p);
    p.connected = false;
  }

  void take(publisher& p) {
    if (!p.connected) return;
    for (const auto& x : f.aut->take(p.slot, f.now)) {
      auto origin = x.content->origin.str();
      auto sequence = fixture::sequence(x);
      sent[x.id] = {origin, sequence};
      p.in_flight.push_back(x.id);
      if (!strict) continue;
      for (const auto& [older, id] : open[origin]) {
        if (older >= sequence) break;
        if (id == 0) CAF_FAIL("of " << origin << " " << sequence << " was sent while " << older << " waits");
        const auto& mine = p.in_flight;
        if (std::find(mine.begin(), mine.end(), id) == mine.end())
          CAF_FAIL("of " << origin << " " << sequence << " was sent over one connection while " << older
                         << " is on its way over another");
      }
      open[origin][sequence] = x.id;
    }
  }

  void settle(publisher& p) {
    auto n = std::min<size_t>(p.in_flight.size(), pick(20));
    std::vector<messages::settlement> done;
    for (size_t i = 0; i < n; ++i) {
      auto id = p.in_flight.front();
      p.in_flight.pop_front();
      done.push_back({id, outcome::acknowledged, {}});
      arrived.insert(sent.at(id));
      open[sent.at(id).first].erase(sent.at(id).second);
    }
    f.aut->settle(p.slot, done, f.now);
  }

  void answer() {
    if (auto* commit = std::get_if<messages::spool_commit>(&asked.front()))
      f.aut->committed(f.disk.commit(*commit), f.now);
    else
      f.aut->loaded(f.disk.read(std::get<messages::spool_read>(asked.front())), f.now);
    asked.pop_front();
  }

  void spool_dies() {
    for (auto n = pick(3); n > 0 && !asked.empty(); --n, asked.pop_front()) // done, but the answer is lost
      if (auto* commit = std::get_if<messages::spool_commit>(&asked.front())) f.disk.commit(*commit);
    asked.clear();
    f.aut->spool_lost();
  }

  void step() {
    switch (pick(14)) {
    case 0:
    case 1:
    case 2: {
      auto n = pick(30);
      for (uint32_t i = 0; i < n && !f.aut->congested(); ++i) {
        auto origin = "host" + std::to_string(pick(5));
        f.put(origin, 500);
        open[origin].emplace(f.last_of[origin], 0);
      }
      break;
    }
    case 3:
    case 4:
      take(any_publisher());
      break;
    case 5:
    case 6:
      settle(any_publisher());
      break;
    case 7:
      if (auto x = f.aut->next_commit(f.now)) asked.emplace_back(*x);
      if (auto x = f.aut->next_read(f.now)) asked.emplace_back(*x);
      break;
    case 8:
    case 9:
      if (!asked.empty()) answer();
      break;
    case 10: // the connection comes or goes
      if (auto& p = any_publisher(); pick(3) == 0) p.connected ? disconnect(p) : connect(p);
      break;
    case 11: // somebody crashes
      if (pick(5) != 0) break;
      if (auto& p = any_publisher(); pick(2) == 0) {
        f.aut->publisher_gone(p.slot, f.now);
        lose_all(p);
        p.connected = false;
      } else {
        spool_dies();
      }
      break;
    case 12:
      if (auto& trouble = pick(2) == 0 ? f.disk.broken : f.disk.full; pick(4) == 0)
        trouble = !trouble && !strict;
      break;
    case 13:
      f.now += std::chrono::milliseconds(pick(300));
      break;
    }
    f.now += 1ms;
    if (!f.line().balanced()) CAF_FAIL("not balanced: " << runtime::to_json(f.book->snapshot()));
  }

  void connect_all() {
    for (auto& p : publishers)
      if (!p.connected) connect(p);
  }
  void serve_all() {
    for (auto& p : publishers) {
      take(p);
      settle(p);
    }
  }

  /// A stop in order and a new process.
  void restart() {
    spool_dies();
    f.disk.broken = f.disk.full = false;
    f.aut->end([&](const auto& x) { return f.disk.commit(x); });
    CAF_CHECK(f.line().balanced());
    begin_again();
  }
  void begin_again() {
    for (auto& p : publishers) {
      lose_all(p);
      p.connected = false;
    }
    f.book = std::make_unique<runtime::ledger>();
    f.options.first_id += 1'000'000;
    f.start();
    f.aut->recover(f.disk.found());
  }
};

CAF_TEST(at random nothing is lost and every origin keeps its order) {
  for (auto mode : {delivery_mode::overflow, delivery_mode::journal})
    for (uint32_t seed = 1; seed <= 30; ++seed) {
      options = {};
      options.mode = mode;
      options.max_bytes = seed % 2 == 0 ? 60'000 : 2'000'000;
      options.replay_delay = std::chrono::milliseconds(seed % 3 * 100);
      options.replay_rate = seed % 4 == 0 ? 2000 : 0;
      reset();
      start();
      chaos x{*this, std::mt19937{seed}, true};
      for (int i = 0; i < 3000; ++i) {
        x.step();
        if (i % 1000 == 999) x.restart();
      }
      x.connect_all();
      uint64_t made = 0;
      for (const auto& [origin, n] : last_of) made += n;
      for (int i = 0; i < 20000 && x.arrived.size() < made; ++i) {
        serve_disk();
        x.serve_all();
        now += 10ms;
      }
      CAF_CHECK_EQUAL(x.arrived.size(), made);
      serve_disk();
      CAF_CHECK(disk.entries.empty());
      CAF_CHECK_EQUAL(aut->bytes(), 0u);
      CAF_CHECK(line().dropped.empty());
    }
}

CAF_TEST(at random with a failing and a full disk every event is accounted for) {
  for (auto mode : {delivery_mode::overflow, delivery_mode::journal})
    for (uint32_t seed = 1; seed <= 30; ++seed) {
      options = {};
      options.mode = mode;
      options.max_bytes = 60'000;
      options.replay_delay = 0ms;
      reset();
      disk.max_entries = 200;
      start();
      chaos x{*this, std::mt19937{seed}, false};
      for (int i = 0; i < 3000; ++i) x.step();
      disk.broken = disk.full = false;
      aut->spool_lost(); // what it was asked in the end
      x.connect_all();
      for (int i = 0; i < 2000; ++i) {
        serve_disk();
        x.serve_all();
        now += 10ms;
      }
      CAF_CHECK(aut->empty());
      CAF_CHECK_EQUAL(aut->on_disk(), 0u);
      line();
      CAF_CHECK_EQUAL(seen.received, seen.published + seen.dropped_total());
      CAF_CHECK_EQUAL(x.arrived.size(), seen.published);
      CAF_CHECK_EQUAL(aut->bytes(), 0u);
    }
}

CAF_TEST_FIXTURE_SCOPE_END()
