#define CAF_SUITE runtime.wiring.outlets
#include "test/support/unit_test.hpp"

#include "runtime/wiring/outlets.hpp"

using namespace senseflow;
using runtime::source_outlets;

namespace {

struct fixture {
  uint64_t numbers = 0;
  std::vector<std::string> gone;
  source_outlets aut{100, [this] { return ++numbers; },
                     [this](const std::string& path) { gone.push_back(path); }};

  static auto with(const std::shared_ptr<source_outlets::outlet_estate>& x) {
    return source_outlets::outlet_estate::enter(x);
  }
  static void push(const std::shared_ptr<source_outlets::outlet_estate>& x) {
    with(x).with([](actors::outlet& o) { o.push(messages::health_sample{}); });
  }
  /// Sent and accepted.
  static messages::batch_id send(const std::shared_ptr<source_outlets::outlet_estate>& x) {
    return with(x).with([](actors::outlet& o) {
      o.grant(100);
      const auto batch = o.next();
      CAF_REQUIRE(batch);
      o.accepted(batch->id.number);
      return batch->id;
    });
  }
};

using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(outlets_tests, fixture)

CAF_TEST(a source has one outlet as long as anybody has it) {
  auto a = aut.of("a");
  CAF_CHECK(aut.of("a") == a);
  CAF_CHECK(aut.of("b") != a);
  auto lease = with(a);
  a.reset();
  CAF_CHECK(gone == strings{"b"}); // an actor still uses that of a
  lease = {};
  CAF_CHECK((gone == strings{"b", "a"}));
  CAF_CHECK_EQUAL(aut.size(), 0u);
}

CAF_TEST(what is in an outlet waits for its source or for the end) {
  auto a = aut.of("a");
  push(a);
  a.reset();
  CAF_CHECK(gone.empty());
  a = aut.of("a");
  CAF_CHECK_EQUAL(send(a).number, 1u);
  push(a);
  a.reset();
  const auto rest = aut.all();
  CAF_REQUIRE_EQUAL(rest.size(), 1u);
  const auto batches = with(rest.at("a")).with([](actors::outlet& o) { return o.take_all(); });
  CAF_REQUIRE_EQUAL(batches.size(), 1u);
  CAF_CHECK_EQUAL(batches[0].id.number, 2u);
}

CAF_TEST(however many sources come and go there are as many as at a time) {
  auto lasting = aut.of("lasting");
  for (int i = 0; i < 1000; ++i) {
    auto x = aut.of("server" + std::to_string(i));
    push(x);
    CAF_CHECK_EQUAL(send(x).number, static_cast<uint64_t>(i + 1)); // as if it were one source
  }
  CAF_CHECK_EQUAL(numbers, 2u);
  CAF_CHECK_EQUAL(aut.size(), 1u);
  CAF_CHECK_EQUAL(gone.size(), 1000u);
}

CAF_TEST(what is left in outlets goes with them) {
  const auto held = std::make_shared<int>();
  {
    source_outlets left{100, [] { return 1u; }, [held](const std::string&) {}};
    push(left.of("a"));
    CAF_CHECK_EQUAL(left.size(), 1u);
  }
  CAF_CHECK_EQUAL(held.use_count(), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
