// Nodes that receive the same events, and the broker between them: each step is the test's.
#pragma once

#include "test/support/unit_test.hpp"

#include "actors/cluster/shared_events.hpp"
#include "test/support/sound_ledger.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

using namespace std::chrono_literals;
using messages::channel_state;

struct shared_site {
  struct sent {
    std::string text, id, by;
  };

  struct node {
    node(shared_site& s, std::string n, actors::shared_events_options o)
        : site(s), name(std::move(n)), options(std::move(o)) {
      options.node = name;
      start();
    }
    void start() {
      book = std::make_unique<runtime::ledger>();
      ++options.incarnation;
      events = std::make_unique<actors::shared_events>(options, *book, site.now);
      living = true;
    }

    void receive(const std::string& host, const std::string& text) {
      if (!living) return;
      if (frozen) return void(socket.emplace_back(host, text));
      messages::user_event x;
      x.host = host;
      x.message = text;
      book->received(messages::item_class::user_event, host);
      switch (events->admit(x, host + ";" + text, site.now)) {
      case actors::event_gate::verdict::publish:
        accept(std::move(x));
        break;
      case actors::event_gate::verdict::known:
        book->filtered(messages::item_class::user_event, host, runtime::published_by_another_node);
        break;
      case actors::event_gate::verdict::hold:
        break;
      }
    }
    void accept(messages::user_event x) {
      book->moved(messages::item_class::user_event, x.host, runtime::place::source, runtime::place::memory);
      outbox.push_back(std::move(x));
    }

    /// What the broker did to it, what others said, what is due, what can be published, what is to be told.
    void step() {
      if (!living || frozen) return;
      const bool up = site.broker && !cut_off && !no_channel;
      if (!up && channel != channel_state::down) tell(channel_state::down);
      events->broker(site.broker && !cut_off, site.now);
      if (up && channel == channel_state::down) tell(channel_state::catching_up);
      if (up) {
        for (; !session.empty() && !behind; session.pop_front())
          CAF_CHECK(events->heard(session.front().first, session.front().second, site.now) ==
                    actors::digest_fault::none);
        tell(channel_state::up);
      }
      events->see(site.view_of(*this), site.now);
      events->release(site.now, [this](actors::held_event&& x) {
        accept(std::move(std::get<messages::user_event>(x.event)));
      });
      events->released_are_taken();
      if (site.broker && !cut_off && !slow) publish();
      while (up) {
        const auto digest = events->next_digest(site.now);
        if (!digest) break;
        site.said.emplace_back(name, *digest);
        if (mute) continue;
        for (auto& [other, n] : site.nodes)
          if (n.get() != this && n->session.size() < 10'000) n->session.emplace_back(name, *digest);
      }
    }
    void publish() {
      while (!outbox.empty() && events->may_send(site.now)) {
        auto x = std::move(outbox.front());
        outbox.pop_front();
        const messages::shared_text id{to_text(x.id)};
        if (events->published_elsewhere(id)) {
          book->filtered(messages::item_class::user_event, x.host, runtime::published_by_another_node, 1,
                         runtime::place::memory);
          continue;
        }
        book->moved(messages::item_class::user_event, x.host, runtime::place::memory, runtime::place::flight);
        book->published(messages::item_class::user_event, x.host, true);
        site.published.push_back({x.message, id.str(), name});
        if (!dies_before_settling) events->settled(id, true);
      }
    }
    void thaw() {
      frozen = false;
      for (; !socket.empty(); socket.pop_front()) receive(socket.front().first, socket.front().second);
    }
    void tell(channel_state x) {
      if (channel != x) events->channel(channel = x, site.now);
    }
    /// Without a word; what is on disk stays.
    void kill() {
      living = false;
      channel = channel_state::down;
      if (!journal) outbox.clear();
    }

    shared_site& site;
    std::string name;
    actors::shared_events_options options;
    std::unique_ptr<runtime::ledger> book;
    std::unique_ptr<actors::shared_events> events;
    std::deque<messages::user_event> outbox;
    std::deque<std::pair<std::string, std::string>> session; ///< what the broker keeps for its channel
    channel_state channel = channel_state::down;
    uint32_t format = actors::digest_format;
    bool living = false;
    bool cut_off = false;                                   ///< from the broker
    bool no_channel = false;                                ///< only that is
    bool slow = false;                                      ///< the broker takes nothing from its publishers
    bool mute = false;                                      ///< its digests get lost
    bool journal = false;                                   ///< its outbox survives it
    bool frozen = false;                                    ///< stopped by a signal
    bool behind = false;                                    ///< does not get to read what others say
    std::deque<std::pair<std::string, std::string>> socket; ///< what came while it was frozen
    std::set<std::string> not_seen;                         ///< in its view, yet
    bool unsure = false;                                    ///< of its view
    bool dies_before_settling = false;                      ///< it does not hear of acknowledgements
  };

  explicit shared_site(const std::vector<std::string>& names, actors::shared_events_options o = {}) {
    for (const auto& n : names) nodes[n] = std::make_unique<node>(*this, n, o);
    pass(1s);
  }
  ~shared_site() {
    for (const auto& [name, n] : nodes)
      if (n->living)
        if (const auto wrong = unsound(*n->book); !wrong.empty()) CAF_ERROR(name << ": " << wrong);
  }

  node& operator[](const std::string& name) { return *nodes.at(name); }

  actors::cluster_view view_of(const node& who) const {
    actors::cluster_view x;
    x.self = who.name;
    x.certain = !who.unsure;
    for (const auto& [name, n] : nodes)
      if ((n->living || unnoticed.count(name) > 0) && who.not_seen.count(name) == 0) {
        actors::cluster_node c;
        c.id = c.topic_name = name;
        c.digests = n->format;
        c.draining = leaving.count(name) > 0;
        x.nodes.push_back(c);
      }
    return x;
  }

  void pass(std::chrono::milliseconds t) {
    for (; t > 0ms; t -= 50ms) {
      now += 50ms;
      for (auto& [name, n] : nodes) n->step();
    }
  }

  /// To all, but to these.
  void event(const std::string& text, const std::set<std::string>& lost_to = {}) {
    for (auto& [name, n] : nodes)
      if (lost_to.count(name) == 0) n->receive(host, text);
  }

  /// Who owns the events of `host`.
  std::string owner() const {
    actors::event_owners x{{}};
    auto view = view_of(*nodes.begin()->second);
    view.certain = true;
    x.see(view, now);
    return std::string{x.of(host)};
  }
  std::string other() const {
    for (const auto& [name, n] : nodes)
      if (n->living && name != owner()) return name;
    return {};
  }

  std::vector<std::string> texts() const {
    std::vector<std::string> result;
    for (const auto& x : published) result.push_back(x.text);
    return result;
  }
  size_t count(const std::string& text) const {
    const auto all = texts();
    return static_cast<size_t>(std::count(all.begin(), all.end(), text));
  }
  size_t held() const {
    size_t n = 0;
    for (const auto& [name, x] : nodes) n += x->living ? x->events->counted().held : 0;
    return n;
  }
  /// Distinct.
  size_t ids() const {
    std::set<std::string> all;
    for (const auto& x : published) all.insert(x.id);
    return all.size();
  }

  std::chrono::steady_clock::time_point now{1h};
  bool broker = true;
  std::string host = "sense1";
  std::set<std::string> unnoticed; ///< dead, and still in the view
  std::set<std::string> leaving;
  std::vector<sent> published;
  std::deque<std::pair<std::string, std::string>> said; ///< digests
  std::map<std::string, std::unique_ptr<node>> nodes;
};

} // namespace senseflow::test
