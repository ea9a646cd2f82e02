#include "runtime/instance.hpp"

#include <fmt/format.h>

#include <random>

namespace senseflow::runtime {

namespace {

std::string& known() {
  static std::string id = [] {
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
  }();
  return id;
}

} // namespace

const std::string& instance() { return known(); }

void set_instance(const std::string& id) {
  if (!id.empty()) known() = id;
}

} // namespace senseflow::runtime
