// What all supervised actors have in common: the sign of life, the crash on request, the reason of a crash.
#pragma once

#include "actors/interfaces.hpp"
#include "runtime/provocation.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/error.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <exception>
#include <string>

namespace senseflow::actors {

inline auto answer_ping() {
  return [](caf::ping_atom) { return caf::pong_atom_v; };
}

inline auto crash_on_request() {
  return [](const runtime::provocation& x) { x.happen(); };
}

/// Of an actor with an estate: its `lease` is part of the actor's state.
template <class Lease>
auto crash_on_request(Lease& lease) {
  return [&lease](const runtime::provocation& x) { x.inside ? lease.provoke(x) : x.happen(); };
}

/// Wakes the actor, on whatever thread. Others' threads know it by its address only: a handle would keep it
/// alive.
template <class Self>
auto waker(Self* self) {
  return [address = self->address()] {
    if (auto strong = caf::actor_cast<caf::actor>(address)) caf::anon_send(strong, wake_atom_v);
  };
}

/// An exception ends the actor with its text as the reason, for the supervisor to tell.
template <class Self>
void tell_crashes(Self* self) {
  self->set_exception_handler([](std::exception_ptr& x) -> caf::error {
    try {
      std::rethrow_exception(x);
    } catch (const std::exception& e) {
      return make_error(caf::sec::runtime_error, std::string{e.what()});
    } catch (...) {
      return caf::sec::runtime_error;
    }
  });
}

/// Why an actor ended, in words.
inline std::string cause_of(const caf::error& reason) {
  if (!reason) return "ended by itself";
  if (reason == caf::exit_reason::kill) return "killed";
  if (reason.context().match_elements<std::string>()) return reason.context().get_as<std::string>(0);
  return to_string(reason);
}

} // namespace senseflow::actors
