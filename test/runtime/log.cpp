#define CAF_SUITE runtime.log
#include "test/support/unit_test.hpp"

#include "runtime/log.hpp"

#include "test/support/eventually.hpp"
#include "test/support/slowdown.hpp"
#include "test/support/temp_dir.hpp"

#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>

using namespace senseflow;
using namespace senseflow::test;
namespace logging = senseflow::runtime::log;

namespace {

struct fixture {
  ~fixture() { logging::start({}); }

  std::vector<std::string> lines() const {
    logging::flush();
    std::vector<std::string> result;
    for (const auto& file : std::filesystem::directory_iterator(directory.path())) {
      std::ifstream in(file.path());
      for (std::string line; std::getline(in, line);) result.push_back(line);
    }
    return result;
  }

  void start(logging::level threshold, bool json = false) {
    logging::options o;
    o.threshold = threshold;
    o.json = json;
    o.file_directory = directory.path().string();
    CAF_REQUIRE_EQUAL(logging::start(o), "");
  }

  std::filesystem::path today() const {
    return directory.path() / fmt::format("senseflow.{:%Y-%m-%d}.log", fmt::gmtime(std::time(nullptr)));
  }

  static std::string content(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  temp_dir directory;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(log_tests, fixture)

CAF_TEST(a line has the time in utc the level and the text) {
  start(logging::level::verbose);
  logging::info("server {} has {} sessions", "a", 3);
  logging::verbose("more");
  logging::debug("not this");
  const auto written = lines();
  CAF_REQUIRE_EQUAL(written.size(), 2u);
  const std::regex shape(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info: server a has 3 sessions)");
  CAF_CHECK(std::regex_match(written[0], shape));
  CAF_CHECK(written[1].find("Z verbose: more") != std::string::npos);
}

CAF_TEST(the threshold can be changed) {
  start(logging::level::error);
  CAF_CHECK(!logging::enabled(logging::level::warn));
  logging::warn("no");
  logging::set_threshold(logging::level::silly);
  CAF_CHECK(logging::enabled(logging::level::silly));
  logging::write(logging::level::silly, "yes");
  const auto written = lines();
  CAF_REQUIRE_EQUAL(written.size(), 1u);
  CAF_CHECK(written[0].find("silly: yes") != std::string::npos);
}

CAF_TEST(lines are in the file of the day without flushing) {
  start(logging::level::info);
  logging::info("now");
  CAF_CHECK(eventually([&] { return content(today()).find("info: now") != std::string::npos; }));
}

CAF_TEST(a file that was moved or removed is made anew) {
  start(logging::level::info);
  logging::info("first");
  logging::flush();
  const auto moved = directory / "senseflow.log.1";
  std::filesystem::rename(today(), moved);
  logging::reopen_files();
  logging::info("second");
  logging::flush();
  CAF_CHECK(content(moved).find("second") == std::string::npos);
  CAF_CHECK(content(today()).find("second") != std::string::npos);

  CAF_MESSAGE("and without being told so, a second later");
  std::filesystem::remove(today());
  CAF_CHECK(eventually([&] {
    logging::info("third");
    logging::flush();
    return content(today()).find("third") != std::string::npos;
  }));
}

CAF_TEST(thirty files are kept) {
  for (int i = 0; i < 40; ++i)
    std::ofstream(directory / ("senseflow.2025-03-" + std::to_string(10 + i) + ".log")) << "x";
  std::ofstream(directory / "senseflow.yaml") << "x";
  start(logging::level::info);
  size_t files = 0;
  for (const auto& x : std::filesystem::directory_iterator(directory.path()))
    files += x.path().extension() == ".log" ? 1 : 0;
  CAF_CHECK_EQUAL(files, 30u);
  CAF_CHECK(std::filesystem::exists(directory / "senseflow.yaml"));
  CAF_CHECK(!std::filesystem::exists(directory / "senseflow.2025-03-20.log"));
  CAF_CHECK(std::filesystem::exists(today()));
}

CAF_TEST(a directory may have any name) {
  logging::options o;
  o.file_directory = directory / "100% {} %Y";
  CAF_REQUIRE_EQUAL(logging::start(o), "");
  logging::info("here");
  logging::flush();
  CAF_CHECK(std::filesystem::exists(std::filesystem::path(o.file_directory) / today().filename()));
}

CAF_TEST(a pipe in place of the file is refused and nobody waits for its reader) {
  CAF_REQUIRE_EQUAL(::mkfifo(today().c_str(), 0600), 0);
  logging::options o;
  o.file_directory = directory.path().string();
  CAF_CHECK(logging::start(o).find(o.file_directory) != std::string::npos);
}

/// Standard output is something else for a while.
class redirected {
public:
  explicit redirected(int to) : former_(::dup(STDOUT_FILENO)) { ::dup2(to, STDOUT_FILENO); }
  ~redirected() {
    ::dup2(former_, STDOUT_FILENO);
    ::close(former_);
    std::cerr.tie(tied_);
  }

private:
  int former_;
  std::ostream* tied_ = std::cerr.tie(nullptr); // else each check flushes standard output, and waits for it
};

CAF_TEST(a pipe that nobody reads holds up nobody and the files least of all) {
  int ends[2];
  CAF_REQUIRE_EQUAL(::pipe2(ends, O_NONBLOCK), 0);
  ::fcntl(ends[1], F_SETFL, 0); // writing waits
  std::string all;
  {
    const redirected output{ends[1]};
    start(logging::level::info);
    const std::string text(100, 'x');
    for (int i = 0; i < 8000; ++i) {
      logging::info("{} {}", i, text);
      if (i % 1000 == 0)
        CAF_CHECK(
            eventually([&] { return content(today()).find(fmt::format(": {} x", i)) != std::string::npos; }));
    }
    auto read_on = [&] {
      char buffer[4096];
      for (auto n = ::read(ends[0], buffer, sizeof buffer); n > 0; n = ::read(ends[0], buffer, sizeof buffer))
        all.append(buffer, static_cast<size_t>(n));
    };
    CAF_CHECK(eventually([&] {
      logging::info("again");
      read_on();
      return all.find("lines of this log lost") != std::string::npos &&
             all.find("info: again") != std::string::npos;
    }));
    read_on();
    logging::flush();
  }
  CAF_CHECK(all.find(": 7999 x") != std::string::npos);
  CAF_CHECK(all.find(": 3000 x") == std::string::npos);
  CAF_CHECK(content(today()).find(": 3000 x") != std::string::npos);
  ::close(ends[0]);
  ::close(ends[1]);
}

CAF_TEST(lines that standard output does not take are counted and said) {
  const auto full = ::open("/dev/full", O_WRONLY);
  CAF_REQUIRE(full >= 0);
  {
    const redirected output{full};
    start(logging::level::info);
    for (int i = 0; i < 10; ++i) logging::info("lost");
    logging::flush();
  }
  logging::info("more");
  logging::flush();
  // How many: as many as had failed when it was told first.
  CAF_CHECK(content(today()).find("lines of this log lost since the start: ") != std::string::npos);
  ::close(full);
}

CAF_TEST(text from outside makes no line of its own and no terminal command) {
  start(logging::level::info);
  logging::info("user {}", "a\n2026-01-01T00:00:00.000Z error: forged\r\t\x1b[2J\x7f\xc2\x9b{}é");
  const auto written = lines();
  CAF_REQUIRE_EQUAL(written.size(), 1u);
  const std::string expected = R"(user a\n2026-01-01T00:00:00.000Z error: forged\r\t\x1b[2J\x7f\x9b{}é)";
  CAF_CHECK_EQUAL(written[0].substr(written[0].find("user")), expected);
}

CAF_TEST(json lines are valid whatever the text is) {
  start(logging::level::info, true);
  logging::info("{}", "quote \" backslash \\ newline \n bad \xff end");
  logging::error("second");
  const auto written = lines();
  CAF_REQUIRE_EQUAL(written.size(), 2u);
  const auto line = nlohmann::json::parse(written[0]);
  CAF_CHECK_EQUAL(line.at("level").get<std::string>(), "info");
  CAF_CHECK_EQUAL(line.at("message").get<std::string>(),
                  "quote \" backslash \\ newline \n bad \xef\xbf\xbd end");
  CAF_CHECK(std::regex_match(line.at("time").get<std::string>(),
                             std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
  CAF_CHECK_EQUAL(nlohmann::json::parse(written[1]).at("level").get<std::string>(), "error");
}

CAF_TEST(a directory that can not be used is reported and the log goes on) {
  logging::options o;
  o.file_directory = directory / "file" + "/below";
  std::ofstream(directory / "file") << "x";
  const auto problem = logging::start(o);
  CAF_MESSAGE(problem);
  CAF_CHECK(problem.find(o.file_directory) != std::string::npos);
  logging::info("still here");
}

CAF_TEST(a limiter lets one line through per interval and counts the others) {
  using std::chrono::seconds;
  logging::limiter l(seconds(10));
  const std::chrono::steady_clock::time_point t0{};
  CAF_CHECK(l.pass(t0));
  CAF_CHECK_EQUAL(l.suffix(), "");
  CAF_CHECK(!l.pass(t0 + seconds(1)));
  CAF_CHECK(!l.pass(t0 + seconds(9)));
  CAF_CHECK(l.pass(t0 + seconds(10)));
  CAF_CHECK_EQUAL(l.suppressed(), 2u);
  CAF_CHECK_EQUAL(l.suffix(), " (2 more since the last such line)");
  CAF_CHECK(l.pass(t0 + seconds(20)));
  CAF_CHECK_EQUAL(l.suffix(), "");
}

CAF_TEST(each cause has a limiter of its own and figures make no new cause) {
  using std::chrono::seconds;
  logging::cause_limiter l(seconds(10));
  const std::chrono::steady_clock::time_point t0{};
  CAF_CHECK(l.pass("none of 5 messages", t0));
  CAF_CHECK(!l.pass("none of 17 messages", t0));
  CAF_CHECK(l.pass("refused", t0));
  CAF_CHECK_EQUAL(l.suffix(), "");
  CAF_CHECK(l.pass("none of 3 messages", t0 + seconds(10)));
  CAF_CHECK_EQUAL(l.suffix(), " (1 more since the last such line)");
}

CAF_TEST(what others say makes no new cause) {
  using std::chrono::seconds;
  logging::cause_limiter l(seconds(10));
  const std::chrono::steady_clock::time_point t0{};
  CAF_CHECK(l.pass("it ended the connection; it says \"request a1b2\"", t0));
  CAF_CHECK(!l.pass("it ended the connection; it says \"request \" ffee\"", t0));
  CAF_CHECK(l.pass("it refused; it says \"request a1b2\"", t0));
}

CAF_TEST(however many causes there are the lines are bounded) {
  using std::chrono::seconds;
  logging::cause_limiter l(seconds(10));
  std::chrono::steady_clock::time_point now{};
  auto lines = [&] {
    size_t n = 0;
    for (int round = 0; round < 3; ++round)
      for (int i = 0; i < 200; ++i) n += l.pass(std::string(size_t(i + 1), 'x'), now);
    return n;
  };
  CAF_CHECK_EQUAL(lines(), 51u);
  now += seconds(10);
  CAF_CHECK_EQUAL(lines(), 51u);
  CAF_CHECK(!l.pass("x", now));
}

CAF_TEST_FIXTURE_SCOPE_END()
