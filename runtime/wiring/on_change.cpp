#include "runtime/wiring/on_change.hpp"

#include <fmt/format.h>

namespace senseflow::runtime {

actors::on_change_options on_change_of(const config::settings& s) {
  const auto& x = s.mqtt.on_change;
  return {x.values,
          x.documented,
          {static_cast<double>(x.deadband.cpu), static_cast<double>(x.deadband.memory),
           static_cast<double>(x.deadband.percent)},
          x.refresh_every};
}

std::string describe_on_change(const config::settings& s) {
  const auto& x = s.mqtt.on_change;
  if (!x.values && !x.documented) return {};
  return fmt::format("unchanged {}: published again after {} s and after each connect only",
                     !x.documented ? "values"
                     : !x.values   ? "documents"
                                   : "values and documents",
                     static_cast<double>(x.refresh_every.count()) / 1000);
}

} // namespace senseflow::runtime
