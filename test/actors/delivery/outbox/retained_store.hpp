// A store whose publications are retained.
#pragma once

#include "test/actors/delivery/outbox/store.hpp"

#include <algorithm>
#include <set>

namespace senseflow::test {

using topics = std::set<std::string>;

/// What is retained of the servers a, b, c at s/<server>. Most of it through a store, as it is used.
struct retained_fixture : store_fixture {
  retained_fixture() { options.mode = actors::delivery_mode::overflow; }

  static messages::publication value(const std::string& server, std::string text,
                                     const std::string& base = "s/") {
    auto x = publication(item_class::health, server, std::move(text));
    x.messages.front().topic = base + server;
    x.messages.front().retain = true;
    x.messages.push_back({"live/" + server, "1", 0, false, 0});
    return x;
  }

  static strings configure(outbox_store& s, topics all, const std::string& presence = {}) {
    actors::retained_topics x{std::move(all), presence, "node"};
    if (!presence.empty()) x.all.insert(presence);
    return s.retained().configured(std::make_shared<const actors::retained_topics>(std::move(x)));
  }

  void connect(store& s, bool resumed = false, uint32_t slot = 0) {
    s.publisher_here(slot, true, 100, {}, resumed);
  }
  void disconnect(store& s, uint32_t slot = 0) { s.publisher_here(slot, false, 0, {}); }

  /// All that goes out until nothing does, as "topic=payload"; every message arrives.
  strings deliver(store& s, uint32_t slots = 1, outcome o = outcome::acknowledged) {
    strings result;
    for (bool any = true; any;) {
      any = false;
      for (uint32_t slot = 0; slot < slots; ++slot) {
        const auto sent = s.take(slot);
        for (const auto& x : sent)
          for (const auto& m : x.content->messages) result.push_back(m.topic.str() + "=" + m.payload.str());
        s.settle(slot, settle_all(sent, o));
        any = any || !sent.empty();
      }
    }
    std::sort(result.begin(), result.end());
    CAF_CHECK(line(item_class::health).balanced());
    CAF_CHECK(line(item_class::node).balanced());
    return result;
  }

  /// A connected store that has delivered value 1 of these servers.
  void publish(store& s, const strings& servers = {"a", "b", "c"}) {
    connect(s);
    for (const auto& x : servers) put(s, value(x, "1"));
    deliver(s);
  }
};

} // namespace senseflow::test
