#define CAF_SUITE actors.polling.app_directory
#include "actors/polling/app_directory.hpp"
#include "test/support/fake_http_client.hpp"

#include "test/support/actor_fixture.hpp"

using namespace senseflow;
using namespace std::chrono_literals;
using namespace actors;

namespace {

struct fixture : test::actor_fixture {
  std::shared_ptr<test::fake_http_client> http = std::make_shared<test::fake_http_client>();
  std::shared_ptr<app_table> table = std::make_shared<app_table>();

  void start() {
    app_directory_options o;
    o.http = http;
    o.interval = 10s;
    named("lookup/app-directory", sys.spawn(app_directory, env, o, table));
    consume_messages();
  }
  std::string name(const std::string& id) {
    auto names = table->load();
    auto found = names->find(id);
    return found ? *found : "";
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(app_directory_tests, fixture)

CAF_TEST(it asks at once and then every interval) {
  start();
  CAF_CHECK_EQUAL(http->total(), 1u);
  http->answer("[]");
  pass(9999ms);
  CAF_CHECK_EQUAL(http->total(), 1u);
  pass(1ms);
  CAF_CHECK_EQUAL(http->total(), 2u);
}

CAF_TEST(it does not ask again before the last request has ended and counts that) {
  start();
  for (int i = 0; i < 2; ++i) pass(10s);
  CAF_CHECK_EQUAL(http->total(), 1u);
  CAF_CHECK_EQUAL(env->counters.value("app_list_skipped_total", {{"reason", "in_flight"}}), 2);
}

CAF_TEST(a good answer replaces the whole table) {
  start();
  http->answer(R"([{"id":"a","name":"Sales"},{"id":"b","name":"Stock"}])");
  consume_messages();
  CAF_CHECK_EQUAL(name("A"), "Sales");
  pass(10s);
  http->answer(R"([{"id":"b","name":"Stock 2"}])");
  consume_messages();
  CAF_CHECK_EQUAL(name("a"), "");
  CAF_CHECK_EQUAL(name("b"), "Stock 2");
}

CAF_TEST(without a good answer the old table stays) {
  start();
  http->answer(R"([{"id":"a","name":"Sales"}])");
  consume_messages();
  pass(10s);
  http->fail(runtime::http_error::timeout);
  consume_messages();
  pass(10s);
  http->answer("not JSON");
  consume_messages();
  CAF_CHECK_EQUAL(name("a"), "Sales");
  CAF_CHECK_EQUAL(env->counters.sum("app_list_failures_total"), 2);
}

CAF_TEST(the table outlives the actor) {
  start();
  http->answer(R"([{"id":"a","name":"Sales"}])");
  consume_messages();
  kill("lookup/app-directory");
  CAF_CHECK_EQUAL(name("a"), "Sales");
}

CAF_TEST_FIXTURE_SCOPE_END()
