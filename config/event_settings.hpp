// What arrives by UDP and where it goes: `userEvents`, `logEvents`. Plain values; concrete and checked once
// loaded (topics included: defaults that depend on other settings are filled in by the loader).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace senseflow::config {

/// Of events, rules and the like: `- name: a` / `value: b`.
struct tag {
  std::string name;
  std::string value;
};
inline bool operator==(const tag& a, const tag& b) { return a.name == b.name && a.value == b.value; }

struct user_id {
  std::string directory;
  std::string user;
};
inline bool operator==(const user_id& a, const user_id& b) {
  return a.directory == b.directory && a.user == b.user;
}

/// A UDP port and its protection.
struct udp_settings {
  std::string server_host = "0.0.0.0"; ///< name or address to bind to
  uint16_t port = 0;                   ///< 9997 user events, 9996 log events

  struct {
    uint32_t max_concurrent = 10; ///< accepted for the sake of existing files; no effect
    uint32_t max_size = 10000;    ///< datagrams
    uint32_t backpressure_threshold_percent = 80;
  } message_queue;

  struct {
    bool enable = false;
    uint32_t max_messages_per_minute = 600;
  } rate_limit;

  uint32_t max_message_size_bytes = 65507;
  bool enable_source_validation = false;
  std::vector<std::string> allowed_sources; ///< addresses, CIDR networks or host names
  size_t receive_buffer_bytes = 8u << 20;   ///< asked of the kernel
};

struct topic_settings {
  bool enable = true;
  std::string topic;
  bool documented = true; ///< once loaded: the file names none, so it is the documented layout's topic
};

struct user_event_mqtt_settings {
  bool enable = true; ///< means something only while the feature is on
  struct {
    topic_settings everything{true, "butler-sos/userevent"};
    topic_settings session_start{true, "butler-sos/userevent/session/start"};
    topic_settings session_stop{true, "butler-sos/userevent/session/stop"};
    topic_settings connection_open{true, "butler-sos/userevent/connection/open"};
    topic_settings connection_close{true, "butler-sos/userevent/connection/close"};
  } post_to;
};

struct user_event_settings {
  bool enable = false;
  std::vector<user_id> exclude_user;
  udp_settings udp;
  std::vector<tag> tags;
  user_event_mqtt_settings send_to_mqtt;

  user_event_settings() { udp.port = 9997; }
};

// --- log events -----------------------------------------------------------------------------------

enum class filter_type : uint8_t { starts_with, ends_with, contains };
enum class rule_action : uint8_t { categorise, drop };

struct rule_filter {
  filter_type type = filter_type::contains;
  std::string value;
};

struct category_rule {
  std::string description;
  std::vector<std::string> log_levels; ///< as written; compare without case
  rule_action action = rule_action::categorise;
  std::vector<tag> category;
  std::vector<rule_filter> filters; ///< one must match
};

struct categorise_settings {
  bool enable = false;
  std::vector<category_rule> rules;
  struct {
    bool enable = false;
    std::vector<tag> category;
  } rule_default;
};

/// An app by its id, its name, or both. Empty text is a value: it is what an app without a known name has.
struct app_ref {
  std::optional<std::string> app_id;
  std::optional<std::string> app_name;
};

/// `all`: everything but `exclude`; else only `include`.
struct name_filter {
  bool all = true;
  std::vector<std::string> exclude;
  std::vector<std::string> include;
};

struct app_filter {
  std::vector<app_ref> include;
  name_filter object_type;
  name_filter object; ///< by object id
  name_filter method;
};

struct performance_settings {
  bool enable = false;
  bool app_name_lookup = false; ///< `appNameLookup.enable`
  struct {
    bool enable = false;
    std::vector<app_ref> app_exclude;
    name_filter object_type;
    name_filter method;
  } all_apps;
  struct {
    bool enable = false;
    std::vector<app_filter> apps;
  } app_specific;
};

struct log_event_mqtt_settings {
  bool enable = true; ///< means something only while a source is on
  std::string base_topic = "butler-sos/logevent";
  bool documented = true; ///< as in topic_settings
  struct {
    bool base_topic = true;
    bool subsystem_topics = true;
    bool source_topics = true; ///< absent in the file: on if `baseTopic` is absent too
  } post_to;
};

struct log_event_settings {
  udp_settings udp;
  std::vector<tag> tags;
  struct {
    bool engine = false;
    bool proxy = false;
    bool repository = false;
    bool scheduler = false;
    bool qix_perf = false;
  } source; ///< `source.engine.enable` and so on
  categorise_settings categorise;
  performance_settings performance; ///< `enginePerformanceMonitor`
  log_event_mqtt_settings send_to_mqtt;

  log_event_settings() { udp.port = 9996; }

  /// The feature is on when one of its sources is.
  bool enabled() const {
    return source.engine || source.proxy || source.repository || source.scheduler || source.qix_perf;
  }
};

} // namespace senseflow::config
