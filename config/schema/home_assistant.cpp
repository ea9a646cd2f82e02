#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

void describe(visitor& v, home_assistant_settings& s) {
  v.flag({"enable", "Publish discovery documents: a device for each Sense server and one for this node."},
         s.enable);
  v.active(s.enable);
  v.text({"discoveryPrefix", "Begin of the topics that Home Assistant looks for devices at."},
         s.discovery_prefix, format::topic);
  v.text({"statusTopic", "Where Home Assistant says 'online' when it starts."}, s.status_topic,
         format::topic);
  v.flag({"userEvents", "Show user events, too: names of users go into Home Assistant's history."},
         s.user_events);
}

} // namespace senseflow::config::schema
