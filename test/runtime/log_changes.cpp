#define CAF_SUITE runtime.log_changes
#include "test/support/unit_test.hpp"

#include "runtime/log_changes.hpp"

using namespace senseflow;
using namespace std::chrono_literals;

namespace {

struct fixture {
  runtime::log::changes aut;
  std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();

  bool told(const std::string& trouble, std::chrono::seconds later = 1s) {
    now += later;
    return aut.is_news(trouble, now);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(log_changes_tests, fixture)

CAF_TEST(what was well from the beginning is no news and trouble is told once) {
  CAF_CHECK(!told(""));
  CAF_CHECK(told("refused"));
  CAF_CHECK_EQUAL(aut.suffix(), "");
  for (int i = 0; i < 200; ++i) CAF_CHECK(!told("refused"));
  CAF_CHECK(told(""));
  CAF_CHECK_EQUAL(aut.suffix(), "");
}

CAF_TEST(another cause is news at once) {
  CAF_CHECK(told("refused"));
  CAF_CHECK(told("timeout"));
}

CAF_TEST(what comes and goes gets a line a minute of each cause that says how often it changed) {
  size_t lines = 0;
  uint64_t changes = 0;
  for (int i = 0; i < 600; ++i)
    if (told(i % 2 == 0 ? "HTTP status " + std::to_string(500 + i % 7) : "")) {
      ++lines;
      if (const auto x = aut.suffix(); !x.empty())
        changes += std::stoul(x.substr(sizeof " (changed " - 1));
      else
        ++changes;
    }
  CAF_MESSAGE(lines << " lines, " << changes << " changes");
  CAF_CHECK(lines >= 18 && lines <= 22);
  CAF_CHECK(changes > 500 && changes <= 600); // the rest was not told yet
}

CAF_TEST(what lasts is told as soon as it may be) {
  CAF_CHECK(told("refused"));
  CAF_CHECK(told(""));
  CAF_CHECK(!told("refused")); // it was told 2 s ago
  CAF_CHECK(!told("refused", 30s));
  CAF_CHECK(told("refused", 30s));
  CAF_CHECK(!told("refused", 100s));
}

CAF_TEST_FIXTURE_SCOPE_END()
