#define CAF_SUITE runtime.http.permits
#include "test/runtime/http/https_fixture.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <future>

using namespace senseflow;
using namespace senseflow::test;
using namespace std::chrono_literals;
using runtime::boot_clock;

namespace {

struct right {
  std::weak_ptr<int> last; ///< what was given last
  std::atomic<int> asked{0};
  std::chrono::milliseconds lasts{60s};
  std::atomic<std::chrono::milliseconds> more{0ms};
  bool given = true;

  std::function<runtime::http_request::permit()> ask() {
    return [this]() -> runtime::http_request::permit {
      ++asked;
      if (!given) return {};
      auto token = std::make_shared<int>(1);
      last = token;
      const auto until = boot_clock::now() + lasts;
      return {token, [this, until] { return until + more.load(); }};
    };
  }
};

} // namespace

CAF_TEST(without a permit no call is made) {
  https_server server(server_options(), [](const auto&) { return http_answer(200, "well"); });
  right none;
  none.given = false;
  auto request = get(server.url("/"));
  request.ask_permit = none.ask();
  const auto r = fetch(request);
  CAF_CHECK(r.error == http_error::not_permitted);
  CAF_CHECK_EQUAL(none.asked.load(), 1);
  CAF_CHECK_EQUAL(server.connections(), 0u);
}

CAF_TEST(a permit is held until the call has ended and no longer) {
  std::promise<void> asked, release;
  auto released = release.get_future().share();
  https_server server(server_options(), [&, released](const auto&) {
    asked.set_value();
    released.wait_for(20s);
    return http_answer(200, "well");
  });
  right some;
  auto request = get(server.url("/"));
  request.timeout = 20s;
  request.ask_permit = some.ask();
  const auto client = runtime::make_http_client(client_tls(), 4, names());
  answers a;
  client->get(1, request, a.take());
  CAF_REQUIRE(asked.get_future().wait_for(20s) == std::future_status::ready);
  CAF_CHECK(!some.last.expired());
  release.set_value();
  CAF_REQUIRE(a.wait_for(1));
  CAF_CHECK(a.all.front().error == http_error::none);
  CAF_CHECK(some.last.expired());
}

CAF_TEST(a call ends with its permit whatever its own time limit is) {
  https_server hanging(server_options(), [](const auto&) { return std::string(); });
  right brief;
  brief.lasts = 300ms;
  auto request = get(hanging.url("/"));
  request.timeout = 20s;
  request.ask_permit = brief.ask();
  const auto before = boot_clock::now();
  const auto r = fetch(request);
  CAF_CHECK(r.error == http_error::not_permitted);
  CAF_CHECK(boot_clock::now() - before < 5s);
  CAF_CHECK(brief.last.expired());
}

CAF_TEST(a permit that is prolonged does not end a call) {
  std::promise<void> asked, release;
  auto released = release.get_future().share();
  https_server server(server_options(), [&, released](const auto&) {
    asked.set_value();
    released.wait_for(20s);
    return http_answer(200, "well");
  });
  right brief;
  brief.lasts = 5s;
  auto request = get(server.url("/"));
  request.timeout = 20s;
  request.ask_permit = brief.ask();
  const auto client = runtime::make_http_client(client_tls(), 4, names());
  answers a;
  const auto over = boot_clock::now() + 5s;
  client->get(1, request, a.take());
  CAF_REQUIRE(asked.get_future().wait_for(20s) == std::future_status::ready);
  brief.more = 20s;
  CAF_REQUIRE(eventually([&] { return boot_clock::now() > over + 200ms; }));
  CAF_CHECK(a.all.empty());
  release.set_value();
  CAF_REQUIRE(a.wait_for(1));
  CAF_CHECK(a.all.front().error == http_error::none);
}

CAF_TEST(who waited for its turn is asked when it has come) {
  std::promise<void> release;
  auto released = release.get_future().share();
  https_server patient(server_options(), [released](const auto&) {
    released.wait_for(20s);
    return http_answer(200, "well");
  });
  const auto client = runtime::make_http_client(client_tls(), 1, names());
  right first, second;
  answers a;
  auto request = get(patient.url("/"));
  request.timeout = 20s;
  request.ask_permit = first.ask();
  client->get(1, request, a.take());
  CAF_REQUIRE(eventually([&] { return patient.connections() == 1; }));
  request.ask_permit = second.ask();
  client->get(2, request, a.take());
  CAF_CHECK_EQUAL(second.asked.load(), 0);
  second.given = false; // it has lost the server meanwhile
  release.set_value();
  CAF_REQUIRE(a.wait_for(2));
  CAF_CHECK(a.all[0].error == http_error::none);
  CAF_CHECK(a.all[1].error == http_error::not_permitted);
}

CAF_TEST(a process that was frozen beyond its permit sends nothing when it goes on) {
  std::atomic<int> requests{0};
  std::promise<void> connected;
  https_server server(server_options(), [&](const auto&) {
    ++requests;
    return http_answer(200, "well");
  });
  // The child asks for its permit, and is frozen before it can have sent anything.
  const auto child = ::fork();
  if (child == 0) {
    const auto client = runtime::make_http_client(client_tls(), 4, runtime::make_resolver());
    answers a;
    auto request = get(server.url("/"));
    request.timeout = 20s;
    request.ask_permit = []() -> runtime::http_request::permit {
      const auto until = boot_clock::now() + 200ms;
      ::raise(SIGSTOP);
      return {std::make_shared<int>(1), [until] { return until; }};
    };
    client->get(1, request, a.take());
    const bool answered = a.wait_for(1);
    ::_exit(answered && a.all.front().error == http_error::not_permitted ? 0 : 1);
  }
  int status = 0;
  CAF_REQUIRE_EQUAL(::waitpid(child, &status, WUNTRACED), child);
  CAF_REQUIRE(WIFSTOPPED(status));
  const auto over = boot_clock::now() + 300ms;
  CAF_REQUIRE(eventually([&] { return boot_clock::now() > over; }));
  ::kill(child, SIGCONT);
  CAF_REQUIRE_EQUAL(::waitpid(child, &status, 0), child);
  CAF_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CAF_CHECK_EQUAL(requests.load(), 0);
}
