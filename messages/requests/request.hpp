// What others ask of this node over MQTT, and what they are told. Nothing that comes from outside makes these
// functions throw.
#pragma once

#include "messages/heard_message.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace senseflow::messages {

enum class request_command : uint8_t {
  ping,
  status,
  reload,
  log_level,
  poll_now,
  snapshot,
  rediscover,
  replay
};
inline constexpr size_t request_command_count = 8;

/// As in topics: "poll-now".
std::string_view to_string_view(request_command x);
std::optional<request_command> command_of(std::string_view name);

struct request {
  std::string command; ///< one clean level of a topic, at most 64 characters
  std::string
      transaction; ///< to be echoed: a JSON text or number, as it is to stand in the answer; "" = none
  std::map<std::string, std::string, std::less<>> arguments; ///< by name: texts and numbers
  std::string fault;                                         ///< why it can't be carried out; "" = it can

  /// "" if it is not there.
  std::string_view operator[](std::string_view name) const {
    const auto i = arguments.find(name);
    return i == arguments.end() ? std::string_view{} : std::string_view{i->second};
  }
};

/// `name` is the last level of the topic. A body that is no JSON object is the command's main argument, if it
/// has one.
request read_request(std::string_view name, std::string_view body);

/// For the log: `log-level (level "debug", transaction 5)`.
std::string described(const request& x);

/// A whole number from `least` to `most`; `otherwise` if the argument is not there; none if it is anything else.
std::optional<uint64_t> number_of(const request& x, std::string_view name, uint64_t least, uint64_t most,
                                  uint64_t otherwise);

/// Where a node takes requests and answers them.
struct request_topics {
  std::string own;    ///< `<base>senseflow/`: there only topics of answers are accepted
  std::string node;   ///< its level
  std::string prefix; ///< what else is accepted as response topic begins with it

  std::string requests() const { return own + node + "/request/+"; }
  std::string response(std::string_view command) const;
  /// Whether an answer may go there: a topic that anybody may name must not be one by which others command,
  /// or which others believe.
  bool accepts(std::string_view response_topic) const;
};

/// What becomes of a request: it is carried out or refused, and answered in either case.
struct judged_request {
  request what;
  std::string answer_to;                  ///< a topic
  std::optional<request_command> command; ///< to be carried out; none: it is refused
  std::string refusal;                    ///< why, in words
};

/// `allow`: what may be asked for.
judged_request judge(const heard_message& x, const request_topics& topics,
                     const std::set<request_command>& allow);

/// `data` is a JSON object.
std::string ok_answer(std::string_view data, std::string_view transaction);
std::string error_answer(std::string_view why, std::string_view transaction);

} // namespace senseflow::messages
