// The calls under way: each tries one endpoint after the other.
#pragma once

#include "runtime/etcd/answers.hpp"
#include "runtime/etcd/endpoints.hpp"
#include "runtime/etcd/requests.hpp"
#include "runtime/etcd/session.hpp"
#include "runtime/etcd/wire.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace senseflow::runtime {

/// One thread's, as everything here.
class etcd_calls {
public:
  using clock = std::chrono::steady_clock;
  using completion = std::function<void(etcd_reading)>;

  static constexpr size_t most = 256;        ///< under way; more are `unavailable` at once
  static constexpr size_t most_on_wire = 16; ///< the others wait, those that keep leases alive in front
  static constexpr size_t more_if_urgent = 8;
  static constexpr size_t longest_answer = 64u << 20;

  etcd_calls(const etcd_options& options, etcd_endpoints& endpoints, etcd_wire& wire);

  void add(etcd_call_kind kind, etcd_request request, completion done);
  /// Ends those whose time is up.
  void check(clock::time_point now);
  bool waiting() const { return on_wire_ < calls_.size(); }

  etcd_session& session() { return session_; }

private:
  struct call {
    etcd_call_kind kind;
    etcd_request request;
    completion done;
    clock::time_point deadline;
    std::vector<bool> tried;
    bool on_wire = false;
    bool renewed = false; ///< its token
    std::string token;    ///< of the try under way, as the next two
    std::string body;
    boot_clock::time_point sent{};
    etcd_error error = etcd_error::none; ///< of the tries so far
    std::string failures;
  };
  using call_map = std::map<uint64_t, call>;

  void authorize(uint64_t id);
  void line_up(uint64_t id);
  void start_ready();
  bool start(call& c, uint64_t id);
  void ended(uint64_t id, size_t endpoint, const curl_outcome& outcome);
  void answered(call_map::iterator i, size_t endpoint, etcd_reading reading);
  void failed(call_map::iterator i, size_t endpoint, etcd_error error, const std::string& words);
  void finish(call_map::iterator i, etcd_reading reading);
  void give_up(call_map::iterator i, const std::string& why_there_was_no_try);
  std::string place(size_t endpoint) { return endpoints_.at(endpoint).url; }

  const etcd_options& options_;
  etcd_endpoints& endpoints_;
  etcd_wire& wire_;
  etcd_session session_;
  uint64_t last_id_ = 0;
  size_t on_wire_ = 0;
  call_map calls_;
  std::deque<uint64_t> line_;
};

} // namespace senseflow::runtime
