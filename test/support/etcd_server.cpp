#include "test/support/etcd_server.hpp"

#include "test/support/eventually.hpp"
#include "test/support/free_port.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>
#include <stdexcept>

namespace senseflow::test {
namespace {

std::string name_of(size_t member) { return "n" + std::to_string(member + 1); }
std::string loopback(uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

constexpr auto start_limit = std::chrono::seconds(20);

} // namespace

etcd_server::etcd_server(etcd_server_options options) : options_(std::move(options)) {
  for (int tries = 0; tries < 10; ++tries)
    if (start_all()) return;
  throw std::runtime_error("etcd does not start: " + log());
}

// A port may be somebody else's by now: then with others, and from the beginning.
bool etcd_server::start_all() {
  members_.clear();
  members_.resize(options_.members);
  for (auto& x : members_) {
    x.client_port = free_port();
    x.peer_port = free_port();
  }
  for (size_t i = 0; i < size(); ++i) {
    std::filesystem::remove_all(directory_ / name_of(i));
    launch(i);
  }
  for (size_t i = 0; i < size(); ++i)
    if (!serves(i)) return false;
  return true;
}

void etcd_server::launch(size_t member) {
  auto& x = members_.at(member);
  std::string cluster;
  for (size_t i = 0; i < size(); ++i)
    cluster += (i == 0 ? "" : ",") + name_of(i) + "=http://" + loopback(members_[i].peer_port);
  const auto peer = "http://" + loopback(x.peer_port);
  std::vector<std::string> command{"etcd",
                                   "--name=" + name_of(member),
                                   "--data-dir=" + (directory_ / name_of(member)),
                                   "--listen-client-urls=" + endpoint(member),
                                   "--advertise-client-urls=" + endpoint(member),
                                   "--listen-peer-urls=" + peer,
                                   "--initial-advertise-peer-urls=" + peer,
                                   "--initial-cluster=" + cluster};
  if (size() == 1) { // nobody can be slow
    command.emplace_back("--heartbeat-interval=20");
    command.emplace_back("--election-timeout=200");
  }
  if (!options_.certificate_file.empty()) {
    command.push_back("--cert-file=" + options_.certificate_file);
    command.push_back("--key-file=" + options_.key_file);
  }
  if (!options_.client_ca_file.empty()) {
    command.emplace_back("--client-cert-auth");
    command.push_back("--trusted-ca-file=" + options_.client_ca_file);
  }
  command.insert(command.end(), options_.more.begin(), options_.more.end());
  x.process = std::make_unique<child_process>(command);
}

bool etcd_server::serves(size_t member) const {
  return !members_.at(member).process->wait_for_line("ready to serve client requests", start_limit).empty();
}

std::string etcd_server::endpoint(size_t member) const {
  return scheme() + "://" + loopback(members_.at(member).client_port);
}

std::vector<std::string> etcd_server::endpoints() const {
  std::vector<std::string> result;
  for (size_t i = 0; i < size(); ++i) result.push_back(endpoint(i));
  return result;
}

std::string etcd_server::log(size_t member) const {
  const auto& process = members_.at(member).process;
  return process ? process->output() : std::string{};
}

void etcd_server::start(size_t member) {
  const auto started = [&] {
    launch(member);
    return serves(member);
  };
  if (!eventually(started)) throw std::runtime_error("etcd does not start again: " + log(member));
}

void etcd_server::stop(size_t member) {
  auto& process = *members_.at(member).process;
  process.signal(SIGTERM);
  if (!process.wait()) throw std::runtime_error("etcd does not stop");
}

void etcd_server::kill(size_t member) {
  auto& process = *members_.at(member).process;
  process.signal(SIGKILL);
  if (!process.wait()) throw std::runtime_error("etcd does not end");
}

void etcd_server::freeze(size_t member) const { members_.at(member).process->signal(SIGSTOP); }

void etcd_server::thaw(size_t member) const { members_.at(member).process->signal(SIGCONT); }

std::string etcd_server::ctl(std::vector<std::string> words, int only_member) const {
  std::string all;
  for (size_t i = 0; i < size(); ++i)
    if (only_member < 0 || static_cast<size_t>(only_member) == i)
      all += (all.empty() ? "" : ",") + endpoint(i);
  std::vector<std::string> command{"etcdctl", "--endpoints=" + all, "--dial-timeout=5s",
                                   "--command-timeout=10s"};
  if (!options_.client_ca_file.empty()) command.push_back("--cacert=" + options_.client_ca_file);
  if (!options_.own_certificate_file.empty()) {
    command.push_back("--cert=" + options_.own_certificate_file);
    command.push_back("--key=" + options_.own_key_file);
  }
  command.insert(command.end(), words.begin(), words.end());
  child_process run(command, {{"ETCDCTL_API", "3"}});
  if (run.wait(start_limit) != 0) throw std::runtime_error("etcdctl " + words.at(0) + ": " + run.output());
  return run.output();
}

size_t etcd_server::leader(std::optional<size_t> except) const {
  size_t result = size();
  const auto found = [&] {
    for (size_t i = 0; i < size(); ++i) {
      if (i == except) continue;
      const auto answer = nlohmann::json::parse(
          ctl({"endpoint", "status", "-w", "json"}, static_cast<int>(i)), nullptr, false);
      if (!answer.is_array() || answer.empty()) continue;
      const auto& status = answer[0]["Status"];
      const auto leader = status.value("leader", uint64_t{0});
      if (leader != 0 && status["header"].value("member_id", uint64_t{1}) == leader) result = i;
    }
    return result < size();
  };
  if (!eventually(found)) throw std::runtime_error("etcd has no leader");
  return result;
}

void etcd_server::enable_authentication(const std::string& password) const {
  ctl({"user", "add", "root:" + password});
  ctl({"user", "grant-role", "root", "root"});
  ctl({"auth", "enable"});
}

} // namespace senseflow::test
