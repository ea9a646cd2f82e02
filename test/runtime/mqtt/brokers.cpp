#define CAF_SUITE runtime.mqtt.brokers
#include "runtime/mqtt/brokers.hpp"

#include "test/support/unit_test.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using runtime::mqtt_brokers;
using runtime::presence_rights;
using advice = mqtt_brokers::advice;
using failure = mqtt_brokers::failure;

namespace {

const mqtt_brokers::time now{};

runtime::mqtt_options two() {
  runtime::mqtt_options o;
  o.host = "a";
  o.further_brokers = {{"b", 1}};
  return o;
}

runtime::mqtt_options with_presence() {
  runtime::mqtt_options o;
  o.host = "a";
  o.presence.topic = "status";
  return o;
}

} // namespace

CAF_TEST(brokers are asked in rounds and a server reference jumps to one of them) {
  runtime::mqtt_options o;
  o.host = "a";
  o.further_brokers = {{"b", 1}, {"::1", 2}};
  mqtt_brokers brokers(o);
  CAF_CHECK(brokers.failed(failure::other, now) == advice::next_broker);
  CAF_CHECK_EQUAL(brokers.next(now).name(), "b:1");
  CAF_CHECK(brokers.failed(failure::other, now) == advice::next_broker);
  CAF_CHECK(brokers.failed(failure::other, now) == advice::later);
  CAF_CHECK(brokers.knows("unknown [::1]:2"));
  brokers.prefer("unknown [::1]:2");
  CAF_CHECK_EQUAL(brokers.next(now).name(), "[::1]:2");
  CAF_CHECK(!brokers.knows("elsewhere"));
  CAF_CHECK(brokers.failed(failure::refused_version, now) == advice::older_version);
  CAF_CHECK(!brokers.next(now).mqtt5);
  brokers.connected(now);
  CAF_CHECK(!brokers.next(now + 59min).mqtt5);
  CAF_CHECK(brokers.next(now + 61min).mqtt5);
}

CAF_TEST(two short connections in a row move on to the next broker and long ones do not ) {
  mqtt_brokers brokers(two());
  for (const auto was_short : {true, false, true, true}) {
    CAF_CHECK_EQUAL(brokers.next(now).host, "a");
    brokers.connected(now);
    brokers.lost(was_short, false);
  }
  CAF_CHECK_EQUAL(brokers.next(now).host, "b");
}

CAF_TEST(a broker that sends its clients away is left at once) {
  mqtt_brokers brokers(two());
  brokers.connected(now);
  brokers.lost(false, true);
  CAF_CHECK_EQUAL(brokers.next(now).host, "b");
  brokers.connected(now);
  brokers.lost(false, true);
  CAF_CHECK_EQUAL(brokers.next(now).host, "a");
}

CAF_TEST(of several addresses the next one is tried at once unless the broker has answered) {
  const auto first = runtime::parse_address("192.0.2.1").value(),
             second = runtime::parse_address("::1").value();
  mqtt_brokers brokers(two());
  brokers.found(first, 1);
  CAF_CHECK(brokers.failed(failure::unreachable, now) == advice::next_address);
  CAF_CHECK(brokers.next(now).tried == std::vector{first});
  brokers.found(second, 0);
  CAF_CHECK(brokers.failed(failure::unreachable, now) == advice::next_broker);
  CAF_CHECK(brokers.failed(failure::other, now) == advice::later);
  CAF_CHECK(brokers.next(now).tried.empty());
  brokers.found(first, 1);
  CAF_CHECK(brokers.failed(failure::other, now) == advice::next_broker);
}

CAF_TEST(after a short connection another address has its turn) {
  const auto first = runtime::parse_address("192.0.2.1").value();
  mqtt_brokers brokers(two());
  for (const auto was_short : {true, false}) {
    brokers.found(first, 1);
    brokers.connected(now);
    brokers.lost(was_short, false);
    CAF_CHECK_EQUAL(brokers.next(now).tried.empty(), !was_short);
  }
}

CAF_TEST(a connection that is refused over the will is made without it and with it again later) {
  mqtt_brokers brokers(with_presence());
  CAF_CHECK(brokers.next(now).presence);
  CAF_CHECK(brokers.failed(failure::refused_access, now) == advice::without_presence);
  CAF_CHECK(!brokers.next(now).presence);
  CAF_CHECK(brokers.connected(now));
  CAF_CHECK(!brokers.next(now + 9min).presence);
  CAF_CHECK(brokers.next(now + 10min).presence);
}

CAF_TEST(what is refused without a will too is tried without less and less often) {
  mqtt_brokers brokers(with_presence());
  for (const int skipped : {1, 2, 4, 8, 16, 32, 64, 64}) {
    CAF_CHECK(brokers.failed(failure::refused_access, now) == advice::without_presence);
    CAF_CHECK(brokers.failed(failure::refused_access, now) == advice::later);
    for (int i = 0; i < skipped; ++i) {
      CAF_CHECK(brokers.next(now).presence);
      CAF_CHECK(brokers.failed(failure::refused_access, now) == advice::later);
    }
  }
  CAF_CHECK(brokers.failed(failure::refused_access, now) == advice::without_presence);
  CAF_CHECK(brokers.failed(failure::refused_access, now) == advice::later);
  CAF_CHECK(!brokers.connected(now));
  CAF_CHECK(brokers.failed(failure::ended_early, now) == advice::without_presence);
}

CAF_TEST(a broker that hangs up is spoken to without a will and then in the older version) {
  mqtt_brokers brokers(with_presence());
  CAF_CHECK(brokers.failed(failure::ended_early, now) == advice::without_presence);
  CAF_CHECK(brokers.failed(failure::ended_early, now) == advice::older_version);
  CAF_CHECK(brokers.next(now).presence);
  CAF_CHECK(!brokers.next(now).mqtt5);
}

CAF_TEST(presence over which connections end twice in a row is left out) {
  mqtt_brokers brokers(with_presence());
  brokers.connected(now);
  CAF_CHECK(brokers.failed(failure::ended_at_birth, now) == advice::later);
  brokers.connected(now);
  brokers.rights().taken(); // so that was chance
  CAF_CHECK(brokers.failed(failure::ended_at_birth, now) == advice::later);
  CAF_CHECK(brokers.failed(failure::ended_at_birth, now) == advice::without_presence);
  CAF_CHECK(!brokers.next(now).presence);
}

CAF_TEST(where other messages may be why connections end it takes four to leave presence out) {
  presence_rights rights;
  for (const auto denied : {false, false, false, true}) CAF_CHECK_EQUAL(rights.ended(now, true), denied);
}

CAF_TEST(presence is left out for a time that grows until it is taken) {
  presence_rights rights;
  for (const auto pause : {10min, 20min, 40min, 80min, 160min, 320min, 480min, 480min}) {
    rights.denied(now);
    CAF_CHECK(rights.pause() == pause);
    CAF_CHECK(!rights.usable(now + pause - 1s));
    CAF_CHECK(rights.usable(now + pause));
  }
  rights.taken();
  rights.denied(now);
  CAF_CHECK(rights.pause() == 10min);
}
