#include "messages/encode/server_event.hpp"

#include "messages/text/iso_time.hpp"
#include "messages/text/json_writer.hpp"
#include "messages/text/topic.hpp"

namespace senseflow::messages {

namespace {

std::string to_json(const server_event& x) {
  json_writer out;
  out.begin_object();
  out.key("server").text(x.server);
  out.key("host").text(x.host);
  out.key("timestamp").text(iso_time(x.timestamp));
  add_poller(out, x.by);
  out.key("event").text(to_string_view(x.kind));
  out.key("old").text(x.old_value);
  out.key("new").text(x.new_value);
  return out.end_object().take();
}

} // namespace

encoded encode_server_event(const server_event& event, const server_event_options& options) {
  if (!options.documented) return filtered{"no_topic"};
  publication out;
  out.cls = item_class::server_event;
  out.origin = event.server;
  out.from = provenance_of(event.by);
  out.messages.push_back(make_message(options.base_topic + "health/" + safe_level(event.server) + "/event",
                                      to_json(event), options.delivery, true));
  return out;
}

} // namespace senseflow::messages
