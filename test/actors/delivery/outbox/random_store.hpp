// A store to which everything happens at random, and what a broker makes of what it sends.
#pragma once

#include "test/actors/delivery/outbox/spooling.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <random>
#include <set>
#include <variant>

namespace senseflow::test {

using topics = std::set<std::string>;

/// What a broker retains, and what it should.
struct retained_truth {
  std::map<std::string, uint64_t> at_broker; ///< topic -> number of the value
  std::map<std::string, uint64_t> newest;    ///< as its source told it last
  topics configured;
  uint64_t life = 1; ///< of the broker: after each it has forgotten everything

  /// Arrives. Over one connection after the other a topic never goes back to an older value.
  void publish(const messages::mqtt_message& m) {
    const auto topic = m.topic.str();
    if (m.payload.size() == 0) {
      at_broker.erase(topic);
      return;
    }
    const auto number = std::stoull(m.payload.str());
    if (number < at_broker[topic])
      CAF_FAIL(topic << " goes back from " << at_broker[topic] << " to " << number);
    at_broker[topic] = number;
  }
  bool holds() const {
    std::map<std::string, uint64_t> expected;
    for (const auto& [topic, number] : newest)
      if (configured.count(topic) > 0) expected.emplace(topic, number);
    return at_broker == expected;
  }
};

/// Everything at random: arrivals, outages, lost answers, crashes, a failing disk, kills, brokers that
/// forget, changes of the configuration; two publishers. At every step the law holds, and no event is sent
/// while an older one of its origin waits.
struct chaos {
  struct publisher {
    uint32_t slot = 0;
    bool connected = false;
    std::deque<uint64_t> in_flight; ///< ids
    uint64_t life = 0;              ///< the broker's, when it connected
  };

  spooling_fixture& f;
  std::mt19937 random;
  bool strict;           ///< nothing may be dropped
  bool may_hang = false; ///< the disk, which says nothing then; what it is asked it does later
  bool hangs = false;
  std::deque<std::variant<messages::spool_commit, messages::spool_read>> asked = {}; ///< of the spool
  std::array<publisher, 2> publishers{publisher{0, false, {}}, publisher{1, false, {}}};
  retained_truth state = {};
  std::map<uint64_t, messages::mqtt_message> states_sent = {}; ///< by id
  std::map<std::string, std::map<uint64_t, uint64_t>> open =
      {}; ///< origin -> sequence -> id of the last sending or 0
  std::set<std::pair<std::string, uint64_t>> arrived = {};
  std::map<uint64_t, std::pair<std::string, uint64_t>> sent = {};

  uint32_t pick(uint32_t n) { return static_cast<uint32_t>(random() % n); }
  publisher& any_publisher() { return publishers[pick(2)]; }

  void lose_all(publisher& p) {
    for (auto id : p.in_flight) {
      if (states_sent.count(id) > 0) continue;
      auto& [o, sequence] = sent.at(id);
      auto i = open[o].find(sequence);
      if (i != open[o].end()) i->second = 0;
    }
    p.in_flight.clear();
  }

  void connect(publisher& p) {
    const bool resumed = p.life == state.life && pick(2) == 0;
    f.connect(1 + pick(50), p.slot, resumed);
    p.connected = true;
    p.life = state.life;
  }

  /// The broker forgets everything, its clients notice one after the other.
  void broker_restarts() {
    ++state.life;
    state.at_broker.clear();
  }

  /// What became of something sent.
  void arrives(uint64_t id, const publisher& p) {
    if (auto i = states_sent.find(id); i != states_sent.end() && p.life == state.life)
      state.publish(i->second);
  }

  void tell_state(const std::string& topic) {
    messages::publication x;
    x.cls = item_class::health;
    x.origin = topic;
    x.replaces = topic;
    x.messages.push_back({topic, std::to_string(++state.newest[topic]), 0, true, 0});
    f.put(std::move(x));
  }

  /// Who is configured anew tells its state; who is not any more may do so once more.
  void configure() {
    topics next;
    for (auto topic : {"s1", "s2", "s3", "s4"})
      if (pick(4) != 0) next.insert(topic);
    const auto before = std::exchange(state.configured, next);
    apply_configuration();
    for (const auto& topic : next)
      if (before.count(topic) == 0) tell_state(topic);
    for (const auto& topic : before)
      if (next.count(topic) == 0 && pick(2) == 0) tell_state(topic);
  }
  void apply_configuration() {
    f.aut->retained().configured(
        std::make_shared<const actors::retained_topics>(actors::retained_topics{state.configured, {}, {}}));
  }

  /// As the publisher tells it: first that it has lost its connection, then what came of what it held.
  void disconnect(publisher& p) {
    f.aut->publisher_here({p.slot, false, false, 0, {p.in_flight.begin(), p.in_flight.end()}}, f.now);
    std::vector<messages::settlement> back;
    for (auto id : p.in_flight) {
      back.push_back({id, pick(3) == 0 ? outcome::returned : outcome::not_sent, {}});
      if (back.back().result == outcome::returned && pick(2) == 0) arrives(id, p);
    }
    f.aut->settle(p.slot, back, f.now);
    lose_all(p);
    p.connected = false;
  }

  void take(publisher& p) {
    if (!p.connected) return;
    for (const auto& x : f.aut->take(p.slot, f.now)) {
      if (is_state(x.content->cls)) {
        states_sent.insert_or_assign(x.id, x.content->messages.front());
        p.in_flight.push_back(x.id);
        continue;
      }
      auto origin = x.content->origin.str();
      auto sequence = spooling_fixture::sequence(x);
      const auto first = sent.emplace(x.id, std::pair{origin, sequence});
      if (!first.second && first.first->second != std::pair{origin, sequence})
        CAF_FAIL("id " << x.id << " is that of two events");
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
      const bool is_state = states_sent.count(id) > 0;
      if (!is_state && p.life != state.life) break; // nobody acknowledges; state with QoS 0 goes on
      p.in_flight.pop_front();
      done.push_back({id, outcome::acknowledged, {}});
      arrives(id, p);
      if (is_state) continue;
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
    switch (pick(may_hang ? 19 : 17)) {
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
      f.aut->watch_spool(f.now);
      if (auto x = f.aut->next_commit(f.now)) asked.emplace_back(*x);
      if (auto x = f.aut->next_read(f.now)) asked.emplace_back(*x);
      break;
    case 8:
    case 9:
      if (!asked.empty() && !hangs) answer();
      break;
    case 10: // the connection comes or goes
      if (auto& p = any_publisher(); pick(3) == 0) p.connected ? disconnect(p) : connect(p);
      break;
    case 11: // somebody crashes
      if (pick(5) != 0) break;
      if (auto& p = any_publisher(); pick(2) == 0) {
        f.aut->publisher_died(p.slot, f.now);
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
    case 14: // news of a server
    case 15:
      if (!state.configured.empty())
        tell_state(
            *std::next(state.configured.begin(), pick(static_cast<uint32_t>(state.configured.size()))));
      break;
    case 16:
      if (auto n = pick(20); n == 0)
        broker_restarts();
      else if (n < 3)
        configure();
      break;
    case 17:
      if (pick(6) == 0) hangs = !hangs;
      break;
    default:
      f.now += std::chrono::milliseconds(pick(300));
      break;
    }
    f.now += 1ms;
    for (const auto& line : f.book->snapshot())
      if (f.book->faults() > 0 || !line.balanced())
        CAF_FAIL("not balanced: " << runtime::to_json(f.book->snapshot()));
  }

  void connect_all() {
    for (auto& p : publishers) {
      if (p.connected && p.life != state.life) disconnect(p);
      if (!p.connected) connect(p);
    }
  }
  void serve_state() {
    for (int i = 0; i < 80; ++i) {
      f.serve_disk();
      serve_all();
      f.now += 10ms;
    }
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
    hangs = false;
    f.disk.broken = f.disk.full = false;
    const auto given_up = [this] { return f.line().dropped["shutdown"] + f.line().dropped["unconfirmed"]; };
    const auto before = given_up();
    f.aut->end([&](const auto& x) { return f.disk.commit(x); });
    CAF_CHECK(f.line().balanced());
    CAF_CHECK_EQUAL(given_up(), before);
    CAF_CHECK_EQUAL(f.line().in(runtime::place::disk), f.disk.entries.size());
    begin_again();
  }
  void begin_again() {
    for (auto& p : publishers) {
      lose_all(p);
      p.connected = false;
    }
    f.new_book();
    f.disk.last = {}; // another process: its numbers begin anew
    f.options.first_id = f.disk.ids_below; // all the next one knows of: the wall clock was set back
    f.start();
    f.aut->recover(f.disk.found());
    std::vector<messages::retained_topic> recorded;
    for (const auto& [topic, x] : f.disk.topics) recorded.push_back(x);
    f.aut->retained().recover(recorded);
    apply_configuration();
    for (const auto& topic : state.configured) tell_state(topic);
  }
};

/// In the end, and nothing is left anywhere.
inline void everything_arrives(spooling_fixture& f, chaos& x) {
  x.connect_all();
  uint64_t made = 0;
  for (const auto& [origin, n] : f.last_of) made += n;
  for (int i = 0; i < 20000 && x.arrived.size() < made; ++i) {
    f.serve_disk();
    x.serve_all();
    f.now += 10ms;
  }
  CAF_CHECK_EQUAL(x.arrived.size(), made);
  x.serve_state();
  CAF_CHECK(x.state.holds());
  f.serve_disk();
  CAF_CHECK(f.disk.entries.empty());
  CAF_CHECK_EQUAL(f.aut->bytes(), 0u);
  CAF_CHECK(f.line().dropped.empty());
}

} // namespace senseflow::test
