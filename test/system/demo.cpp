#define CAF_SUITE system.demo
#include "test/support/unit_test.hpp"

#include "test/support/child_process.hpp"
#include "test/support/paths.hpp"

#include <csignal>

using namespace senseflow::test;
using namespace std::chrono_literals;

CAF_TEST(the demo shows all kinds of messages and ends when it is told to) {
  child_process aut{{source_path("bench/demo"), binary_path("")}};
  for (auto topic :
       {"butler-sos/127.0.0.1/mem/free", "butler-sos/health/sense1", "butler-sos/sessions/sense2/",
        "butler-sos/127.0.0.1/usersession/", "butler-sos/userevent ", "butler-sos/logevent/engine",
        "butler-sos/logevent/proxy", "butler-sos/logevent/repository", "butler-sos/logevent/scheduler",
        "butler-sos/logevent/qix-perf"})
    CAF_CHECK_NOT_EQUAL(aut.wait_for_line(topic, 30s), "");
  aut.signal(SIGINT);
  auto code = aut.wait(30s);
  CAF_REQUIRE(code);
  CAF_CHECK_EQUAL(*code, 0);
  CAF_CHECK_NOT_EQUAL(aut.wait_for_line("info: stopped"), "");
}

CAF_TEST(the demo of a cluster says who polls what while a node is killed and comes back) {
  child_process aut{{source_path("bench/cluster_demo"), binary_path(""), "3", "2"}};
  for (auto text : {"all have joined: n1 polls 10 servers, n2 polls 10 servers, n3 polls 10 servers",
                    "n1 is killed", "n2 polls 15 servers, n3 polls 15 servers", "n1 has its share after"})
    CAF_CHECK_NOT_EQUAL(aut.wait_for_line(text, 40s), "");
  aut.signal(SIGINT);
  auto code = aut.wait(30s);
  CAF_REQUIRE(code);
  CAF_CHECK_EQUAL(*code, 0);
}
