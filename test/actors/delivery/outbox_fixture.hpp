// An outbox with publishers that the test plays, and a spooler on a real or a silent disk.
#pragma once

#include "actors/delivery/outbox.hpp"
#include "actors/delivery/spooler.hpp"
#include "actors/supervised.hpp"

#include "test/support/fake_worker.hpp"
#include "test/support/temp_dir.hpp"

#include "test/support/actor_fixture.hpp"

namespace senseflow::test {

using namespace actors;
using namespace std::chrono_literals;
using messages::item_class;
using messages::outcome;

struct fake_publisher {
  std::vector<messages::outgoing> got;
};

inline publisher_actor::behavior_type fake_publisher_actor(publisher_actor::pointer,
                                                           std::shared_ptr<fake_publisher> x) {
  return {
      answer_ping(),
      crash_on_request(),
      [x](const messages::delivery_batch& b) { x->got.insert(x->got.end(), b.items.begin(), b.items.end()); },
      [](again_atom) { CAF_FAIL("unexpected"); },
      [](wake_atom) { CAF_FAIL("unexpected"); },
      [](caf::tick_atom) { CAF_FAIL("unexpected"); },
      [](caf::connect_atom) { CAF_FAIL("unexpected"); },
      [](retry_atom) { CAF_FAIL("unexpected"); },
  };
}

struct outbox_fixture : actor_fixture {
  outbox_options options;
  outbox_actor_options actor_options;
  std::shared_ptr<outbox_estate> own;
  outbox_actor aut;
  std::shared_ptr<fake_publisher> got = std::make_shared<fake_publisher>();
  publisher_actor publisher = keep(sys.spawn(fake_publisher_actor, got));
  uint64_t number = 0;
  size_t answers = 0;

  void start() {
    if (!own) own = std::make_shared<outbox_estate>(options, env->book);
    aut = named(names::outbox, sys.spawn(outbox, env, actor_options, own));
    consume_messages();
  }

  messages::encoded_batch batch(const std::string& text) {
    messages::publication p;
    p.cls = item_class::user_event;
    p.origin = "a";
    p.messages.push_back({"topic", text, 1, false, 0});
    messages::encoded_batch x;
    x.id = {1, ++number};
    x.publications.emplace_back(std::move(p));
    return x;
  }

  template <class Answer = caf::ok_atom, class... Ts>
  void send(const Ts&... xs) {
    keep(sys.spawn([=](caf::event_based_actor* me) {
      me->request(aut, caf::infinite, xs...).then([this](Answer) { ++answers; }, [](caf::error&) {});
    }));
    consume_messages();
  }
  void send_batch(const messages::encoded_batch& x) { send<messages::demand>(x); }

  void put(const std::string& text) {
    env->book.received(item_class::user_event, "a");
    send_batch(batch(text));
  }
  void connect(uint32_t window = 10, std::vector<uint64_t> holds = {}) {
    send(messages::publisher_state{0, true, false, window, std::move(holds)}, publisher);
  }
  void settle(size_t i, outcome o) { send(messages::settled_batch{0, {{got->got[i].id, o, {}}}}); }
  /// A real one on a real disk.
  test::temp_dir directory;
  std::shared_ptr<test::fake_worker> disk = std::make_shared<test::fake_worker>();
  std::shared_ptr<runtime::spool> spool;
  std::shared_ptr<spool_estate> spool_own;

  void start_spool() {
    if (!spool) {
      runtime::spool_options o;
      o.directory = directory / "spool";
      spool = std::move(runtime::spool::open(o).value);
      spool_own = std::make_shared<spool_estate>(disk, spool);
    }
    named(names::spool, sys.spawn(spooler, env, spooler_options{}, spool_own));
    consume_messages();
  }
  /// The disk answers what it was asked last.
  void let_disk_answer() {
    disk->go_on();
    consume_messages();
  }
  size_t on_disk() {
    size_t n = 0;
    for (uint32_t lane = 0; lane < outbox_store::lane_count; ++lane)
      n += spool->read({0, lane, 0, 1000, UINT64_MAX}).entries.size();
    return n;
  }
  void pass_by(caf::timespan t) {
    for (; t > 0ms; t -= 5ms) pass(5ms);
  }

  std::vector<std::string> texts() {
    std::vector<std::string> result;
    for (const auto& x : got->got) result.push_back(x.content->messages.front().payload.str());
    return result;
  }
};

using strings = std::vector<std::string>;

} // namespace senseflow::test
