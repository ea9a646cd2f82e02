// Topics of the documented layout that hold state: what the broker retains of a Sense server.
#pragma once

#include <string>
#include <string_view>

namespace senseflow::messages {

/// `base` is used as it stands; the other texts come from the configuration and are made safe.
std::string health_topic(std::string_view base, std::string_view server);
std::string flat_health_topic(std::string_view base, std::string_view server);
std::string availability_topic(std::string_view base, std::string_view server);
std::string silence_topic(std::string_view base, std::string_view server);
std::string clock_topic(std::string_view base, std::string_view server);
/// Of a node, whose name is a level already.
std::string certificates_topic(std::string_view base, std::string_view node);
std::string memory_topic(std::string_view base, std::string_view server);
std::string sessions_topic(std::string_view base, std::string_view server, std::string_view virtual_proxy);
std::string live_sessions_topic(std::string_view base, std::string_view server);
/// Of events: not retained.
std::string ended_sessions_topic(std::string_view base, std::string_view server);

} // namespace senseflow::messages
