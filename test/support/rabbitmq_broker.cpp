#include "test/support/rabbitmq_broker.hpp"

#include "test/support/eventually.hpp"
#include "test/support/free_port.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace senseflow::test {

using namespace std::chrono_literals;

namespace {

/// A command that ends with us, even if we crash: a forgotten node would stay for good.
std::vector<std::string> bound_to_us(std::vector<std::string> command) {
  command.insert(command.begin(), {"setpriv", "--pdeathsig", "KILL"});
  return command;
}

} // namespace

rabbitmq_broker::rabbitmq_broker(rabbitmq_options options) : options_(std::move(options)) {
  for (int tries = 0; tries < 3; ++tries)
    if (run()) return;
  throw std::runtime_error("RabbitMQ does not start: " + log());
}

bool rabbitmq_broker::run() {
  node_.reset();
  names_.reset();
  port_ = free_port();
  const auto name_port = std::to_string(free_port());
  const auto node_port = std::to_string(free_port());
  // Without one of our own the node would start one that stays.
  names_ =
      std::make_unique<child_process>(bound_to_us({"epmd", "-port", name_port, "-address", "127.0.0.1"}));

  std::ofstream(directory_ / "enabled_plugins") << "[rabbitmq_mqtt].\n";
  std::ofstream(directory_ / "environment"); // instead of the system's
  std::ofstream file(directory_ / "rabbitmq.conf");
  file << "listeners.tcp = none\nmqtt.listeners.tcp.1 = 127.0.0.1:" << port_ << "\n";
  if (options_.username.empty()) {
    file << "mqtt.allow_anonymous = true\nmqtt.default_user = guest\nmqtt.default_pass = guest\n";
  } else {
    file << "mqtt.allow_anonymous = false\ndefault_user = " << options_.username
         << "\ndefault_pass = " << options_.password << "\n";
  }
  file.close();

  std::filesystem::create_directory(directory_ / "home"); // of the node's secret
  node_ = std::make_unique<child_process>(
      bound_to_us({"/usr/lib/rabbitmq/bin/rabbitmq-server"}),
      std::vector<child_process::setting>{
          {"HOME", directory_ / "home"},
          {"ERL_EPMD_PORT", name_port},
          {"ERL_EPMD_ADDRESS", "127.0.0.1"},
          {"ERL_CRASH_DUMP_SECONDS", "0"},
          {"RABBITMQ_NODENAME", "senseflow-test@localhost"},
          {"RABBITMQ_DIST_PORT", node_port},
          {"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2"},
          {"RABBITMQ_MNESIA_BASE", directory_ / "database"},
          {"RABBITMQ_LOG_BASE", directory_ / "log"},
          {"RABBITMQ_LOGS", "-"},
          {"RABBITMQ_GENERATED_CONFIG_DIR", directory_ / "generated"},
          {"RABBITMQ_ENABLED_PLUGINS_FILE", directory_ / "enabled_plugins"},
          {"RABBITMQ_CONFIG_FILE", directory_ / "rabbitmq.conf"},
          {"RABBITMQ_CONF_ENV_FILE", directory_ / "environment"},
          {"RUNNING_UNDER_SYSTEMD", "yes"}, // the node is our child, without a shell in between
      });
  return !node_->wait_for_line("Server startup complete", 90s).empty();
}

} // namespace senseflow::test
