// Connects a source's outlet to the encoder: finds it, states who we are, sends while there is demand, and
// starts over when the encoder or the outbox behind it was restarted.
#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "actors/outlet.hpp"
#include "runtime/estate.hpp"

#include <caf/actor_clock.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace senseflow::actors {

/// Part of the state of a source actor; `Self` is its pointer type. The actor calls `look` at start and on
/// `retry_atom`, `pump` after pushing, `down` from its down handler. A neighbour that dies is told by its
/// monitor; one that was given up as hung, and so does not end, by answers that do not come.
template <class Self>
class outlet_link {
public:
  outlet_link() = default;

  /// `on_room` is called whenever items have been accepted. `timeout`: when nothing was accepted for so long,
  /// what is on its way is sent again. `meter`: by this name its work is known.
  outlet_link(Self self, context_ptr env, runtime::estate<outlet>::lease own,
              std::chrono::milliseconds timeout, std::function<void()> on_room, const std::string& meter)
      : self_(self), env_(std::move(env)), own_(std::move(own)), timeout_(timeout),
        on_room_(std::move(on_room)), work_(env_->meters.of(meter)) {
    own_.with([](outlet& o) { o.consumer_lost(); });
  }

  template <class F>
  decltype(auto) with(F&& f) {
    return own_.with(std::forward<F>(f));
  }

  /// For tests.
  void provoke(const runtime::provocation& x) { own_.provoke(x); }

  void look() {
    auto now = self_->clock().now();
    if (next_look_ && now < *next_look_) return; // a timer that an earlier one has overtaken
    next_look_.reset();
    if (!encoder_) return connect();
    if (unanswered_ == 0) return;
    if (now - last_answer_ >= timeout_) return lost(found_);
    look_after(timeout_ - (now - last_answer_));
  }

  void pump() {
    bool left = !encoder_;
    while (encoder_) {
      std::optional<messages::item_batch> batch;
      std::tie(batch, left) = own_.with([](outlet& o) {
        auto next = o.next();
        return std::pair{std::move(next), o.waiting() > 0};
      });
      if (!batch) break;
      auto number = batch->id.number;
      work_->batch(batch->items->size());
      ask(std::move(*batch), [this, number](messages::demand d, bool current) {
        own_.with([&](outlet& o) {
          o.accepted(number);
          if (current) o.grant(d.items); // else: granted anew when it was found again
        });
      });
    }
    waits_.set(left, work_->waiting());
  }

  void down(const caf::actor_addr& address) {
    if (encoder_ && (encoder_.address() == address || outbox_.address() == address)) lost(found_);
  }

private:
  void connect() {
    encoder_ = env_->names.find_as<encoder_actor>(names::encoder);
    outbox_ = env_->names.find_as<outbox_actor>(names::outbox);
    if (!encoder_ || !outbox_) {
      encoder_ = nullptr;
      return look_after(retry_after);
    }
    self_->monitor(encoder_);
    self_->monitor(outbox_); // it is the one that answers
    ++found_;
    unanswered_ = 0;
    ask(caf::join_atom_v, [this](messages::demand d, bool current) {
      if (current) own_.with([&](outlet& o) { o.grant(d.items); });
    });
  }

  /// `f(demand, whether it is from the neighbour of the moment)`, then goes on.
  template <class Question, class F>
  void ask(Question question, F f) {
    if (unanswered_++ == 0) last_answer_ = self_->clock().now();
    look_after(timeout_);
    self_->request(encoder_, caf::infinite, std::move(question))
        .then(
            [this, f, found = found_](messages::demand d) {
              if (found == found_) {
                --unanswered_;
                last_answer_ = self_->clock().now();
              }
              f(d, found == found_);
              pump();
              on_room_();
            },
            [this, found = found_](caf::error&) { lost(found); });
  }

  /// A dead neighbour, or a living one that leaves everything unanswered.
  void lost(uint64_t found) {
    if (!encoder_ || found != found_) return; // known already
    self_->demonitor(encoder_.address());
    self_->demonitor(outbox_.address());
    encoder_ = nullptr;
    ++found_;
    own_.with([](outlet& o) { o.consumer_lost(); });
    env_->counters.count("edge_lost_total", {{"edge", "encoder"}});
    look_after(retry_after);
  }

  /// One timer for the edge, not one for each request.
  void look_after(caf::timespan t) {
    auto then = self_->clock().now() + t;
    if (next_look_ && *next_look_ <= then) return;
    next_look_ = then;
    self_->delayed_send(self_, t, retry_atom_v);
  }

  static constexpr auto retry_after = std::chrono::milliseconds(20);

  Self self_ = nullptr;
  context_ptr env_;
  runtime::estate<outlet>::lease own_;
  caf::timespan timeout_{};
  std::function<void()> on_room_;
  std::shared_ptr<runtime::work_meter> work_;
  runtime::stopwatch_turn waits_; ///< for demand
  encoder_actor encoder_;         ///< null: to be found
  outbox_actor outbox_;
  uint64_t found_ = 0; ///< how often: answers to earlier requests say nothing about this time
  size_t unanswered_ = 0;
  caf::actor_clock::time_point last_answer_{};
  std::optional<caf::actor_clock::time_point> next_look_; ///< a `retry_atom` is on its way
};

} // namespace senseflow::actors
