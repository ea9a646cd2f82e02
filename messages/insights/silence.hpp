// Services that have stopped sending events though people work with their server.
#pragma once

#include "messages/insights/analysis.hpp"
#include "messages/insights/arrivals.hpp"
#include "messages/insights/server_of_host.hpp"
#include "messages/insights/silence_cause.hpp"
#include "messages/insights/usual_gaps.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::messages::insights {

struct silence_options {
  std::chrono::milliseconds after{900000}; ///< least time
  std::vector<std::string> expect;         ///< `service` or `server/service`: missed also if it never sent
  std::chrono::milliseconds fresh{100000}; ///< how long a poll says whether there are sessions
};

/// What comes by UDP.
struct arrivals_view {
  arrival_list all;
  struct port {
    bool open = true;
    std::chrono::steady_clock::time_point full{};         ///< until then not all of it was noted
    std::chrono::steady_clock::time_point not_followed{}; ///< then something else came last; 0: never
  };
  port users, logs;
  std::shared_ptr<const server_of_host> hosts;
};

/// Only time with sessions, and in which we take what comes, counts: for a silence, and for what is learnt
/// of usual pauses. A service that has sent too little to say what is usual is not missed, unless it is
/// expected. What is silent stays so until it sends again; why it is, is judged all the time. In the first
/// weeks others than expected ones are given up to four times as long.
class silence : public analysis {
public:
  using look = std::function<arrivals_view()>;

  silence(silence_options options, look at) : options_(std::move(options)), look_(std::move(at)) {}

  void observe(const item_list& items, const moment& now) override;
  void tick(const moment& now, findings& to) override;
  /// What is usual is known on.
  void inherit(analysis& former) override;

private:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  struct outage {
    caf::timestamp since{}, last{}; ///< last: datagram; zero = there never was one
    duration limit{};
    silence_cause cause;
  };
  struct service_state {
    std::string host;    ///< as its events name it
    std::string version; ///< of the engine, when it sent last
    uint64_t datagrams = 0;
    time_point last{};
    usual_gaps usual;
    std::optional<outage> silent;
  };
  struct polled_count {
    uint64_t sessions = 0;
    time_point at{};
  };
  struct server_state {
    std::map<std::string, polled_count> counts; ///< of the engine (""), and by virtual proxy
    time_point polled{};
    polled_by by;
    std::string version, started;              ///< of the engine
    std::optional<time_point> restarted;       ///< noticed then
    std::optional<time_point> in_use;          ///< since
    std::map<service, service_state> services; ///< that have sent, or are expected
    std::string told;                          ///< what was published
  };
  /// What else comes to a port.
  struct others {
    std::optional<duration> ago;             ///< the newest from anybody
    std::vector<std::string_view> unmatched; ///< machines that match no server
    std::optional<duration> unmatched_ago;   ///< the newest from one of them
  };
  struct all_others {
    others users, logs;
  };

  void note_engine(server_state& x, const health_sample& sample, const moment& now) const;
  void note_arrival(server_state& at, const arrival& a, time_point full, const moment& now) const;
  static void polled(server_state& to, const polled_by& by, const moment& now);
  void look_at_use(server_state& x, const moment& now) const;
  void add_expected(const std::string& server, server_state& x) const;
  bool is_expected(const std::string& server, service x) const;
  std::optional<duration> limit_of(const service_state& x, bool expected) const;
  void judge(const std::string& server, server_state& x, const arrivals_view& seen, const all_others& came,
             const moment& now, findings& to) const;
  silence_cause cause_of(service what, const server_state& x, const arrivals_view::port& port,
                         const others& came, const moment& now) const;
  void tell(const std::string& server, server_state& x, const moment& now, findings& to) const;

  silence_options options_;
  look look_;
  std::map<std::string, server_state> servers_;
};

} // namespace senseflow::messages::insights
