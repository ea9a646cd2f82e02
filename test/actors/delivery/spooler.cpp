#define CAF_SUITE actors.delivery.spooler
#include "actors/delivery/spooler.hpp"
#include "actors/supervised.hpp"

#include "test/support/fake_worker.hpp"
#include "test/support/temp_dir.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;

namespace {

struct fixture : test::actor_fixture {
  test::temp_dir directory;
  std::shared_ptr<test::fake_worker> disk = std::make_shared<test::fake_worker>();
  std::shared_ptr<spool_estate> own;
  spool_actor aut;

  void start() {
    if (!own) {
      runtime::spool_options o;
      o.directory = directory / "spool";
      own = std::make_shared<spool_estate>(disk, std::move(runtime::spool::open(o).value));
    }
    aut = keep(sys.spawn(spooler, env, spooler_options{}, own));
    consume_messages();
  }

  messages::spool_commit commit(uint64_t number) {
    messages::publication p;
    p.cls = messages::item_class::log_event;
    p.origin = "a";
    p.messages.push_back({"topic", "text", 1, false, 0});
    return {number, {{number, 3, 0, p}}, {}, {}};
  }

  /// Answers come into these.
  std::vector<uint64_t> committed, loaded;

  void ask_for_commit(uint64_t number) {
    keep(sys.spawn([=](caf::event_based_actor* me) {
      me->request(aut, caf::infinite, commit(number))
          .then([this](const messages::spool_committed& x) { committed.push_back(x.number); },
                [](caf::error&) {});
    }));
    consume_messages();
  }
  void ask_for_read(uint64_t number) {
    keep(sys.spawn([=](caf::event_based_actor* me) {
      me->request(aut, caf::infinite, messages::spool_read{number, 3, 0, 10, 1000})
          .then([this](const messages::spool_content& x) { loaded.push_back(x.number); }, [](caf::error&) {});
    }));
    consume_messages();
  }
  void let_disk_answer() {
    disk->go_on();
    consume_messages();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(spooler_tests, fixture)

CAF_TEST(what was committed can be read also after a crash) {
  start();
  auto done = ask<messages::spool_committed>(aut, commit(1));
  CAF_CHECK_EQUAL(done.number, 1u);
  caf::anon_send(aut, runtime::provocation{});
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

CAF_TEST(while the disk hangs it answers pings and afterwards what was asked last) {
  start();
  disk->hangs = true;
  ask_for_commit(1);
  ask_for_read(2);
  ask_for_commit(1); // the outbox was restarted
  ask_for_read(3);
  for (int i = 0; i < 100; ++i) pass(500ms);
  ask<caf::pong_atom>(aut, caf::ping_atom_v);
  CAF_CHECK_EQUAL(env->counters.value("spool_silences_total", {}), 1);
  CAF_CHECK(committed.empty());
  let_disk_answer();
  CAF_CHECK_EQUAL(committed, (std::vector<uint64_t>{1}));
  let_disk_answer();
  CAF_CHECK_EQUAL(loaded, (std::vector<uint64_t>{3}));
  CAF_CHECK(!disk->waiting);
}

CAF_TEST(after a crash no more than one question waits behind a disk that hangs) {
  start();
  disk->hangs = true;
  ask_for_commit(1);
  caf::anon_send(aut, runtime::provocation{});
  consume_messages();
  start();
  ask_for_commit(1);
  let_disk_answer();
  CAF_CHECK_EQUAL(committed, (std::vector<uint64_t>{1}));
  CAF_CHECK(!disk->waiting);
}

CAF_TEST_FIXTURE_SCOPE_END()
