#include "runtime/provocation.hpp"

#include <dlfcn.h>

namespace senseflow::runtime {

void failing_allocation::fail(uint32_t number) const {
  if (number_ == 0) return;
  static auto* const library =
      reinterpret_cast<uint32_t (*)(uint32_t)>(dlsym(RTLD_DEFAULT, "senseflow_fail_allocation"));
  if (library != nullptr) library(number);
}

} // namespace senseflow::runtime
