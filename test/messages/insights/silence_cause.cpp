#define CAF_SUITE messages.insights.silence_cause

#include "test/support/unit_test.hpp"

#include "messages/insights/silence_cause.hpp"

#include <set>

using namespace senseflow::messages::insights;
using namespace std::chrono_literals;

CAF_TEST(each cause has a word a sentence and something to look at) {
  silence_facts x;
  x.limit = 15min;
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
  x.unmatched = {"QLIK1"}; // somebody else's: this server has sent before
  CAF_CHECK_EQUAL(word(), "server_silent");
  x.server_ever_sent = false;
  CAF_CHECK_EQUAL(word(), "unmatched_machine");
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
  CAF_CHECK_EQUAL(words.size(), 8u);
}

CAF_TEST(what comes counts at once and what has stopped when it would be missed as well) {
  silence_facts x;
  x.limit = 15min;
  x.watched = 10h;
  const auto word = [&](std::string_view before, std::chrono::minutes port, std::chrono::minutes server) {
    x.before = before;
    x.at_the_port = port;
    x.of_the_server = server;
    return std::string{likely_cause(x).word};
  };
  CAF_CHECK_EQUAL(word("nothing_arrives", 0min, 300min), "server_silent");
  CAF_CHECK_EQUAL(word("server_silent", 0min, 0min), "appender");
  CAF_CHECK_EQUAL(word("unmatched_machine", 0min, 0min), "appender");
  CAF_MESSAGE("the way back takes the time of a silence");
  CAF_CHECK_EQUAL(word("appender", 6min, 14min), "appender");
  CAF_CHECK_EQUAL(word("appender", 6min, 15min), "server_silent");
  CAF_CHECK_EQUAL(word("server_silent", 6min, 14min), "server_silent");
  CAF_CHECK_EQUAL(word("server_silent", 15min, 20min), "nothing_arrives");
  CAF_CHECK_EQUAL(word("nothing_arrives", 6min, 6min), "nothing_arrives");
  CAF_MESSAGE("with sessions: a night tells nothing");
  x.watched = 14min;
  CAF_CHECK_EQUAL(word("appender", 600min, 600min), "appender");
}

CAF_TEST(machines that match no server are named and some of many) {
  silence_facts x;
  x.limit = 15min;
  x.at_the_port = 1min;
  x.ever_sent = x.server_ever_sent = false;
  x.unmatched = {"A"};
  CAF_CHECK(likely_cause(x).text.find("one that matches no server: 'A'.") != std::string::npos);
  CAF_CHECK(likely_cause(x).next.find("hosts: {'A': <serverName>}") != std::string::npos);
  x.unmatched = {"A", "B", "C"};
  CAF_CHECK(likely_cause(x).text.find("some that match no server: 'A', 'B', 'C'.") != std::string::npos);
  x.unmatched.push_back("D");
  CAF_CHECK(likely_cause(x).text.find(": 'A', 'B', 'C' and others.") != std::string::npos);
}

CAF_TEST(each service has the file and the appender that are its own) {
  for (size_t i = 0; i < service_count; ++i) {
    silence_facts x;
    x.what = static_cast<service>(i);
    x.limit = 15min;
    x.at_the_port = x.of_the_server = 0s;
    CAF_CHECK(likely_cause(x).next.find("\\LocalLogConfig.xml") != std::string::npos);
    CAF_CHECK(likely_cause(x).text.find(std::string{appender_of(x.what)}) != std::string::npos);
    CAF_CHECK(service_from(to_string_view(x.what)) == x.what);
  }
  CAF_CHECK(!service_from("printing"));
}
