#define CAF_SUITE runtime.spool.retained_topics
#include "test/support/unit_test.hpp"

#include "runtime/spool/spool.hpp"

#include "test/support/spool_file.hpp"
#include "test/support/temp_dir.hpp"

using namespace senseflow;
using messages::item_class;
using messages::spool_status;
using runtime::spool;
using topics = std::vector<messages::retained_topic>;

namespace {

struct fixture {
  test::temp_dir directory;

  std::unique_ptr<spool> open() const {
    runtime::spool_options options;
    options.directory = directory / "spool";
    auto x = spool::open(options);
    CAF_REQUIRE_EQUAL(x.problem, "");
    return std::move(x.value);
  }

  static void commit(spool& to, topics x, uint64_t number = 1) {
    messages::spool_commit c;
    c.number = number;
    c.topics = std::move(x);
    CAF_CHECK(to.commit(c).status == spool_status::ok);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(retained_topics_tests, fixture)

CAF_TEST(topics survive the process until they are gone) {
  {
    auto aut = open();
    CAF_CHECK(aut->found().topics.empty());
    commit(*aut, {{"a", item_class::health, "one"}, {"b", item_class::node, "two"}});
    commit(*aut,
           {{"a", item_class::health, "one"},
            {"b", item_class::node, "two", false},
            {"c", item_class::node, ""}},
           2);
  }
  {
    auto aut = open();
    CAF_CHECK(aut->found().topics == (topics{{"a", item_class::health, "one"}, {"c", item_class::node, ""}}));
    commit(*aut, {{"a", item_class::health, "one", false}, {"c", item_class::node, "", false}});
  }
  CAF_CHECK(open()->found().topics.empty());
}

CAF_TEST(the format stays as it is so that older versions can use the file) {
  {
    auto aut = open();
    commit(*aut, {{"a", item_class::health, "one"}});
  }
  runtime::database file{directory / "spool/spool.sqlite"};
  CAF_CHECK_EQUAL(file.integer("PRAGMA user_version"), 1);
  // What they do with it: their own tables only.
  file.execute("INSERT INTO at_risk VALUES(1, 2); DELETE FROM at_risk; DELETE FROM event");
  file = {};
  CAF_CHECK_EQUAL(open()->found().topics.size(), 1u);
}

CAF_TEST(a file without the table is one that has no topics) {
  {
    auto aut = open(); // writes none
  }
  runtime::database file{directory / "spool/spool.sqlite"};
  CAF_CHECK_EQUAL(file.integer("SELECT count(*) FROM sqlite_master WHERE name='retained'"), 0);
  file = {};
  auto aut = open();
  CAF_CHECK(aut->found().topics.empty());
  commit(*aut, {{"a", item_class::health, "one"}});
}

CAF_TEST_FIXTURE_SCOPE_END()
