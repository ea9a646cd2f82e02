// Carries a plan out: transactions that claim servers, hand them over and give them up, one after the other.
#pragma once

#include "actors/cluster/cluster_plan.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::actors {

/// What a transaction came to.
enum class move_result : uint8_t {
  done,      ///< once the view has reached the answer's revision it shows it
  conflict,  ///< some had changed meanwhile: goes on with the others
  own_lost,  ///< our own lease is gone
  peer_lost, ///< that of the node it was to go to is
  failed     ///< not done, or nobody knows: plan anew, later
};

/// Not thread-safe. A server that is handed over is first `held`: nobody here may poll it from then on, and
/// only when no call runs any more the transfer is sent. After an answer that did not come the transfer may
/// still take place, at any time: the server stays held (`doubtful`) until its key has another revision.
class cluster_moves {
public:
  static constexpr size_t batch = 120; ///< what etcd takes in one transaction

  /// One transaction.
  struct group {
    bool claim = false;
    std::string to; ///< a node; "" = nobody
    int64_t lease = 0;
    std::map<std::string, int64_t> servers; ///< with the revision that their keys must have; 0 = none
  };

  /// Replaces what was planned. Not while a transaction is under way.
  void plan(cluster_plan x);
  /// Nothing is planned any more. What is under way stays so.
  void release();
  /// Nor is anything under way: its answer will not come, or not be believed.
  void stop();

  using question = std::function<bool(const std::string& server)>;

  /// The next transaction to be sent; none while one is under way. `quiet`: no call of this server runs, and
  /// none begins any more. `ready`: it may become so now.
  std::optional<runtime::etcd_transaction> next(
      const cluster_state& state, const node_entry& self, const question& quiet,
      const question& ready = [](const auto&) { return true; });
  move_result answered(const runtime::etcd_answer& x);

  /// What has moved needs no doubt any more.
  void settle(const cluster_state& state);

  bool idle() const { return wanted_.empty() && leaving_.empty() && held_.empty() && !sent_; }
  bool under_way() const { return sent_.has_value(); }
  bool held(const std::string& server) const { return held_.count(server) > 0 || doubtful(server); }
  bool doubtful(const std::string& server) const { return doubts_.count(server) > 0; }

  const group& last() const { return last_; } ///< the transaction answered last

private:
  struct doubt {
    int64_t revision = 0;
    bool unknown = false; ///< for one transaction at least
  };

  std::optional<group> next_claims(const cluster_state& state, const node_entry& self);
  std::optional<group> next_leaving(const cluster_state& state, const node_entry& self, const question& quiet,
                                    const question& ready);
  void not_done(const std::string& server); ///< of the transaction answered last
  void repeat_without_changed(const std::vector<runtime::etcd_key>& present);

  std::deque<std::string> wanted_;
  std::map<std::string, std::string> leaving_; ///< not begun
  std::map<std::string, std::string> held_;    ///< waits until it is quiet, or is on its way
  std::map<std::string, doubt> doubts_;
  std::optional<group> sent_;
  group last_;
  std::map<std::string, std::string> keys_; ///< of `sent_`: key -> server
};

} // namespace senseflow::actors
