// Topics over which the broker closes the connection instead of refusing a message: found, set aside, tried
// again. Brokers do so for access lists, sizes, retained messages, too many levels, and rarely say why.
#pragma once

#include "actors/delivery/carried_message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace senseflow::actors {

/// Of one connection; not thread-safe; time is the caller's. While connections last, nothing costs. When one
/// ends over a topic that was on its way when the one before it ended too, what was on its way is suspected:
/// then all travels with an acknowledgement, and a suspect alone, after a moment in which the connection
/// shows that it holds, until it got through or ended connections alone, again and again. Its topic is set
/// aside for a time that doubles, from the size on that did it; whatever the size, when a smaller message does
/// it too. An end for which the peer gave another reason weighs less: it takes one more to be suspected, and
/// others that get through meanwhile to be found guilty. Topics of events, which would be lost, take more ends
/// as long as nothing else gets through: the broker may close over everything. When several topics of a kind
/// in a row are guilty and none gets through, the whole kind is set aside, but for topics that are known to
/// get through. A kind is a class; what the node says of itself to others (`homeassistant/device/`) is one
/// beside what it says below its own. An end with nothing on its way acquits everybody: the network is bad.
class topic_quarantine {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// For the log: what is set aside from now on.
  struct finding {
    carried_message what;
    std::string kind; ///< all of it; "": only this topic
    std::chrono::seconds pause{};

    std::string line() const;
  };

  /// After a connection came up, before a suspect is sent.
  static constexpr auto moment = std::chrono::seconds(1);

  // To be asked before anything is sent while `active`.
  bool any_suspected(time_point now); ///< so everything is to travel with an acknowledgement
  bool suspected(const carried_message& x, time_point now); ///< it is to travel alone

  /// It must not be sent now.
  bool set_aside(const carried_message& x, time_point now);

  /// The broker has taken it. Only to be told while `active`.
  void got_through(const carried_message& x);

  /// The broker has taken something that is not asked about here: it does not close over everything.
  void others_got_through() { ++through_; }

  /// The peer has ended the connection with these on their way: what was not acknowledged, and without
  /// acknowledgements what was sent just before. A message with a `reason` comes first: it is the one.
  /// `doubtful`: the peer gave a reason that has nothing to do with them.
  std::optional<finding> connection_ended(const std::vector<carried_message>& on_the_way, time_point now,
                                          bool doubtful = false);

  /// Connections have ended over something, or something is set aside: it matters what gets through.
  bool active() const { return !suspects_.empty() || !guilty_.empty() || !good_.empty(); }

private:
  struct sentence {
    size_t bytes = 0; ///< from this size on
    std::chrono::seconds pause{};
    time_point until{};
  };
  struct kind_record {
    uint32_t ends = 0;   ///< over one message alone, none got through
    uint32_t guilty = 0; ///< topics in a row, none got through
    std::chrono::seconds pause{};
    time_point until{}; ///< until then the kind is set aside
  };

  finding convict(const carried_message& x, time_point now);
  void suspect(const carried_message& x, time_point now);
  bool again(const std::vector<carried_message>& on_the_way, bool doubtful);
  static std::string kind_of(const carried_message& x);

  struct suspicion {
    uint32_t ends = 0;    ///< connections that ended over it alone
    uint64_t through = 0; ///< `through_` when it became one
    std::string kind;
  };
  std::unordered_map<std::string, suspicion> suspects_; ///< by topic
  time_point suspicion_until_{};                        ///< a suspect that does not come again is forgotten
  std::unordered_map<std::string, uint32_t> last_; ///< topics on their way at the last ends in a row: weights
  uint64_t through_ = 0;                           ///< messages that got through
  std::unordered_map<std::string, sentence> guilty_;
  std::unordered_map<std::string, size_t> good_; ///< topic -> greatest size that got through while active
  std::map<std::string, kind_record> kinds_;     ///< few: of classes, and of the configuration
};

} // namespace senseflow::actors
