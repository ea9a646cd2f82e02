#include "runtime/mqtt/reasons.hpp"

#include "messages/text/text.hpp"

#include <algorithm>

namespace senseflow::runtime {

std::string_view reason_words(int code) {
  switch (code) {
  case 0x81:
  case 0x82:
    return "it received something that is not valid MQTT";
  case 0x83:
    return "it has a reason of its own";
  case 0x84:
    return "it does not speak this version of MQTT";
  case 0x85:
    return "it does not accept the client id";
  case 0x86:
    return "it does not accept the user name or the password";
  case 0x87:
    return "not authorized";
  case 0x88:
    return "it is not available at the moment";
  case 0x89:
    return "it is busy: try again later";
  case 0x8a:
    return "this client is banned";
  case 0x8b:
    return "it is shutting down";
  case 0x8c:
    return "it does not know the authentication method";
  case 0x8d:
    return "it heard nothing for one and a half times the keep alive";
  case 0x8e:
    return "another client connected with the same client id";
  case 0x90:
    return "the topic name is not valid";
  case 0x93:
    return "more messages than its receive maximum were sent";
  case 0x95:
    return "the packet is too large";
  case 0x96:
    return "messages come too fast";
  case 0x97:
    return "a quota is used up";
  case 0x98:
    return "an administrator closed it";
  case 0x99:
    return "the payload is not in the format it claims";
  case 0x9a:
    return "it keeps no retained messages";
  case 0x9b:
    return "it does not support this QoS";
  case 0x9c:
    return "use another server for now";
  case 0x9d:
    return "it has moved: use another server";
  case 0x9f:
    return "connections come too fast";
  case 0xa0:
    return "the connection was up for the longest time allowed";
  default:
    return "no reason given";
  }
}

std::string_view refusal_word(int code) {
  switch (code) {
  case 0x83:
    return "implementation_specific";
  case 0x87:
    return "not_authorized";
  case 0x90:
    return "topic_name_invalid";
  case 0x95:
    return "packet_too_large";
  case 0x97:
    return "quota_exceeded";
  case 0x99:
    return "payload_format_invalid";
  default:
    return "unspecified";
  }
}

bool is_temporary(int code) { return code == 0x97; }

bool sends_away(int code) {
  return code == 0x89 || code == 0x8b || code == 0x97 || code == 0x9c || code == 0x9d || code == 0x9f;
}

bool is_innocent(int code) {
  constexpr int keep_alive_timeout = 0x8d, taken_over = 0x8e, administrative = 0x98, connect_time = 0xa0;
  return code == 0 || sends_away(code) || code == keep_alive_timeout || code == taken_over ||
         code == administrative || code == connect_time;
}

std::string cleaned(const char* data, size_t size) {
  constexpr size_t most = 200;
  if (data == nullptr) return {};
  auto text = std::string(data, std::min(size, most));
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return messages::repaired_utf8(text);
}

} // namespace senseflow::runtime
