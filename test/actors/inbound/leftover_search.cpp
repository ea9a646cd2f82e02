#define CAF_SUITE actors.inbound.leftover_search
#include "test/support/unit_test.hpp"

#include "actors/inbound/leftover_search.hpp"

using namespace senseflow;

namespace {

using topics = std::set<std::string>;

constexpr auto ours = "0123456789abcdef-00000001", before = "0123456789abcdef-00000000",
               other = "0123456789abcde0-00000001";

struct fixture {
  actors::leftover_search aut{ours, {"x/health/#", "x/senseflow/here/+"}, 3};

  /// `instance`: "" = it does not tell.
  bool hear(const std::string& topic, const std::string& instance, bool retained = true,
            const std::string& payload = "{}") {
    runtime::mqtt_received m;
    m.topic = topic;
    m.payload = payload;
    m.retain = retained;
    if (!instance.empty()) m.user["instance"] = instance;
    return aut.hear(m);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(leftover_search_tests, fixture)

CAF_TEST(what the broker retains of this run or a former one is ours) {
  hear("x/health/a", ours);
  hear("x/senseflow/here/b", before);
  CAF_CHECK_EQUAL(aut.found(), (topics{"x/health/a", "x/senseflow/here/b"}));
}

CAF_TEST(what is not retained or tells another instance or none is not ) {
  hear("x/health/a", ours, false);
  hear("x/health/a", ours, true, "");
  hear("x/health/a", other);
  hear("x/health/a", "");
  hear("x/health/a", "0123456789abcde");
  CAF_CHECK(aut.found().empty());
}

CAF_TEST(without an instance nothing is ours) {
  aut = actors::leftover_search{"", {"#"}};
  hear("x/health/a", "");
  hear("x/health/a", ours);
  CAF_CHECK(aut.found().empty());
}

CAF_TEST(what lies elsewhere or where nobody can publish is not ) {
  for (const std::string topic :
       {"x/sessions/a/default", "y/health/a", "x/senseflow/here/a/b", "x/health/+", "x/health/\xff"})
    hear(topic, ours);
  hear(std::string{"x/health/\0a", 11}, ours);
  hear("", ours);
  CAF_CHECK(aut.found().empty());
}

CAF_TEST(what is cleared or replaced by others meanwhile is ours no more) {
  hear("x/health/a", ours);
  hear("x/health/b", ours);
  hear("x/health/c", ours);
  hear("x/health/a", "", false, "");
  hear("x/health/b", other, false);
  hear("x/health/d", other);
  CAF_CHECK_EQUAL(aut.found(), (topics{"x/health/c"}));
}

CAF_TEST(there is room for so many) {
  for (const auto* topic : {"x/health/a", "x/health/b", "x/health/c", "x/health/a"})
    CAF_CHECK(hear(topic, ours));
  CAF_CHECK(!hear("x/health/d", ours));
  CAF_CHECK(hear("x/health/e", other));
  CAF_CHECK_EQUAL(aut.found().size(), 3u);
  CAF_CHECK(hear("x/health/b", other));
  CAF_CHECK(hear("x/health/d", ours));
}

CAF_TEST(with another connection it begins anew) {
  hear("x/health/a", ours);
  aut.begin_anew();
  CAF_CHECK(aut.found().empty());
  hear("x/health/b", ours);
  CAF_CHECK_EQUAL(aut.found(), (topics{"x/health/b"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
