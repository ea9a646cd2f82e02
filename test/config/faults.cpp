#define CAF_SUITE config.faults
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "faults.hpp"
#include "test/support/temp_dir.hpp"

#include <fstream>

using namespace senseflow;
using senseflow::test::contains;
using senseflow::test::load_members;
using senseflow::test::load_text;
using senseflow::test::places;

using strings = std::vector<std::string>;

namespace {

/// The one setting in an enabled mqttConfig, in line 3 column 3.
config::load_result with_broker(const std::string& line) {
  return load_text("Butler-SOS:\n  mqttConfig:\n    " + line + "\n    enable: true\n" +
                   (contains(line, "brokerHost") ? "" : "    brokerHost: b\n"));
}

} // namespace

CAF_TEST(all faults are found at once and in order) {
  auto r = load_text("Butler-SOS:\n"
                     "  logLevel: loud\n"
                     "  mqttConfig:\n"
                     "    enable: true\n"
                     "    brokerHost: 'not a host'\n"
                     "    brokerPort: 70000\n"
                     "    brokerPrt: 1\n"
                     "  userEvents:\n"
                     "    enable: yes\n");
  CAF_CHECK_EQUAL(places(r.faults),
                  (strings{"2:13 Butler-SOS.logLevel", "5:17 Butler-SOS.mqttConfig.brokerHost",
                           "6:17 Butler-SOS.mqttConfig.brokerPort", "7:5 Butler-SOS.mqttConfig.brokerPrt",
                           "9:13 Butler-SOS.userEvents.enable"}));
  CAF_CHECK_EQUAL(to_string(r.faults[2]),
                  "test.yaml:6:17: Butler-SOS.mqttConfig.brokerPort is 70000. Write a whole "
                  "number from 1 to 65535.");
}

CAF_TEST(a text where a number belongs is refused with the number) {
  CHECK_ONLY_FAULT(with_broker("brokerPort: '1883'"), 3, 17, "mqttConfig.brokerPort", "a text",
                   "without quotes: 1883");
  CHECK_ONLY_FAULT(with_broker("brokerPort: abc"), 3, 17, "mqttConfig.brokerPort", "not a number",
                   "1 to 65535");
  CHECK_ONLY_FAULT(with_broker("brokerPort: [1]"), 3, 17, "mqttConfig.brokerPort", "a list", "1 to 65535");
}

CAF_TEST(faults of the connection to the broker are named) {
  CHECK_ONLY_FAULT(with_broker("protocolVersion: 4"), 3, 22, "mqttConfig.protocolVersion", "4",
                   "Write auto, 5 or 3.1.1");
  CHECK_ONLY_FAULT(with_broker("transport: udp"), 3, 16, "mqttConfig.transport", "udp",
                   "Write tcp or websocket");
  CHECK_ONLY_FAULT(with_broker("path: mqtt"), 3, 11, "mqttConfig.path", "mqtt", "begins with '/'");
  for (const auto* proxy : {"proxy:3128", "https://proxy:3128", "http://proxy", "http://me:word@proxy:3128"})
    CHECK_ONLY_FAULT(with_broker("proxy: '" + std::string(proxy) + "'"), 3, 12, "mqttConfig.proxy", proxy,
                     "Write http://");
  CHECK_ONLY_FAULT(with_broker("brokers: [{port: 1}]"), 3, 15, "mqttConfig.brokers[0].host", "missing", "");
  CHECK_ONLY_FAULT(with_broker("tls: {enable: true, alpn: ['']}"), 3, 32, "mqttConfig.tls.alpn[0]", "",
                   "1 to 255 bytes");
}

CAF_TEST(ports out of bounds and broken numbers are refused) {
  for (auto text : {"0", "65536", "-1", "1883.5", "1e3", "0x10", "99999999999999999999999", ".inf", "+5"})
    CHECK_ONLY_FAULT(with_broker("brokerPort: " + std::string(text)), 3, 17, "mqttConfig.brokerPort", text,
                     "whole number from 1 to 65535");
}

CAF_TEST(a number where a text belongs is refused with quotes as remedy) {
  CHECK_ONLY_FAULT(with_broker("clientId: 12"), 3, 15, "mqttConfig.clientId", "is 12, not a text", "'12'");
  CHECK_ONLY_FAULT(with_broker("clientId: true"), 3, 15, "mqttConfig.clientId", "is true, not a text",
                   "'true'");
}

CAF_TEST(the value of a secret is never shown) {
  auto r = with_broker("password: 4711");
  CHECK_ONLY_FAULT(r, 3, 15, "mqttConfig.password", "not a text", "quotes");
  CAF_CHECK(!contains(test::listed(r.faults), "4711"));
}

CAF_TEST(truth values are true and false only) {
  for (auto text : {"yes", "on", "1", "'true'", "tRUE"})
    CHECK_ONLY_FAULT(load_members("logJson: " + std::string(text)), 2, 12, "logJson", "not true or false",
                     "true or false");
}

CAF_TEST(bad host names are refused) {
  for (auto text : {"<IP or FQDN>", "a b", "a..b", "-a", "a:1883", "mqtt://a", "''", "a/b"})
    CHECK_ONLY_FAULT(with_broker("brokerHost: '" + std::string(text == std::string("''") ? "" : text) + "'"),
                     3, 17, "mqttConfig.brokerHost", "is ", "host name or an IP address");
}

CAF_TEST(a broker needs a host) {
  CHECK_ONLY_FAULT(load_members("mqttConfig:\n  enable: true"), 2, 3, "mqttConfig.brokerHost", "is missing",
                   "host name or address of the broker");
}

CAF_TEST(unknown settings name the nearest one) {
  CHECK_ONLY_FAULT(with_broker("brokrePort: 1"), 3, 5, "mqttConfig.brokrePort", "not a known setting",
                   "Did you mean 'brokerPort'?");
  CHECK_ONLY_FAULT(with_broker("zzzzzzzzzzzz: 1"), 3, 5, "mqttConfig.zzzzzzzzzzzz", "not a known setting",
                   "Known here: enable, brokerHost");
}

CAF_TEST(settings given twice are refused) {
  CHECK_ONLY_FAULT(with_broker("brokerPort: 1\n    brokerPort: 2"), 4, 5, "mqttConfig.brokerPort",
                   "is defined twice", "line 3");
  auto r = load_text("Butler-SOS: {logJson: true}\nButler-SOS: {}\n");
  CAF_CHECK_EQUAL(places(r.faults), (strings{"2:1 Butler-SOS"}));
}

CAF_TEST(sections and lists of the wrong kind are refused) {
  CHECK_ONLY_FAULT(load_members("mqttConfig: 5"), 2, 15, "mqttConfig", "is a number, not a section",
                   "indented");
  CHECK_ONLY_FAULT(load_members("insights: true"), 2, 13, "insights", "is true, not a section", "indented");
  CHECK_ONLY_FAULT(load_members("insights: 'true'"), 2, 13, "insights", "is a text, not a section",
                   "indented");
  CHECK_ONLY_FAULT(load_members("userEvents: {enable: true, tags: {name: a}}"), 2, 36, "userEvents.tags",
                   "not a list", "- ");
  CHECK_ONLY_FAULT(load_members("userEvents: {enable: true, tags: [a]}"), 2, 37, "userEvents.tags[0]",
                   "not a section", "name: value");
}

CAF_TEST(faults in a switched off feature are not reported but unknown settings are) {
  auto r = load_members("mqttConfig: {enable: false, brokerHost: '<IP>', brokerPort: x, baseTopicc: y}\n"
                        "userEvents: {enable: false, udpServerConfig: {serverHost: '<IP>'}, tags: 5}\n"
                        "logEvents: {udpServerConfig: {portLogEvents: nope}}\n"
                        "appNames: {enableAppNameExtract: false, hostIP: '<IP or FQDN>'}\n");
  CAF_CHECK_EQUAL(places(r.faults), (strings{"2:66 Butler-SOS.mqttConfig.baseTopicc"}));
}

CAF_TEST(user events and log events on one port are refused) {
  auto load = [](const std::string& user_host, const std::string& log_host) {
    return load_members("userEvents: {enable: true, udpServerConfig: {serverHost: " + user_host +
                        ", portUserActivityEvents: 5}}\n"
                        "logEvents:\n"
                        "  source: {proxy: {enable: true}}\n"
                        "  udpServerConfig:\n"
                        "    serverHost: " +
                        log_host + "\n    portLogEvents: 5\n");
  };
  CHECK_ONLY_FAULT(load("0.0.0.0", "127.0.0.1"), 7, 22, "logEvents.udpServerConfig.portLogEvents",
                   "portUserActivityEvents", "different ports");
  CAF_CHECK(load("127.0.0.2", "127.0.0.1").faults.empty());
}

CAF_TEST(source validation without sources is refused) {
  CHECK_ONLY_FAULT(load_members("userEvents:\n"
                                "  enable: true\n"
                                "  udpServerConfig:\n"
                                "    enableSourceValidation: true\n"
                                "    allowedSources: null\n"),
                   6, 7, "userEvents.udpServerConfig.allowedSources", "nothing could be received",
                   "List the addresses");
}

CAF_TEST(bad sources are refused one by one) {
  auto r =
      load_members("userEvents: {enable: true, udpServerConfig: {allowedSources: [10.0.0.0/33, '::/129', "
                   "'10.0.0.0/8', '2001:db8::/32', host-1, 'a b']}}");
  CAF_CHECK_EQUAL(r.faults.size(), 3u);
  CAF_CHECK_EQUAL(r.faults[0].key, "Butler-SOS.userEvents.udpServerConfig.allowedSources[0]");
  CAF_CHECK_EQUAL(r.faults[2].key, "Butler-SOS.userEvents.udpServerConfig.allowedSources[5]");
}

CAF_TEST(polling needs certificates that can be read) {
  test::temp_dir dir;
  bench::make_certificates(dir.path());
  auto r = load_text("Butler-SOS:\n"
                     "  cert:\n"
                     "    clientCert: " +
                     (dir / "client.pem") +
                     "\n"
                     "    clientCertKey: " +
                     (dir / "absent.pem") +
                     "\n"
                     "  appNames: {enableAppNameExtract: true, hostIP: sense1}\n");
  CAF_CHECK_EQUAL(places(r.faults),
                  (strings{"2:3 Butler-SOS.cert.clientCertCA", "4:20 Butler-SOS.cert.clientCertKey"}));
  CAF_CHECK(contains(r.faults[0].problem, "is required to poll"));
  CAF_CHECK(contains(r.faults[1].problem, "does not exist"));
}

CAF_TEST(a tls certificate without its key is refused) {
  test::temp_dir dir;
  bench::make_certificates(dir.path());
  auto path = dir / "client.pem";
  CHECK_ONLY_FAULT(with_broker("tls: {enable: true, cert: " + path + "}"), 3, 5, "mqttConfig.tls.key",
                   "is required with tls.cert", "key of the certificate");
  CHECK_ONLY_FAULT(with_broker("tls: {enable: true, ca: " + dir.path().string() + "}"), 3, 29,
                   "mqttConfig.tls.ca", "is a directory", "path of a file");
  CAF_CHECK(with_broker("tls: {enable: false, cert: " + path + "}").faults.empty());
}

CAF_TEST(a password file that is not there is refused) {
  CHECK_ONLY_FAULT(with_broker("passwordFile: /nowhere/at/all"), 3, 19, "mqttConfig.passwordFile",
                   "does not exist", "Check the path");
}

CAF_TEST(servers need different names and defined tags) {
  auto r = load_text("Butler-SOS:\n"
                     "  cert: {clientCert: /dev/null, clientCertKey: /etc, clientCertCA: /etc}\n"
                     "  serversToMonitor:\n"
                     "    serverTagsDefinition: [site]\n"
                     "    servers:\n"
                     "      - host: a:1\n"
                     "        serverName: one\n"
                     "      - host: b\n"
                     "        serverName: one\n"
                     "        serverTags: {sight: x}\n"
                     "      - serverDescription: x\n");
  CAF_CHECK_EQUAL(
      places(r.faults),
      (strings{"2:22 Butler-SOS.cert.clientCert", "2:48 Butler-SOS.cert.clientCertKey",
               "2:68 Butler-SOS.cert.clientCertCA", "8:15 Butler-SOS.serversToMonitor.servers[1].host",
               "9:21 Butler-SOS.serversToMonitor.servers[1].serverName",
               "10:21 Butler-SOS.serversToMonitor.servers[1].serverTags",
               "11:9 Butler-SOS.serversToMonitor.servers[2].host",
               "11:9 Butler-SOS.serversToMonitor.servers[2].serverName"}));
  CAF_CHECK(contains(r.faults[0].problem, "is a device"));
  CAF_CHECK(contains(r.faults[4].problem, "servers[0].serverName"));
  CAF_CHECK(contains(r.faults[5].remedy, "site"));
}

CAF_TEST(servers whose names become one topic are refused) {
  auto load = [](const std::string& a, const std::string& b) {
    return load_members("serversToMonitor:\n  servers:\n    - {host: 'a:1', serverName: " + a +
                        "}\n    - {host: 'b:1', serverName: " + b + "}\n" + test::cert_section());
  };
  for (auto& [a, b] : {std::make_pair("a/b", "a_b"), {"a+b", "'a#b'"}, {"\"a\\x01\"", "a_"}}) {
    auto r = load(a, b);
    CHECK_ONLY_FAULT(r, 5, 35, "serversToMonitor.servers[1].serverName", "same topics as", "another name");
    CAF_CHECK(contains(r.faults[0].problem, "servers[0].serverName"));
  }
  CHECK_ONLY_FAULT(load("a", "a"), 5, 35, "serversToMonitor.servers[1].serverName", "is 'a', like",
                   "a name of its own");
  CAF_CHECK_EQUAL(test::listed(load("a/b", "a-b").faults), "");
  CAF_CHECK_EQUAL(test::listed(load("a", "A").faults), "");
}

CAF_TEST(virtual proxies that become one topic are refused) {
  auto load = [](const std::string& proxies, const std::string& more = "") {
    return load_members(
        "userSessions: {enableSessionExtract: true}\n" + test::cert_section() +
        "serversToMonitor: {servers: [{host: 'a:1', serverName: a, userSessions: {enable: true, host: "
        "'a:2', virtualProxies: [" +
        proxies + "]}}]}\n" + more);
  };
  const std::string key = "serversToMonitor.servers[0].userSessions.virtualProxies[1].virtualProxy";
  for (auto pair : {"{virtualProxy: /}, {virtualProxy: /default}", "{virtualProxy: /a}, {virtualProxy: /a/}",
                    "{virtualProxy: /a//b}, {virtualProxy: /a/b}"}) {
    auto r = load(pair);
    CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
    CAF_CHECK_EQUAL(r.faults[0].key, "Butler-SOS." + key);
    CAF_CHECK_EQUAL(test::listed(load(pair, "layouts: {documented: false}").faults), "");
  }
  auto r = load("{virtualProxy: /a}, {virtualProxy: /a}");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK(test::has_warning(r, key, "is '/a', like"));
}

CAF_TEST(servers that share a host share topics of one layout) {
  auto load = [](const std::string& second, const std::string& more = "") {
    return load_members(
        test::cert_section() +
        "serversToMonitor: {serverTagsDefinition: [host], servers: [{host: 'a:1', serverName: a}, "
        "{host: 'a:2', serverName: b" +
        second + "}]}\n" + more);
  };
  const std::string key = "serversToMonitor.servers[1].host";
  CAF_CHECK(test::has_warning(load(""), key, "same topics as"));
  CAF_CHECK(!test::has_warning(load(", serverTags: {host: other}"), key, "same topics as"));
  CAF_CHECK(!test::has_warning(load("", "layouts: {butlerSos: false}"), key, "same topics as"));
}

CAF_TEST(topics of the broker itself are refused) {
  CHECK_ONLY_FAULT(with_broker("baseTopic: $SYS/x/"), 3, 16, "mqttConfig.baseTopic", "is '$SYS/x/'",
                   "does not begin with '$'");
  CHECK_ONLY_FAULT(
      load_members(
          "userEvents: {enable: true, sendToMQTT: {postTo: {everythingTopic: {topic: $share/a/x}}}}"),
      2, 77, "userEvents.sendToMQTT.postTo.everythingTopic.topic", "is '$share/a/x'",
      "does not begin with '$'");
  CHECK_ONLY_FAULT(load_members("logEvents: {source: {proxy: {enable: true}}, sendToMQTT: {baseTopic: $x}}"),
                   2, 72, "logEvents.sendToMQTT.baseTopic", "is '$x'", "does not begin with '$'");
  CAF_CHECK_EQUAL(test::listed(with_broker("baseTopic: a/$SYS/").faults), "");
  auto r =
      load_members("mqttConfig: {enable: true, brokerHost: b, baseTopic: ''}\n" + test::cert_section() +
                   "serversToMonitor: {serverTagsDefinition: [host], servers: [{host: 'a:1', serverName: a, "
                   "serverTags: {host: $SYS}}]}\n");
  CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
  CAF_CHECK_EQUAL(r.faults[0].key, "Butler-SOS.serversToMonitor.servers[0].serverTags");
}

CAF_TEST(delays that contradict each other are refused) {
  CHECK_ONLY_FAULT(load_members("actors: {reconnect: {initialDelay: 500, maxDelay: 100}}"), 2, 53,
                   "actors.reconnect.maxDelay", "less than initialDelay", "500");
  CHECK_ONLY_FAULT(load_members("actors: {supervision: {hangTimeout: 5000}}"), 2, 39,
                   "actors.supervision.hangTimeout", "not more than pingInterval", "5000");
}

CAF_TEST(wildcards in topics are refused) {
  CHECK_ONLY_FAULT(with_broker("baseTopic: a/#"), 3, 16, "mqttConfig.baseTopic", "a/#", "no '+', '#'");
  CHECK_ONLY_FAULT(
      load_members("userEvents: {enable: true, sendToMQTT: {postTo: {everythingTopic: {topic: +/x}}}}"), 2,
      77, "userEvents.sendToMQTT.postTo.everythingTopic.topic", "+/x", "no '+'");
}

CAF_TEST(characters in topics that brokers close the connection for are refused) {
  for (auto bad : {"\\x01", "\\x7f", "\\x85", "\\uFDD0", "\\uFFFF", "\\U0001FFFE"})
    CHECK_ONLY_FAULT(with_broker("baseTopic: \"a" + std::string(bad) + "/\""), 3, 16, "mqttConfig.baseTopic",
                     "is ", "control characters");
  for (auto good : {"\xc2\xa0", "\xef\xb7\x8f", "\xef\xbf\xbd", "\xf0\x9f\x98\x80", "\\xA0"})
    CAF_CHECK_EQUAL(test::listed(with_broker("baseTopic: \"a" + std::string(good) + "/\"").faults), "");
}

CAF_TEST(line breaks in headers are refused) {
  auto r = load_members(
      "serversToMonitor: {servers: [{host: 'a:1', serverName: a, headers: {X: \"a\\r\\nY: b\"}}]}\n" +
      test::cert_section());
  CHECK_ONLY_FAULT(r, 2, 74, "serversToMonitor.servers[0].headers.X", "is 'a", "line breaks");
  CAF_CHECK(!contains(to_string(r.faults[0]), "\n"));
}

CAF_TEST(names that would not load again when printed are refused) {
  auto with_header = [](const std::string& name, const std::string& value) {
    return load_members(
        "serversToMonitor:\n  servers:\n    - host: a:1\n      serverName: a\n      headers:\n"
        "        ? " +
        name + "\n        : " + value + "\n" + test::cert_section());
  };
  const std::string long_name(201, 'n');
  for (const char* value : {"x", "null"}) {
    CAF_CHECK(!with_header("\"a\\x01\"", value));
    CAF_CHECK(!with_header("''", value));
    auto r = with_header(long_name, value);
    CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
    CAF_CHECK_EQUAL(r.faults[0].line, 7);
    CAF_CHECK(contains(r.faults[0].remedy, "200 bytes"));
    CAF_CHECK_EQUAL(test::listed(with_header(long_name.substr(1), value).faults), "");
  }
}

CAF_TEST(a file that is not there or no file is one fault) {
  test::temp_dir dir;
  for (auto path : {dir / "absent.yaml", dir.path().string(), std::string("/dev/zero")}) {
    auto r = config::load(path, {});
    CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
    CAF_CHECK_EQUAL(r.faults[0].file, path);
    CAF_CHECK(!r.faults[0].problem.empty() && !r.faults[0].remedy.empty());
  }
}

CAF_TEST(a text that is no configuration is one fault) {
  for (auto text : {"", "a: 1\n", "- a\n", "Butler-SOS: 5\n", "Butler-SOS: []\n", "a: b: c\n", "'", "a: [",
                    "Butler-SOS:\n\tx: 1\n", "---\nButler-SOS: {}\n---\na: 1\n"}) {
    auto r = load_text(text);
    CAF_MESSAGE(text);
    CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
    CAF_CHECK(!r.faults[0].problem.empty() && !r.faults[0].remedy.empty());
  }
  auto r = load_text("Butler-SOS:\n  a: b: c\n");
  CAF_CHECK_EQUAL(r.faults[0].line, 2);
}
