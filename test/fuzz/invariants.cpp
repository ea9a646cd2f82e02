#include "test/fuzz/invariants.hpp"

#include <mosquitto.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace senseflow::fuzz {

namespace {

using nlohmann::json;

/// As a JSON text, so that no byte of it harms a terminal.
std::string printable(std::string_view text) {
  return json(std::string{text}).dump(-1, ' ', true, json::error_handler_t::replace);
}

bool holds_no_double(std::string_view body) {
  try {
    return json::parse(body).is_discarded();
  } catch (const json::parse_error&) {
    return false;
  } catch (const json::out_of_range&) {
    return true;
  }
}

} // namespace

void require(bool holds, std::string_view what, std::string_view shown) {
  if (holds) return;
  std::fprintf(stderr, "violated: %.*s: %s\n", static_cast<int>(what.size()), what.data(),
               printable(shown.substr(0, 2000)).c_str());
  std::abort();
}

bool is_utf8(std::string_view text) {
  try {
    json(std::string{text}).dump();
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

void check_utf8(std::string_view text, std::string_view what) {
  require(is_utf8(text), std::string{what} + " is UTF-8", text);
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

json read_json(std::string_view text) { return json::parse(text, nullptr, false); }

json check_json(std::string_view text) {
  auto value = read_json(text);
  require(!value.is_discarded(), "a payload is strict JSON", text);
  return value;
}

void check_agreement(std::string_view body, bool accepted) {
  constexpr std::ptrdiff_t max_depth = 512;
  const auto opening = std::count(body.begin(), body.end(), '[') + std::count(body.begin(), body.end(), '{');
  if (opening > max_depth || body.find('\0') != std::string_view::npos || !is_utf8(body)) return;
  if (json::accept(body)) {
    require(accepted, "JSON is accepted", body);
  } else {
    require(!accepted || holds_no_double(body), "what is no JSON is rejected", body);
  }
}

bool is_topic(std::string_view topic) {
  return !topic.empty() && topic.front() != '/' && topic.back() != '/' && topic.find("//") == topic.npos &&
         mosquitto_validate_utf8(topic.data(), static_cast<int>(topic.size())) == MOSQ_ERR_SUCCESS &&
         mosquitto_pub_topic_check2(topic.data(), topic.size()) == MOSQ_ERR_SUCCESS;
}

void check_topic(std::string_view topic, bool may_end_with_slash) {
  const auto length = topic.size();
  require(mosquitto_validate_utf8(topic.data(), static_cast<int>(length)) == MOSQ_ERR_SUCCESS,
          "a topic is text that brokers take", topic);
  require(mosquitto_pub_topic_check2(topic.data(), length) == MOSQ_ERR_SUCCESS,
          "a topic is one that brokers take", topic);
  require(!topic.empty(), "a topic is not empty");
  require(topic.find("//") == std::string_view::npos && topic.front() != '/' &&
              (may_end_with_slash || topic.back() != '/'),
          "a topic has no empty levels", topic);
}

const messages::publication* check_result(const messages::encoded& result, messages::item_class cls) {
  if (const auto* out = std::get_if<messages::filtered>(&result)) {
    constexpr std::string_view reasons[] = {"excluded_user", "source_disabled", "categorise_drop",
                                            "performance_filter", "no_topic"};
    require(std::find(std::begin(reasons), std::end(reasons), out->reason) != std::end(reasons),
            "the reason for filtering is known", out->reason);
    return nullptr;
  }
  const auto& out = std::get<messages::publication>(result);
  require(out.cls == cls, "the class is the item's");
  require(!out.messages.empty(), "a publication has messages");
  require(out.replaces.size() > 0 == messages::is_state(cls), "state replaces, events don't",
          out.replaces.view());
  check_utf8(out.origin.view(), "an origin");
  check_utf8(out.replaces.view(), "what a publication replaces");
  const std::string* checked = nullptr;
  for (const auto& m : out.messages) {
    check_topic(m.topic.view(), cls == messages::item_class::sessions);
    require(m.qos <= 2, "a QoS exists", m.topic.view());
    if (m.payload.pointer().get() != checked) check_utf8(m.payload.view(), "a payload");
    checked = m.payload.pointer().get();
  }
  return &out;
}

} // namespace senseflow::fuzz
