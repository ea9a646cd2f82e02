// The payload of an event in its two forms, each made at most once and shared by all topics that get it.
#pragma once

#include "messages/encode/encoding.hpp"
#include "messages/items/event_id.hpp"
#include "messages/text/iso_time.hpp"

#include <caf/timestamp.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace senseflow::messages {

class event_payload {
public:
  /// `json` is an object with at least one member.
  event_payload(std::string json, caf::timestamp received, const event_id& id)
      : plain_(std::move(json)), received_(received), id_(id) {}

  mqtt_message for_topic(shared_text topic, const delivery_options& delivery, bool documented) {
    return make_message(std::move(topic), documented ? timestamped() : plain_, delivery, documented);
  }

private:
  const shared_text& timestamped() {
    if (!timestamped_) {
      constexpr std::string_view before = ",\"timestamp\":\"", before_id = "\",\"eventId\":\"", after = "\"}";
      const auto members = plain_.view().substr(0, plain_.size() - 1);
      std::string json;
      json.reserve(members.size() + before.size() + 24 + after.size());
      json.append(members).append(before);
      append_iso_time(json, received_);
      if (id_) json.append(before_id).append(to_text(id_));
      json.append(after);
      timestamped_ = shared_text{std::move(json)};
    }
    return *timestamped_;
  }

  shared_text plain_;
  std::optional<shared_text> timestamped_;
  caf::timestamp received_;
  event_id id_;
};

} // namespace senseflow::messages
