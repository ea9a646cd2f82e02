#include "messages/encode/user_event.hpp"

#include "messages/encode/event_payload.hpp"
#include "messages/rules/user_agent.hpp"
#include "messages/text/json_writer.hpp"

#include <string_view>

namespace senseflow::messages {

namespace {

void add_user_agent(json_writer& out, std::string_view message) {
  const auto text = user_agent_text(message);
  if (text.empty()) return;
  const auto agent = parse_user_agent(text);
  const auto add = [&out](std::string_view key, const std::string& value) {
    if (!value.empty()) out.key(key).text(value);
  };
  add("uaBrowserName", agent.browser_name);
  add("uaBrowserMajorVersion", agent.browser_major_version);
  add("uaOsName", agent.os_name);
  add("uaOsVersion", agent.os_version);
}

std::string to_json(const user_event& event, const user_event_options& options, const app_names& apps) {
  json_writer out{event.context.size() + event.message.size() + options.tags_json.size() + 512};
  out.begin_object();
  out.key("messageType").text(event.type);
  out.key("host").text(event.host);
  out.key("command").text(event.command);
  out.key("userDir").text(event.user_directory);
  out.key("userId").text(event.user_id);
  out.key("origin").text(event.origin);
  out.key("context").text(event.context);
  out.key("message").text(event.message);
  out.key("tags").raw(options.tags_json);
  if (const auto id = app_id_of(event); !id.empty()) {
    const auto* name = apps.find(id);
    out.key("appId").text(id);
    if (!name || !name->empty())
      out.key("appName").text(name ? std::string_view{*name} : "<unknown app name>");
  }
  add_user_agent(out, event.message);
  return out.end_object().take();
}

} // namespace

encoded encode_user_event(const user_event& event, const user_event_options& options, const app_names& apps) {
  if (options.exclude.contains(event.user_directory, event.user_id)) return filtered{"excluded_user"};
  const auto applies = [&event](const user_event_topic& x) {
    return x.to.topic.size() > 0 && (x.command.empty() || x.command == event.command);
  };
  size_t count = 0;
  for (const auto& x : options.topics) count += applies(x) ? 1 : 0;
  if (count == 0) return filtered{"no_topic"};
  event_payload payload{to_json(event, options, apps), event.received, event.id};
  publication out;
  out.cls = item_class::user_event;
  out.origin = event.host;
  out.messages.reserve(count);
  for (const auto& x : options.topics)
    if (applies(x)) out.messages.push_back(payload.for_topic(x.to.topic, options.delivery, x.to.documented));
  return out;
}

} // namespace senseflow::messages
