// A real Node-RED of a test's own, on loopback: node_red/. The first one in a build directory is installed there
// by npm, which needs a package registry.
#pragma once

#include "test/support/child_process.hpp"
#include "test/support/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace senseflow::test {

/// Why there is no Node-RED; empty if there is one. Installs it if need be, which may take minutes.
std::string why_no_node_red();

/// Starts at once, without flows. Not thread-safe.
class node_red_server {
public:
  node_red_server();

  /// Replaces all flows, as the editor's Deploy does. Throws unless Node-RED takes them.
  void deploy(const nlohmann::json& flows);

  /// In order, as a service manager does; its exit code, or -1 if it did not end in time.
  int stop();

  std::string log() const { return process_->output(); }

private:
  temp_dir directory_; ///< what it would keep in the user's home
  std::unique_ptr<child_process> process_;
  uint16_t port_ = 0;
};

} // namespace senseflow::test
