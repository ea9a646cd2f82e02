// How the documents of analyses begin.
#pragma once

#include "messages/items/polled_by.hpp"
#include "messages/text/iso_time.hpp"
#include "messages/text/json_writer.hpp"

#include <string_view>

namespace senseflow::messages::insights {

/// Of a server: its name, the time, and in a cluster who has polled it.
inline json_writer document_of(std::string_view server, caf::timestamp now, const polled_by& by) {
  json_writer out;
  out.begin_object();
  out.key("server").text(server);
  out.key("timestamp").text(iso_time(now));
  if (!by.node.empty()) out.key("node").text(by.node);
  if (by.epoch > 0) out.key("epoch").integer(static_cast<int64_t>(by.epoch));
  return out;
}

} // namespace senseflow::messages::insights
