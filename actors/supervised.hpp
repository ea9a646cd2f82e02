// What all supervised actors have in common: the sign of life, the crash on request, the log line of a crash.
#pragma once

#include "actors/interfaces.hpp"
#include "runtime/log.hpp"

#include <caf/error.hpp>
#include <caf/sec.hpp>

#include <exception>
#include <stdexcept>
#include <string>

namespace senseflow::actors {

inline auto answer_ping() {
  return [](caf::ping_atom) { return caf::pong_atom_v; };
}

inline auto crash_on_request() {
  return [](crash_atom) { throw std::runtime_error("crash on request"); };
}

/// An exception ends the actor; say which, because CAF's exit reason only says that there was one.
template <class Self>
void log_crashes(Self* self, std::string name) {
  self->set_exception_handler([name = std::move(name)](std::exception_ptr& x) -> caf::error {
    try {
      std::rethrow_exception(x);
    } catch (const std::exception& e) {
      runtime::log::error("{} failed: {}", name, e.what());
    } catch (...) {
      runtime::log::error("{} failed", name);
    }
    return caf::sec::runtime_error;
  });
}

} // namespace senseflow::actors
