#define CAF_SUITE actors.polling.poller_log_lines
#include "test/support/logged.hpp"

#include "test/actors/polling/sense_poller.hpp"

#include <algorithm>

using namespace senseflow;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(poller_log_lines_tests, test::poller_fixture)

CAF_TEST(
    an API that fails every other time gets a line a minute of each kind that says how often it changed) {
  test::logged log;
  spawn_encoder();
  start();
  pass(300ms);
  for (int i = 0; i < 300; ++i) {
    if (i % 2 == 0)
      http->complete(failed(500 + i % 5));
    else
      http->answer("{}");
    consume_messages();
    pass(1s);
  }
  const auto lines = log.lines("sense1 health API: ");
  for (const auto& x : lines) CAF_MESSAGE(x);
  CAF_CHECK(lines.size() >= 8 && lines.size() <= 10);
  CAF_CHECK(std::any_of(lines.begin(), lines.end(),
                        [](const auto& x) { return x.find(" (changed 59 times") != x.npos; }));
}

CAF_TEST(trouble that goes on after it came and went is in the log as soon as may be) {
  test::logged log;
  spawn_encoder();
  start();
  pass(300ms);
  for (int i = 0; i < 70; ++i) {
    if (i == 1)
      http->answer("{}");
    else
      http->complete(failed(503));
    consume_messages();
    pass(1s);
  }
  const auto lines = log.lines("sense1 health API: ");
  CAF_REQUIRE_EQUAL(lines.size(), 3u);
  CAF_CHECK(lines[1].find("recovered") != std::string::npos);
  CAF_CHECK(lines[2].find("503") != std::string::npos);
}

CAF_TEST(an engine whose start changes with each poll gets a line a minute) {
  test::logged log;
  spawn_encoder();
  start();
  pass(300ms);
  for (int i = 0; i < 120; ++i) {
    answer(R"({"started":")" + std::to_string(i) + R"("})");
    pass(1s);
  }
  const auto lines = log.lines("the engine was restarted");
  CAF_REQUIRE_EQUAL(lines.size(), 2u);
  CAF_CHECK(lines[1].find("(59 more since the last such line)") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
