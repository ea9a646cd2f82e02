#define CAF_SUITE runtime.admin.answers
#include "test/support/unit_test.hpp"

#include "runtime/accounting/metrics.hpp"
#include "runtime/admin/answers.hpp"

#include "test/support/node_facts.hpp"

#include <nlohmann/json.hpp>

#include <memory>

using namespace senseflow;
using namespace runtime;
using namespace std::chrono_literals;

namespace {

struct fixture {
  std::shared_ptr<snapshot<node_status>> status = std::make_shared<snapshot<node_status>>();
  status_keeper keeper;
  metrics counters;
  facts x = test::healthy_node();
  admin_answers_options options;

  fixture() {
    options.status = status;
    options.counters = [this] { return counters.families(); };
    x.when = std::chrono::steady_clock::now();
  }
  void look() { status->store(keeper.add(x)); }

  http_question get(std::string_view target) const { return {"GET", target, "127.0.0.1:9843", {}, {}, {}}; }
  http_answer ask(const http_question& q) { return admin_answers{options}.answer(q); }
  unsigned ask(std::string_view target) { return ask(get(target)).status; }
  std::string header(const http_answer& a, const std::string& name) {
    for (const auto& [n, value] : a.headers)
      if (n == name) return value;
    return {};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(answers_tests, fixture)

CAF_TEST(all that is there is answered with its type) {
  look();
  const std::vector<std::pair<const char*, const char*>> all{
      {"/live", "text/plain; charset=utf-8"},
      {"/ready", "text/plain; charset=utf-8"},
      {"/health", "application/json"},
      {"/api/status", "application/json"},
      {"/api/status?x=1", "application/json"},
      {"/metrics", "text/plain; version=0.0.4; charset=utf-8"},
      {"/", "text/html; charset=utf-8"},
      {"/page.css", "text/css; charset=utf-8"},
      {"/page.js", "text/javascript; charset=utf-8"}};
  for (const auto& [target, type] : all) {
    const auto a = ask(get(target));
    CAF_CHECK_EQUAL(a.status, 200u);
    CAF_CHECK_EQUAL(a.type, type);
    CAF_CHECK(!a.body->empty());
  }
  for (const auto* target : {"/x", "", "/live/", "//live", "/../etc/passwd", "/index.html", "*"})
    CAF_CHECK_EQUAL(ask(target), 404u);
}

CAF_TEST(nothing but reading is allowed) {
  look();
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"}) {
    auto q = get("/api/status");
    q.method = method;
    const auto a = ask(q);
    CAF_CHECK_EQUAL(a.status, 405u);
    CAF_CHECK_EQUAL(header(a, "Allow"), "GET, HEAD");
  }
}

CAF_TEST(before the first look it is alive and not ready) {
  CAF_CHECK_EQUAL(ask("/live"), 200u);
  for (const auto* target : {"/ready", "/health", "/metrics", "/api/status"})
    CAF_CHECK_EQUAL(ask(target), 503u);
}

CAF_TEST(it is not alive when nothing has moved for a minute) {
  x.when -= 61s;
  look();
  CAF_CHECK_EQUAL(ask("/live"), 503u);
  x.settings.hang_timeout = 60s; // who restarts what hangs takes longer then
  look();
  CAF_CHECK_EQUAL(ask("/live"), 200u);
}

CAF_TEST(it is ready as configured) {
  x.brokers[0].connected = false;
  look();
  CAF_CHECK_EQUAL(ask("/ready"), 200u);
  x.settings.ready_needs_broker = true;
  look();
  CAF_CHECK_EQUAL(ask("/ready"), 503u);
  CAF_CHECK_EQUAL(*ask(get("/ready")).body, "not ready: No broker is connected.\n");
  x.brokers[0].connected = true;
  x.phase = service_phase::stopping;
  look();
  CAF_CHECK_EQUAL(ask("/ready"), 503u);
  CAF_CHECK_EQUAL(ask("/live"), 200u);
}

CAF_TEST(health fails only when something is critical) {
  x.ledger_faults = 1;
  look();
  CAF_CHECK_EQUAL(ask("/health"), 200u);
  x.brokers[0].connected = false;
  x.brokers[0].since = x.at - 2min;
  look();
  const auto a = ask(get("/health"));
  CAF_CHECK_EQUAL(a.status, 503u);
  CAF_CHECK_EQUAL(nlohmann::json::parse(*a.body)["status"], "critical");
}

CAF_TEST(with a token all but probes and the page want it) {
  look();
  options.token = "secret-token";
  options.check_host = false;
  for (const auto* target : {"/live", "/ready", "/", "/page.js", "/page.css"})
    CAF_CHECK_EQUAL(ask(target), 200u);
  for (const auto* target : {"/health", "/metrics", "/api/status", "/nothing"}) {
    auto q = get(target);
    const auto a = ask(q);
    CAF_CHECK_EQUAL(a.status, 401u);
    CAF_CHECK_EQUAL(header(a, "WWW-Authenticate"), "Bearer");
    for (const auto* wrong :
         {"Bearer secret-toke", "Bearer secret-tokens", "Bearer ", "secret-token", "Basic secret-token"}) {
      q.authorization = wrong;
      CAF_CHECK_EQUAL(ask(q).status, 401u);
    }
    q.authorization = "bearer secret-token";
    CAF_CHECK(ask(q).status == 200 || q.target == "/nothing");
  }
}

CAF_TEST(a browser that was led here by another name is refused) {
  look();
  options.host = "sf1";
  for (const auto* host : {"", "127.0.0.1", "127.0.0.1:9843", "[::1]:9843", "localhost:9843", "LOCALHOST",
                           "x.localhost", "SF1:9843"}) {
    auto q = get("/api/status");
    q.host = host;
    CAF_CHECK_EQUAL(ask(q).status, 200u);
  }
  for (const auto* host :
       {"evil.example:9843", "127.0.0.1.evil.example", "localhost.evil.example", "sf1.evil", "[", "[x]"}) {
    auto q = get("/api/status");
    q.host = host;
    CAF_CHECK_EQUAL(ask(q).status, 403u);
    q.target = "/live"; // probes by any name
    CAF_CHECK_EQUAL(ask(q).status, 200u);
  }
}

CAF_TEST(what a client has already is not sent again) {
  look();
  admin_answers aut{options};
  for (const auto* target : {"/", "/page.js", "/api/status"}) {
    auto q = get(target);
    const auto etag = header(aut.answer(q), "ETag");
    CAF_CHECK(etag.size() > 2);
    q.if_none_match = etag;
    CAF_CHECK_EQUAL(aut.answer(q).status, 304u);
    CAF_CHECK_EQUAL(aut.answer(q).body->size(), 0u);
    q.if_none_match = "\"other\"";
    CAF_CHECK_EQUAL(aut.answer(q).status, 200u);
  }
  auto q = get("/api/status");
  const auto before = aut.answer(q);
  CAF_CHECK(aut.answer(q).body == before.body); // made once
  test::pass(x, 1s);
  look();
  CAF_CHECK(header(aut.answer(q), "ETag") != header(before, "ETag"));
}

CAF_TEST(Prometheus gets the format it asks for) {
  look();
  auto q = get("/metrics");
  q.accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
  CAF_CHECK_EQUAL(ask(q).type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

CAF_TEST_FIXTURE_SCOPE_END()
