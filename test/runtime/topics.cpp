#define CAF_SUITE runtime.topics
#include "test/support/unit_test.hpp"

#include "config/reading/topics.hpp"
#include "messages/text/topic.hpp"

#include <string>

using namespace senseflow;

CAF_TEST(the check of a configuration knows which topics names become) {
  for (std::string text :
       {"a", "a/b", "/a/", "//a//b/", "a+b", "a#b", "\x01", "\x7f", "\xc2\x85", "\xc3\xa5/\xe2\x82\xac",
        "\xef\xb7\x90", "\xef\xbf\xbf", "\xf0\x9f\x98\x80", "", "/", "$SYS", " a "}) {
    CAF_CHECK_EQUAL(config::reading::as_level(text), messages::safe_level(text));
    CAF_CHECK_EQUAL(config::reading::proxy_levels(text), messages::virtual_proxy_levels(text));
    config::server_settings server;
    server.host = "sense1:4747";
    server.tags = {{"host", text}};
    CAF_CHECK_EQUAL(config::reading::topic_host(server), messages::safe_levels(text));
  }
  config::server_settings server;
  for (auto [host, in_topics] : {std::pair{"sense1:4747", "sense1"}, {"[::1]:4747", "[::1]"}}) {
    server.host = host;
    CAF_CHECK_EQUAL(config::reading::topic_host(server), in_topics);
  }
}
