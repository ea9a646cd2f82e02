// What we make of user agents, against the npm package bowser itself, which npm installs below the build.
#define CAF_SUITE messages.rules.user_agent_bowser

#include "test/support/unit_test.hpp"

#include "messages/rules/user_agent.hpp"
#include "messages/rules/user_agent_rules.hpp"
#include "messages/text/text.hpp"
#include "test/support/child_process.hpp"
#include "test/support/npm.hpp"
#include "test/support/paths.hpp"
#include "test/support/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <exception>
#include <fstream>
#include <random>
#include <string>
#include <vector>

using namespace senseflow;
using namespace senseflow::messages;

namespace {

using texts = std::vector<std::string>;

const auto directory = test::binary_path("bowser");

/// False, with the reason printed, if bowser can't be had. Tried once.
bool installed() {
  static const auto why_not = []() -> std::string {
    try {
      test::npm_install(test::source_path("test/support/bowser"), directory);
      return {};
    } catch (const std::exception& e) {
      return e.what();
    }
  }();
  if (!why_not.empty()) CAF_MESSAGE("SKIPPED, nothing is compared: " << why_not);
  return why_not.empty();
}

nlohmann::json ask_bowser(const texts& arguments) {
  texts command{"node", directory + "/bowser.js"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  test::child_process node{command};
  if (node.wait(std::chrono::seconds(100)) != 0) CAF_FAIL(node.output());
  return nlohmann::json::parse(node.output());
}

void add(texts& to, const texts& more) { to.insert(to.end(), more.begin(), more.end()); }

texts agents_of_bowsers_rules() { return ask_bowser({}).get<texts>(); }

texts agents_of_our_rules() {
  texts out;
  for (const auto* table : {&browser_rules(), &os_rules()})
    for (const auto& rule : *table)
      for (const auto& sign : rule.signs) {
        const std::string word{sign.word};
        for (const auto* behind : {"", "/", "/7", "/12", "/7.25.3", " 7.25", " 7_25", "-7.25", "7.25",
                                   ":7.25", "-x-y/7.25", "9800/7.0_8", "browser/7.25", "/7 Version/8.1",
                                   "/7.25 Version/8.1", "/x Safari/9.1 Chrome/8.2 Firefox/7.3"})
          add(out, {word + behind, "Mozilla/5.0 (X11; " + word + behind + "; like Gecko) Gecko/20100101"});
      }
  return out;
}

const texts systems{
    "Windows NT 10.0; Win64; x64",
    "Windows NT 6.1; WOW64",
    "Windows NT 5.1",
    "Windows NT 11.0",
    "Windows; U; Windows 98; Win 9x 4.90",
    "Windows XP",
    "Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950",
    "compatible; MSIE 9.0; Windows Phone OS 7.5; Trident/5.0; IEMobile/9.0",
    "Macintosh; Intel Mac OS X 10_15_7",
    "Macintosh; Intel Mac OS X 10.15",
    "Macintosh; Intel Mac OS X 14",
    "Macintosh; U; PPC Mac OS X Mach-O",
    "iPhone; CPU iPhone OS 17_1_2 like Mac OS X",
    "iPad; CPU OS 12_5 like Mac OS X",
    "iPod touch; CPU iPhone OS 9_3_5 like Mac OS X",
    "iPad",
    "X11; Linux x86_64",
    "X11; Ubuntu; Linux x86_64; rv:120.0",
    "X11; CrOS x86_64 14541.0.0",
    "X11; FreeBSD amd64",
    "X11; OpenBSD i386",
    "X11; SunOS sun4u",
    "Linux; Android 13; SM-S908B",
    "Linux; Android 9",
    "Linux; U; Android 4.4.2; de-de; Nexus 5 Build/KOT49H",
    "Linux; Android",
    "Android; Mobile; rv:40.0",
    "Mobile; like Android; Windows Phone 8.1",
    "Phone; OpenHarmony 4.1",
    "BlackBerry; U; BlackBerry 9900; en",
    "BB10; Touch",
    "BB10; Kbd",
    "PlayBook; U; RIM Tablet OS 2.1.0; en-US",
    "Web0S; Linux/SmartTV",
    "webOS/1.4.5; U; en-US",
    "hp-tablet; Linux; hpwOS/3.0.5; U; en-US",
    "SMART-TV; Linux; Tizen 6.0",
    "Linux; Tizen 2.3; SAMSUNG SM-Z130H",
    "Linux; U; Sailfish 3.0; Mobile; rv:45.0",
    "PlayStation 4 3.11",
    "PlayStation 4/11.50",
    "PlayStation; PlayStation 5/2.26",
    "Nintendo Switch; WifiWebAuthApplet",
    "Windows NT 10.0; Win64; x64; Xbox; Xbox One",
    "SymbianOS/9.4; Series60/5.0 NokiaN97-1/20.0.019",
    "compatible",
    "Microsoft Office; Word 16.0",
};

const texts browsers{
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91",
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/17.17134",
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0 Mobile Safari/537.36 EdgA/119.0.2151.78",
    "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.0 EdgiOS/119.0 Mobile/15E148 Safari/604.1",
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36 OPR/105.0.4970.21",
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36 Vivaldi/6.4.3160.47",
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 YaBrowser/23.11.0.2470 Safari/537.36",
    "AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36",
    "AppleWebKit/537.36 (KHTML, like Gecko) Electron/27.1.3 Chrome/118.0.5993.159 Safari/537.36",
    "AppleWebKit/537.36 (KHTML, like Gecko) QtWebEngine/5.15.2 Chrome/83.0.4103.122 Safari/537.36 "
    "QlikSense/1.0",
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.79 Safari/537.36 WebAppManager",
    "AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/2.1 TV Safari/537.36",
    "AppleWebKit/537.36 (KHTML, like Gecko) Silk/108.4.6 like Chrome/108.0.5359.160 Safari/537.36",
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0 Safari/537.36 CrKey/1.56.500000",
    "AppleWebKit/537.36 Chrome/86.0.4240.198 Safari/537.36 SE 2.X MetaSr 1.0",
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/111 Mobile Safari/537.36 MicroMessenger/8.0.40(0x28)",
    "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15",
    "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1 Ddg/17.2",
    "AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0.6099.50 Mobile/15E148 Safari/604.1",
    "AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/121.0 Mobile/15E148 Safari/605.1.15",
    "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 FxiOS/29.0 Safari/605.1",
    "AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/295.0.590048842 Mobile/15E148 Safari/604.1",
    "AppleWebKit/605.1.15 (KHTML, like Gecko) OPT/4.3.1 Mobile/15E148",
    "AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "AppleWebKit/534.11+ (KHTML, like Gecko) Version/7.1.0.346 Mobile Safari/534.11+",
    "AppleWebKit/537.35+ (KHTML, like Gecko) Version/10.3.3.2205 Mobile Safari/537.35+",
    "AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1",
    "AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) "
    "Chrome/120.0",
    "AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Gecko/20100101 Firefox/115.0",
    "Gecko/20100101 Firefox/115",
    "Gecko/20100101 Firefox/68.0 PaleMoon/29.4.5.1",
    "Gecko/20100101 Firefox/60.0 SeaMonkey/2.53.17",
    "Gecko/20100101 Firefox/117.0 LibreWolf/117.0.1-1",
    "like Gecko Trident/7.0; rv:11.0",
    "Presto/2.12.388 Version/12.18",
    "Opera 10.10",
    "NX/4.0.0.9.23",
    "Chrome",
    "(KHTML, like Gecko)",
    "",
};

texts browsers_on_systems() {
  texts out;
  for (const auto& system : systems)
    for (const auto& browser : browsers) out.push_back("Mozilla/5.0 (" + system + ") " + browser);
  return out;
}

/// Crawlers, tools, devices with a form of their own, and what is no user agent at all.
const texts others{
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slackbot-LinkExpanding 1.0",
    "Slackbot 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Slackbot- 1.0",
    "meta-externalads/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "meta-externalads/1.1",
    "meta-externalagent/1.1",
    "facebookexternalhit/1.1",
    "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
    "Mozilla/5.0 (compatible; YahooSlurp/3.0)",
    "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
    "Mozilla/5.0 (compatible; YouBot/1.0; +https://about.you.com/youbot/)",
    "webzio-extended/1.0",
    "BlackBerry9700/5.0.0.862 Profile/MIDP-2.1 Configuration/CLDC-1.1 VendorID/331 UNTRUSTED/1.0",
    "BlackBerry8520/5.0.0.681 Profile/MIDP-2.1",
    "BlackBerry9000/4_6 x",
    "Roku/DVP-9.10 (519.10E04111A)",
    "roku/dvp-9.10 (519.10E04111A)",
    "Roku4640X/DVP-7.70 (297.70E04154A)",
    "AppleTV11,1/11.1",
    "Dalvik/2.1.0 (Linux; U; Android 11; Pixel 5 Build/RQ3A)",
    "SAMSUNG-GT-S8500/S8500XXJEE Bada/1.0 Nextreaming SMM-MMS/1.2.0 profile/MIDP-2.1 Dolfin/2.0",
    "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en) Presto/2.8.119 Version/11.10",
    "UCWEB/2.0 (MIDP-2.0; U; Adr 4.4.4; en-US; XT1022) U2/1.0.0 UCBrowser/10.6.0.706 U2/1.0.0 Mobile",
    "QtWeb Internet Browser/3.8.5 http://www.QtWeb.net",
    "Foo/Bar Baz/2.0",
    "Foo/1 Bar Baz/2.0",
    "Foo/1.2 (Bar) Baz/3.4 (x",
    "Foo/12abc (x)",
    "Foo/abc (x)",
    "Foo/1\t(x)",
    "Foo/1 x\t(x)",
    "Foo/1(x)",
    "/ ",
    " / (",
    "(/ (",
    "My Tool/2.1 (x)",
    "curl/8.4.0",
    "python-requests/2.31.0",
    "Lynx/2.8.9rel.1 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/1.1.1d",
    "Apache-HttpClient/4.5.13 (Java/11.0.20)",
    "Firefox",
    "Version/1 Safari/",
    "Chrome/9 Chrome/10",
    "Chrome/9 CriOS/8.1 Chrome/10.2",
    "Edge",
    "Edgedge/12.3",
    "Mozilla/5.0\u00a0Edg/12.3",
    "x Ddg/.",
    "x Ddg/1.2 ",
    "Opera/é OPR/é",
    "OPR/x Version/12.1",
    "Windows NT 10",
    "windows nt 100",
    "WINDOWS XP 5é1",
    "opt/1\u00e92",
    "opt/1\U0001f6002",
    "Macintosh\u2028 FxiOS/1.0",
    "Macintosh FxiOS/1.0 Version/1.",
    "Macintosh FXIOS/1.0",
    "Chrome\u212a/1.0 \u017fafari",
    "Foo/1 x\u2028/2 y",
    "",
    " ",
    "?",
};

texts all_agents() {
  auto out = browsers_on_systems();
  add(out, others);
  add(out, agents_of_our_rules());
  add(out, agents_of_bowsers_rules());
  return out;
}

class damage {
public:
  explicit damage(const texts& pool) : pool_{pool} {}

  std::string agent() {
    auto out = any(pool_);
    for (auto blows = 1 + below(4); blows > 0; --blows) strike(out);
    return repaired_utf8(out);
  }

private:
  size_t below(size_t n) { return n == 0 ? 0 : random_() % n; }
  const std::string& any(const texts& from) { return from[below(from.size())]; }

  void strike(std::string& text) {
    static const texts pieces{"/",   " ",          "(",         ")",    ";",      ".",      "_",
                              "-",   "1",          "23",        "\t",   "\u00a0", "\u3000", "\u2028",
                              "é",   "\U0001f600", "Version/4", "x",    "bb",     "\u0130", "\n",
                              "os ", "Edg/",       "NT",        "like "};
    const auto at = below(text.size() + 1);
    switch (below(6)) {
    case 0:
      text.resize(at);
      break;
    case 1:
      text.erase(0, at);
      break;
    case 2:
      text.erase(at, below(8));
      break;
    case 3:
      text.insert(at, any(pieces));
      break;
    case 4:
      text.replace(at, std::min<size_t>(1, text.size() - at), any(pieces));
      break;
    case 5:
      text.insert(at, any(pool_).substr(0, 60));
      break;
    }
  }

  const texts& pool_;
  std::mt19937 random_{2141};
};

nlohmann::json ours(const std::string& text) {
  const auto x = parse_user_agent(text);
  return {x.browser_name, x.browser_major_version, x.os_name, x.os_version};
}

void compare(const texts& agents) {
  const test::temp_dir work;
  const auto file = work / "agents.json";
  std::ofstream{file} << nlohmann::json(agents);
  const auto answers = ask_bowser({file});
  CAF_REQUIRE_EQUAL(answers.size(), agents.size());
  size_t different = 0;
  for (size_t i = 0; i < agents.size(); ++i) {
    const auto said = ours(agents[i]);
    if (said == answers[i] || ++different > 20) continue;
    CAF_ERROR(nlohmann::json(agents[i]).dump()
              << ": " << said.dump() << ", bowser says " << answers[i].dump());
  }
  CAF_MESSAGE(agents.size() << " user agents compared");
  CAF_CHECK_EQUAL(different, 0u);
}

} // namespace

CAF_TEST(agents that fit the rules of bowser get its answers) {
  if (!installed()) return;
  const auto agents = agents_of_bowsers_rules();
  CAF_CHECK_GREATER(agents.size(), 1000u);
  compare(agents);
}

CAF_TEST(agents that fit our rules get its answers) {
  if (installed()) compare(agents_of_our_rules());
}

CAF_TEST(real agents get its answers) {
  if (!installed()) return;
  compare(browsers_on_systems());
  compare(others);
}

CAF_TEST(damaged agents get its answers) {
  if (!installed()) return;
  const auto pool = all_agents();
  damage source{pool};
  texts agents;
  while (agents.size() < 10000) agents.push_back(source.agent());
  compare(agents);
}
