// What the test control wants to go wrong with an actor.
#pragma once

#include <caf/meta/type_name.hpp>
#include <caf/timespan.hpp>

#include <cstdint>
#include <stdexcept>
#include <thread>

namespace senseflow::runtime {

struct provocation {
  caf::timespan hang{0};   ///< it stays so long where it is
  bool inside = false;     ///< while it works on its estate, if it has one; else at once
  uint32_t calls = 0;      ///< inside: so many calls later
  uint32_t allocation = 0; ///< inside: the call's allocation of this number fails; 0: none does

  /// It throws, if nothing else happens.
  bool crashes() const { return hang.count() == 0 && allocation == 0; }
  /// Returns after a hang.
  void happen() const {
    if (crashes()) throw std::runtime_error("crash on request");
    std::this_thread::sleep_for(hang);
  }
};
inline bool operator==(const provocation& a, const provocation& b) {
  return a.hang == b.hang && a.inside == b.inside && a.calls == b.calls && a.allocation == b.allocation;
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, provocation& x) {
  return f(caf::meta::type_name("provocation"), x.hang, x.inside, x.calls, x.allocation);
}

/// While it lives an allocation of its thread fails, the next one having the number 1. Works only in a
/// program that was started with the library of test/scarce_memory.
class failing_allocation {
public:
  explicit failing_allocation(uint32_t number) : number_(number) { fail(number); }
  ~failing_allocation() { fail(0); }
  failing_allocation(const failing_allocation&) = delete;
  failing_allocation& operator=(const failing_allocation&) = delete;

private:
  void fail(uint32_t number) const;

  const uint32_t number_;
};

} // namespace senseflow::runtime
