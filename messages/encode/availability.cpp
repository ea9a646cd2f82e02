#include "messages/encode/availability.hpp"

#include "messages/text/iso_time.hpp"
#include "messages/text/json_writer.hpp"
#include "messages/text/state_topics.hpp"

namespace senseflow::messages {

namespace {

std::string to_json(const availability_sample& x) {
  json_writer out;
  out.begin_object();
  out.key("server").text(x.server);
  out.key("host").text(x.host);
  out.key("timestamp").text(iso_time(x.timestamp));
  add_poller(out, x.by);
  out.key("state").text(to_string_view(x.state));
  out.key("since").text(iso_time(x.since));
  if (!x.api.empty()) out.key("api").text(x.api);
  if (!x.error.empty()) out.key("error").text(x.error);
  if (x.http_status != 0) out.key("httpStatus").integer(x.http_status);
  if (x.last_good_poll != caf::timestamp{}) out.key("lastGoodPoll").text(iso_time(x.last_good_poll));
  return out.end_object().take();
}

} // namespace

encoded encode_availability(const availability_sample& sample, const availability_options& options) {
  if (!options.documented) return filtered{"no_topic"};
  publication out;
  out.cls = item_class::availability;
  out.origin = sample.server;
  out.from = provenance_of(sample.by);
  out.replaces = "availability/" + sample.server;
  out.messages.push_back(make_message(availability_topic(options.base_topic, sample.server), to_json(sample),
                                      options.delivery, true));
  return out;
}

} // namespace senseflow::messages
