// Which entities Home Assistant gets: one table for a Sense server, one for a node.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::messages::home_assistant {

/// The topics that entities take their values from.
enum class feed : uint8_t {
  health,        ///< `health/<server>`
  server_status, ///< `health/<server>/status`
  server_event,  ///< `health/<server>/event`
  silence,       ///< `health/<server>/silence`
  node_status,   ///< `senseflow/<node>/status`
  node_health,   ///< `senseflow/<node>/health`
  ledger,        ///< `senseflow/<node>/ledger`
  user_event     ///< where all user events go
};

/// Who has to be there so that a value can be trusted.
enum class depends_on : uint8_t {
  nobody, ///< it tells of the node's own absence
  node,   ///< it tells of the server's absence, or stays true without it
  server  ///< of both
};

/// In Home Assistant's words; "" = none.
struct entity_kind {
  std::string_view platform;
  std::string_view device_class = {}, state_class = {}, unit = {};
};

struct entity {
  std::string_view key; ///< unique on its device; a part of ids that must not change
  std::string_view name;
  entity_kind kind;
  std::string_view category; ///< "" = none
  feed from = feed::health;
  depends_on needs = depends_on::server;
  /// A template in Jinja; it knows `value` and `value_json`. `@server@` stands for the server's name.
  std::string value;
  std::vector<std::string_view> words = {}; ///< of an enum: its options; of an event: its types
};

const std::vector<entity>& server_entities();
const std::vector<entity>& node_entities();

} // namespace senseflow::messages::home_assistant
