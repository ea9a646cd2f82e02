#define CAF_SUITE actors.delivery.spooler
#include "actors/delivery/spooler.hpp"
#include "actors/supervised.hpp"

#include "test/support/temp_dir.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace actors;

namespace {

struct fixture : test::actor_fixture {
  test::temp_dir directory;
  std::shared_ptr<spool_estate> own;
  spool_actor aut;

  void start() {
    if (!own) {
      runtime::spool_options o;
      o.directory = directory / "spool";
      own = std::make_shared<spool_estate>(std::move(runtime::spool::open(o).value));
    }
    aut = keep(sys.spawn(spooler, own));
    consume_messages();
  }

  messages::spool_commit commit(uint64_t number) {
    messages::publication p;
    p.cls = messages::item_class::log_event;
    p.origin = "a";
    p.messages.push_back({"topic", "text", 1, false, 0});
    return {number, {{number, 3, 0, p}}, {}, {}};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(spooler_tests, fixture)

CAF_TEST(what was committed can be read also after a crash) {
  start();
  auto done = ask<messages::spool_committed>(aut, commit(1));
  CAF_CHECK_EQUAL(done.number, 1u);
  caf::anon_send(aut, crash_atom_v);
  consume_messages();
  CAF_CHECK(ended(aut));
  start();
  ask<messages::spool_committed>(aut, commit(2));
  auto content = ask<messages::spool_content>(aut, messages::spool_read{7, 3, 0, 10, 1000});
  CAF_CHECK_EQUAL(content.number, 7u);
  CAF_CHECK_EQUAL(content.entries.size(), 2u);
}

CAF_TEST(an incarnation that was given up does nothing any more) {
  start();
  auto old = aut;
  start();
  caf::anon_send(old, commit(1));
  consume_messages();
  CAF_CHECK(ended(old));
  auto content = ask<messages::spool_content>(aut, messages::spool_read{1, 3, 0, 10, 1000});
  CAF_CHECK(content.entries.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
