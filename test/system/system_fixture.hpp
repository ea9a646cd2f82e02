// The built program as a process of its own, with a real broker, a simulated site and a subscriber that is
// not ours.
#pragma once

#include "bench/certificates.hpp"
#include "bench/event_generator/generator.hpp"
#include "bench/sense_site/site.hpp"
#include "test/support/child_process.hpp"
#include "test/support/eventually.hpp"
#include "test/support/message_judge.hpp"
#include "test/support/mosquitto_broker.hpp"
#include "test/support/paths.hpp"
#include "test/support/subscriber.hpp"
#include "test/support/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <csignal>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace senseflow::test {

using namespace std::chrono_literals;

/// The program is built like its tests: a sanitizer takes its share of the memory.
#ifdef __SANITIZE_ADDRESS__
inline constexpr uint64_t memory_factor = 6;
#else
inline constexpr uint64_t memory_factor = 1;
#endif

/// A UDP port on loopback that was free a moment ago.
inline uint16_t free_udp_port() {
  auto fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof own;
  auto ok = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&own), size) == 0 &&
            ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) == 0;
  if (fd >= 0) ::close(fd);
  if (!ok) throw std::runtime_error("no free UDP port on loopback");
  return ntohs(own.sin_port);
}

/// The configuration of a test; only what it names differs from the defaults.
struct system_config {
  std::string broker_host = "127.0.0.1";
  uint16_t broker_port = 0;
  std::string mqtt;       ///< further lines of mqttConfig, flow style: "username: a, password: b"
  uint16_t user_port = 0; ///< 0: no user events
  uint16_t log_port = 0;  ///< 0: no log events
  std::string user_udp;   ///< further entries of udpServerConfig, flow style
  const bench::site* site = nullptr;
  std::vector<std::pair<std::string, std::string>> servers; ///< name, host:port; besides those of the site
  std::string certificates;                                 ///< directory
  std::string client = "client";                            ///< NAME.pem and NAME_key.pem
  bool verify = true;
  int polling_ms = 1000;
  bool sessions = false;
  bool app_names = false;
  std::string per_server; ///< further entries of each server, flow style
  std::string actors;     ///< entries of the actors section, flow style
  std::string more;       ///< further sections, indented by two

  std::string text() const {
    std::string y = "Butler-SOS:\n";
    y += "  mqttConfig: {enable: true, brokerHost: " + broker_host +
         ", brokerPort: " + std::to_string(broker_port) + ", baseTopic: butler-sos/" +
         (mqtt.empty() ? "" : ", " + mqtt) + "}\n";
    auto udp = [&](const char* port_key, uint16_t port) {
      return std::string{"    udpServerConfig: {serverHost: 127.0.0.1, "} + port_key + ": " +
             std::to_string(port) + (user_udp.empty() ? "" : ", " + user_udp) + "}\n";
    };
    if (user_port) y += "  userEvents:\n    enable: true\n" + udp("portUserActivityEvents", user_port);
    if (log_port)
      y += "  logEvents:\n" + udp("portLogEvents", log_port) +
           "    source: {engine: {enable: true}, proxy: {enable: true}, repository: {enable: true}, "
           "scheduler: {enable: true}, qixPerf: {enable: true}}\n"
           "    enginePerformanceMonitor: {enable: true, appNameLookup: {enable: true}, "
           "monitorFilter: {allApps: {enable: true}}}\n";
    if (!certificates.empty())
      y += "  cert: {clientCert: " + certificates + "/" + client + ".pem, clientCertKey: " + certificates +
           "/" + client + "_key.pem, clientCertCA: " + certificates + "/root.pem}\n";
    auto all = servers;
    if (site)
      for (const auto& e : site->endpoints()) all.emplace_back(e.name, "127.0.0.1:" + std::to_string(e.port));
    if (!all.empty()) {
      y += "  serversToMonitor:\n    pollingInterval: " + std::to_string(polling_ms) +
           "\n    rejectUnauthorized: " + (verify ? "true" : "false") + "\n    servers:\n";
      for (const auto& [name, host] : all)
        y += "      - {host: '" + host + "', serverName: " + name +
             (sessions ? ", userSessions: {enable: true, host: '" + host +
                             "', virtualProxies: [{virtualProxy: /}, {virtualProxy: /hdr}]}"
                       : "") +
             (per_server.empty() ? "" : ", " + per_server) + "}\n";
    }
    if (sessions)
      y += "  userSessions: {enableSessionExtract: true, pollingInterval: " + std::to_string(polling_ms) +
           "}\n";
    if (app_names)
      y += "  appNames: {enableAppNameExtract: true, extractInterval: 60000, hostIP: '" + all.front().second +
           "'}\n";
    if (!actors.empty()) y += "  actors: {" + actors + "}\n";
    return y + more;
  }
};

/// The program, with its configuration in `directory`.
class senseflow_process {
public:
  /// `wrapper` is a command that runs the one that follows it, in a namespace of its own say. `descriptors` are
  /// handed over.
  senseflow_process(const temp_dir& directory, const std::string& config,
                    std::vector<std::string> arguments = {}, const std::vector<std::string>& wrapper = {},
                    const std::string& program = "senseflow", const std::vector<int>& descriptors = {})
      : control_(directory / "control"), file_(directory / "senseflow.yaml") {
    std::filesystem::remove(control_); // a killed one leaves it
    configure(config);
    auto command = wrapper;
    command.insert(command.end(), {binary_path(program), "-c", file_});
    command.insert(command.end(), arguments.begin(), arguments.end());
    // The address sanitizer keeps 256 MiB that were freed unless it is told so: tests measure memory.
    process_ = std::make_unique<child_process>(
        command,
        std::vector<child_process::setting>{{"SENSEFLOW_TEST_CONTROL", control_},
                                            {"ASAN_OPTIONS", "quarantine_size_mb=32"}},
        descriptors);
  }

  /// Writes its configuration, which it reads at the start and at SIGHUP.
  void configure(const std::string& config) const {
    message_judge::configured(config);
    std::ofstream out{file_};
    out << config;
    if (config.find("\n  delivery:") == std::string::npos) // a spool of its own
      out << "  delivery: {spool: {path: " << file_ << ".spool}}\n";
  }

  child_process& process() { return *process_; }
  std::string output() const { return process_->output(); }

  bool says(const std::string& text, std::chrono::milliseconds within = 15s) const {
    if (!process_->wait_for_line(text, within).empty()) return true;
    auto all = output();
    std::cerr << "it does not say \"" << text << "\" but:\n"
              << all.substr(all.size() - std::min<size_t>(all.size(), 4000)) << std::flush;
    return false;
  }

  /// Connected to the broker, and both ports are open.
  bool ready() const {
    return says("connected to the MQTT broker") && says("receiving user events") &&
           says("receiving log events");
  }

  /// See runtime/service/test_control.hpp. It may not be there in the first moments.
  void control(const std::string& command) const {
    auto fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, control_.c_str(), sizeof to.sun_path - 1);
    const auto sent = eventually(
        [&] {
          return ::sendto(fd, command.data(), command.size(), 0, reinterpret_cast<sockaddr*>(&to),
                          sizeof to) >= 0;
        },
        5s, 5ms);
    ::close(fd);
    if (!sent) throw std::runtime_error("the test control can't be reached: " + output());
  }

  /// Stops it as an operator would; its exit code, or -1 if it did not end in time.
  int stop(std::chrono::milliseconds within = 20s) {
    process_->signal(SIGTERM);
    return process_->wait(within).value_or(-1);
  }

  /// The last ledger in its log.
  nlohmann::json ledger() const {
    auto text = output();
    text.erase(text.rfind('\n') + 1); // a line may still be on its way
    auto at = text.rfind("ledger {");
    if (at == std::string::npos) throw std::runtime_error("no ledger in the log: " + text);
    at += 7;
    return nlohmann::json::parse(text.substr(at, text.find('\n', at) - at));
  }

  /// The ledger of this moment.
  nlohmann::json ledger_now() const;

  /// True when no event is on its way any more, neither in memory nor on disk.
  bool at_rest(std::chrono::milliseconds within) const {
    auto nothing_left = [this] {
      auto left = 0;
      const auto book = ledger_now();
      for (auto cls : {"userevent", "logevent"})
        for (auto place : {"inSources", "inMemory", "inFlight", "onDisk"})
          left += book.at(cls).at(place).get<int>();
      return left == 0;
    };
    return eventually(nothing_left, within, 50ms); // each look is a line in the log
  }

  /// In bytes: the most it has had so far, and what it has now.
  uint64_t peak_memory() const { return status("VmHWM:"); }
  uint64_t memory() const { return status("VmRSS:"); }

private:
  uint64_t status(const std::string& what) const {
    std::ifstream file{"/proc/" + std::to_string(process_->pid()) + "/status"};
    for (std::string line; std::getline(file, line);)
      if (line.rfind(what, 0) == 0) return std::stoull(line.substr(what.size())) << 10;
    throw std::runtime_error("the process has no memory: has it ended?");
  }

  std::string control_;
  std::string file_;
  std::unique_ptr<child_process> process_;
};

/// How often a text occurs.
inline size_t occurrences(const std::string& text, const std::string& what) {
  size_t n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

inline nlohmann::json senseflow_process::ledger_now() const {
  auto complete = [this] {
    auto text = output();
    return occurrences(text.substr(0, text.rfind('\n') + 1), " ledger {");
  };
  auto before = complete();
  control("ledger");
  if (!eventually([&] { return complete() > before; }))
    throw std::runtime_error("no ledger in the log: " + output());
  return ledger();
}

} // namespace senseflow::test
