#define CAF_SUITE runtime.etcd.session
#include "test/support/unit_test.hpp"

#include "runtime/etcd/session.hpp"

#include <string>
#include <vector>

using namespace senseflow;
using namespace senseflow::runtime;
using namespace std::chrono_literals;

namespace {

struct fixture {
  std::vector<etcd_session::answered> asked;
  etcd_session session{true, [this](etcd_session::answered done) { asked.push_back(std::move(done)); }};
  etcd_session::clock::time_point now = etcd_session::clock::now();
  std::vector<etcd_error> told;

  void want() {
    session.want([this](const etcd_reading& x) { told.push_back(x.error); }, now);
  }
  void answer(etcd_error error, const std::string& token = {}) {
    etcd_reading x;
    x.error = error;
    x.token = token;
    x.detail = error == etcd_error::none ? "" : "no";
    const auto done = std::move(asked.back());
    done(x);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(session, fixture)

CAF_TEST(all who wait are served by one authentication and later ones by its token) {
  for (int i = 0; i < 100; ++i) want();
  CAF_CHECK_EQUAL(asked.size(), 1u);
  CAF_CHECK(told.empty());
  answer(etcd_error::none, "token1");
  CAF_CHECK_EQUAL(told.size(), 100u);
  want();
  CAF_CHECK_EQUAL(told.size(), 101u);
  CAF_CHECK_EQUAL(asked.size(), 1u);
  CAF_CHECK_EQUAL(session.token(), "token1");
}

CAF_TEST(a token that gets no answers at all is given up after a while and only then) {
  want();
  answer(etcd_error::none, "token1");
  session.taken("token1", now + 20s);
  session.unanswered("token1", now + 29s);
  session.unanswered("token0", now + 60s);
  CAF_CHECK_EQUAL(session.token(), "token1");
  session.unanswered("token1", now + 30s);
  CAF_CHECK_EQUAL(session.token(), "");
  session.unanswered("token1", now + 31s);
  want();
  CAF_CHECK_EQUAL(asked.size(), 2u);
}

CAF_TEST(a forgotten token is asked for once though all calls are refused) {
  want();
  answer(etcd_error::none, "token1");
  const auto later = now + 10s;
  for (int i = 0; i < 100; ++i) {
    CAF_CHECK(session.refused("token1", later));
    want();
  }
  CAF_CHECK_EQUAL(asked.size(), 2u);
  answer(etcd_error::none, "token2");
  CAF_CHECK_EQUAL(told.size(), 101u);
  CAF_CHECK(session.refused("token1", later)); // a straggler: the newer one is there
  CAF_CHECK_EQUAL(session.token(), "token2");
}

CAF_TEST(a new token that was taken and then forgotten is asked for again at once) {
  want();
  answer(etcd_error::none, "token1");
  session.taken("token1", now);
  CAF_CHECK(session.refused("token1", etcd_session::clock::now()));
  want();
  CAF_CHECK_EQUAL(asked.size(), 2u);
}

CAF_TEST(a new token that was never taken is not worth another) {
  want();
  answer(etcd_error::none, "token1");
  CAF_CHECK(!session.refused("token1", etcd_session::clock::now()));
  CAF_CHECK_EQUAL(session.token(), "token1");
}

CAF_TEST(a refused password is not asked about by every call) {
  want();
  answer(etcd_error::denied);
  CAF_CHECK_EQUAL(told.size(), 1u);
  for (int i = 0; i < 100; ++i) want();
  CAF_CHECK_EQUAL(asked.size(), 1u);
  CAF_CHECK_EQUAL(told.size(), 101u);
  CAF_CHECK(told.back() == etcd_error::denied);
  now += 40s;
  want();
  CAF_CHECK_EQUAL(asked.size(), 2u);
}

CAF_TEST(an etcd that is away is asked again by the next call) {
  want();
  answer(etcd_error::unavailable);
  CAF_CHECK(told.back() == etcd_error::unavailable);
  want();
  CAF_CHECK_EQUAL(asked.size(), 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(without a user nobody asks) {
  etcd_session session{false, [](const auto&) { CAF_FAIL("asked"); }};
  bool told = false;
  session.want([&](const etcd_reading& x) { told = x.error == etcd_error::none; }, {});
  CAF_CHECK(told);
  CAF_CHECK(!session.refused("", {}));
}
