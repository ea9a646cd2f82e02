// What the checks ask with: all use the same, as the service does.
#pragma once

#include "config/settings.hpp"
#include "runtime/http/client.hpp"
#include "runtime/net/resolver.hpp"

#include <memory>

namespace senseflow::runtime::probe {

/// Threads hold it as long as they need it.
struct tools {
  config::settings settings;
  std::shared_ptr<resolver> names;
  std::shared_ptr<http_client> http; ///< to the Sense servers
};
using tools_ptr = std::shared_ptr<const tools>;

} // namespace senseflow::runtime::probe
