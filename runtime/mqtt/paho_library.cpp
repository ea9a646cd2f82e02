#include "runtime/mqtt/paho_library.hpp"

#include <dlfcn.h>

#include <utility>

namespace senseflow::runtime {
namespace {

void* library_of(void* code) {
  Dl_info where{};
  return ::dladdr(code, &where) == 0 ? nullptr : where.dli_fbase;
}

} // namespace

bool is_in_paho(void* code) {
  static void* const paho = library_of(::dlsym(RTLD_DEFAULT, "MQTTAsync_create"));
  thread_local std::pair<void*, bool> last{nullptr, false};
  if (code != last.first) last = {code, paho != nullptr && library_of(code) == paho};
  return last.second;
}

} // namespace senseflow::runtime
