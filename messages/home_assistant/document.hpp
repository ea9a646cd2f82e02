// The documents by which Home Assistant discovers devices: pure functions.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace senseflow::messages::home_assistant {

/// What all documents of a node have in common.
struct site {
  std::string prefix = "homeassistant"; ///< of discovery topics, without a slash at the end
  std::string base_topic;               ///< ends with a slash or is ""
  std::string node;                     ///< one level of a topic
  std::string version;                  ///< of this program
  std::chrono::seconds health_lasts{
      0}; ///< without news for so long, the node's health is not known; 0 = it is
};

/// A Sense server that this node polls.
struct server {
  std::string name;
  std::string version;           ///< of its engine; "" = not known
  std::chrono::seconds lasts{0}; ///< likewise, its own health
  bool silence = false;          ///< it is told which of its services are silent
};

/// What a node can tell, beyond whether it is there.
struct node_feeds {
  bool ledger = true;
  std::chrono::seconds ledger_lasts{0}; ///< likewise
  std::string user_events;              ///< their topic; "" = none
};

inline bool operator==(const site& a, const site& b) {
  return a.prefix == b.prefix && a.base_topic == b.base_topic && a.node == b.node && a.version == b.version &&
         a.health_lasts == b.health_lasts;
}
inline bool operator==(const server& a, const server& b) {
  return a.name == b.name && a.version == b.version && a.lasts == b.lasts && a.silence == b.silence;
}
inline bool operator==(const node_feeds& a, const node_feeds& b) {
  return a.ledger == b.ledger && a.ledger_lasts == b.ledger_lasts && a.user_events == b.user_events;
}

struct document {
  std::string topic;
  std::string payload;
  /// The same, and tells of each entity that could be in it and is not that it is gone: to be sent before. ""
  /// if there are none.
  std::string removing;
};

/// The same for all nodes: ids of a server depend on the topics that it is published to.
std::string server_id(const site& at, std::string_view server);
std::string node_id(const site& at);
std::string device_topic(std::string_view prefix, std::string_view id);
/// How those of all devices of senseflow begin.
std::string device_topics(std::string_view prefix);

/// Its parent is the node that polls it.
document document_of(const site& at, const server& x);
document document_of(const site& at, const node_feeds& x);

} // namespace senseflow::messages::home_assistant
