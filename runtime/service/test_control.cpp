#include "runtime/service/test_control.hpp"

#include "actors/interfaces.hpp"
#include "runtime/accounting/ledger_report.hpp"
#include "runtime/log.hpp"

#include <caf/send.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace senseflow::runtime {

test_control::test_control(actors::context& env) : env_(env) {
  const char* path = std::getenv("SENSEFLOW_TEST_CONTROL");
  if (!path) return;
  path_ = path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) {
    log::error("SENSEFLOW_TEST_CONTROL: the path {} is too long", path_);
    return;
  }
  std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0 || bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    log::error("SENSEFLOW_TEST_CONTROL: {} can't be opened: {}", path_, std::strerror(errno));
    return;
  }
  log::warn("test control at {}: not for production", path_);
  thread_ = std::thread{[this] { run(); }};
}

test_control::~test_control() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  if (socket_ >= 0) {
    close(socket_);
    unlink(path_.c_str());
  }
}

void test_control::run() {
  std::array<char, 512> buffer{};
  while (!stop_) {
    pollfd p{socket_, POLLIN, 0};
    if (poll(&p, 1, 50) <= 0) continue;
    auto n = recv(socket_, buffer.data(), buffer.size(), 0);
    if (n > 0) obey({buffer.data(), static_cast<size_t>(n)});
  }
}

void test_control::obey(const std::string& command) {
  log::info("test control: {}", command);
  if (command == "ledger") return log::info("ledger {}", to_json(env_.book.snapshot()));
  std::istringstream words{command};
  std::string verb, name;
  provocation what;
  words >> verb;
  if (int64_t ms = 0; verb.compare(0, 4, "hang") == 0 && words >> ms)
    what.hang = std::chrono::milliseconds(ms);
  if (verb == "starve") words >> what.allocation;
  if (verb == "hang-inside" || verb == "crash-inside" || verb == "starve")
    what.inside = static_cast<bool>(words >> what.calls);
  std::getline(words >> std::ws, name);
  const auto actor = caf::actor_cast<caf::actor>(env_.names.find(name));
  if (!actor) return log::error("test control: nobody is called {}", name);
  if (verb == "kill")
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  else
    caf::anon_send(actor, what);
}

} // namespace senseflow::runtime
