#define CAF_SUITE actors.polling.availability_tracker
#include "test/support/unit_test.hpp"

#include "actors/polling/availability_tracker.hpp"

using namespace senseflow;
using namespace actors;
using messages::server_event_kind;
using messages::server_state;

namespace {

caf::timestamp at(int64_t seconds) { return caf::timestamp{std::chrono::seconds(1'700'000'000 + seconds)}; }

std::chrono::steady_clock::time_point steady_at(int64_t seconds) {
  return std::chrono::steady_clock::time_point{std::chrono::seconds(1000 + seconds)};
}

struct fixture {
  availability_tracker aut;
  int64_t clock = 0;
  int64_t step = 0; ///< of the wall clock

  fixture() { aut.watch({"health", "sessions/", "sessions/hdr"}); }

  /// What is told of the poll, such as `degraded sessions/hdr http_status 503`; "" = nothing.
  std::string poll(const std::string& api, poll_outcome outcome = {}) {
    auto x = aut.ended(api, outcome, {at(++clock + step), steady_at(clock)});
    if (!x) return {};
    last = x->now;
    auto text = std::string{to_string_view(last.state)};
    if (!last.api.empty()) text += " " + last.api + " " + last.error;
    if (last.http_status != 0) text += " " + std::to_string(last.http_status);
    return text + (x->state_changed ? "" : " still");
  }

  messages::availability_sample last;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(availability_tracker_tests, fixture)

CAF_TEST(the first answer is a change and the next ones of the same kind are none) {
  CAF_CHECK_EQUAL(poll("health"), "online");
  CAF_CHECK(last.since == at(1));
  CAF_CHECK(last.timestamp == at(1));
  CAF_CHECK(last.last_good_poll == at(1));
  CAF_CHECK_EQUAL(poll("sessions/"), "");
  CAF_CHECK_EQUAL(poll("sessions/hdr"), "");
  CAF_CHECK_EQUAL(poll("health"), "");
}

CAF_TEST(a server without an address or that takes no connection is offline at once) {
  for (const auto* error : {"refused", "dns"}) {
    poll("health");
    CAF_CHECK_EQUAL(poll("health", {error}), std::string{"offline health "} + error);
    CAF_CHECK_EQUAL(poll("health", {error}), "");
  }
}

CAF_TEST(when the wall clock is set the time in a state stays what it was) {
  for (int64_t by : {-86'400, 1'000'000'000}) {
    aut = {};
    aut.watch({"health", "sessions/"});
    step = 0;
    poll("health");
    clock += 10;
    CAF_CHECK_EQUAL(poll("sessions/", {"timeout"}), "degraded sessions/ timeout");
    step = by;
    clock += 20;
    CAF_CHECK_EQUAL(poll("sessions/", {"body"}), "degraded sessions/ body still");
    CAF_CHECK(last.timestamp == at(clock + by));
    CAF_CHECK(last.timestamp - last.since == std::chrono::seconds(21));
    CAF_CHECK(last.timestamp - last.last_good_poll == std::chrono::seconds(32));
  }
}

CAF_TEST(a first answer that is bad is a change too and knows no good poll) {
  CAF_CHECK_EQUAL(poll("health", {"refused"}), "offline health refused");
  CAF_CHECK(last.last_good_poll == caf::timestamp{});
}

CAF_TEST(other failures of the health API degrade once and take offline twice in a row) {
  poll("health");
  CAF_CHECK_EQUAL(poll("health", {"timeout"}), "degraded health timeout");
  CAF_CHECK_EQUAL(poll("health"), "online");
  CAF_CHECK_EQUAL(poll("health", {"http_status", 503}), "degraded health http_status 503");
  CAF_CHECK_EQUAL(poll("health", {"body"}), "offline health body");
  CAF_CHECK(last.last_good_poll == at(3));
  for (int i = 0; i < 5; ++i) CAF_CHECK_EQUAL(poll("health", {"body"}), "");
  CAF_CHECK_EQUAL(poll("health"), "online");
}

CAF_TEST(another error in the same state is told with the time of the state) {
  poll("health", {"refused"});
  CAF_CHECK_EQUAL(poll("health", {"certificate"}), "offline health certificate still");
  CAF_CHECK(last.since == at(1));
  CAF_CHECK(last.timestamp == at(2));
  CAF_CHECK_EQUAL(poll("health", {"http_status", 500}), "offline health http_status 500 still");
  CAF_CHECK_EQUAL(poll("health", {"http_status", 503}), "offline health http_status 503 still");
  CAF_CHECK_EQUAL(poll("health", {"http_status", 503}), "");
  CAF_CHECK_EQUAL(poll("health"), "online");
  CAF_CHECK(last.since == at(6));
}

CAF_TEST(failing sessions degrade however often and however they fail) {
  poll("health");
  CAF_CHECK_EQUAL(poll("sessions/hdr", {"refused"}), "degraded sessions/hdr refused");
  for (int i = 0; i < 5; ++i) CAF_CHECK_EQUAL(poll("sessions/hdr", {"refused"}), "");
  CAF_CHECK_EQUAL(poll("sessions/", {"timeout"}), "degraded sessions/ timeout still");
  CAF_CHECK_EQUAL(poll("sessions/"), "degraded sessions/hdr refused still");
  CAF_CHECK_EQUAL(poll("health"), "");
  CAF_CHECK_EQUAL(poll("sessions/hdr"), "online");
}

CAF_TEST(health counts more than sessions) {
  poll("sessions/", {"timeout"});
  CAF_CHECK_EQUAL(poll("health", {"tls"}), "degraded health tls still");
  CAF_CHECK_EQUAL(poll("health", {"tls"}), "offline health tls");
  CAF_CHECK_EQUAL(poll("sessions/"), "");
  CAF_CHECK_EQUAL(poll("health"), "online");
  CAF_CHECK(last.last_good_poll == at(5));
}

CAF_TEST(whoever watches again keeps what is known of the same APIs and forgets the others) {
  poll("health", {"timeout"});
  poll("sessions/hdr", {"timeout"});
  aut.watch({"sessions/new", "health"});
  CAF_CHECK_EQUAL(poll("sessions/hdr", {"refused"}), "");
  CAF_CHECK_EQUAL(poll("sessions/new"), "");
  CAF_CHECK_EQUAL(poll("health", {"timeout"}), "offline health timeout");
  CAF_CHECK_EQUAL(poll("health"), "online");
}

CAF_TEST(an engine that tells another start or version is an event with both values) {
  CAF_CHECK(aut.engine("20230101T000000.000Z", "12.1", at(1)).empty());
  CAF_CHECK(aut.engine("20230101T000000.000Z", "12.1", at(2)).empty());
  auto restart = aut.engine("20230102T000000.000Z", "12.1", at(3));
  CAF_REQUIRE_EQUAL(restart.size(), 1u);
  CAF_CHECK((restart[0] == messages::server_event{"", "", at(3), server_event_kind::engine_restarted,
                                                  "20230101T000000.000Z", "20230102T000000.000Z"}));
  auto upgrade = aut.engine("20230103T000000.000Z", "12.2", at(4));
  CAF_REQUIRE_EQUAL(upgrade.size(), 2u);
  CAF_CHECK((upgrade[0] ==
             messages::server_event{"", "", at(4), server_event_kind::version_changed, "12.1", "12.2"}));
  CAF_CHECK(upgrade[1].kind == server_event_kind::engine_restarted);
}

CAF_TEST(what an engine does not tell is no event and what it tells is bounded) {
  aut.engine("a", "1", at(1));
  CAF_CHECK(aut.engine("", "", at(2)).empty());
  CAF_CHECK(aut.engine("a", "1", at(3)).empty());
  auto events = aut.engine("\n" + std::string(1'000'000, 'x'), "1", at(4));
  CAF_REQUIRE_EQUAL(events.size(), 1u);
  CAF_CHECK_EQUAL(events[0].new_value, std::string(100, 'x'));
}

CAF_TEST_FIXTURE_SCOPE_END()
