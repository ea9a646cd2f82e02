#include "messages/text/state_topics.hpp"

#include "messages/text/topic.hpp"

namespace senseflow::messages {

std::string health_topic(std::string_view base, std::string_view server) {
  return std::string{base} + "health/" + safe_level(server);
}

std::string flat_health_topic(std::string_view base, std::string_view server) {
  return health_topic(base, server) + "/flat";
}

std::string availability_topic(std::string_view base, std::string_view server) {
  return health_topic(base, server) + "/status";
}

std::string memory_topic(std::string_view base, std::string_view server) {
  return health_topic(base, server) + "/memory";
}

std::string live_sessions_topic(std::string_view base, std::string_view server) {
  return std::string{base} + "sessions/" + safe_level(server) + "/live";
}

std::string ended_sessions_topic(std::string_view base, std::string_view server) {
  return std::string{base} + "sessions/" + safe_level(server) + "/ended";
}

std::string silence_topic(std::string_view base, std::string_view server) {
  return health_topic(base, server) + "/silence";
}

std::string clock_topic(std::string_view base, std::string_view server) {
  return health_topic(base, server) + "/clock";
}

std::string certificates_topic(std::string_view base, std::string_view node) {
  return std::string{base} + "senseflow/" + std::string{node} + "/certificates";
}

std::string sessions_topic(std::string_view base, std::string_view server, std::string_view virtual_proxy) {
  return std::string{base} + "sessions/" + safe_level(server) + "/" + virtual_proxy_levels(virtual_proxy);
}

} // namespace senseflow::messages
