#define CAF_SUITE messages.rules.user_agent

#include "test/support/unit_test.hpp"

#include "messages/rules/user_agent.hpp"

#include <ctime>
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

// A hundred others are among the recorded user events, thousands in messages.rules.user_agent_bowser.
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
      {"Mozilla/5.0 (Windows XP) Firefox/3", "Firefox||Windows|XP"},
      {"", "|||"},
      {"curl/8.4.0", "|||"},
      {"Mozilla/5.0", "|||"},
      {"My Tool/2.1 (x)", "My Tool|2||"},
      {"Chrome/", "Chrome|||"},
      {"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "SlackBot|1||"},
      {"meta-externalads/1.1", "Meta-ExternalAds|1||"},
      {"BlackBerry9700/5.0.0.862 Profile/MIDP-2.1", "BlackBerry|5|BlackBerry|5"},
      {"Mozilla/5.0 (BlackBerry; U; BlackBerry 9900; en) Version/7.1.0.346 Mobile",
       "BlackBerry|7|BlackBerry|"},
      {"Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ Version/10.0.9.2372 Safari/537.10+",
       "BlackBerry|10|BlackBerry|10"},
      {"Mozilla/5.0 (PlayBook; U; RIM Tablet OS 2.1.0; en-US)", "BlackBerry||BlackBerry|2.1.0"},
      {"Foo/Bar Baz/2.0", "Foo|||"},
      {"Microsoft Office/16.0 (Word)", "Microsoft Office|16||"},
      {"Chrome/9 Edge/1_2", "Microsoft Edge|1||"},
      {"Chrome/9 CriOS/8.1 Chrome/10.2", "Chrome|8||"},
      {"Edgedge/12.3", "Microsoft Edge|12||"},
      {"YouBot/x Version/3.1", "YouBot|3||"},
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/12.1 FxiOS/29.0 Safari", "Firefox|29|iOS|12.1"},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 9\u00a03_5 like Mac OS X)", "Mozilla|5|iOS|9.3.5"},
  };
  for (const auto& [text, expected] : cases) CAF_CHECK_EQUAL(summary(text), expected);
}

CAF_TEST(the user agent stands between its labels) {
  CAF_CHECK_EQUAL(user_agent_text("User login. UserAgent: 'a b'"), "a b");
  CAF_CHECK_EQUAL(user_agent_text("UserAgent:a UserAgent: b"), "a");
  CAF_CHECK_EQUAL(user_agent_text("UserAgent: UserAgent: b"), "");
  CAF_CHECK_EQUAL(user_agent_text("UserAgent: 'a'b'c'  "), "abc");
  CAF_CHECK_EQUAL(user_agent_text("UserAgent:\u00a0\u3000a\u00a0b \ufeff"), "a\u00a0b");
  for (const auto* x : {"", "UserAgent", "UserAgent:", "UserAgent: ", "UserAgent: ''", "useragent: a"})
    CAF_CHECK_EQUAL(user_agent_text(x), "");
}

CAF_TEST(of any bytes versions are a part and a major version is one number) {
  const std::string text =
      "Mozilla/5.0 (Windows NT 10.0; iPhone OS 1_2; Android 9) Opera/ Version/ BlackBerry/ Ddg/1 ";
  std::mt19937 random{9};
  for (int round = 0; round < 20000; ++round) {
    auto damaged = text.substr(0, random() % text.size());
    for (auto hits = random() % 5; hits > 0 && !damaged.empty(); --hits)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto x = parse_user_agent(damaged);
    if (x.browser_major_version.find_first_not_of("0123456789") != std::string::npos ||
        x.browser_major_version.size() > damaged.size() || x.os_version.size() > damaged.size())
      CAF_ERROR(damaged << " is of version " << x.browser_major_version << ", " << x.os_version);
    const auto between = user_agent_text("UserAgent:" + damaged);
    if (between.find('\'') != std::string::npos || between.size() > damaged.size())
      CAF_ERROR(damaged << " is taken for " << between);
  }
}

// What takes a few milliseconds here would take minutes if each word were followed by a look at all the rest.
CAF_TEST(the cost of a nasty agent grows no faster than its length) {
  for (const std::string piece : {"/",
                                  " ",
                                  "(",
                                  "/ (",
                                  "1",
                                  "1.",
                                  "1_2",
                                  "\u00a0",
                                  "\u2028",
                                  "slackbot-",
                                  "linespider-a",
                                  "Slackbot 1",
                                  "yahoo!/",
                                  "opt/1",
                                  "opr/",
                                  "OPR/ ",
                                  "bb",
                                  " bb1",
                                  "rim tablet os 1",
                                  "blackberry12",
                                  "BlackBerry1/",
                                  "Macintosh ",
                                  "Macintosh FxiOS",
                                  "mac os x 1",
                                  "iphone os 1 ",
                                  "os 1_2 like ",
                                  "android ",
                                  "android-",
                                  "like android ",
                                  " ddg/1",
                                  " Ddg/",
                                  "se 2.x",
                                  "windows nt 1",
                                  "windows phone os ",
                                  "openharmony   ",
                                  "sailfish browser",
                                  "version/",
                                  "Version/1",
                                  "Chrome/",
                                  "crios/1",
                                  "playstation 4",
                                  "edge",
                                  "webosbrowser/"}) {
    std::string text;
    while (text.size() < 1'000'000) text += piece;
    const auto begin = std::clock(); // of this program: others may be at work
    parse_user_agent(text);
    const auto took = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    if (took > 3) CAF_ERROR(piece << " takes " << took << " s");
  }
}
