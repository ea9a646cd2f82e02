// The devices that Home Assistant is told of: which documents are due, and what became of them there.
#pragma once

#include "messages/home_assistant/document.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::actors {

struct device_options {
  messages::home_assistant::site at;
  messages::home_assistant::node_feeds node;
  std::vector<messages::home_assistant::server> servers; ///< that are polled here
  std::vector<std::string> elsewhere;                    ///< servers that other nodes poll
  /// So long the first document of a server waits for its first answer, which tells the engine's version.
  std::chrono::milliseconds patience{15000};
  std::chrono::milliseconds dispute{60000};        ///< what others put in our place is replaced after so long
  std::chrono::milliseconds dispute_lasts{600000}; ///< after its last sign
  /// Who gives way in a dispute clears what both have published; so long after the last of it that is over.
  std::chrono::milliseconds clean_up{10000};
  uint64_t generation = 0; ///< another one: what was told by the former counts no more
};

/// A pure state machine: times are the caller's. Not thread-safe.
class devices {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// From now on. What differs from what was told is due; servers that are no longer in it are forgotten. One
  /// that comes here from another node does so without a device that somebody has removed meanwhile.
  void configured(const device_options& x, time_point now);
  /// The version of a server's engine.
  void seen(const std::string& server, const std::string& version);
  /// All are due now, also those that were let go or wait for something; how many those are.
  size_t again();

  /// Somebody has published at this topic, perhaps this program. True if a device of ours was removed by it,
  /// which stays so until the configuration changes it, or all are due. During a dispute, and for a while
  /// after, it is the other program's clean-up, and the device comes back by itself.
  bool heard(const std::string& topic, std::string_view payload, time_point now);

  /// Where another program has put something in our place some seconds ago; each once.
  std::vector<std::string> disputes(time_point now);

  struct due {
    std::string topic;
    std::vector<std::string> payloads; ///< in this order
    bool was_let_go = false;
    bool disputed = false;      ///< another program has published something else there
    bool dispute_known = false; ///< it was among the `disputes`
    bool cleared = false;       ///< another program has given way, and cleared what it had published
  };
  /// The next one to be published now; it counts as told.
  std::optional<due> next(time_point now);
  /// Nothing is due now.
  bool idle(time_point now) const;

private:
  struct device {
    messages::home_assistant::server of; ///< without a name: it is the node
    size_t wanted = 0, removing = 0;     ///< hashes of its document, and of the one that goes before
    bool told = false;
    bool changed_by_configuration = true;
    bool let_go = false;
    bool disputed = false, dispute_known = false;
    bool cleared = false;      ///< by whom it was in dispute with
    time_point dispute_over{}; ///< until then others may clean up
    time_point not_before{};
  };
  bool is_due(const device& x, time_point now) const;
  void put(device x, time_point not_before);
  std::string topic_of(const std::string& server) const;
  messages::home_assistant::document make(const device& x) const;
  static void note(device& x, const messages::home_assistant::document& made);

  device_options options_;
  std::map<std::string, device> all_; ///< by topic
  /// Likewise, those of other nodes, and whether somebody has removed them: with another owner they don't
  /// come back.
  std::map<std::string, bool> elsewhere_;
  time_point cleared_until_{}; ///< what others have cleared waits until then
};

} // namespace senseflow::actors
