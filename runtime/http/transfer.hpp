// One HTTPS request on its way through curl.
#pragma once

#include "runtime/http/client.hpp"
#include "runtime/http/connection_setup.hpp"
#include "runtime/http/errors.hpp"
#include "runtime/http/request_options.hpp"
#include "runtime/http/targets.hpp"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace senseflow::runtime {

/// Adds up the time between its starts and stops.
class stop_watch {
public:
  using clock = std::chrono::steady_clock;

  void start() { started_ = clock::now(); }
  void stop() { ///< does nothing while it stands still
    used_ = used();
    started_ = {};
  }
  clock::duration used() const {
    return started_ == clock::time_point{} ? used_ : used_ + (clock::now() - started_);
  }

private:
  clock::time_point started_{};
  clock::duration used_{};
};

/// Belongs to one thread at a time. Stays where it is while curl works on it: curl holds pointers into it.
/// An attempt may end without an answer: when a redirect leads to a name that was not looked up, or when
/// there is no open connection. Then it is made again from the start,
/// once the name is known or its turn has come.
///
/// Its limit is for looking up, connecting and asking; waiting for its turn does not count. A handshake has
/// three times as long, since its connection is of use to the next request, unless others need its place.
class http_transfer {
public:
  /// What is to be done next with it.
  enum class step { look_up, wait_to_connect, answer };

  http_transfer(uint64_t id, http_request request, http_client::completion done);

  /// What they want has to be looked up before `begin`.
  http_targets& targets() { return targets_; }
  const http_targets& targets() const { return targets_; }

  void looking_up(bool on);
  std::chrono::milliseconds left() const;
  void waiting(bool on);
  std::chrono::steady_clock::duration waited() const { return waited_.used(); }

  /// Before each attempt. False: it may not be made, `forbidden` is the answer.
  bool permitted();
  http_response forbidden(const http_tls& tls);
  /// It has to be over by then.
  std::optional<boot_clock::time_point> until() const;

  /// An attempt: sets all options on a fresh or reset handle. Without a pace it may not open a connection.
  /// False if the request can't be made, `result` then says why.
  bool begin(CURL* easy, const http_tls& tls, handshake_pace* pace);
  /// Whether to end it now; `scarce` when others wait for its place.
  bool overdue(bool scarce) const;
  /// The attempt is over.
  void ended(CURLcode code);

  step next() const;
  bool has_to_connect() const { return setup_.has_to_wait(); }

  http_response result(const http_tls& tls);
  /// The answer when the wanted name has no address.
  http_response unresolved(const lookup_result& x, const http_tls& tls);
  void complete(http_response r) { done_(std::move(r)); }

private:
  static size_t on_body(const char* bytes, size_t one, size_t n, void* self);
  static int on_name(void*, void*, void* self);

  const uint64_t id_;
  const http_request request_;
  const http_client::completion done_;
  http_targets targets_;
  stop_watch used_, waited_;
  CURL* easy_ = nullptr; ///< while curl works on it
  request_options options_;
  connection_setup setup_;
  uint32_t unknown_names_ = 0;
  http_request::permit permit_; ///< of the attempt
  bool name_missing_ = false;   ///< curl has asked for a name that it was not told
  curl_outcome outcome_;
  int64_t server_time_ = 0; ///< 0 = not told
  caf::timestamp ended_{};
  std::string body_;
  char words_[CURL_ERROR_SIZE] = "";
};

} // namespace senseflow::runtime
