#define CAF_SUITE runtime.wiring.inbound
#include "test/support/unit_test.hpp"

#include "config/schema/formats.hpp"
#include "runtime/wiring/inbound.hpp"
#include "runtime/wiring/reload.hpp"

using namespace senseflow;
using namespace runtime;
using messages::request_command;

namespace {

config::settings with_requests() {
  config::settings s;
  s.node = "here";
  s.requests.enable = true;
  return s;
}

} // namespace

CAF_TEST(nobody listens unless something wants to be heard) {
  const config::settings s;
  CAF_CHECK(heard_filters(s).empty());
  CAF_CHECK_EQUAL(listener_version(s), "");
  CAF_CHECK(inbound_children(s, {}, {}, {}, {}).empty());
}

CAF_TEST(requests are heard at a topic of the node) {
  auto s = with_requests();
  auto all = heard_filters(s);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK_EQUAL(all.front().filter, "butler-sos/senseflow/here/request/+");
  CAF_CHECK_EQUAL(all.front().receiver, "inbound/requests");
  CAF_CHECK_EQUAL(all.front().what, "requests");
  s.mqtt.base_topic.clear();
  CAF_CHECK_EQUAL(heard_filters(s).front().filter, "senseflow/here/request/+");
  const std::map<std::string, std::string> versions{{"inbound/requests", "1"}, {"inbound/listener", "2"}};
  const auto children = inbound_children(s, {}, {}, versions, {});
  CAF_REQUIRE_EQUAL(children.size(), 2u);
  CAF_CHECK_EQUAL(children[0].name, "requests"); // the one who answers first
  CAF_CHECK_EQUAL(children[1].name, "listener");
  CAF_CHECK_EQUAL(children[1].version, "2");
}

CAF_TEST(presence is heard with whatever hangs on it) {
  config::settings s;
  s.node = "here";
  const auto heard = [&] {
    std::string result;
    for (const auto& x : heard_filters(s))
      if (x.receiver == actors::names::namesake) result += x.filter;
    return result;
  };
  CAF_CHECK_EQUAL(heard(), "");
  s.home_assistant.enable = true;
  CAF_CHECK_EQUAL(heard(), "butler-sos/senseflow/here/status");
  s.mqtt.presence = false;
  CAF_CHECK_EQUAL(heard(), "");
  s.mqtt.look_around.namesake = true;
  CAF_CHECK_EQUAL(heard(), "butler-sos/senseflow/here/+");
}

CAF_TEST(whoever hears has a version whatever hangs on it) {
  for (unsigned i = 0; i < 16; ++i) {
    auto s = with_requests();
    s.mqtt.presence = (i & 1) != 0;
    s.home_assistant.enable = (i & 2) != 0;
    s.mqtt.look_around.namesake = (i & 4) != 0;
    s.mqtt.look_around.leftovers = (i & 8) != 0;
    const auto versions = child_versions(s);
    std::set<std::string> planned, listed;
    for (const auto& x : inbound_children(s, {}, {}, versions, {})) planned.insert("inbound/" + x.name);
    for (const auto& [path, text] : versions)
      if (path.rfind("inbound/", 0) == 0) listed.insert(path);
    CAF_CHECK(planned == listed);
  }
}

CAF_TEST(the log says what may be asked and where) {
  CAF_CHECK_EQUAL(describe_requests({}), "");
  CAF_CHECK_EQUAL(describe_requests(with_requests()),
                  "requests: ping, status at butler-sos/senseflow/here/request/");
}

CAF_TEST(the log says what is looked for) {
  config::settings s;
  CAF_CHECK_EQUAL(describe_look_around(s), "");
  s.mqtt.look_around.namesake = true;
  CAF_CHECK_EQUAL(describe_look_around(s), "looking around for other programs with this node's name");
  s.mqtt.look_around.leftovers = true;
  CAF_CHECK_EQUAL(
      describe_look_around(s),
      "looking around for leftovers of former configurations, other programs with this node's name");
}

CAF_TEST(all that has to be read is known) {
  config::settings s;
  s.node = "here";
  using topics = std::set<std::string>;
  CAF_CHECK(topics_to_read(s).empty());
  s.home_assistant.enable = true;
  CAF_CHECK(topics_to_read(s) == (topics{"homeassistant/status", "homeassistant/device/+/config",
                                         "butler-sos/senseflow/here/status"}));
  s.home_assistant.enable = false;
  s.mqtt.look_around.leftovers = s.requests.enable = true;
  CAF_CHECK(topics_to_read(s) ==
            (topics{"butler-sos/health/#", "butler-sos/sessions/#", "butler-sos/senseflow/here/+",
                    "butler-sos/senseflow/here/request/+"}));
}

CAF_TEST(the listener expects to hear where the node says that it is there) {
  auto s = with_requests();
  CAF_CHECK_EQUAL(listener_options_of(s).sign, "");
  s.home_assistant.enable = true;
  CAF_CHECK_EQUAL(listener_options_of(s).sign, "butler-sos/senseflow/here/status");
  s.mqtt.presence = false;
  CAF_CHECK_EQUAL(listener_options_of(s).sign, "");
}

CAF_TEST(the listener has a connection of its own whose session does not stay) {
  auto s = with_requests();
  s.mqtt.client_id = "me";
  const auto o = listener_broker_options(s);
  CAF_CHECK_EQUAL(o.client_id, "me-listener");
  CAF_CHECK_EQUAL(o.session_expiry.count(), 0);
  CAF_CHECK(!o.keeps_session);
  CAF_CHECK(o.presence.topic.empty());
  CAF_REQUIRE_EQUAL(o.subscriptions.size(), 1u);
  s.requests.max_waiting = 7;
  CAF_CHECK_EQUAL(listener_options_of(s).filters.front().most_waiting, 7u);
  CAF_CHECK(listener_version(s) != listener_version(with_requests()));
}

CAF_TEST(what is allowed and where answers may go is as configured) {
  auto s = with_requests();
  auto o = requests_options_of(s, {});
  CAF_CHECK((o.allow == std::set<request_command>{request_command::ping, request_command::status}));
  CAF_CHECK_EQUAL(o.topics.prefix, "butler-sos/senseflow/");
  s.requests.response_prefix = "clients";
  CAF_CHECK_EQUAL(requests_options_of(s, {}).topics.prefix, "clients/");
  s.log_level = config::log_level::debug;
  CAF_CHECK(requests_options_of(s, {}).level == log::level::debug);
}

CAF_TEST(events are kept only while replay is allowed) {
  auto s = with_requests();
  CAF_CHECK_EQUAL(recent_events_of(s).most, 0u);
  s.requests.allow = {"replay"};
  CAF_CHECK_EQUAL(recent_events_of(s).most, 1000u);
  s.requests.enable = false;
  CAF_CHECK_EQUAL(recent_events_of(s).most, 0u);
}

CAF_TEST(a configuration may allow exactly those commands that there are) {
  using config::schema::format;
  for (size_t i = 0; i < messages::request_command_count; ++i)
    CAF_CHECK_EQUAL(config::schema::why_not(format::request, to_string_view(static_cast<request_command>(i))),
                    "");
  CAF_CHECK(!config::schema::why_not(format::request, "restart").empty());
  for (size_t i = 0; i < messages::request_command_count; ++i) {
    const auto& names = config::schema::why_not(format::request, "");
    CAF_CHECK(names.find(to_string_view(static_cast<request_command>(i))) != std::string::npos);
  }
}
