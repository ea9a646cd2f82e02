#define CAF_SUITE runtime.admin.page
#include "test/support/unit_test.hpp"

#include "test/support/browser.hpp"
#include "test/support/child_process.hpp"

using namespace senseflow::test;
using namespace std::chrono_literals;

// The tests are in JavaScript: test/support/browser/against_fake.js.

CAF_TEST(the page is sound HTML) {
  child_process tidy{
      {"tidy", "-q", "-e", "--drop-empty-elements", "no", source_path("runtime/admin/page/index.html")}};
  const auto code = tidy.wait(20s);
  if (!code || *code != 0) CAF_ERROR(tidy.output());
}

CAF_TEST(the page shows in a browser what a program says) {
  if (const auto why = why_no_browser(); !why.empty()) {
    CAF_MESSAGE("SKIPPED, nobody looks at the page: " << why);
    return;
  }
  const auto pictures = browser_path("pictures");
  std::filesystem::create_directories(pictures);
  child_process node{{"node", "--test", browser_path("against_fake.js")},
                     {{"PAGE", source_path("runtime/admin/page")}, {"PICTURES", pictures}}};
  const auto code = node.wait(250s);
  CAF_MESSAGE(node.output());
  CAF_CHECK(code && *code == 0);
}
