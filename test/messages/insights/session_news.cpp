#define CAF_SUITE messages.insights.session_news
#include "test/support/unit_test.hpp"

#include "messages/insights/session_news.hpp"
#include "session_fixture.hpp"

using namespace senseflow;
using namespace senseflow::test;
using insights::news_of;
using insights::session_step;
using insights::user_key;

namespace {

constexpr auto id = "0b7c1d2e-3f40-4a5b-8c6d-7e8f90a1b2c3";

} // namespace

CAF_TEST(each command is a step and others are none) {
  CAF_CHECK(news_of(event_of("Start session", "anna", noon)).step == session_step::start);
  CAF_CHECK(news_of(event_of("Stop session", "anna", noon)).step == session_step::stop);
  CAF_CHECK(news_of(event_of("Open connection", "anna", noon)).step == session_step::open);
  CAF_CHECK(news_of(event_of("Close connection", "anna", noon)).step == session_step::close);
  CAF_CHECK(news_of(event_of("Foo", "anna", noon)).step == session_step::other);
}

CAF_TEST(a user is the same however it is spelt) {
  CAF_CHECK_EQUAL(user_key("LAB", "Anna"), user_key("lab", "anna"));
  CAF_CHECK(user_key("LAB", "anna") != user_key("LABA", "nna"));
}

CAF_TEST(browser system and app are told) {
  const auto x = news_of(event_of("Open connection", "anna", noon, chrome, sales));
  CAF_CHECK_EQUAL(x.browser, "Chrome 120");
  CAF_CHECK_EQUAL(x.os, "Windows NT 10.0");
  CAF_CHECK_EQUAL(x.app, sales);
  CAF_CHECK_EQUAL(news_of(event_of("Open connection", "anna", noon, "nothing")).browser, "");
}

CAF_TEST(an id in the message calls the session unless it is that of the app) {
  const auto token = [](const std::string& message, const std::string& app = {}) {
    return news_of(event_of("Start session", "anna", noon, message, app)).token;
  };
  CAF_CHECK_EQUAL(token(std::string{"Start session for user "} + id), id);
  CAF_CHECK_EQUAL(
      token("connection Opened for session '0B7C1D2E-3F40-4A5B-8C6D-7E8F90A1B2C3' - " + std::string{chrome}),
      id);
  CAF_CHECK_EQUAL(token(sales, sales), "");
  CAF_CHECK_EQUAL(token(std::string{sales} + " " + id, sales), id);
  for (const auto* none : {"", "-", "--------", "no-id-here", "0b7c1d2e-3f40-4a5b-8c6d-7e8f90a1b2c", chrome})
    CAF_CHECK_EQUAL(token(none), "");
}

CAF_TEST(a time - out is one where the message says so and not where the name of a browser does) {
  const auto timed_out = [](const std::string& message) {
    return news_of(event_of("Stop session", "anna", noon, message)).timed_out;
  };
  CAF_CHECK(timed_out("Stop session: session timed out"));
  CAF_CHECK(timed_out("Session Timeout. UserAgent: 'curl/8'"));
  CAF_CHECK(timed_out("ended for inactivity"));
  CAF_CHECK(!timed_out("logged out"));
  CAF_CHECK(!timed_out("UserAgent: 'timeout/1.0'"));
}
