// config/cluster/ put to work on loopback: its commands as its README has them, its files with other places.
#pragma once

#include "test/support/unit_test.hpp"

#include "runtime/etcd/client.hpp"
#include "test/support/child_process.hpp"
#include "test/support/eventually.hpp"
#include "test/support/free_port.hpp"
#include "test/support/paths.hpp"
#include "test/support/slowdown.hpp"
#include "test/support/subscriber.hpp"
#include "test/support/temp_dir.hpp"

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

using namespace std::chrono_literals;
using replacements = std::vector<std::pair<std::string, std::string>>;

inline std::string file_text(const std::string& name) {
  std::ifstream in(name);
  if (!in) throw std::runtime_error("no file " + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Each of them must be in the text: an example that changes must not leave a replacement without effect.
inline std::string replaced(std::string text, const replacements& all) {
  for (const auto& [from, to] : all) {
    size_t n = 0;
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size(), ++n)
      text.replace(at, from.size(), to);
    if (n == 0) throw std::runtime_error("\"" + from + "\" is not in the text: " + text);
  }
  return text;
}

inline std::string example(const std::string& name, const replacements& all = {}) {
  return replaced(file_text(source_path("config/cluster/" + name)), all);
}

/// The first commands below this heading of the README.
inline std::string commands_of(const std::string& heading) {
  const auto text = example("README.md");
  auto begin = text.find("\n## " + heading);
  begin = begin == std::string::npos ? begin : text.find("\n```\n", begin);
  if (begin == std::string::npos) throw std::runtime_error("no commands below " + heading);
  begin += 5;
  return text.substr(begin, text.find("\n```\n", begin) + 1 - begin);
}

/// A directory with the certificates of step 1, in which the other commands run, too.
class deployment_site {
public:
  deployment_site() {
    std::filesystem::create_symlink(source_path("config"), directory / "config");
    run(replaced(commands_of("1. Certificates"), {{"192.0.2.11", "127.0.0.1"},
                                                  {"192.0.2.12", "127.0.0.1"},
                                                  {"192.0.2.13", "127.0.0.1"},
                                                  {"broker.example.com", "broker.example.com,127.0.0.1"}}));
  }

  struct outcome {
    int code = -1;
    std::string output;
  };
  outcome attempt(const std::string& script, const std::vector<child_process::setting>& environment = {}) {
    const auto in_directory = "cd " + directory.path().string() + "\n" + script;
    child_process p({"bash", "-e", "-o", "pipefail", "-c", in_directory}, environment);
    const auto code = p.wait(60s * slowdown);
    return {code.value_or(-1), p.output()};
  }
  std::string run(const std::string& script, const std::vector<child_process::setting>& environment = {}) {
    auto x = attempt(script, environment);
    if (x.code != 0) throw std::runtime_error("failed: " + script + "\n" + x.output);
    return x.output;
  }

  std::string pki(const std::string& name) const { return directory / ("pki/" + name); }
  /// What a command has written, without its line end.
  std::string secret(const std::string& file) const {
    auto text = file_text(directory / file);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

  temp_dir directory;
};

/// Three members of etcd as the example has them, with the users of step 3.
class deployed_etcd {
public:
  explicit deployed_etcd(deployment_site& site) : site_(site) {
    for (int tries = 0; tries < 5 && !start(); ++tries) continue;
    if (!members_[0]) throw std::runtime_error("etcd does not start");
    site_.run(commands_of("3. Users of etcd"), as_administrator());
  }

  std::vector<std::string> endpoints() const {
    std::vector<std::string> result;
    for (const auto port : client_ports_) result.push_back("https://127.0.0.1:" + std::to_string(port));
    return result;
  }
  /// For etcdctl.
  std::vector<child_process::setting> as_administrator() const {
    const auto all = endpoints();
    return {{"ETCDCTL_API", "3"},
            {"ETCDCTL_ENDPOINTS", all[0] + "," + all[1] + "," + all[2]},
            {"ETCDCTL_CACERT", site_.pki("ca.pem")},
            {"ETCDCTL_CERT", site_.pki("client_admin.pem")},
            {"ETCDCTL_KEY", site_.pki("client_admin_key.pem")}};
  }
  /// As node1 connects.
  runtime::etcd_options as_node() const {
    runtime::etcd_options o;
    o.endpoints = endpoints();
    o.ca_file = site_.pki("ca.pem");
    o.certificate_file = site_.pki("client_node1.pem");
    o.key_file = site_.pki("client_node1_key.pem");
    o.username = "senseflow";
    o.password = site_.secret("etcd_password");
    o.timeout = 5s * slowdown;
    return o;
  }

private:
  static constexpr size_t size = 3;

  // A port may be somebody else's by now: then with others, and from the beginning.
  bool start() {
    for (auto& x : client_ports_) x = free_port();
    for (auto& x : peer_ports_) x = free_port();
    for (size_t i = 0; i < size; ++i) launch(i);
    if (serves()) return true;
    for (auto& x : members_) x.reset();
    return false;
  }

  bool serves() const {
    for (const auto& x : members_)
      if (x->wait_for_line("ready to serve client requests", 20s * slowdown).empty()) return false;
    return true;
  }

  void launch(size_t member) {
    const auto name = "node" + std::to_string(member + 1);
    const auto data = site_.directory / ("data_" + name);
    const auto file = site_.directory / ("etcd_" + name + ".yaml");
    std::filesystem::remove_all(data);
    const auto own = [&](const char* scheme, uint16_t port) {
      return scheme + std::string{"127.0.0.1:"} + std::to_string(port);
    };
    replacements all{{"name: node1\n", "name: " + name + "\n"},
                     {"advertise-client-urls: https://node1.example.com:2379",
                      "advertise-client-urls: " + own("https://", client_ports_[member])},
                     {"advertise-peer-urls: https://node1.example.com:2380",
                      "advertise-peer-urls: " + own("https://", peer_ports_[member])},
                     {"192.0.2.11:2379", own("", client_ports_[member])},
                     {"192.0.2.11:2380", own("", peer_ports_[member])}};
    for (size_t i = 0; i < size; ++i)
      all.emplace_back("node" + std::to_string(i + 1) + ".example.com:2380", own("", peer_ports_[i]));
    all.emplace_back("/var/lib/etcd/senseflow", data);
    all.emplace_back("/etc/etcd/tls/server.pem", site_.pki("server_" + name + ".example.com.pem"));
    all.emplace_back("/etc/etcd/tls/server_key.pem", site_.pki("server_" + name + ".example.com_key.pem"));
    all.emplace_back("/etc/etcd/tls/ca.pem", site_.pki("ca.pem"));
    std::ofstream{file} << example("etcd.example.yaml", all);
    members_[member] = std::make_unique<child_process>(
        std::vector<std::string>{"etcd"}, std::vector<child_process::setting>{{"ETCD_CONFIG_FILE", file}});
  }

  deployment_site& site_;
  std::array<uint16_t, size> client_ports_{}, peer_ports_{};
  std::array<std::unique_ptr<child_process>, size> members_;
};

/// mosquitto with the listener, the access list and the users of step 4.
class deployed_broker {
public:
  explicit deployed_broker(deployment_site& site) : site_(site) {
    site_.run(commands_of("4. The broker"));
    for (int tries = 0; tries < 20; ++tries) {
      port_ = free_port();
      if (start()) return;
    }
    throw std::runtime_error("mosquitto does not start: " + process_->output());
  }

  uint16_t port() const { return port_; }

  subscriber_options as(const std::string& user, const std::string& secret, const std::string& filter) const {
    subscriber_options o;
    o.port = port_;
    o.filter = filter;
    o.username = user;
    o.password = site_.secret(secret);
    o.tls_ca_file = site_.pki("ca.pem");
    return o;
  }

  /// The exit code of mosquitto_pub, QoS 1; `user` empty = anonymous.
  int publish(const std::string& user, const std::string& password, const std::string& topic,
              const std::string& text, bool retain = false) const {
    std::vector<std::string> command{"mosquitto_pub",
                                     "-V",
                                     "mqttv5",
                                     "-q",
                                     "1",
                                     "-h",
                                     "127.0.0.1",
                                     "-p",
                                     std::to_string(port_),
                                     "--cafile",
                                     site_.pki("ca.pem"),
                                     "-t",
                                     topic,
                                     "-m",
                                     text};
    if (!user.empty()) command.insert(command.end(), {"-u", user, "-P", password});
    if (retain) command.emplace_back("-r");
    child_process p(command);
    return p.wait(20s * slowdown).value_or(-1);
  }

private:
  bool start() {
    std::ofstream{site_.directory / "mosquitto.conf"}
        << example("mosquitto.example.conf",
                   {{"listener 8883", "listener " + std::to_string(port_) + " 127.0.0.1"},
                    {"/etc/mosquitto/certs/server.pem", site_.pki("server_broker.example.com.pem")},
                    {"/etc/mosquitto/certs/server_key.pem", site_.pki("server_broker.example.com_key.pem")},
                    {"/etc/mosquitto/senseflow.passwords", site_.directory / "senseflow.passwords"},
                    {"/etc/mosquitto/senseflow.acl", source_path("config/cluster/mosquitto.example.acl")}})
        << "user root\nlog_dest stderr\n";
    process_ = std::make_unique<child_process>(
        std::vector<std::string>{"/usr/sbin/mosquitto", "-c", site_.directory / "mosquitto.conf"});
    return !process_->wait_for_line(" running").empty();
  }

  deployment_site& site_;
  uint16_t port_ = 0;
  std::unique_ptr<child_process> process_;
};

} // namespace senseflow::test
