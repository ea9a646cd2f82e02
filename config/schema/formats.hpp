// What a text must look like, beyond being a text.
#pragma once

#include <string>
#include <string_view>

namespace senseflow::config::schema {

enum class format {
  free,
  host,          ///< name or address
  host_port,     ///< with a port
  host_any_port, ///< with or without one
  source,        ///< address, CIDR network or name
  topic,         ///< to publish to: no wildcards
  topic_level,   ///< one level of it, short
  url_path,      ///< begins with '/'
  proxy,         ///< http://host:port, or empty
  endpoint,      ///< http://host:port or https://host:port
  alpn,          ///< name of a protocol
  file,          ///< path
  log_level,     ///< of Sense's logs, in any case
  header,        ///< HTTP
  request,       ///< name of a command
};

/// Empty if `text` is fine; else what is allowed, as a sentence.
std::string why_not(format f, std::string_view text);

/// Brokers close the connection for wildcards, control and noncharacters.
bool is_refused_in_topics(char32_t c);

bool is_ip_address(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// A bare YAML scalar that is a number, or one of true and false.
bool reads_as_number(std::string_view text);
bool reads_as_bool(std::string_view text);

} // namespace senseflow::config::schema
