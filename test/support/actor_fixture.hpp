// For tests of actors: CAF's deterministic scheduler, where messages are handled and time moves when the test
// says so. Include it last: CAF's test language defines macros with everyday names (expect, allow, inject).
#pragma once

#include "actors/context.hpp"
#include "actors/interfaces.hpp"
#include "test/support/sound_ledger.hpp"
#include "test/support/unit_test.hpp"

#include <caf/all.hpp>

#define FAIL CAF_FAIL
#include <caf/test/dsl.hpp>

namespace senseflow::test {

struct actor_test_config : caf::actor_system_config {
  actor_test_config() { add_message_types<caf::id_block::senseflow>(); }
};

class actor_fixture : public test_coordinator_fixture<actor_test_config> {
public:
  actors::context_ptr env = std::make_shared<actors::context>();

  ~actor_fixture() override {
    // Periodic actors would keep the system's destructor waiting for ever.
    for (const auto& name : env->names.names()) end(env->names.find(name));
    for (const auto& address : others_) end(caf::actor_cast<caf::strong_actor_ptr>(address));
    consume_messages();
    if (const auto wrong = unsound(env->book); !wrong.empty()) CAF_ERROR(wrong);
  }

  /// Registers the actor and ends it with the fixture.
  template <class Handle>
  Handle named(const std::string& name, Handle handle) {
    env->names.put(name, caf::actor_cast<caf::strong_actor_ptr>(handle));
    return keep(handle);
  }

  /// Ends the actor with the fixture.
  template <class Handle>
  Handle keep(Handle handle) {
    others_.push_back(handle.address());
    return handle;
  }

  void kill(const std::string& name) {
    auto actor = env->names.find(name);
    env->names.erase(name, caf::actor_cast<caf::actor_addr>(actor));
    end(actor);
    consume_messages();
  }

  template <class Handle>
  void kill_actor(const Handle& handle) {
    end(caf::actor_cast<caf::strong_actor_ptr>(handle));
    consume_messages();
  }

  /// Makes a neighbour of fake_actors.hpp answer the oldest message that has no answer yet.
  void let_answer(const std::string& name) {
    caf::anon_send(caf::actor_cast<caf::actor>(env->names.find(name)), caf::update_atom_v);
    consume_messages();
  }

  template <class Handle>
  void stop(const Handle& handle) {
    caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  /// Whether the actor has ended.
  template <class Handle>
  bool ended(const Handle& handle) {
    return caf::actor_cast<caf::abstract_actor*>(handle)->getf(caf::abstract_actor::is_terminated_flag);
  }

  /// Moves the time in one step and handles all that follows from it.
  void pass(caf::timespan t) {
    advance_time(t);
    consume_messages();
  }

  /// The answer to a request; CAF's own `request` would wait for periodic actors to come to rest.
  template <class Result, class Handle, class... Ts>
  Result ask(const Handle& handle, const Ts&... xs) {
    auto answer = self->request(handle, caf::infinite, xs...);
    consume_messages();
    Result result{};
    answer.receive([&](Result& x) { result = std::move(x); },
                   [&](caf::error& e) { CAF_FAIL("no answer: " << sys.render(e)); });
    return result;
  }

  /// As it is now; lives until the next call, because checks keep references.
  runtime::ledger_line& line(messages::item_class c) {
    book_ = env->book.snapshot();
    return book_[static_cast<size_t>(c)];
  }

private:
  void end(const caf::strong_actor_ptr& actor) {
    if (actor) caf::anon_send_exit(caf::actor_cast<caf::actor>(actor), caf::exit_reason::kill);
  }

  std::vector<caf::actor_addr> others_;
  runtime::ledger::snapshot_type book_;
};

} // namespace senseflow::test
