// What the test control wants to go wrong with an actor.
#pragma once

#include <caf/meta/type_name.hpp>
#include <caf/timespan.hpp>

#include <cstdint>
#include <stdexcept>
#include <thread>

namespace senseflow::runtime {

struct provocation {
  caf::timespan hang{0}; ///< it stays so long where it is; none: it throws
  bool inside = false;   ///< while it works on its estate, if it has one; else at once
  uint32_t calls = 0;    ///< inside: so many calls later

  /// Returns after a hang.
  void happen() const {
    if (hang.count() == 0) throw std::runtime_error("crash on request");
    std::this_thread::sleep_for(hang);
  }
};
inline bool operator==(const provocation& a, const provocation& b) {
  return a.hang == b.hang && a.inside == b.inside && a.calls == b.calls;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, provocation& x) {
  return f(caf::meta::type_name("provocation"), x.hang, x.inside, x.calls);
}

} // namespace senseflow::runtime
