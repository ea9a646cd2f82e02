#define CAF_SUITE messages.rules.user_agent

#include <caf/test/unit_test.hpp>

#include "messages/rules/user_agent.hpp"

#include <random>
#include <string>
#include <vector>

using namespace senseflow::messages;

namespace {

/// `browser|major|os|version`
std::string summary(const std::string& text) {
  const auto x = parse_user_agent(text);
  return x.browser_name + "|" + x.browser_major_version + "|" + x.os_name + "|" + x.os_version;
}

} // namespace

// More than a hundred other user agents are among the recorded user events.
CAF_TEST(browsers and systems are known by their names) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 "
       "Safari/537.36",
       "Chrome|120|Windows|NT 10.0"},
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 "
       "Safari/537.36 Edg/120.0.2210.91",
       "Microsoft Edge|120|Windows|NT 10.0"},
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 13_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 "
       "Safari/605.1.15",
       "Safari|17|macOS|13.6"},
      {"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/114.0.1 "
       "Mobile/15E148 Safari/604.1",
       "Chrome|114|iOS|16.6"},
      {"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
       "Firefox|115|Linux|"},
      {"Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko",
       "Internet Explorer|11|Windows|NT 6.3"},
      {"Mozilla/5.0 (Windows XP) Firefox/3", "Firefox|3|Windows|XP"},
      {"", "|||"},
      {"curl/8.4.0", "|||"},
      {"Mozilla/5.0", "|||"},
      {"My Tool/2.1 (x)", "My Tool|2||"},
      {"Chrome/", "Chrome|||"},
  };
  for (const auto& [text, expected] : cases) CAF_CHECK_EQUAL(summary(text), expected);
}

CAF_TEST(the user agent stands between its labels) {
  CAF_CHECK_EQUAL(user_agent_text("User login. UserAgent: 'a b'"), "a b");
  CAF_CHECK_EQUAL(user_agent_text("UserAgent:a UserAgent: b"), "a");
  CAF_CHECK_EQUAL(user_agent_text("UserAgent: UserAgent: b"), "");
  CAF_CHECK_EQUAL(user_agent_text("UserAgent: 'a'b'c'  "), "abc");
  for (const auto* x : {"", "UserAgent", "UserAgent:", "UserAgent: ", "UserAgent: ''", "useragent: a"})
    CAF_CHECK_EQUAL(user_agent_text(x), "");
}

CAF_TEST(any bytes do no harm) {
  const std::string text =
      "Mozilla/5.0 (Windows NT 10.0; iPhone OS 1_2; Android 9) Opera/ Version/ BlackBerry/ Ddg/1 ";
  std::mt19937 random{9};
  for (int round = 0; round < 20000; ++round) {
    auto damaged = text.substr(0, random() % text.size());
    for (auto hits = random() % 5; hits > 0 && !damaged.empty(); --hits)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    parse_user_agent(damaged);
    user_agent_text("UserAgent:" + damaged);
  }
}
