// Connects a source's outlet to the encoder pool: finds it, states who we are, sends while there is demand,
// and starts over when the pool was restarted.
#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "actors/outlet.hpp"
#include "runtime/estate.hpp"

#include <chrono>
#include <cstdint>
#include <functional>

namespace senseflow::actors {

/// Part of the state of a source actor; `Self` is its pointer type. The actor calls `connect` at start and on
/// `retry_atom`, `pump` after pushing, `down` from its down handler.
template <class Self>
class outlet_link {
public:
  outlet_link() = default;

  /// `on_room` is called whenever items have been accepted. `timeout`: unanswered batches are sent again.
  outlet_link(Self self, context_ptr env, runtime::estate<outlet>::lease own,
              std::chrono::milliseconds timeout, std::function<void()> on_room)
      : self_(self), env_(std::move(env)), own_(std::move(own)), timeout_(timeout),
        on_room_(std::move(on_room)) {
    own_.with([](outlet& o) { o.consumer_lost(); });
  }

  template <class F>
  decltype(auto) with(F&& f) {
    return own_.with(std::forward<F>(f));
  }

  void connect() {
    if (pool_) return;
    pool_ = env_->names.find_as<encoder_pool_actor>(names::encoder_pool);
    if (!pool_) return retry();
    self_->monitor(pool_);
    auto found = ++found_;
    self_->request(pool_, timeout_, caf::join_atom_v)
        .then(
            [this, found](messages::demand d) {
              if (found != found_) return;
              own_.with([&](outlet& o) { o.grant(d.items); });
              pump();
              on_room_();
            },
            [this, found](caf::error&) { lost(found); });
  }

  void pump() {
    while (pool_) {
      auto batch = own_.with([](outlet& o) { return o.next(); });
      if (!batch) return;
      auto number = batch->id.number;
      auto found = found_;
      self_->request(pool_, timeout_, std::move(*batch))
          .then(
              [this, number, found](messages::demand d) {
                own_.with([&](outlet& o) {
                  o.accepted(number);
                  if (found == found_) o.grant(d.items); // else: granted anew when it was found again
                });
                pump();
                on_room_();
              },
              [this, found](caf::error&) { lost(found); });
    }
  }

  void down(const caf::actor_addr& address) {
    if (pool_ && pool_.address() == address) lost(found_);
  }

private:
  /// A dead pool, or a living one that left a batch unanswered for too long.
  void lost(uint64_t found) {
    if (!pool_ || found != found_) return; // known already
    self_->demonitor(pool_.address());
    pool_ = nullptr;
    own_.with([](outlet& o) { o.consumer_lost(); });
    env_->counters.count("edge_lost_total", {{"edge", "encoder_pool"}});
    retry();
  }

  void retry() { self_->delayed_send(self_, std::chrono::milliseconds(20), retry_atom_v); }

  Self self_ = nullptr;
  context_ptr env_;
  runtime::estate<outlet>::lease own_;
  std::chrono::milliseconds timeout_{};
  std::function<void()> on_room_;
  encoder_pool_actor pool_;
  uint64_t found_ = 0; ///< how often it was found: answers to earlier requests say nothing about this time
};

} // namespace senseflow::actors
