// Neighbours of the actor under test: they keep what they get, and answer as the test says. `update_atom`
// makes one answer the oldest message that has no answer yet: a promise may only be kept by its own actor,
// from outside CAF crashes.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/supervised.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace senseflow::test {

using fake_encoder_handle = actors::encoder_actor::extend<caf::reacts_to<caf::update_atom>>;
using fake_outbox_handle = actors::outbox_actor::extend<caf::reacts_to<caf::update_atom>>;

template <class Promise>
Promise take_first(std::vector<Promise>& open) {
  auto result = open.at(0);
  open.erase(open.begin());
  return result;
}

inline void unexpected() { throw std::logic_error("a message that this neighbour does not expect"); }

/// An encoder that asks for `window` items; their batches are accepted when the test says so.
struct fake_encoder {
  uint32_t window = 10;
  bool accept_at_once = true;
  std::vector<messages::item_batch> batches;
  std::vector<caf::typed_response_promise<messages::demand>> open;
  size_t joins = 0;
};

inline fake_encoder_handle::behavior_type fake_encoder_actor(fake_encoder_handle::pointer self,
                                                             std::shared_ptr<fake_encoder> x) {
  return {
      actors::answer_ping(),
      actors::crash_on_request(),
      [x](caf::join_atom) {
        ++x->joins;
        return messages::demand{x->window};
      },
      [self, x](const messages::item_batch& batch) -> caf::result<messages::demand> {
        x->batches.push_back(batch);
        if (x->accept_at_once) return messages::demand{static_cast<uint32_t>(batch.items->size())};
        auto promise = self->make_response_promise<messages::demand>();
        x->open.push_back(promise);
        return promise;
      },
      [x](caf::update_atom) {
        auto& batch = x->batches.at(x->batches.size() - x->open.size());
        take_first(x->open).deliver(messages::demand{static_cast<uint32_t>(batch.items->size())});
      },
  };
}

/// An outbox that keeps everything.
struct fake_outbox {
  bool answer_at_once = true;
  std::vector<messages::encoded_batch> batches;
  std::vector<messages::publisher_state> states;
  std::vector<messages::settled_batch> settled;
  std::vector<actors::publisher_actor> publishers;
  size_t agains = 0; ///< how often all was wanted once more
  std::vector<messages::repeat_events> repeated;
  std::vector<messages::left_topics> left;
  std::vector<caf::typed_response_promise<caf::ok_atom>> open;
  /// Batches whose sender has no answer yet.
  std::vector<std::pair<caf::typed_response_promise<messages::demand>, messages::demand>> held;
};

inline fake_outbox_handle::behavior_type fake_outbox_actor(fake_outbox_handle::pointer self,
                                                           std::shared_ptr<fake_outbox> x) {
  auto answer = [self, x]() -> caf::result<caf::ok_atom> {
    if (x->answer_at_once) return caf::ok_atom_v;
    auto promise = self->make_response_promise<caf::ok_atom>();
    x->open.push_back(promise);
    return promise;
  };
  return {
      actors::answer_ping(),
      actors::crash_on_request(),
      [self, x](const messages::encoded_batch& batch) -> caf::result<messages::demand> {
        x->batches.push_back(batch);
        messages::demand again{batch.items()};
        if (x->answer_at_once) return again;
        auto promise = self->make_response_promise<messages::demand>();
        x->held.push_back({promise, again});
        return promise;
      },
      [x, answer](const messages::publisher_state& state, const actors::publisher_actor&) {
        x->states.push_back(state);
        return answer();
      },
      [x, answer](const messages::settled_batch& batch) {
        x->settled.push_back(batch);
        return answer();
      },
      [x](actors::again_atom) {
        ++x->agains;
        return uint64_t{7} + x->repeated.size();
      },
      [x](const messages::repeat_events& what) {
        x->repeated.push_back(what);
        return uint64_t{what.count};
      },
      [x](const messages::left_topics& found) {
        x->left.push_back(found);
        return uint64_t{found.topics.size()};
      },
      [](caf::tick_atom) { unexpected(); },
      [](actors::wake_atom) { unexpected(); },
      [x](caf::update_atom) {
        if (x->held.empty()) {
          take_first(x->open).deliver(caf::ok_atom_v);
        } else {
          auto [promise, again] = take_first(x->held);
          promise.deliver(again);
        }
      },
  };
}

} // namespace senseflow::test
