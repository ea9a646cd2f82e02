// Log events that are not published one by one: storms become summaries, performance events digests.
#pragma once

#include "actors/context.hpp"
#include "actors/outlet.hpp"
#include "messages/folding/performance_digest.hpp"
#include "messages/folding/storm_folder.hpp"
#include "messages/items/log_event.hpp"
#include "runtime/snapshot.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::actors {

struct event_folding_options {
  std::optional<messages::storm_options> storms; ///< none: off
  std::optional<messages::performance_digest_options> performance;
};

/// Replaced as a whole by a reload.
using event_folding_rules = runtime::snapshot<event_folding_options>;

/// What it looks up elsewhere.
struct event_folding_lookups {
  std::shared_ptr<const event_folding_rules> rules; ///< null: nothing is folded
  /// By the encoder's rules: what they don't let pass is left to the encoder.
  std::function<bool(const messages::log_event&)> accepted;
  messages::performance_digest::app_name app_name;
};

/// Part of a port, so what is open in it survives the receiver. An event in a summary is at its end: whoever
/// asks has to account for it. Not thread-safe; time is the caller's.
class event_folding {
public:
  using time_point = std::chrono::steady_clock::time_point;

  void use(context_ptr env, event_folding_lookups x);

  /// By which rule the event is in a summary, `folded` or `digested`, and not to be published; else "".
  std::string_view take(const messages::log_event& x, time_point now);

  /// Puts the summaries that are due into the outlet, unless it is full, and follows the rules of the moment;
  /// how many. What is switched off takes nothing more from then on.
  size_t push_due(outlet& to, time_point now, bool full = false);
  /// All summaries: nothing is open afterwards.
  size_t push_all(outlet& to);

private:
  /// Begins what is on; `stop`: ends what is not.
  void follow(const event_folding_options& rules, bool stop);
  size_t push(outlet& to, std::vector<messages::insight> all);
  void count_left_out();

  context_ptr env_;
  event_folding_lookups lookups_;
  std::optional<messages::storm_folder> storms_;
  std::optional<messages::performance_digest> performance_;
  bool folds_ = true, digests_ = true; ///< else what is open only waits to be told
};

} // namespace senseflow::actors
