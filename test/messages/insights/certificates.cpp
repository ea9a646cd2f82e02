#define CAF_SUITE messages.insights.certificates

#include "test/support/unit_test.hpp"

#include "messages/insights/certificates.hpp"
#include "messages/text/iso_time.hpp"

#include "test/support/schema_check.hpp"

#include <nlohmann/json.hpp>

using namespace senseflow::messages;
using namespace senseflow::messages::insights;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

struct fixture {
  moment now{*parse_iso_time("2026-11-23T08:00:00Z"), {}};
  std::vector<seen_certificate> seen;
  insights::certificates aut{{"node1", [this] { return seen; }}};

  /// What is published, if anything is.
  json look() {
    now.wall += 10s;
    findings found;
    aut.tick(now, found);
    CAF_CHECK(found.insights.size() <= 1);
    if (found.insights.empty()) return {};
    CAF_CHECK_EQUAL(found.insights[0].topic, "senseflow/node1/certificates");
    CAF_CHECK_EQUAL(
        senseflow::test::check_message("butler-sos/" + found.insights[0].topic, found.insights[0].payload, 1),
        "");
    return json::parse(found.insights[0].payload);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(certificates_tests, fixture)

CAF_TEST(days are whole and negative when a certificate has expired) {
  CAF_CHECK_EQUAL(days_left(now.wall + 72h, now.wall), 3);
  CAF_CHECK_EQUAL(days_left(now.wall + 71h, now.wall), 2);
  CAF_CHECK_EQUAL(days_left(now.wall + 1s, now.wall), 0);
  CAF_CHECK_EQUAL(days_left(now.wall - 1s, now.wall), -1);
}

CAF_TEST(an end in a year that no clock shows is one in the first or the last that we can tell) {
  CAF_CHECK_EQUAL(iso_time(end_of_validity(1'795'708'800)), "2026-11-26T16:00:00.000Z");
  CAF_CHECK_EQUAL(iso_time(end_of_validity(-62'167'219'200)), "1970-01-01T00:00:00.000Z"); // the year 0
  CAF_CHECK_EQUAL(iso_time(end_of_validity(253'402'300'799)), "2255-03-14T16:00:00.000Z"); // 9999
}

CAF_TEST(they are published on change and once a day the first to expire first) {
  CAF_CHECK_EQUAL(look()["certificates"].size(), 0u);
  CAF_CHECK(look().is_null());
  seen.push_back({"Sense server sense1", "", "CN = sense1", "CN = root", now.wall + 100h});
  seen.push_back({"file client.pem", "client certificate for Qlik Sense", "", "", now.wall + 30h});
  const auto x = look()["certificates"];
  CAF_REQUIRE_EQUAL(x.size(), 2u);
  CAF_CHECK(x[0]["of"] == "file client.pem");
  CAF_CHECK(x[0]["use"] == "client certificate for Qlik Sense");
  CAF_CHECK(!x[0].contains("subject"));
  CAF_CHECK(x[0]["daysLeft"] == 1);
  CAF_CHECK(x[1]["subject"] == "CN = sense1");
  CAF_CHECK(x[1]["issuer"] == "CN = root");
  CAF_CHECK(x[1]["notAfter"] == "2026-11-27T12:00:20.000Z");
  CAF_CHECK(!x[1].contains("use"));
  now.wall += 15h;
  CAF_CHECK(look().is_null());
  now.wall += 2h; // another day
  CAF_CHECK(look()["certificates"][0]["daysLeft"] == 0);
  CAF_CHECK(look().is_null());
  seen[0].not_after += 8760h; // renewed
  CAF_CHECK(look()["certificates"][1]["of"] == "Sense server sense1");
}

CAF_TEST(of many those that end first are published with names of a bounded length) {
  for (int i = 0; i < 150; ++i)
    seen.push_back({"broker b" + std::to_string(i), "", std::string(5000, 'x'), "", now.wall + 1h * (i + 1)});
  const auto x = look();
  CAF_CHECK_EQUAL(x["certificates"].size(), 100u);
  CAF_CHECK(x["omitted"] == 50);
  CAF_CHECK(x["certificates"][99]["of"] == "broker b99");
  CAF_CHECK_EQUAL(x["certificates"][0]["subject"].get<std::string>().size(), 200u);
}

CAF_TEST_FIXTURE_SCOPE_END()
