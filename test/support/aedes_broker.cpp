#include "test/support/aedes_broker.hpp"

#include "test/support/free_port.hpp"
#include "test/support/npm.hpp"
#include "test/support/paths.hpp"

#include <chrono>
#include <stdexcept>
#include <vector>

namespace senseflow::test {

using namespace std::chrono_literals;

aedes_broker::aedes_broker(const std::string& directory, const aedes_options& options) {
  npm_install(source_path("test/support/aedes"), directory);
  for (int tries = 0; tries < 20; ++tries) {
    port_ = free_port();
    std::vector<std::string> command{"node", directory + "/broker.js", std::to_string(port_)};
    if (!options.username.empty()) {
      command.push_back(options.username);
      command.push_back(options.password);
    }
    process_ = std::make_unique<child_process>(command);
    if (!process_->wait_for_line("running", 20s).empty()) return;
  }
  throw std::runtime_error("aedes does not start: " + log());
}

} // namespace senseflow::test
