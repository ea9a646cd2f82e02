#define CAF_SUITE messages.text.topic_filter
#include "test/support/unit_test.hpp"

#include "messages/text/topic_filter.hpp"

using senseflow::messages::covers;

CAF_TEST(a filter without wildcards covers its topic only) {
  CAF_CHECK(covers("a/b", "a/b"));
  for (const auto* topic : {"a", "a/", "a/b/", "a/b/c", "a/bc", "A/b", "/a/b", ""})
    CAF_CHECK(!covers("a/b", topic));
  CAF_CHECK(covers("/", "/"));
  CAF_CHECK(!covers("/", ""));
}

CAF_TEST(a plus stands for exactly one level an empty one too) {
  CAF_CHECK(covers("a/+/c", "a/b/c"));
  CAF_CHECK(covers("a/+", "a/"));
  CAF_CHECK(covers("+/+", "/b"));
  CAF_CHECK(covers("+", "a"));
  for (const auto* topic : {"a", "a/b/c", "b/a"}) CAF_CHECK(!covers("a/+", topic));
}

CAF_TEST(a hash stands for all that follows and for nothing) {
  for (const auto* topic : {"a", "a/", "a/b", "a/b/c"}) CAF_CHECK(covers("a/#", topic));
  for (const auto* topic : {"", "b", "ab", "/a"}) CAF_CHECK(!covers("a/#", topic));
  CAF_CHECK(covers("#", "a/b"));
  CAF_CHECK(covers("+/b/#", "a/b"));
  CAF_CHECK(!covers("+/b/#", "a"));
}

CAF_TEST(topics of the broker itself are covered by name only) {
  CAF_CHECK(!covers("#", "$SYS/uptime"));
  CAF_CHECK(!covers("+/uptime", "$SYS/uptime"));
  CAF_CHECK(covers("$SYS/#", "$SYS/uptime"));
}
