#include "test/support/mosquitto_broker.hpp"

#include "test/support/eventually.hpp"
#include "test/support/free_port.hpp"

#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace senseflow::test {

mosquitto_broker::mosquitto_broker(broker_options options) : options_(std::move(options)) {
  if (!options_.username.empty()) {
    child_process made(
        {"mosquitto_passwd", "-b", "-c", directory_ / "passwords", options_.username, options_.password});
    if (made.wait() != 0) throw std::runtime_error("mosquitto_passwd: " + made.output());
  }
  for (int tries = 0; tries < 20; ++tries) {
    port_ = free_port();
    if (run()) return;
  }
  throw std::runtime_error("mosquitto does not start: " + log());
}

std::string mosquitto_broker::log() const { return process_ ? process_->output() : std::string{}; }

void mosquitto_broker::start() {
  if (!eventually([this] { return run(); }))
    throw std::runtime_error("mosquitto does not start again: " + log());
}

void mosquitto_broker::stop() {
  // It says "running" a moment before its main loop begins, and forgets a signal that comes between the two.
  auto ended = eventually([this] {
    process_->signal(SIGTERM);
    return process_->wait(std::chrono::milliseconds(200)).has_value();
  });
  if (!ended) throw std::runtime_error("mosquitto does not stop");
}

void mosquitto_broker::kill() {
  process_->signal(SIGKILL);
  if (!process_->wait()) throw std::runtime_error("mosquitto does not end");
  // Written at the last stop in order: messages in it have been delivered since, and would be again.
  std::remove((directory_ / "mosquitto.db").c_str());
}

void mosquitto_broker::freeze() { process_->signal(SIGSTOP); }

void mosquitto_broker::thaw() { process_->signal(SIGCONT); }

void mosquitto_broker::write_configuration() {
  std::ofstream file(directory_ / "mosquitto.conf");
  file << "listener " << port_ << " 127.0.0.1\n"
       << "allow_anonymous " << (options_.allow_anonymous ? "true" : "false") << "\n"
       << "persistence " << (options_.persistence ? "true" : "false") << "\npersistence_location "
       << directory_.path().string()
       << "/\nlog_dest stderr\nlog_type error\nlog_type warning\nlog_type notice\nlog_type "
          "information\nmax_queued_messages 0\nmax_inflight_messages "
          "0\nuser root\n";
  if (!options_.username.empty())
    file << "password_file " << directory_ / "passwords"
         << "\n";
  if (!options_.tls_certificate_file.empty())
    file << "certfile " << options_.tls_certificate_file << "\nkeyfile " << options_.tls_key_file << "\n";
  if (!options_.tls_ca_file.empty()) file << "cafile " << options_.tls_ca_file << "\n";
  if (options_.require_certificate) file << "require_certificate true\n";
  for (const auto& line : options_.more) file << line << "\n";
}

bool mosquitto_broker::run() {
  write_configuration();
  process_.reset();
  process_ = std::make_unique<child_process>(
      std::vector<std::string>{"/usr/sbin/mosquitto", "-c", directory_ / "mosquitto.conf"});
  // "running" comes after the port is open; a taken port ends the program.
  return !process_->wait_for_line("mosquitto version").empty() &&
         !process_->wait_for_line(" running").empty();
}

} // namespace senseflow::test
