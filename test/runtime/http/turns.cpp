#define CAF_SUITE runtime.http.turns
#include "test/support/unit_test.hpp"

#include "runtime/http/turns.hpp"

using namespace senseflow::runtime;

namespace {

struct fixture {
  http_turns turns{2};
  std::shared_ptr<std::atomic<bool>> waiting = std::make_shared<std::atomic<bool>>(false);

  http_turns::transfer_ptr request_to(const std::string& host) {
    http_request r;
    r.url = "https://" + host + "/";
    r.waiting = waiting;
    return std::make_unique<http_transfer>(0, r, [](http_response) {});
  }
  std::string next(bool may_connect = true) {
    last = turns.next(may_connect);
    return last ? last->targets().host() : "";
  }
  http_turns::transfer_ptr last;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(turns_tests, fixture)

CAF_TEST(a server has some places in the line and the others of it wait for them) {
  for (int i = 0; i < 3; ++i) turns.line_up(request_to("192.0.2.1"));
  turns.line_up(request_to("192.0.2.2"));
  CAF_CHECK_EQUAL(turns.waiting(), 3u); // the third of the first waits for its own
  CAF_CHECK_EQUAL(next(), "192.0.2.1");
  const auto first = std::move(last);
  CAF_CHECK_EQUAL(next(), "192.0.2.1");
  CAF_CHECK_EQUAL(next(), "192.0.2.2");
  CAF_CHECK_EQUAL(next(), "");
  turns.ended(*first);
  CAF_CHECK_EQUAL(next(), "192.0.2.1");
}

CAF_TEST(who has to connect goes first when it may and holds up nobody when it may not ) {
  turns.line_up(request_to("192.0.2.1"));
  CAF_CHECK(*waiting);
  CAF_CHECK_EQUAL(next(), "192.0.2.1");
  CAF_CHECK(!*waiting);
  turns.line_up_to_connect(std::move(last));
  CAF_CHECK(*waiting);
  turns.line_up(request_to("192.0.2.2"));
  turns.line_up(request_to("192.0.2.3"));
  CAF_CHECK(turns.longest_wait().count() > 0);
  CAF_CHECK_EQUAL(next(false), "192.0.2.2");
  CAF_CHECK_EQUAL(next(true), "192.0.2.1");
  CAF_CHECK_EQUAL(next(true), "192.0.2.3");
  CAF_CHECK(turns.longest_wait().count() == 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
