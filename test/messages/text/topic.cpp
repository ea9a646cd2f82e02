#define CAF_SUITE messages.text.topic

#include "test/support/unit_test.hpp"

#include "messages/text/topic.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace senseflow::messages;
using namespace std::string_literals;

namespace {

using cases = std::vector<std::pair<std::string, std::string>>;

} // namespace

CAF_TEST(a subsystem becomes levels that any broker takes) {
  for (const auto& [in, out] : cases{{"System.Engine.Engine", "system/engine/engine"},
                                     {"", ""},
                                     {"...", ""},
                                     {".A..B.", "a/b"},
                                     {"with/slash.and", "with/slash/and"},
                                     {"System.+.#", "system/_/_"},
                                     {"a\0b"s, "a_b"},
                                     {"\xc3\x85.X", "\xc3\x85/x"},
                                     {"\xff", "\xef\xbf\xbd"}})
    CAF_CHECK_EQUAL(subsystem_levels(in), out);
}

CAF_TEST(characters that brokers close the connection for become underscores) {
  for (const std::string bad :
       {"\x01", "\x1f", "\x7f", "\xc2\x80", "\xc2\x85", "\xc2\x9f", "\xef\xb7\x90", "\xef\xb7\xaf",
        "\xef\xbf\xbe", "\xef\xbf\xbf", "\xf0\x9f\xbf\xbe", "\xf4\x8f\xbf\xbf"}) {
    CAF_CHECK_EQUAL(safe_level("a" + bad + "b"), "a_b");
    CAF_CHECK_EQUAL(safe_levels(bad + "/b"), "_/b");
    CAF_CHECK_EQUAL(subsystem_levels("System." + bad), "system/_");
    CAF_CHECK_EQUAL(virtual_proxy_suffix("/" + bad), "/_");
  }
  for (const std::string good : {" ", "~", "\xc2\xa0", "\xef\xb7\x8f", "\xef\xb7\xb0", "\xef\xbf\xbd",
                                 "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbd"})
    CAF_CHECK_EQUAL(safe_levels(good), good);
}

CAF_TEST(a level stays one level) {
  CAF_CHECK_EQUAL(safe_level("a/b+c#"), "a_b_c_");
  CAF_CHECK_EQUAL(safe_level(""), "");
  std::string buffer;
  const std::string plain = "sense1.example.com", strange = "a/b c";
  CAF_CHECK(safe_level(plain, buffer).data() == plain.data());
  CAF_CHECK_EQUAL(std::string(safe_level(strange, buffer)), safe_level(strange));
}

CAF_TEST(joining sets exactly one slash) {
  CAF_CHECK_EQUAL(join_topic("a", "b"), "a/b");
  CAF_CHECK_EQUAL(join_topic("a/", "b"), "a/b");
  CAF_CHECK_EQUAL(join_topic("/A//", "b"), "/A//b");
  CAF_CHECK_EQUAL(join_topic("", "b"), "b");
  CAF_CHECK_EQUAL(join_topic("a", ""), "a");
  CAF_CHECK_EQUAL(with_slash("butler-sos"), "butler-sos/");
  CAF_CHECK_EQUAL(with_slash(""), "");
}

CAF_TEST(virtual proxies have a place in both layouts) {
  for (const auto& [in, out] : cases{{"/", "/"},
                                     {"", "/"},
                                     {"/hdr", "/hdr"},
                                     {"hdr", "/hdr"},
                                     {"/trail/", "/trail/"},
                                     {"/a/b", "/a/b"},
                                     {"/a//b+", "/a/b_"}})
    CAF_CHECK_EQUAL(virtual_proxy_suffix(in), out);
  for (const auto& [in, out] :
       cases{{"/", "default"}, {"", "default"}, {"/hdr", "hdr"}, {"hdr/", "hdr"}, {"/a/b", "a/b"}})
    CAF_CHECK_EQUAL(virtual_proxy_levels(in), out);
}
