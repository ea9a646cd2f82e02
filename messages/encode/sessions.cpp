#include "messages/encode/sessions.hpp"

#include "messages/text/iso_time.hpp"
#include "messages/text/json_writer.hpp"
#include "messages/text/state_topics.hpp"
#include "messages/text/topic.hpp"

#include <set>
#include <string_view>
#include <utility>

namespace senseflow::messages {

namespace {

std::string list_json(const session_sample& sample) {
  size_t bytes = 2;
  for (const auto& x : sample.sessions) bytes += x.json.size() + 1;
  json_writer out{bytes};
  out.begin_array();
  for (const auto& x : sample.sessions) out.raw(x.json);
  return indented_json(out.end_array().take());
}

std::string object_json(const session_sample& sample, const user_set& exclude) {
  json_writer list{1024};
  std::set<std::pair<std::string_view, std::string_view>> users;
  int64_t count = 0;
  list.begin_array();
  for (const auto& x : sample.sessions) {
    if (exclude.contains(x.user_directory, x.user_id)) continue;
    list.raw(x.json);
    users.emplace(x.user_directory, x.user_id);
    ++count;
  }
  const auto sessions = list.end_array().take();
  json_writer out{sessions.size() + 256};
  out.begin_object();
  out.key("server").text(sample.server);
  out.key("virtualProxy").text(sample.virtual_proxy);
  out.key("timestamp").text(iso_time(sample.timestamp));
  add_poller(out, sample.by);
  out.key("count").integer(count);
  out.key("uniqueUsers").integer(static_cast<int64_t>(users.size()));
  out.key("sessions").raw(sessions);
  return out.end_object().take();
}

} // namespace

encoded encode_sessions(const session_sample& sample, const session_options& options) {
  publication out;
  out.cls = item_class::sessions;
  out.origin = sample.server;
  out.from = provenance_of(sample.by);
  out.replaces = "sessions/" + sample.server + "/" + sample.virtual_proxy;
  if (options.butler_sos) {
    auto topic = options.base_topic + join_topic(safe_levels(sample.host), "usersession") +
                 virtual_proxy_suffix(sample.virtual_proxy);
    out.messages.push_back(
        make_message(std::move(topic), list_json(sample), options.delivery, false, true, measure::text));
  }
  if (options.documented) {
    auto topic = sessions_topic(options.base_topic, sample.server, sample.virtual_proxy);
    out.messages.push_back(make_message(std::move(topic), object_json(sample, options.exclude),
                                        options.delivery, true, true, measure::dated));
  }
  if (out.messages.empty()) return filtered{"no_topic"};
  return out;
}

} // namespace senseflow::messages
