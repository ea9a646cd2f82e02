#define CAF_SUITE messages.encode.insight

#include "test/support/unit_test.hpp"

#include "messages/encode/insight.hpp"

using namespace senseflow::messages;

namespace {

const insight_options options{"base/", {1, true, 0}, {2, false, 60}};

publication published(const insight& x) { return std::get<publication>(encode_insight(x, options)); }

} // namespace

CAF_TEST(state is retained and replaced by newer state) {
  const auto out =
      published({insight_kind::memory, false, "sense1", "health/sense1/memory", "{}", {"n1", 7}});
  CAF_CHECK(out.cls == item_class::insight);
  CAF_CHECK_EQUAL(out.origin.str(), "sense1");
  CAF_CHECK_EQUAL(out.replaces.str(), "health/sense1/memory");
  CAF_CHECK_EQUAL(out.from.node.str(), "n1");
  CAF_REQUIRE_EQUAL(out.messages.size(), 1u);
  CAF_CHECK_EQUAL(out.messages[0].topic.str(), "base/health/sense1/memory");
  CAF_CHECK_EQUAL(out.messages[0].payload.str(), "{}");
  CAF_CHECK(out.messages[0].retain);
  CAF_CHECK(out.messages[0].json);
  CAF_CHECK_EQUAL(static_cast<int>(out.messages[0].qos), 1);
}

CAF_TEST(events are not retained and replace nothing) {
  const auto out = published({insight_kind::storm, true, "host1", "storms/host1", R"({"a":1})", {}});
  CAF_CHECK(out.cls == item_class::insight_event);
  CAF_CHECK(out.replaces.view().empty());
  CAF_CHECK(!out.messages[0].retain);
  CAF_CHECK_EQUAL(static_cast<int>(out.messages[0].qos), 2);
  CAF_CHECK_EQUAL(out.messages[0].expiry_s, 60u);
}

CAF_TEST(each kind has a word of its own) {
  CAF_CHECK_EQUAL(std::string{to_string_view(insight_kind::storm)}, "storm");
  CAF_CHECK_EQUAL(std::string{to_string_view(insight_kind::certificates)}, "certificates");
}
