#define CAF_SUITE runtime.http.limits
#include "test/runtime/http/https_fixture.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <future>
#include <thread>
#include <vector>

using namespace senseflow;
using namespace senseflow::test;

CAF_TEST(a hanging server times out and does not hold up others) {
  https_server hanging(server_options(), [](const auto&) { return std::string(); });
  https_server good(server_options(), [](const auto&) { return http_answer(200, "well"); });
  const auto client = runtime::make_http_client(client_tls(), 64, names());
  answers slow, quick;
  auto request = get(hanging.url("/"));
  request.timeout = std::chrono::milliseconds(1500);
  for (int i = 0; i < 10; ++i) client->get(1, request, slow.take());
  for (int i = 0; i < 10; ++i) client->get(2, get(good.url("/")), quick.take());
  CAF_REQUIRE(quick.wait_for(10));
  CAF_CHECK_EQUAL(slow.all.size(), 0u);
  CAF_CHECK_LESS_OR_EQUAL(hanging.connections(), 4u); // the others wait for their turn
  CAF_REQUIRE(slow.wait_for(10));
  for (const auto& r : slow.all) CAF_CHECK(r.error == http_error::timeout);
  for (const auto& r : quick.all) CAF_CHECK(r.error == http_error::none);
}

CAF_TEST(the limit of connections can change) {
  std::promise<void> release;
  auto released = release.get_future().share();
  https_server patient(server_options(), [released](const auto&) {
    released.wait_for(std::chrono::seconds(20));
    return http_answer(200, "well");
  });
  const auto client = runtime::make_http_client(client_tls(), 1, names());
  answers all;
  auto request = get(patient.url("/"));
  request.timeout = std::chrono::seconds(20);
  for (int i = 0; i < 2; ++i) client->get(1, request, all.take());
  CAF_REQUIRE(test::eventually([&] { return patient.connections() == 1; }));
  client->limit(3);
  for (int i = 0; i < 2; ++i) client->get(2, request, all.take());
  CAF_CHECK(test::eventually([&] { return patient.connections() == 3; }));
  release.set_value();
  CAF_REQUIRE(all.wait_for(4));
  for (const auto& r : all.all) CAF_CHECK(r.error == http_error::none);
  CAF_CHECK_EQUAL(patient.connections(), 3u); // the fourth waited for one of them
}

CAF_TEST(a lack of descriptors is named and not blamed on the server) {
  https_server server(server_options(true),
                      [](const auto&) { return http_answer(200, "ok", "Connection: close\r\n"); });
  const auto client = runtime::make_http_client(client_tls(), 4, names());
  const auto error = [&] {
    answers a;
    client->get(1, get(server.url("/")), a.take());
    CAF_REQUIRE(a.wait_for(1));
    CAF_MESSAGE(a.all[0].detail);
    return a.all[0].error;
  };
  CAF_CHECK(error() == http_error::none);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  auto low = before;
  low.rlim_cur = 200;
  CAF_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &low), 0);
  std::vector<int> taken;
  for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) taken.push_back(fd);
  const auto free_one = [&] {
    ::close(taken.back());
    taken.pop_back();
  };
  CAF_CHECK(error() == http_error::no_descriptors);
  free_one(); // for the connection, but not for the certificates
  CAF_CHECK(error() == http_error::no_descriptors);
  for (int i = 0; i < 5; ++i) free_one(); // the server needs one too
  CAF_CHECK(error() == http_error::none);
  for (const auto fd : taken) ::close(fd);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

CAF_TEST(waiting for a turn is not part of the time limit) {
  https_server slow(server_options(), [](const auto&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    return http_answer(200, "well");
  });
  const auto client = runtime::make_http_client(client_tls(), 1, names());
  answers all;
  auto request = get(slow.url("/"));
  request.timeout = std::chrono::milliseconds(1500);
  for (int i = 0; i < 6; ++i) client->get(1, request, all.take());
  CAF_REQUIRE(all.wait_for(6));
  for (const auto& r : all.all) {
    CAF_CHECK(r.error == http_error::none);
    CAF_CHECK(r.duration_us < 1'500'000);
  }
}
