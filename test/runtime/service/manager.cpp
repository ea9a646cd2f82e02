#define CAF_SUITE runtime.service.manager
#include "test/support/unit_test.hpp"

#include "runtime/service/manager.hpp"

#include "test/support/notify_socket.hpp"
#include "test/support/temp_dir.hpp"

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  temp_dir directory;
  notify_socket manager{directory / "notify"};
  variable socket{"NOTIFY_SOCKET", manager.path()};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(manager_tests, fixture)

CAF_TEST(what is told arrives in order and before the teller has gone) {
  {
    runtime::service_manager aut;
    for (int i = 0; i < 9; ++i) aut.tell("STATUS=" + std::to_string(i));
  }
  CAF_REQUIRE_EQUAL(manager.messages().size(), 9u);
  for (size_t i = 0; i < 9; ++i) CAF_CHECK_EQUAL(manager.messages()[i], "STATUS=" + std::to_string(i));
}

CAF_TEST(a manager that does not listen keeps nobody waiting and hears the latest when it does) {
  constexpr int all = 2000;
  const auto began = std::chrono::steady_clock::now();
  {
    runtime::service_manager aut;
    for (int i = 0; i < all; ++i) aut.tell("STATUS=" + std::to_string(i));
    CAF_CHECK(std::chrono::steady_clock::now() - began < 1s * slowdown);
  }
  CAF_CHECK(std::chrono::steady_clock::now() - began < 3s * slowdown);
  CAF_CHECK_EQUAL(manager.wait_for("STATUS=" + std::to_string(all - 1)), "STATUS=" + std::to_string(all - 1));
  CAF_CHECK_LESS(manager.messages().size(), size_t{all});
}

CAF_TEST(without a manager nothing is said) {
  ::unsetenv("NOTIFY_SOCKET");
  {
    runtime::service_manager aut;
    aut.tell("READY=1");
    CAF_CHECK(!aut.watchdog());
  }
  CAF_CHECK(manager.messages().empty());
}

CAF_TEST(a watchdog counts only if it is meant for this process) {
  const variable interval{"WATCHDOG_USEC", "3000000"};
  {
    const variable owner{"WATCHDOG_PID", std::to_string(::getpid())};
    CAF_CHECK(runtime::service_manager{}.watchdog() == 3s);
  }
  {
    const variable owner{"WATCHDOG_PID", "1"};
    CAF_CHECK(!runtime::service_manager{}.watchdog());
  }
}

CAF_TEST(a status is one line whatever it holds) {
  CAF_CHECK_EQUAL(runtime::status_line("a\nREADY=1\r\tb\x7f"), "STATUS=a READY=1  b ");
}

CAF_TEST(a reload begins with the time that newer managers ask for) {
  const auto text = runtime::reloading();
  CAF_CHECK_EQUAL(text.rfind("RELOADING=1\nMONOTONIC_USEC=", 0), 0u);
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto us = std::stoll(text.substr(text.find("USEC=") + 5));
  CAF_CHECK(std::abs(us - (now.tv_sec * 1'000'000 + now.tv_nsec / 1000)) < 10'000'000);
}

CAF_TEST_FIXTURE_SCOPE_END()
