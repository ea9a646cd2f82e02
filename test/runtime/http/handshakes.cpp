#define CAF_SUITE runtime.http.handshakes
#include "test/runtime/http/https_fixture.hpp"

#include "runtime/http/handshake_pace.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <list>
#include <thread>

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::list<https_server> servers;

  https_server& serve(std::function<void()> before_handshake, const std::string& body = "well") {
    auto o = server_options();
    o.before_handshake = std::move(before_handshake);
    return servers.emplace_back(o, [body](const auto&) { return http_answer(200, body); });
  }
  https_server& serve_silent() {
    return serve([released = released] { released.wait_for(60s); });
  }
  ~fixture() { release.set_value(); }
};

runtime::http_request get(const https_server& server, std::chrono::milliseconds timeout) {
  auto result = test::get(server.url("/"));
  result.timeout = timeout;
  return result;
}

runtime::http_response fetch(runtime::http_client& client, const runtime::http_request& r) {
  answers a;
  client.get(1, r, a.take());
  CAF_REQUIRE(a.wait_for(1));
  if (a.all[0].error != http_error::none) CAF_MESSAGE(a.all[0].detail);
  return a.all[0];
}

/// A port on loopback that takes no more connections and does not say so: its queue is full.
class deaf_port {
public:
  deaf_port() {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof own;
    auto* address = reinterpret_cast<sockaddr*>(&own);
    CAF_REQUIRE(::bind(listener_, address, size) == 0 && ::listen(listener_, 0) == 0);
    ::getsockname(listener_, address, &size);
    port_ = ntohs(own.sin_port);
    for (auto fd : waiting_) ::connect(fd, address, size);
  }
  ~deaf_port() {
    for (auto fd : waiting_) ::close(fd);
    ::close(listener_);
  }

  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_) + "/"; }

private:
  static int socket_now() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

  int listener_ = socket_now();
  uint16_t port_ = 0;
  std::vector<int> waiting_{socket_now(), socket_now(), socket_now()};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(handshake_tests, fixture)

CAF_TEST(a handshake that ends after the limit of the request leaves its connection for the next one) {
  auto& slow = serve([] { std::this_thread::sleep_for(1200ms); });
  const auto client = runtime::make_http_client(client_tls(), 8, names());
  const auto first = fetch(*client, get(slow, 1000ms));
  CAF_CHECK_EQUAL(first.body, "well");
  CAF_CHECK(first.connected_us > 1'000'000);
  CAF_CHECK(first.duration_us >= first.connected_us);
  const auto second = fetch(*client, get(slow, 1000ms));
  CAF_CHECK_EQUAL(second.body, "well");
  CAF_CHECK_EQUAL(second.connected_us, 0u);
  CAF_CHECK_EQUAL(slow.connections(), 1u);
}

CAF_TEST(a server that never shakes hands is given up) {
  const auto client = runtime::make_http_client(client_tls(), 8, names());
  const auto r = fetch(*client, get(serve_silent(), 400ms));
  CAF_CHECK(r.error == http_error::timeout);
  CAF_CHECK(contains(r.detail, "the TLS handshake was not completed within"));
  CAF_CHECK(r.duration_us >= 1'200'000);
}

CAF_TEST(a server that takes no connection has the limit of the request) {
  const deaf_port deaf;
  const auto client = runtime::make_http_client(client_tls(), 8, names());
  auto request = test::get(deaf.url());
  request.timeout = 1000ms;
  const auto r = fetch(*client, request);
  CAF_CHECK(r.error == http_error::timeout);
  CAF_CHECK(contains(r.detail, "no complete response within 1000 ms"));
  CAF_CHECK(r.duration_us < 3'000'000); // which a handshake might take
}

CAF_TEST(servers that never shake hands hold up the others for a moment only) {
  constexpr size_t silent = 5 * runtime::handshake_pace::least;
  const auto client = runtime::make_http_client(client_tls(), 200, names());
  answers hanging;
  for (size_t i = 0; i < silent; ++i) client->get(i, get(serve_silent(), 20s), hanging.take());
  auto request = get(serve({}), 5s);
  request.waiting = std::make_shared<std::atomic<bool>>(false);
  answers good;
  client->get(1, request, good.take());
  CAF_CHECK(test::eventually([&] { return request.waiting->load(); }));
  CAF_REQUIRE(good.wait_for(1));
  CAF_CHECK_EQUAL(good.all[0].body, "well");
  CAF_CHECK(!*request.waiting);
  CAF_CHECK(good.all[0].waited_us > 100'000); // for its turn: the silent ones were first
  CAF_CHECK_EQUAL(hanging.all.size(), 0u);
}

CAF_TEST(a handshake gives way after the limit of the request when others need its connection) {
  const auto client = runtime::make_http_client(client_tls(), 1, names());
  answers silent, good;
  client->get(1, get(serve_silent(), 1500ms), silent.take());
  client->get(2, get(serve({}), 1500ms), good.take());
  CAF_REQUIRE(good.wait_for(1) && silent.wait_for(1));
  CAF_CHECK(good.all[0].error == http_error::none);
  CAF_CHECK(good.all[0].waited_us >= 1'000'000);
  CAF_CHECK(silent.all[0].error == http_error::timeout);
  CAF_CHECK(silent.all[0].duration_us < 4'500'000);
}

CAF_TEST(a connection that is gone is replaced when its turn has come) {
  std::atomic<bool> close{true};
  https_server server(server_options(), [&](const auto&) {
    return http_answer(200, "well", close ? "Connection: close\r\n" : "");
  });
  const auto client = runtime::make_http_client(client_tls(), 8, names());
  for (int i = 0; i < 3; ++i) CAF_CHECK(fetch(*client, get(server, 5s)).connected_us > 0);
  close = false;
  CAF_CHECK(fetch(*client, get(server, 5s)).connected_us > 0);
  CAF_CHECK_EQUAL(fetch(*client, get(server, 5s)).connected_us, 0u);
  CAF_CHECK_EQUAL(server.connections(), 4u);
}

CAF_TEST(redirects to servers that keep no connection get there) {
  auto& last = serve({}, "there");
  https_server middle(server_options(), [&](const auto&) {
    return http_answer(302, "", "Connection: close\r\nLocation: " + last.url("/") + "\r\n");
  });
  https_server first(server_options(), [&](const auto&) {
    return http_answer(302, "", "Connection: close\r\nLocation: " + middle.url("/") + "\r\n");
  });
  const auto client = runtime::make_http_client(client_tls(), 8, names());
  for (int i = 0; i < 2; ++i) CAF_CHECK_EQUAL(fetch(*client, get(first, 5s)).body, "there");
  CAF_CHECK_EQUAL(last.connections(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
