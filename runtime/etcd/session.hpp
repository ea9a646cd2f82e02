// The token that calls show when etcd wants user and password.
#pragma once

#include "runtime/backoff.hpp"
#include "runtime/etcd/answers.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// Authenticating costs etcd a tenth of a second of work. So it is done once for all who wait, not before the
/// first call and not again until etcd has forgotten the token (it does so when it restarts); a refused
/// password is asked about with growing delays. Not thread-safe.
class etcd_session {
public:
  using clock = std::chrono::steady_clock;
  /// Gets the answer to an authentication.
  using answered = std::function<void(const etcd_reading&)>;

  static constexpr std::chrono::seconds too_young{1};
  static constexpr std::chrono::seconds patience{10}; ///< longer than any change of etcd's leader

  /// `ask` has etcd asked for a token, unless there is no user.
  etcd_session(bool has_user, std::function<void(answered)> ask)
      : has_user_(has_user), ask_(std::move(ask)) {}

  /// Calls `done` when there is a token, or none is needed: perhaps at once; else with the failure.
  void want(answered done, clock::time_point now);
  const std::string& token() const { return token_; }
  bool has_user() const { return has_user_; }

  /// etcd has taken it.
  void taken(const std::string& token, clock::time_point now);
  /// No endpoint has answered a call with it. Before etcd judges a token it waits for the state that this was
  /// made in, which never comes when it was set up anew: after `patience` without an answer it is given up.
  void unanswered(const std::string& token, clock::time_point now);
  /// etcd does not take it. True if it is worth the while to `want` another one: a new token that was never
  /// taken would not be the last.
  bool refused(const std::string& token, clock::time_point now);

private:
  void forget();
  void received(const etcd_reading& x, clock::time_point now);

  const bool has_user_;
  const std::function<void(answered)> ask_;
  std::string token_; ///< "" also when etcd wants none
  bool known_ = false;
  bool asking_ = false;
  bool proven_ = false; ///< the token: taken once
  clock::time_point issued_{};
  clock::time_point taken_{}; ///< last
  std::vector<answered> waiting_;
  etcd_reading denied_; ///< the last one
  clock::time_point denied_until_{};
  backoff pause_{{std::chrono::seconds(1), std::chrono::seconds(30), 20}};
};

} // namespace senseflow::runtime
