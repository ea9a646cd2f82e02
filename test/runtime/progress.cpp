#define CAF_SUITE runtime.progress
#include "test/support/unit_test.hpp"

#include "runtime/progress.hpp"

#include "runtime/net/unique_fd.hpp"
#include "test/support/eventually.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>

using namespace senseflow;
using namespace senseflow::runtime;

namespace {

/// Both ends of a terminal.
struct terminal {
  unique_fd screen{::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
  unique_fd program;
  std::string shown;

  terminal() {
    std::array<char, 64> name{};
    if (!screen || ::grantpt(screen.get()) != 0 || ::unlockpt(screen.get()) != 0 ||
        ::ptsname_r(screen.get(), name.data(), name.size()) != 0)
      throw std::runtime_error("no terminal");
    program = unique_fd{::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC)};
    winsize size{24, 20, 0, 0};
    ::ioctl(program.get(), TIOCSWINSZ, &size);
  }

  bool shows(const std::string& text) {
    return test::eventually([&] {
      std::array<char, 4096> buffer{};
      const auto n = ::read(screen.get(), buffer.data(), buffer.size());
      if (n > 0) shown.append(buffer.data(), static_cast<size_t>(n));
      return shown.find(text) != std::string::npos;
    });
  }
};

} // namespace

CAF_TEST(a line is cut to the terminal and gone in the end) {
  terminal t;
  CAF_CHECK_EQUAL(terminal_width(t.program.get()), 20u);
  {
    progress_line line{t.program.get()};
    line.show("12345678901234567890123");
    CAF_CHECK(t.shows("\r\033[K1234567890123456789"));
    line.show("12345678901234567é"); // never half a character
    CAF_CHECK(t.shows("\r\033[K12345678901234567é"));
    line.show("123456789012345678é");
    CAF_CHECK(t.shows("\r\033[K123456789012345678"));
    CAF_CHECK(t.shown.find("8\xc3") == std::string::npos);
    t.shown.clear();
  }
  CAF_CHECK(t.shows("\r\033[K"));
}

CAF_TEST(who waits for long is told for how long already) {
  terminal t;
  {
    patience waiting{[] { return std::string{"reading"}; }, t.program.get()};
    CAF_CHECK(t.shows("reading (1 s)"));
  }
  t.shown.clear();
  {
    patience at_once{[] { return std::string{"too quick"}; }, t.program.get()};
  }
  CAF_CHECK(t.shown.find("too quick") == std::string::npos);
}

CAF_TEST(where there is no terminal nothing is written) {
  std::array<int, 2> both{};
  CAF_REQUIRE_EQUAL(::pipe2(both.data(), O_NONBLOCK | O_CLOEXEC), 0);
  unique_fd out{both[0]}, in{both[1]};
  CAF_CHECK_EQUAL(terminal_width(in.get()), 0u);
  {
    progress_line line{in.get()};
    line.show("hello");
    patience waiting{[] { return std::string{"reading"}; }, in.get()};
  }
  char byte = 0;
  CAF_CHECK_EQUAL(::read(out.get(), &byte, 1), -1);
}
