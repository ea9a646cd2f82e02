#define CAF_SUITE runtime.spool.spool_damage
#include "test/runtime/spool/spool_fixture.hpp"

#include "runtime/spool/format.hpp"

#include "test/support/small_disk.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <deque>
#include <fstream>

using namespace senseflow;
using namespace senseflow::test;
using messages::spool_status;
namespace fs = std::filesystem;

CAF_TEST_FIXTURE_SCOPE(spool_damage_tests, spool_fixture)

CAF_TEST(a damaged file is set aside and the work goes on) {
  {
    auto aut = open();
    for (uint64_t i = 1; i <= 500; ++i) commit(*aut, {entry(i)});
  }
  {
    std::fstream file{options.directory + "/spool.sqlite", std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(4096);
    file << std::string(16384, '\x5a');
  }
  auto opened = spool::open(options);
  CAF_REQUIRE(opened.value);
  CAF_CHECK(opened.warning.find("damaged-") != std::string::npos);
  CAF_CHECK(ids(*opened.value).empty());
  CAF_CHECK(commit(*opened.value, {entry(1)}).status == spool_status::ok);
  size_t kept = 0;
  for (const auto& e : fs::directory_iterator(options.directory))
    if (e.path().string().find("damaged-") != std::string::npos) ++kept;
  CAF_CHECK_EQUAL(kept, 1u);
}

CAF_TEST(what is no database at all is set aside and only the newest three are kept) {
  for (int i = 0; i < 5; ++i) {
    fs::create_directories(options.directory);
    std::ofstream{options.directory + "/spool.sqlite"} << std::string(5000, 'x');
    auto opened = spool::open(options);
    CAF_REQUIRE(opened.value);
    CAF_CHECK(!opened.warning.empty());
  }
  size_t kept = 0;
  for (const auto& e : fs::directory_iterator(options.directory))
    if (e.path().string().find("damaged-") != std::string::npos) ++kept;
  CAF_CHECK_EQUAL(kept, 3u);
}

CAF_TEST(after the clock was set back the file that was just set aside is not the one that goes) {
  fs::create_directories(options.directory);
  for (auto name : {"20990101T000000.000001", "20990101T000000.000002", "20990101T000000.000003"})
    std::ofstream{options.directory + "/spool.sqlite.damaged-" + name} << "x";
  std::ofstream{options.directory + "/spool.sqlite"} << std::string(5000, 'x');
  CAF_REQUIRE(spool::open(options).value);
  std::vector<std::string> kept;
  for (const auto& e : fs::directory_iterator(options.directory))
    if (auto name = e.path().filename().string(); name.rfind("spool.sqlite.damaged-", 0) == 0)
      kept.push_back(name.substr(21, 4));
  std::sort(kept.begin(), kept.end());
  CAF_REQUIRE_EQUAL(kept.size(), 3u);
  CAF_CHECK(kept.front() != "2099");
}

CAF_TEST(a file of a later version is refused and stays as it is) {
  auto aut = open();
  commit(*aut, {entry(1)});
  aut.reset();
  runtime::database{options.directory + "/spool.sqlite"}.execute("PRAGMA user_version=99");
  auto opened = spool::open(options);
  CAF_CHECK(!opened.value);
  CAF_CHECK(opened.newer);
  CAF_CHECK(opened.problem.find("written by a newer senseflow: format 99, this one knows 1") !=
            std::string::npos);
  runtime::database{options.directory + "/spool.sqlite"}.execute("PRAGMA user_version=1");
  auto again = spool::open(options);
  CAF_REQUIRE(again.value);
  CAF_CHECK_EQUAL(again.value->found().groups.size(), 1u);
}

CAF_TEST(damage found while running is reported and the next commit works) {
  auto aut = open();
  for (uint64_t i = 1; i <= 500; ++i) commit(*aut, {entry(i)});
  {
    runtime::database db{options.directory + "/spool.sqlite"};
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    db.execute("PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage=3 WHERE name='by_lane';");
  }
  {
    std::fstream file{options.directory + "/spool.sqlite", std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(4096);
    for (int i = 0; i < 20; ++i) file << std::string(4096, '\x5a');
  }
  std::optional<messages::spool_committed> damaged;
  for (uint64_t i = 501; i <= 600 && !damaged; ++i) {
    auto done = commit(*aut, {entry(i)}, {i - 500});
    if (done.status == spool_status::damaged) damaged = done;
  }
  CAF_REQUIRE(damaged);
  CAF_CHECK(damaged->problem.find("kept as") != std::string::npos);
  CAF_CHECK_EQUAL(aut->bytes(), 0u);
  CAF_CHECK(commit(*aut, {entry(1000)}).status == spool_status::ok);
  CAF_CHECK_EQUAL(ids(*aut), (numbers{1000}));
}

CAF_TEST(a directory that was taken away is noticed and made anew) {
  auto aut = open();
  CAF_CHECK(commit(*aut, {entry(1)}).status == spool_status::ok);
  for (const bool by_read : {false, true}) {
    fs::remove_all(options.directory);
    const auto status =
        by_read ? aut->read({++number, 0, 0, 100, UINT64_MAX}).status : commit(*aut, {entry(2)}).status;
    CAF_CHECK(status == spool_status::damaged);
    CAF_CHECK_EQUAL(aut->bytes(), 0u);
    CAF_CHECK(commit(*aut, {entry(3)}).status == spool_status::ok);
    CAF_CHECK_EQUAL(ids(*aut), (numbers{3}));
    CAF_CHECK(spool::open(options).in_use);
  }
  aut.reset();
  CAF_CHECK_EQUAL(ids(*open()), (numbers{3}));
}

CAF_TEST(a file that was replaced is not taken for its own and kept aside) {
  auto aut = open();
  const auto file = options.directory + "/spool.sqlite";
  commit(*aut, {entry(1)});
  fs::rename(file, file + ".moved");
  std::ofstream{file} << "another one";
  const auto answer = commit(*aut, {entry(2)});
  CAF_CHECK(answer.status == spool_status::damaged);
  CAF_MESSAGE(answer.problem);
  CAF_CHECK(commit(*aut, {entry(3)}).status == spool_status::ok);
  CAF_CHECK_EQUAL(ids(*aut), (numbers{3}));
  CAF_CHECK_EQUAL(aside(), 1u);
}

CAF_TEST(while it can not be made anew its commits fail and then work) {
  auto aut = open();
  commit(*aut, {entry(1)});
  fs::remove_all(options.directory);
  std::ofstream{options.directory} << "in the way";
  CAF_CHECK(commit(*aut, {entry(2)}).status == spool_status::damaged);
  const auto answer = commit(*aut, {entry(2)});
  CAF_CHECK(answer.status == spool_status::failed);
  CAF_CHECK(answer.problem.find("can't be made") != std::string::npos);
  fs::remove(options.directory);
  CAF_CHECK(commit(*aut, {entry(2)}).status == spool_status::ok);
  CAF_CHECK_EQUAL(ids(*aut), (numbers{2}));
}

CAF_TEST(a lock file that was removed is made anew and another process stays out) {
  auto aut = open();
  fs::remove(options.directory + "/spool.lock");
  CAF_CHECK(commit(*aut, {entry(1)}).status == spool_status::ok);
  CAF_CHECK(spool::open(options).in_use);
}

CAF_TEST_FIXTURE_SCOPE_END()
