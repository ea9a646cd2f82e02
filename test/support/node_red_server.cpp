#include "test/support/node_red_server.hpp"

#include "test/support/http_get.hpp"
#include "test/support/npm.hpp"
#include "test/support/paths.hpp"

#include <chrono>
#include <csignal>
#include <exception>
#include <stdexcept>
#include <vector>

namespace senseflow::test {

using namespace std::chrono_literals;

std::string why_no_node_red() {
  try {
    npm_install(source_path("test/support/node_red"), binary_path("node_red"));
    return {};
  } catch (const std::exception& e) {
    return e.what();
  }
}

node_red_server::node_red_server() {
  const auto installed = binary_path("node_red/");
  process_ = std::make_unique<child_process>(
      std::vector<std::string>{"node", installed + "node_modules/node-red/red.js", "--settings",
                               installed + "settings.js", "--userDir", directory_ / "user"},
      std::vector<child_process::setting>{{"HOME", directory_.path()}});
  const auto line = process_->wait_for_line("Server now running at ", 60s);
  const auto at = line.rfind(':');
  if (line.empty()) throw std::runtime_error("Node-RED does not start: " + log());
  port_ = static_cast<uint16_t>(std::stoul(line.substr(at + 1)));
}

void node_red_server::deploy(const nlohmann::json& flows) {
  const auto body = flows.dump();
  const raw_connection to{port_};
  to.send("POST /flows HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
          "Node-RED-Deployment-Type: full\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto reply = reply_of(to.receive(60s));
  if (reply.status != 204)
    throw std::runtime_error("Node-RED does not take the flows: " + reply.head + reply.body + log());
}

int node_red_server::stop() {
  process_->signal(SIGTERM);
  return process_->wait(20s).value_or(-1);
}

} // namespace senseflow::test
