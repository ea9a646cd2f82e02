#include "messages/rules/user_agent_rules.hpp"

namespace senseflow::messages {

namespace {

using namespace scan;

agent_sign spelt(const char* word) {
  agent_sign sign{word};
  sign.as_spelt = true;
  return sign;
}

/// `Version/12.1`
const version_place common{{"version"}, slash, grouped};

// Behind the words by which the browser is known.
const version_place own{{}, slash, grouped};
const version_place own_spaced{{}, space_or_slash, grouped};
const version_place own_dotted{{}, slash, dotted};
const version_place own_spaced_dotted{{}, space_or_slash, dotted};
const version_place own_suffixed{{}, suffix, dotted};

bool not_like_android(std::string_view, std::string_view lower) {
  return lower.find("like android") == std::string_view::npos;
}

/// On one line, as it is spelt: `Macintosh`, then ` FxiOS`, then a slash.
bool firefox_on_ipad(std::string_view text, std::string_view) {
  while (!text.empty()) {
    const auto line = first_line(text);
    text.remove_prefix(line.size());
    text.remove_prefix(space_at(text, 0)); // every line separator is white space
    auto at = line.find("Macintosh");
    if (at != std::string_view::npos) at = line.find(" FxiOS", at);
    if (at != std::string_view::npos && line.find('/', at) != std::string_view::npos) return true;
  }
  return false;
}

} // namespace

// Crawlers first, then browsers that name others for compatibility, at last the ones that everybody names.
const std::vector<agent_rule>& browser_rules() {
  static const std::vector<agent_rule> rules{
      {"GPTBot", {"gptbot"}, {own_dotted, common}},
      {"ChatGPT-User", {"chatgpt-user"}, {own_dotted, common}},
      {"OAI-SearchBot", {"oai-searchbot"}, {own_dotted, common}},
      {"ClaudeBot", {"claudebot", "claude-web", "claude-user", "claude-searchbot"}, {own_dotted, common}},
      {"Omgilibot", {"omgilibot", "webzio-extended"}, {own_dotted, common}},
      {"Diffbot", {"diffbot"}, {own_dotted, common}},
      {"PerplexityBot", {"perplexitybot"}, {own_dotted, common}},
      {"Perplexity-User", {"perplexity-user"}, {own_dotted, common}},
      {"YouBot", {"youbot"}, {own_dotted, common}},
      {"Meta-WebIndexer", {"meta-webindexer"}, {own_dotted, common}},
      {"Meta-ExternalAds", {"meta-externalads"}, {own_dotted, common}},
      {"Meta-ExternalAgent", {"meta-externalagent"}, {own_dotted, common}},
      {"Meta-ExternalFetcher", {"meta-externalfetcher"}, {own_dotted, common}},
      {"Googlebot", {"googlebot"}, {own_dotted, common}},
      {"Linespider", {"linespider"}, {own_suffixed, common}},
      {"AmazonBot", {"amazonbot"}, {own_dotted, common}},
      {"BingCrawler", {"bingbot"}, {own_dotted, common}},
      {"BaiduSpider", {"baiduspider"}, {own_dotted, common}},
      {"DuckDuckBot", {"duckduckbot"}, {own_dotted, common}},
      {"InternetArchiveCrawler", {"ia_archiver"}, {own_dotted, common}},
      {"FacebookExternalHit", {"facebookexternalhit", "facebookcatalog"}, {}},
      {"SlackBot", {"slackbot", "slack-imgproxy"}, {own_suffixed, common}},
      {"YahooSlurp", {{"yahoo", slurp}}, {}},
      {"YandexBot", {"yandexbot", "yandexmobilebot"}, {}},
      {"PingdomBot", {"pingdom"}, {}},
      {"Opera", {"opera"}, {common, own_spaced}},
      {"Opera", {"opr/", "opios"}, {{{"opr", "opios"}, space_or_slash, any_text}, common}},
      {"Samsung Internet for Android", {"samsungbrowser"}, {common, own_spaced}},
      {"NAVER Whale Browser", {"whale"}, {common, own_spaced_dotted}},
      {"Pale Moon", {"palemoon"}, {common, own_spaced_dotted}},
      {"MZ Browser", {"mzbrowser"}, {own_spaced_dotted, common}},
      {"Focus", {"focus"}, {own_spaced_dotted, common}},
      {"Swing", {"swing"}, {own_spaced_dotted, common}},
      {"Opera Coast", {"coast"}, {common, own_spaced}},
      {"Opera Touch", {{"opt/", touch_version}}, {{{"opt"}, space_or_slash, grouped}, common}},
      {"Yandex Browser", {"yabrowser"}, {own_spaced, common}},
      {"UC Browser", {"ucbrowser"}, {common, own_spaced}},
      {"Maxthon", {"maxthon", "mxios"}, {common, own_spaced}},
      {"Epiphany", {"epiphany"}, {common, own_spaced}},
      {"Puffin", {"puffin"}, {common, own_spaced}},
      {"Sleipnir", {"sleipnir"}, {common, own_spaced}},
      {"K-Meleon", {"k-meleon"}, {common, own_spaced}},
      {"WeChat", {"micromessenger"}, {own_spaced, common}},
      {"QQ Browser Lite", {"qqbrowserlite"}, {{{"qqbrowserlite", "qqbrowser"}, slash, grouped}, common}},
      {"QQ Browser", {"qqbrowser"}, {own, common}},
      {"Internet Explorer", {"msie", "trident"}, {{{"msie ", "rv:"}, nothing, grouped}}},
      {"Microsoft Edge", {{"edg/", nullptr, behind_space}}, {{{"edg"}, slash, grouped, behind_space}}},
      {"Microsoft Edge", {"edge", "edga", "edgios"}, {own}},
      {"Vivaldi", {"vivaldi"}, {own}},
      {"SeaMonkey", {"seamonkey"}, {own}},
      {"Sailfish", {"sailfish"}, {{{}, browser_slash, number}}},
      {"Amazon Silk", {"silk"}, {own}},
      {"PhantomJS", {"phantom"}, {{{"phantomjs"}, slash, grouped}}},
      {"SlimerJS", {"slimerjs"}, {own}},
      {"BlackBerry",
       {"blackberry", {"bb", digits, at_word_start}, {"rim", tablet}},
       {common, {{"blackberry"}, model_slash, grouped}}},
      {"WebOS Browser",
       {"webos", "web0s", "hpwos", "hpw0s"},
       {common, {{"wosbrowser", "w0sbrowser", "webosbrowser", "web0sbrowser"}, slash, grouped}}},
      {"Bada", {"bada"}, {{{"dolfin"}, slash, grouped}}},
      {"Tizen", {"tizen"}, {{{"browser"}, slash, grouped}, common}},
      {"QupZilla", {"qupzilla"}, {own_spaced, common}},
      {"LibreWolf", {"librewolf"}, {own_spaced}},
      {"Firefox", {"firefox", "iceweasel", "fxios"}, {own_spaced}},
      {"Electron", {"electron"}, {own}},
      {"Sogou Browser",
       {"sogoumobilebrowser", "metasr", "se 2.x"},
       {{{"sogoumobilebrowser"}, space_or_slash, grouped},
        {{"chrome", "crios", "crmo"}, slash, grouped},
        {{"se "}, nothing, points_and_x}}},
      {"Miui", {"miuibrowser"}, {own_spaced}},
      {"DuckDuckGo",
       {{"ddg/", points_to_end, behind_space}},
       {{{"ddg"}, slash, points_to_end, behind_space}}},
      {"Chromium", {"chromium"}, {own_spaced, common}},
      {"Chrome", {"chrome", "crios", "crmo"}, {own}},
      {"Google Search", {"gsa"}, {own}},
      {"Android Browser", {"android"}, {common}, not_like_android},
      {"PlayStation 4", {"playstation 4"}, {common}},
      {"Safari", {"safari", "applewebkit"}, {common}},
  };
  return rules;
}

const std::vector<agent_rule>& os_rules() {
  static const std::vector<agent_rule> rules{
      {"Roku", {spelt("Roku/DVP")}, {{{"roku/dvp-"}, nothing, two_numbers}}},
      {"Windows Phone", {"windows phone"}, {{{}, phone_system, number}}},
      {"Windows", {"windows "}, {{{}, nothing, windows_kind}}},
      {"iOS", {spelt(" FxiOS")}, {{{"Version"}, slash, digit_and_more, nullptr, true}}, firefox_on_ipad},
      {"macOS", {"macintosh"}, {{{"mac os x "}, nothing, grouped}}, nullptr, true},
      {"iOS", {"ipod", "iphone", "ipad"}, {{{"os "}, nothing, like_mac}}, nullptr, true},
      {"HarmonyOS", {"openharmony"}, {{{}, spaces, number}}},
      {"Android", {"android"}, {{{}, space_slash_or_hyphen, number}}, not_like_android},
      {"WebOS", {"webos", "web0s", "hpwos", "hpw0s"}, {{{}, slash, number}}},
      {"BlackBerry",
       {"blackberry", {"bb", digits, at_word_start}, {"rim", tablet}},
       {{{"rim"}, tablet_system, number},
        {{"blackberry"}, model_slash, underscored},
        {{"bb"}, nothing, digits, at_word_start}}},
      {"Bada", {"bada"}, {{{}, slash, number}}},
      {"Tizen", {"tizen"}, {{{}, space_or_slash, number}}},
      {"Linux", {"linux"}, {}},
      {"Chrome OS", {spelt("CrOS")}, {}},
      {"PlayStation 4", {spelt("PlayStation 4")}, {{{"playstation 4"}, space_or_slash, number}}},
  };
  return rules;
}

} // namespace senseflow::messages
