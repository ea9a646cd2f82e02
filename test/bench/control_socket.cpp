#define CAF_SUITE bench.control_socket

#include "test/support/unit_test.hpp"

#include "test/bench/site_fixture.hpp"

#include <nlohmann/json.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

using namespace senseflow::bench;
using nlohmann::json;

namespace {

sockaddr_un address_of(const std::string& path) {
  sockaddr_un result{};
  result.sun_family = AF_UNIX;
  path.copy(result.sun_path, sizeof(result.sun_path) - 1);
  return result;
}

/// A peer of the control socket. A plain socket: Asio's blocking calls have no time limit.
class peer {
public:
  explicit peer(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto address = address_of(path);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
      throw std::runtime_error("cannot connect to " + path);
    const timeval limit{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  peer(const peer&) = delete;
  ~peer() { ::close(socket_); }

  void send(const std::string& text) {
    for (size_t sent = 0; sent < text.size();) {
      const auto count = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return;
      sent += static_cast<size_t>(count);
    }
  }

  /// Empty if the other side closed.
  std::string line() {
    std::string result;
    for (char c = 0; ::recv(socket_, &c, 1, 0) == 1 && c != '\n';) result += c;
    return result;
  }

private:
  int socket_;
};

struct fixture : site_fixture {
  std::string path = directory / "control";

  site& start_with_control(size_t servers) {
    site_options options;
    options.servers = servers;
    options.control_path = path;
    return start(options);
  }

  bool cannot_start() {
    try {
      start_with_control(1);
      return false;
    } catch (const std::runtime_error& e) {
      return std::string{e.what()}.find(path) != std::string::npos;
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(control_socket_tests, fixture)

CAF_TEST(commands change the servers and are answered in order) {
  start_with_control(3);
  peer control{path};
  control.send("{\"servers\":\"1-2\",\"status\":500}\nnonsense\n{\"stats\":true}\n");
  CAF_CHECK(json::parse(control.line()) == (json{{"ok", true}, {"servers", 2}}));
  CAF_CHECK(json::parse(control.line()).at("ok") == false);
  CAF_CHECK_EQUAL(json::parse(control.line()).at("servers").size(), 3u);
  https_client client{directory.path()};
  CAF_CHECK_EQUAL(client.get(port(2), "/engine/healthcheck").status, 500);
  CAF_CHECK_EQUAL(client.get(port(3), "/engine/healthcheck").status, 200);
}

CAF_TEST(a line may come in pieces and several peers at once) {
  start_with_control(1);
  peer a{path}, b{path};
  a.send("{\"servers\":\"all\",");
  b.send("{\"stats\":true}\n");
  CAF_CHECK(json::parse(b.line()).at("ok") == true);
  a.send("\"hang\":false}\n");
  CAF_CHECK(json::parse(a.line()).at("ok") == true);
}

CAF_TEST(a line without end closes the peer and not the site) {
  start_with_control(1);
  peer endless{path};
  endless.send(std::string(200'000, 'x'));
  CAF_CHECK_EQUAL(endless.line(), "");
  peer next{path};
  next.send("{\"stats\":true}\n");
  CAF_CHECK(json::parse(next.line()).at("ok") == true);
}

CAF_TEST(only the owner can connect and the path goes with the site) {
  start_with_control(1);
  struct stat st {};
  CAF_REQUIRE_EQUAL(::stat(path.c_str(), &st), 0);
  CAF_CHECK_EQUAL(st.st_mode & 0777u, 0600u);
  running.reset();
  CAF_CHECK(!std::filesystem::exists(path));
}

CAF_TEST(a path in use or of another file is left alone) {
  start_with_control(1);
  const auto first = std::move(running);
  CAF_CHECK(cannot_start());
  CAF_CHECK(std::filesystem::exists(path));
  peer control{path};
  control.send("{\"stats\":true}\n");
  CAF_CHECK(json::parse(control.line()).at("ok") == true);
  path = directory / "file";
  std::ofstream{path} << "precious";
  CAF_CHECK(cannot_start());
  CAF_CHECK_EQUAL(std::filesystem::file_size(path), 8u);
}

CAF_TEST(a socket left by a dead process is replaced) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = address_of(path);
  CAF_REQUIRE_EQUAL(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ::close(fd);
  start_with_control(1);
  peer control{path};
  control.send("{\"stats\":true}\n");
  CAF_CHECK(json::parse(control.line()).at("ok") == true);
}

CAF_TEST_FIXTURE_SCOPE_END()
