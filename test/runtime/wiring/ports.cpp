#define CAF_SUITE runtime.wiring.ports
#include "test/support/unit_test.hpp"

#include "runtime/udp/bind.hpp"
#include "runtime/wiring/ports.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

using namespace senseflow;
using namespace runtime;

namespace {

/// "user,log" as indices; '-' for none.
std::string shares(const std::vector<known_socket>& sockets) {
  const auto x = share_out(sockets, 9997, 9996);
  const auto text = [](std::optional<size_t> i) { return i ? std::to_string(*i) : std::string{"-"}; };
  return text(x.user_events) + ',' + text(x.log_events);
}

handed_over_socket socket_called(std::string name, int type = SOCK_DGRAM) {
  handed_over_socket result{unique_fd{::socket(AF_INET, type | SOCK_CLOEXEC, 0)}, std::move(name)};
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CAF_REQUIRE(::bind(result.fd.get(), reinterpret_cast<sockaddr*>(&own), sizeof own) == 0);
  return result;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

} // namespace

CAF_TEST(a socket is for the receiver that it is named after else for that of its port else for the next one) {
  CAF_CHECK_EQUAL(shares({}), "-,-");
  CAF_CHECK_EQUAL(shares({{"log-events", 9997}, {"user-events", 9996}}), "1,0");
  CAF_CHECK_EQUAL(shares({{"senseflow.socket", 9996}, {"senseflow.socket", 9997}}), "1,0");
  CAF_CHECK_EQUAL(shares({{"senseflow.socket", 1}, {"senseflow.socket", 2}}), "0,1");
  CAF_CHECK_EQUAL(shares({{"senseflow.socket", 1}, {"senseflow.socket", 9997}}), "1,0");
  CAF_CHECK_EQUAL(shares({{"x", 9997}, {"user-events", 1}}), "1,0");
  CAF_CHECK_EQUAL(shares({{"senseflow.socket", 9996}}), "-,0");
  CAF_CHECK_EQUAL(shares({{"log-events", 9997}}), "-,0"); // not for user events, whatever its port
  CAF_CHECK_EQUAL(shares({{"log-events", 1}, {"log-events", 9997}}), "-,0");
  CAF_CHECK_EQUAL(shares({{"a", 1}, {"b", 2}, {"c", 9996}}), "0,2");
}

CAF_TEST(a receiver gets the socket that was handed over as often as it opens its port) {
  auto for_users = socket_called("user-events");
  const auto port = udp_port(for_users.fd).value_or(0);
  config::settings s;
  s.user_events.enable = true;
  std::vector<handed_over_socket> sockets;
  sockets.push_back(std::move(for_users));
  const auto aut = std::make_shared<service_ports>(std::move(sockets), s);
  CAF_CHECK(aut->unused().empty());
  CAF_CHECK(!aut->trouble("user-events"));
  udp_options o;
  o.host = "127.0.0.1";
  o.port = port;
  for (int i = 0; i < 2; ++i) {
    const auto opened = service_ports::opener(aut, "user-events")(o);
    CAF_CHECK(opened.source);
    CAF_CHECK_EQUAL(opened.port, port);
    CAF_CHECK(contains(opened.origin, "handed over"));
  }
  CAF_CHECK_EQUAL(aut->trouble("user-events").value_or("-"), "");
  const auto other = service_ports::opener(aut, "log-events")(o); // its own, which is in use
  CAF_CHECK(!other.source);
  CAF_CHECK(contains(aut->trouble("log-events").value_or("-"), "in use"));
}

CAF_TEST(sockets that nobody needs are named) {
  config::settings s;
  s.user_events.enable = true;
  std::vector<handed_over_socket> sockets;
  sockets.push_back(socket_called("senseflow.socket", SOCK_STREAM));
  for (const auto* name : {"user-events", "log-events", "further"}) sockets.push_back(socket_called(name));
  const service_ports aut{std::move(sockets), s};
  CAF_REQUIRE_EQUAL(aut.unused().size(), 3u);
  CAF_CHECK(contains(aut.unused()[0], "\"senseflow.socket\", which is no UDP socket"));
  CAF_CHECK(contains(aut.unused()[1], "for log events, which are switched off"));
  CAF_CHECK(contains(aut.unused()[2], "(\"further\"), too"));
}
