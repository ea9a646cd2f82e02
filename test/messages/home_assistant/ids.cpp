#define CAF_SUITE messages.home_assistant.ids
#include "test/support/unit_test.hpp"

#include "messages/home_assistant/ids.hpp"

#include <set>
#include <string>

using namespace senseflow::messages::home_assistant;

CAF_TEST(ids hold nothing but letters digits and hyphens) {
  CAF_CHECK_EQUAL(escaped_id("sense1"), "sense1");
  CAF_CHECK_EQUAL(escaped_id("Sense-Prod 1"), "Sense--Prod-201");
  CAF_CHECK_EQUAL(escaped_id("a_b/c.d"), "a-5fb-2fc-2ed");
  CAF_CHECK_EQUAL(escaped_id("ö"), "-c3-b6");
  CAF_CHECK_EQUAL(escaped_id(""), "");
}

CAF_TEST(different texts have different ids) {
  std::set<std::string> all;
  size_t n = 0;
  for (const auto* a : {"", "-", "--", "_", " ", "a", "A", "-20", "2d", "/"})
    for (const auto* b : {"", "-", "--", "_", " ", "a", "A", "20", "-2d", "/"}) {
      all.insert(escaped_id(a) + '_' + escaped_id(b));
      ++n;
    }
  CAF_CHECK_EQUAL(all.size(), n);
}

CAF_TEST(slugs are what may stand in entity ids) {
  CAF_CHECK_EQUAL(slug("Sense Prod (1)"), "sense_prod_1");
  CAF_CHECK_EQUAL(slug("__a--b__"), "a_b");
  CAF_CHECK_EQUAL(slug("größe"), "gr_e");
  CAF_CHECK_EQUAL(slug("服务器"), "");
}
