// Whether the brokers let us in, and take what we publish.
#pragma once

#include "runtime/mqtt/client.hpp"
#include "runtime/probe/runner.hpp"
#include "runtime/probe/tools.hpp"

#include <set>
#include <string>
#include <vector>

namespace senseflow::runtime::probe {

/// One for each. They connect with a client id of their own, without a will, and publish one message, not
/// retained, to `<base>senseflow/<node>/probe`; in a cluster one more to `…/senseflow/cluster/<name>/probe`.
std::vector<job> broker_jobs(const tools_ptr& with);

/// What the broker has said to our CONNECT. Pure functions.
finding judge_refusal(int code, const std::string& words, const mqtt_options& o);
findings judge_limits(const mqtt_connack& x, const config::settings& s);

/// What became of a message.
struct trial {
  std::string topic;
  std::string base;            ///< topic of all that is published
  bool has_to_be_read = false; ///< it is of no use else
  bool mqtt5 = true;           ///< an acknowledgement tells that we may write there
  bool delivered = false;
  std::string refused = {}; ///< the broker's word; "" = none
  bool lost = false;        ///< the connection, over it
  bool read = false;        ///< it came back
  bool may_subscribe = true;
  std::set<std::string> to_read = {}; ///< filters of what others publish and has to be heard
  std::string status = {};            ///< topic where this node says that it is there
  bool status_read = false;
};
finding judge_trial(const trial& x);

} // namespace senseflow::runtime::probe
