#define CAF_SUITE messages.insights.silence_cause

#include "test/support/unit_test.hpp"

#include "messages/insights/silence_cause.hpp"

#include <set>

using namespace senseflow::messages::insights;
using namespace std::chrono_literals;

CAF_TEST(each cause has a word a sentence and something to look at) {
  silence_facts x;
  x.quiet = 15min;
  std::set<std::string> words;
  const auto word = [&] {
    const auto c = likely_cause(x);
    CAF_CHECK(!c.text.empty() && c.text.back() == '.');
    CAF_CHECK(!c.next.empty() && c.next.back() == '.');
    words.insert(std::string{c.word});
    return std::string{c.word};
  };
  x.port_open = false;
  CAF_CHECK_EQUAL(word(), "port_closed");
  x.port_open = true;
  CAF_CHECK_EQUAL(word(), "nothing_arrives");
  x.at_the_port = 6min; // has stopped, too
  CAF_CHECK_EQUAL(word(), "nothing_arrives");
  x.at_the_port = 1min;
  CAF_CHECK_EQUAL(word(), "server_silent");
  x.of_the_server = 1min;
  CAF_CHECK_EQUAL(word(), "appender");
  x.ever_sent = false;
  CAF_CHECK_EQUAL(word(), "never_sent");
  x.restarted = true;
  CAF_CHECK_EQUAL(word(), "never_sent"); // the engine was: no matter to the proxy
  x.what = service::qix_perf;
  CAF_CHECK_EQUAL(word(), "engine_restarted");
  x.updated_from = "1";
  x.updated_to = "2";
  CAF_CHECK_EQUAL(word(), "engine_updated");
  CAF_CHECK_EQUAL(words.size(), 7u);
}

CAF_TEST(each service has the file and the appender that are its own) {
  for (size_t i = 0; i < service_count; ++i) {
    silence_facts x;
    x.what = static_cast<service>(i);
    x.quiet = 15min;
    x.at_the_port = x.of_the_server = 0s;
    CAF_CHECK(likely_cause(x).next.find("\\LocalLogConfig.xml") != std::string::npos);
    CAF_CHECK(likely_cause(x).text.find(std::string{appender_of(x.what)}) != std::string::npos);
    CAF_CHECK(service_from(to_string_view(x.what)) == x.what);
  }
  CAF_CHECK(!service_from("printing"));
}
