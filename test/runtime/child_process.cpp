#define CAF_SUITE runtime.child_process
#include "test/support/unit_test.hpp"

#include "test/support/child_process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

using namespace senseflow::test;

CAF_TEST(output of both streams and the exit code are kept) {
  child_process p({"sh", "-c", "echo one; echo two >&2; echo $WORD; exit 3"}, {{"WORD", "three"}});
  CAF_CHECK_EQUAL(p.wait_for_line("hre"), "three");
  CAF_CHECK_EQUAL(p.wait_for_line("one"), "one");
  CAF_CHECK(p.wait() == 3);
  CAF_CHECK(p.output() == "one\ntwo\nthree\n");
}

CAF_TEST(waiting for a line ends with the program or when time is up) {
  child_process ended({"true"});
  CAF_CHECK_EQUAL(ended.wait_for_line("never", std::chrono::minutes(1)), "");
  child_process silent({"sleep", "60"});
  CAF_CHECK_EQUAL(silent.wait_for_line("never", std::chrono::milliseconds(20)), "");
  CAF_CHECK(silent.running());
}

CAF_TEST(a signal ends it and counts as 128 and its number) {
  child_process p({"sleep", "60"});
  p.signal(SIGTERM);
  CAF_CHECK(p.wait() == 128 + SIGTERM);
}

CAF_TEST(a stopped program ends with its owner) {
  pid_t pid = 0;
  {
    child_process p({"sleep", "60"});
    pid = p.pid();
    p.signal(SIGSTOP);
  }
  CAF_CHECK_EQUAL(::kill(pid, 0), -1);
}

CAF_TEST(it has nothing that its owner has open) {
  const auto open = ::fcntl(1, F_DUPFD, 500);
  child_process p({"sh", "-c", "ls /proc/$$/fd | tr '\\n' ' '"});
  CAF_CHECK_EQUAL(p.wait(), 0);
  CAF_CHECK_EQUAL(p.output().substr(0, 6), "0 1 2 ");
  CAF_CHECK_EQUAL(p.output().find(std::to_string(open)), std::string::npos);
  ::close(open);
}

CAF_TEST(a program that is not there is an error) {
  try {
    child_process p({"/no/such/program"});
    CAF_FAIL("it was started");
  } catch (const std::exception& e) {
    CAF_CHECK(std::string(e.what()).find("/no/such/program") != std::string::npos);
  }
}
