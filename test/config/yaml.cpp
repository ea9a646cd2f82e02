#define CAF_SUITE config.yaml
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "faults.hpp"

using namespace senseflow;
using senseflow::test::contains;
using senseflow::test::load_members;
using senseflow::test::load_text;

// What YAML 1.2 refuses, and what it takes although it is hardly what was meant.

namespace {

const std::string head = "Butler-SOS:\n  mqttConfig:\n    enable: true\n    brokerHost: b\n    username: u\n";

/// The password in line 6 column 15, more sections below it.
config::load_result with_password(const std::string& value) {
  return load_text(head + "    password: " + value +
                   "\n  userEvents:\n    enable: true\n    tags:\n      - {name: a, value: \"b\"}\n"
                   "      - {name: 'c', value: d}\n");
}

struct expected {
  const char* value;
  const char* problem;
  const char* remedy;
};

/// All of them are one fault at the value, without showing it.
void check_refused(std::initializer_list<expected> xs) {
  for (const auto& x : xs) {
    auto r = with_password(x.value);
    CAF_MESSAGE(x.value);
    CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
    CAF_MESSAGE(to_string(r.faults[0]));
    CAF_CHECK_EQUAL(r.faults[0].line, 6);
    CAF_CHECK(contains(r.faults[0].problem, x.problem));
    CAF_CHECK(contains(r.faults[0].remedy, x.remedy));
    CAF_CHECK(!contains(to_string(r.faults[0]), "secret"));
  }
}

/// One fault at this place.
void check_fault(const std::string& text, int line, int column, const std::string& problem) {
  auto r = load_text(text);
  CAF_MESSAGE(text);
  CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
  CAF_MESSAGE(to_string(r.faults[0]));
  CAF_CHECK_EQUAL(r.faults[0].line, line);
  CAF_CHECK_EQUAL(r.faults[0].column, column);
  CAF_CHECK(contains(r.faults[0].problem, problem));
  CAF_CHECK(!r.faults[0].remedy.empty());
}

std::string password_of(const std::string& value) {
  auto r = with_password(value);
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK(r.value.user_events.enable);
  return r.value.mqtt.password.reveal();
}

} // namespace

CAF_TEST(a quote that is not closed swallows nothing) {
  check_refused(
      {{"\"secret", "quote is not closed", "Close it"}, {"'secret", "quote is not closed", "Close it"}});
  CAF_MESSAGE("to the end of the file");
  check_fault(head + "    password: \"secret\n", 6, 15, "quote is not closed");
  check_fault(head + "    password: 'secret\n  userEvents:\n    enable: true\n", 6, 15,
              "quote is not closed");
  CAF_MESSAGE("to a quote that would fit");
  check_fault(head + "    password: \"secret\n  userEvents:\n    enable: true # \"\n  logJson: true\n", 6, 15,
              "quote is not closed");
  CAF_MESSAGE("to the next document");
  check_fault(head + "    password: 'secret\n---\n'\n", 6, 15, "quote is not closed");
}

CAF_TEST(a quoted text over several lines is indented deeper than its name) {
  CAF_CHECK_EQUAL(password_of("\"a\n     b\""), "a b");
  CAF_CHECK_EQUAL(password_of("'a\n\n     b'"), "a\nb");
  check_refused({{"\"secret\n    b\"", "quote is not closed", "indented more than its name"},
                 {"'secret\n  b'", "quote is not closed", "indented more than its name"}});
}

CAF_TEST(what follows a closing quote is refused) {
  check_refused({{"\"secret\" b", "after a closing quote", "whole value in quotes"},
                 {"'secret'b", "after a closing quote", "''"},
                 {"\"secret\"#b", "'#' directly after a value", "space in front"},
                 {"[secret]#b", "'#' directly after a value", "space in front"},
                 {"'secret': b", "unexpected ':'", "in quotes"}});
  CAF_CHECK_EQUAL(password_of("'it''s' # comment"), "it's");
}

CAF_TEST(tags and anchors are not cut off a value) {
  check_refused({{"!secret x", "begins with '!'", "in quotes"},
                 {"!secret", "begins with '!'", "in quotes"},
                 {"!!str secret", "begins with '!'", "in quotes"},
                 {"!<secret> x", "begins with '!'", "in quotes"},
                 {"!secret!x y", "begins with '!'", "in quotes"},
                 {"!", "begins with '!'", "in quotes"},
                 {"! secret", "begins with '!'", "in quotes"},
                 {"&secret", "begins with '&'", "in quotes"},
                 {"&secret x", "begins with '&'", "in quotes"},
                 {"& secret", "begins with '&'", "in quotes"},
                 {"*secret", "begins with '*'", "in quotes"},
                 {"**secret**", "begins with '*'", "in quotes"}});
  CAF_CHECK_EQUAL(password_of("'!secret x'"), "!secret x");
  CAF_CHECK_EQUAL(password_of("\"&x\""), "&x");
  CAF_CHECK_EQUAL(password_of("a!b&c*d"), "a!b&c*d");
  CAF_MESSAGE("of sections they are harmless if nobody uses them");
  CAF_CHECK_EQUAL(test::listed(load_members("mqttConfig: &a {enable: true, brokerHost: b}").faults), "");
}

CAF_TEST(values that begin with a reserved character are refused with quotes as remedy) {
  check_refused({{"@secret", "begins with '@'", "in quotes"},
                 {"`secret", "begins with '`'", "in quotes"},
                 {"%secret", "begins with '%'", "in quotes"},
                 {"}secret", "begins with '}'", "in quotes"},
                 {"]secret", "begins with ']'", "in quotes"},
                 {",secret", "begins with ','", "in quotes"},
                 {"|secret", "begins with '|' or '>'", "in quotes"},
                 {">secret", "begins with '|' or '>'", "in quotes"},
                 {"|", "no text follows", "in quotes"},
                 {">-", "no text follows", "in quotes"},
                 {"? secret", "unexpected '-' or '?'", "in quotes"},
                 {"- secret", "unexpected '-' or '?'", "in quotes"},
                 {"secret: x", "unexpected ':'", "in quotes"},
                 {"secret:", "unexpected ':'", "in quotes"}});
  for (const auto* fine : {"a: b", "-a", "?a", ":a", "=", "~a", "a#b", "a:b"})
    CAF_CHECK_EQUAL(password_of(contains(fine, ": ") ? "'" + std::string(fine) + "'" : fine), fine);
}

CAF_TEST(brackets and braces that are not closed are refused) {
  auto refused = [](const std::string& value) {
    auto r = with_password(value);
    CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
    CAF_CHECK(contains(to_string(r.faults[0]), "line 6") || r.faults[0].line == 6);
  };
  for (const auto* value :
       {"[a, b", "{a: b", "[a, b]]", "{a: b}}", "[a,,b]", "[,]", "{,}", "{a: [b}", "[a]b"})
    refused(value);
  CAF_MESSAGE("a list in brackets may be closed where it likes");
  auto r = load_members(
      "userEvents:\n  enable: true\n  udpServerConfig:\n    allowedSources: [\n      a,\n      b\n    ]\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK_EQUAL(r.value.user_events.udp.allowed_sources, (std::vector<std::string>{"a", "b"}));
}

CAF_TEST(escapes that YAML does not have are refused) {
  check_refused({{"\"C:\\secret\"", "unknown escape", "single quotes"},
                 {"\"a\\'secret\"", "unknown escape", "single quotes"},
                 {"\"\\x4secret\"", "unknown escape", ""},
                 {"\"\\uD800secret\"", "unknown escape", ""},
                 {"\"\\Nsecret\"", "different ways", "quotes"}});
  CAF_CHECK_EQUAL(password_of("\"\\\\ \\t \\u00e9 \\/\""), "\\ \t \xc3\xa9 /");
  CAF_CHECK_EQUAL(password_of("'C:\\temp'"), "C:\\temp");
}

CAF_TEST(tabs and no - break spaces are no indentation) {
  check_fault("Butler-SOS:\n\tlogJson: true\n", 2, 1, "tab is used for indentation");
  check_fault("Butler-SOS:\n  logJson: true\n\tlogLevel: info\n", 3, 1, "tab is used for indentation");
  check_fault("Butler-SOS:\n  userEvents:\n    tags:\n      -\tname: a\n        value: b\n", 4, 8,
              "tab is used for indentation");
  check_fault("Butler-SOS:\n  node: a\n  logJson:\xc2\xa0true\n  logLevel: info\n", 3, 3, "no-break space");
  CHECK_ONLY_FAULT(load_members("ledger: {interval\xc2\xa0: 1}"), 2, 12, "ledger.interval\xc2\xa0",
                   "not a known setting", "invisible character");
  CAF_CHECK_EQUAL(test::listed(load_text("Butler-SOS:\n  logJson:\ttrue\t# comment\n").faults), "");
}

CAF_TEST(names without a colon or a space after it are refused) {
  check_fault("Butler-SOS:\n  logJson: true\n  logLevel:info\n", 3, 3, "no ': ' after a name");
  check_fault("Butler-SOS:\n  logJson: true\n  logLevel:info\n  node: a\n", 3, 3, "no ': ' after a name");
  check_fault("Butler-SOS:\n  logLevel:info\n", 1, 1, "no section below");
  check_fault("Butler-SOS:\n  logJson: true\n  logLevel\n", 3, 3, "no ': ' after a name");
  check_fault("Butler-SOS:\n  \"logJson\":true\n", 2, 12, "unexpected ':'");
  auto r = load_members("mqttConfig:\n  password:secret");
  CHECK_ONLY_FAULT(r, 3, 5, "mqttConfig", "is a text, not a section", "space after the colon");
  CAF_CHECK(!contains(test::listed(r.faults), "secret"));
}

CAF_TEST(lines that are indented wrongly are refused) {
  check_fault("Butler-SOS:\n  logJson: true\n   logLevel: info\n", 3, 12, "unexpected ':'");
  check_fault("Butler-SOS:\n   logJson: true\n  logLevel: info\n", 3, 3, "does not continue the section");
  check_fault("Butler-SOS:\n  userEvents:\n    tags:\n      - name: a\n       value: b\n", 5, 8,
              "does not continue the section");
  check_fault(" Butler-SOS:\n  logJson: true\nx: 1\n", 3, 1, "does not continue what stands above");
}

CAF_TEST(there is one document without directives of its own) {
  check_fault("Butler-SOS: {}\n---\na: 1\n", 2, 1, "second YAML document");
  check_fault("Butler-SOS: {}\n---\n", 2, 1, "second YAML document");
  check_fault("Butler-SOS: {}\n...\na: 1\n", 3, 1, "does not continue what stands above");
  check_fault("%FOO bar\n---\nButler-SOS: {}\n", 1, 1, "directive");
  check_fault("Butler-SOS: {}\n%YAML 1.2\n", 3, 1, "does not continue what stands above");
  for (const auto* text :
       {"---\nButler-SOS: {logJson: true}\n...\n", "%YAML 1.2\n---\nButler-SOS: {logJson: true}\n",
        "--- {Butler-SOS: {logJson: true}}\n"})
    CAF_CHECK(load_text(text).value.log_json);
}

CAF_TEST(an alias without an anchor and a merge without a section are refused) {
  check_fault("Butler-SOS:\n  logJson: *on\n", 2, 12, "no anchor has this name");
  check_fault("Butler-SOS:\n  mqttConfig:\n    <<: 5\n", 3, 5, "no section to merge");
  check_fault("Butler-SOS:\n  a: &a 1\n  a2: &a 2\n  b: *a\n", 2, 6, "begins with '&'");
  auto r =
      load_members("serversToMonitor: {serverTagsDefinition: ['<<'], servers: [{host: 'a:1', serverName: a, "
                   "serverTags: {'<<': x}}]}\n" +
                   test::cert_section());
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK_EQUAL(r.value.monitor.servers.at(0).tags.at(0).first, "<<");
}

CAF_TEST(names that are no text are refused) {
  check_fault("Butler-SOS:\n  ? [a]\n  : b\n", 2, 5, "where a name belongs");
  check_fault("Butler-SOS:\n  {a: b}: c\n", 2, 3, "where a name belongs");
  check_fault("Butler-SOS:\n  : a\n", 2, 3, "unexpected ':'");
}

CAF_TEST(a file in utf 16 is named as such) {
  check_fault(std::string("\xff\xfe"
                          "a\0:\0",
                          6),
              1, 1, "UTF-16");
  check_fault(std::string("a\0:\0", 4), 1, 1, "UTF-16");
  check_fault(std::string("\0a\0:", 4), 1, 1, "UTF-16");
}

CAF_TEST(numbers that some programs read as octal are refused) {
  for (const auto* text : {"017", "01883", "00"}) {
    auto r = load_members("mqttConfig: {enable: true, brokerHost: b, brokerPort: " + std::string(text) + "}");
    CHECK_ONLY_FAULT(r, 2, 57, "mqttConfig.brokerPort", "octal", "leading zero");
  }
  for (const auto* text : {"0o17", "0x1f", "1_000", "1e3"}) {
    auto r = load_members("mqttConfig: {enable: true, brokerHost: b, brokerPort: " + std::string(text) + "}");
    CHECK_ONLY_FAULT(r, 2, 57, "mqttConfig.brokerPort", text, "whole number");
  }
}

CAF_TEST(ten thousand rules are read) {
  std::string text = "Butler-SOS:\n  logEvents:\n    source: {engine: {enable: true}}\n    categorise:\n"
                     "      enable: true\n      rules:\n";
  for (int i = 0; i < 10000; ++i)
    text += "        - description: rule " + std::to_string(i) +
            "\n          logLevel: [warn, error, info]\n          action: categorise\n          category:\n"
            "            - {name: a, value: b}\n          filter:\n            - {type: so, value: text " +
            std::to_string(i) + "}\n";
  auto r = load_text(text);
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK_EQUAL(r.value.log_events.categorise.rules.size(), 10000u);
}

// --- perhaps not what was meant -------------------------------------------------------------------

CAF_TEST(a comment directly behind a value is doubted) {
  for (const auto* value : {"secret #word", "secret  #1", "#secret"}) {
    auto r = with_password(value);
    CAF_CHECK_EQUAL(test::listed(r.faults), "");
    CAF_CHECK(test::has_warning(r, "mqttConfig.password", "begins a comment"));
    CAF_CHECK(!contains(test::listed(r.warnings), "secret"));
  }
  for (const auto* value : {"pass # a comment", "pass", "'pass #word'", "pass ## comment", "# none"})
    CAF_CHECK(!test::has_warning(with_password(value), "mqttConfig.password", "comment"));
  auto r = load_members("serversToMonitor:\n  servers:\n    - host: a:1\n      serverName: Sense #1\n" +
                        test::cert_section());
  CAF_CHECK(test::has_warning(r, "serversToMonitor.servers[0].serverName", "ends before the '#'"));
}

CAF_TEST(a text that goes on over several lines without quotes is doubted) {
  auto r = load_members("serversToMonitor:\n  serverTagsDefinition:\n    - a\n      - b\n");
  CAF_CHECK(test::has_warning(r, "serversToMonitor.serverTagsDefinition[0]", "several lines"));
  CAF_CHECK(test::has_warning(with_password("one\n     two"), "mqttConfig.password", "several lines"));
  CAF_CHECK(!test::has_warning(with_password("\"one\n     two\""), "mqttConfig.password", "several lines"));
}

CAF_TEST(typographic quotes are doubted) {
  CAF_CHECK(test::has_warning(with_password("\xe2\x80\x9csecret\xe2\x80\x9d"), "mqttConfig.password",
                              "typographic"));
  CAF_CHECK(!test::has_warning(with_password("'\xe2\x80\x9csecret'"), "mqttConfig.password", "typographic"));
}
