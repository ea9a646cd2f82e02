#define CAF_SUITE runtime.spool.spool
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

CAF_TEST_FIXTURE_SCOPE(spool_tests, spool_fixture)

CAF_TEST(what was written is read back in order and survives the process) {
  {
    auto aut = open();
    auto done = commit(*aut, {entry(7), entry(8, 1), entry(9)});
    CAF_CHECK(done.status == spool_status::ok);
    CAF_CHECK_EQUAL(done.number, 1u);
  }
  auto aut = open();
  CAF_CHECK_EQUAL(ids(*aut), (numbers{7, 9}));
  CAF_CHECK_EQUAL(ids(*aut, 1), (numbers{8}));
  CAF_CHECK_EQUAL(ids(*aut, 0, 7), (numbers{9}));
  CAF_CHECK_EQUAL(ids(*aut, 0, 0, 1), (numbers{7}));
  auto content = aut->read({1, 0, 0, 1, UINT64_MAX});
  CAF_REQUIRE_EQUAL(content.entries.size(), 1u);
  CAF_CHECK(content.entries[0] == entry(7));
  // One payload, stored and restored once.
  const auto& m = content.entries[0].content->messages;
  CAF_CHECK(m[0].payload.pointer() == m[1].payload.pointer());
}

CAF_TEST(it tells what it finds at the start) {
  {
    auto aut = open();
    aut->commit({1, {entry(7), entry(8, 1), entry(9)}, {}, {0, 0, 5, 2}});
  }
  auto aut = open();
  const auto& found = aut->found();
  CAF_CHECK_EQUAL(found.last_id, 9u);
  CAF_REQUIRE_EQUAL(found.groups.size(), 2u);
  CAF_CHECK_EQUAL(found.groups[0].count, 2u);
  CAF_CHECK_EQUAL(found.groups[0].source, "host0");
  CAF_CHECK_EQUAL(found.groups[1].lane, 1u);
  CAF_CHECK_EQUAL(found.at_risk[2], 5u);
  CAF_CHECK_EQUAL(found.at_risk[3], 2u);
}

CAF_TEST(it knows how far ids have got when no entry does) {
  {
    auto aut = open();
    aut->commit({1, {entry(7)}, {}, {}, {}, 500});
    aut->commit({2, {}, {7}, {}});
  }
  CAF_CHECK_EQUAL(open()->found().last_id, 499u);
  // As an older version left it.
  runtime::database{options.directory + "/spool.sqlite"}.execute("DROP TABLE id_limit");
  auto aut = open();
  CAF_CHECK_EQUAL(aut->found().last_id, 0u);
  commit(*aut, {entry(7)});
  CAF_CHECK_EQUAL(aut->commit({9, {}, {}, {}, {}, 3}).problem, "");
  aut.reset();
  CAF_CHECK_EQUAL(open()->found().last_id, 7u); // what is there counts in any case
}

CAF_TEST(ids go on where they were when the clock was set back and a killed process leaves none unknown) {
  constexpr uint64_t now = 1'800'000'000'000'000, ahead = 1000;
  options.ids_ahead = ahead;
  options.first_id = now;
  CAF_CHECK_EQUAL(open()->found().first_id, now);
  options.first_id = now - 500; // within the reserve
  CAF_CHECK_EQUAL(open()->found().first_id, now + ahead);
  options.first_id = 1; // 1970
  CAF_CHECK_EQUAL(open()->found().first_id, now + 2 * ahead);
  options.first_id = 2 * now;
  CAF_CHECK_EQUAL(open()->found().first_id, 2 * now);
}

CAF_TEST(doing a commit twice has the effect of once) {
  auto aut = open();
  for (int i = 0; i < 2; ++i) commit(*aut, {entry(1), entry(2)});
  auto bytes = aut->bytes();
  CAF_CHECK_EQUAL(bytes, 2 * runtime::spool_size(*entry(1).content));
  for (int i = 0; i < 2; ++i) commit(*aut, {}, {1});
  CAF_CHECK_EQUAL(aut->bytes(), bytes / 2);
  CAF_CHECK_EQUAL(ids(*aut), (numbers{2}));
}

CAF_TEST(a commit that is asked for again gets the same answer again) {
  options.max_bytes = 2 * runtime::spool_size(*entry(1).content);
  auto aut = open();
  commit(*aut, {entry(1), entry(2)});
  messages::spool_commit x{7, {entry(3)}, {}, {}};
  auto first = aut->commit(x);
  CAF_CHECK_EQUAL(first.losses.size(), 1u);
  CAF_CHECK(aut->commit(x) == first);
  CAF_CHECK(aut->commit({}).status == spool_status::ok); // at the end one looks whether it is still there
  CAF_CHECK(aut->commit(x) == first);
  CAF_CHECK_EQUAL(ids(*aut), (numbers{2, 3}));
}

CAF_TEST(above the cap the oldest make room and each is named) {
  options.max_bytes = 3 * runtime::spool_size(*entry(1).content);
  auto aut = open();
  commit(*aut, {entry(1), entry(2), entry(3)});
  auto done = commit(*aut, {entry(4, 1), entry(5)});
  CAF_CHECK(done.status == spool_status::ok);
  CAF_REQUIRE_EQUAL(done.losses.size(), 2u);
  CAF_CHECK((done.losses[1] ==
             messages::spool_loss{2, 0, messages::item_class::user_event, "host0", "spool_full"}));
  CAF_CHECK_EQUAL(ids(*aut), (numbers{3, 5}));
  CAF_CHECK(aut->bytes() <= options.max_bytes);
}

CAF_TEST(what is larger than the cap is refused and nothing changes) {
  options.max_bytes = 3 * runtime::spool_size(*entry(1).content);
  auto aut = open();
  commit(*aut, {entry(1)});
  auto bytes = aut->bytes();
  auto done = commit(*aut, {entry(2, 0, std::string(1000, 'x'))}, {1});
  CAF_CHECK(done.status == spool_status::failed);
  CAF_CHECK(done.problem.find("no room") != std::string::npos);
  CAF_CHECK(done.losses.empty());
  CAF_CHECK_EQUAL(ids(*aut), (numbers{1}));
  CAF_CHECK_EQUAL(aut->bytes(), bytes);
}

CAF_TEST(on a nearly full disk it does not grow) {
  {
    auto aut = open();
    commit(*aut, {entry(1), entry(2), entry(3)});
  }
  options.min_free_bytes = UINT64_MAX / 2;
  auto aut = open();
  auto bytes = aut->bytes();
  auto done = commit(*aut, {entry(4)});
  CAF_REQUIRE_EQUAL(done.losses.size(), 1u);
  CAF_CHECK_EQUAL(done.losses[0].id, 1u);
  CAF_CHECK_EQUAL(done.losses[0].reason, "disk_full");
  CAF_CHECK_EQUAL(aut->bytes(), bytes);
  commit(*aut, {}, {2, 3, 4});
  CAF_CHECK(commit(*aut, {entry(5)}).status == spool_status::failed);
}

CAF_TEST(a disk that is full to the last byte is emptied and then written to again) {
  for (bool by_others : {false, true}) {
    test::small_disk disk{directory / "disk", 64u << 20};
    if (!disk.mounted()) {
      CAF_MESSAGE("nothing can be mounted here");
      return;
    }
    options.directory = directory / "disk/spool";
    auto aut = open();
    std::deque<uint64_t> there;
    uint64_t next = 1;
    auto write = [&] {
      std::vector<messages::spool_entry> some;
      for (auto id = next; id < next + 100; ++id) some.push_back(entry(id, 0, std::string(10'000, 'x')));
      if (commit(*aut, std::move(some)).status != spool_status::ok) return false;
      for (int i = 0; i < 100; ++i) there.push_back(next++);
      return true;
    };
    for (int i = 0; i < 5; ++i) CAF_REQUIRE(write());
    if (by_others) disk.fill();
    while (write()) CAF_REQUIRE(next < 10'000u);
    CAF_CHECK(!write());
    // What is there can be read and removed all the same.
    CAF_CHECK_EQUAL(ids(*aut, 0, 0, UINT32_MAX), (numbers{there.begin(), there.end()}));
    while (!there.empty()) {
      numbers some{there.begin(), there.begin() + 50};
      there.erase(there.begin(), there.begin() + 50);
      CAF_REQUIRE(commit(*aut, {}, some).status == spool_status::ok);
    }
    CAF_CHECK(ids(*aut).empty());
    if (by_others) {
      CAF_CHECK(!write());
      disk.free();
    }
    CAF_CHECK(write());
  }
}

CAF_TEST(a read stops at its limit of bytes but not without an entry) {
  auto aut = open();
  commit(*aut, {entry(1), entry(2), entry(3)});
  auto size = footprint(*entry(1).content);
  CAF_CHECK_EQUAL(aut->read({1, 0, 0, 10, 1}).entries.size(), 1u);
  CAF_CHECK_EQUAL(aut->read({1, 0, 0, 10, 2 * size}).entries.size(), 2u);
}

CAF_TEST(an entry that can not be read is named) {
  auto aut = open();
  commit(*aut, {entry(1), entry(2)});
  {
    runtime::database db{options.directory + "/spool.sqlite"};
    db.execute("UPDATE event SET body=x'ff00' WHERE id=1");
  }
  auto content = aut->read({1, 0, 0, 10, UINT64_MAX});
  CAF_CHECK_EQUAL(content.entries.size(), 1u);
  CAF_REQUIRE_EQUAL(content.losses.size(), 1u);
  CAF_CHECK((content.losses[0] ==
             messages::spool_loss{1, 0, messages::item_class::user_event, "host0", "spool_damaged"}));
  CAF_CHECK_EQUAL(ids(*aut), (numbers{2}));
}

CAF_TEST(two processes never share it) {
  auto aut = open();
  auto second = spool::open(options);
  CAF_CHECK(!second.value);
  CAF_CHECK(second.in_use);
  CAF_CHECK(second.problem.find("pid " + std::to_string(::getpid())) != std::string::npos);
  aut.reset();
  open();
}

CAF_TEST(what was committed survives a kill) {
  auto pid = ::fork();
  if (pid == 0) {
    auto x = spool::open(options);
    if (x.value) x.value->commit({1, {entry(1), entry(2)}, {}, {}});
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  CAF_CHECK(WIFSIGNALED(status));
  auto aut = open();
  CAF_CHECK_EQUAL(ids(*aut), (numbers{1, 2}));
}

CAF_TEST(a directory that can not be made is a clear answer) {
  std::ofstream{options.directory} << "a file";
  auto opened = spool::open(options);
  CAF_CHECK(!opened.value);
  CAF_CHECK(!opened.in_use);
  CAF_CHECK(opened.problem.find(options.directory) != std::string::npos);
}

CAF_TEST(where a publication comes from lies on disk with it) {
  auto x = *entry(1).content;
  x.from = {"node-1", 4711, "0f3a-2"};
  const auto body = runtime::spool_body(x);
  const auto back = runtime::spool_publication(x.cls, x.origin.view(),
                                               {reinterpret_cast<const char*>(body.data()), body.size()});
  CAF_REQUIRE(back.has_value());
  CAF_CHECK(back->from == x.from);
}

CAF_TEST(any bytes are no publication or one and never a crash) {
  auto good = runtime::spool_body(*entry(1).content);
  for (size_t n = 0; n < good.size(); ++n) {
    std::string cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n));
    CAF_CHECK(!runtime::spool_publication(messages::item_class::user_event, "a", cut));
    std::string changed(good.begin(), good.end());
    changed[n] = static_cast<char>(changed[n] ^ 0x55);
    runtime::spool_publication(messages::item_class::user_event, "a", changed);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
