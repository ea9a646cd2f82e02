#define CAF_SUITE actors.measured
#include "test/support/unit_test.hpp"

#include "actors/measured.hpp"
#include "actors/supervised.hpp"

#include "test/support/eventually.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

using namespace senseflow;
using namespace actors;
using namespace std::chrono_literals;

namespace {

using worker_actor = supervised_actor::extend<caf::reacts_to<caf::tick_atom>>;

struct worker_state {
  worker_state() {}
  int* ended = nullptr;
  ~worker_state() {
    if (ended) ++*ended;
  }
};

worker_actor::behavior_type worker(worker_actor::stateful_pointer<worker_state> self, context_ptr env,
                                   int* ended, std::chrono::milliseconds takes) {
  self->state.ended = ended;
  return {
      answer_ping(),
      crash_on_request(),
      [env, takes](caf::tick_atom) {
        const auto until = std::chrono::steady_clock::now() + takes;
        while (std::chrono::steady_clock::now() < until) {
        }
      },
  };
}

struct config : caf::actor_system_config {
  config() { add_message_types<caf::id_block::senseflow>(); }
};

} // namespace

CAF_TEST(messages and the time in handlers are counted and the actor is what it was) {
  config c;
  caf::actor_system system{c};
  const auto env = std::make_shared<context>();
  int ended = 0;
  {
    const auto start = measured_start("branch/worker", worker, env, &ended, 2ms);
    auto aut = start(system);
    const auto figures = [&] { return env->meters.figures().at("branch/worker"); };
    for (int i = 0; i < 10; ++i) caf::anon_send(caf::actor_cast<worker_actor>(aut), caf::tick_atom_v);
    caf::scoped_actor self{system};
    self->request(aut, caf::infinite, caf::ping_atom_v)
        .receive([](caf::pong_atom) {}, [](caf::error&) { CAF_ERROR("no answer"); });
    CAF_CHECK(test::eventually([&] { return figures().handled == 11 && figures().busy >= 20ms; }));
    CAF_CHECK(figures().busy < 10s);
    self->monitor(aut);
    self->send_exit(aut, caf::exit_reason::user_shutdown);
    self->receive([](const caf::down_msg&) {});
    CAF_CHECK_EQUAL(ended, 1);
    auto again = start(system); // a new incarnation counts on
    self->request(again, caf::infinite, caf::ping_atom_v)
        .receive([](caf::pong_atom) {}, [](caf::error&) { CAF_ERROR("no answer"); });
    CAF_CHECK(figures().handled >= 12);
    self->send_exit(again, caf::exit_reason::kill);
  }
  CAF_CHECK(test::eventually([&] { return ended == 2; }));
}
