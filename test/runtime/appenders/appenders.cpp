#define CAF_SUITE runtime.appenders.appenders
#include "test/support/unit_test.hpp"

#include "runtime/appenders/appenders.hpp"

#include "messages/items/log_event.hpp"
#include "messages/items/user_event.hpp"
#include "test/support/child_process.hpp"
#include "test/support/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <map>
#include <regex>
#include <set>

using namespace senseflow;
using namespace senseflow::runtime::appenders;

namespace {

/// What the services' schema demands, as far as it is known: the order in an appender, and what there may be.
constexpr const char* schema = R"(<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:complexType name="param">
    <xs:attribute name="name" type="xs:string" use="required"/>
    <xs:attribute name="value" type="xs:string" use="required"/>
  </xs:complexType>
  <xs:complexType name="params">
    <xs:sequence><xs:element name="param" type="param" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
    <xs:attribute name="type" type="xs:string"/>
  </xs:complexType>
  <xs:complexType name="layout">
    <xs:sequence>
      <xs:element name="converter" type="params" minOccurs="0" maxOccurs="unbounded"/>
      <xs:element name="param" type="param" maxOccurs="unbounded"/>
    </xs:sequence>
    <xs:attribute name="type" type="xs:string" use="required"/>
  </xs:complexType>
  <xs:complexType name="appender">
    <xs:sequence>
      <xs:element name="filter" type="params" minOccurs="0" maxOccurs="unbounded"/>
      <xs:element name="param" type="param" minOccurs="0" maxOccurs="unbounded"/>
      <xs:element name="layout" type="layout"/>
    </xs:sequence>
    <xs:attribute name="name" use="required">
      <xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[^$].*"/></xs:restriction></xs:simpleType>
    </xs:attribute>
    <xs:attribute name="type" type="xs:string" use="required"/>
  </xs:complexType>
  <xs:complexType name="logger">
    <xs:sequence>
      <xs:element name="appender-ref" maxOccurs="unbounded">
        <xs:complexType><xs:attribute name="ref" type="xs:string" use="required"/></xs:complexType>
      </xs:element>
    </xs:sequence>
    <xs:attribute name="name" type="xs:string" use="required"/>
  </xs:complexType>
  <xs:element name="configuration"><xs:complexType><xs:sequence>
    <xs:element name="appender" type="appender" maxOccurs="unbounded"/>
    <xs:element name="logger" type="logger" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
)";

config::settings everything() {
  config::settings s;
  s.user_events.enable = true;
  s.user_events.udp.port = 19997;
  s.log_events.udp.port = 19996;
  auto& x = s.log_events.source;
  x.engine = x.proxy = x.repository = x.scheduler = x.qix_perf = true;
  return s;
}

const appender& find(const std::vector<service>& all, const std::string& service, const std::string& name) {
  for (const auto& x : all)
    for (const auto& a : x.all)
      if (x.name == service && a.name == name) return a;
  throw std::runtime_error("no appender " + name + " of " + service);
}

/// What log4net would send: each placeholder with its sample.
std::string rendered(const appender& x, const std::map<std::string, std::string>& samples) {
  std::string result, rest = x.pattern;
  const std::regex placeholder{R"(%([a-zA-Z0-9]+)(\{([^}]*)\})?)"};
  std::smatch match;
  while (std::regex_search(rest, match, placeholder)) {
    result += match.prefix();
    const auto name = match[1] == "property" ? match[3].str() : match[1].str();
    const auto i = samples.find(name);
    if (i == samples.end()) throw std::runtime_error("no sample of " + name);
    result += i->second;
    rest = match.suffix();
  }
  return result + rest;
}

const std::string id = "3b3b3b3b-3b3b-4b3b-8b3b-3b3b3b3b3b3b", app = "2933711d-6638-41d4-a2d2-6dd2d965208b";

const std::map<std::string, std::string> samples{{"rownum", "14"},
                                                 {"longIso8601date", "20211109T153726.028+0200"},
                                                 {"date", "2021-11-09 15:37:26,028"},
                                                 {"level", "WARN"},
                                                 {"hostname", "pro2-win1"},
                                                 {"logger", "System.Some.Thing"},
                                                 {"user", "LAB\\qlikservice"},
                                                 {"message", "said; with a semicolon"},
                                                 {"encodedmessage", "a message"},
                                                 {"encodedexception", "an exception"},
                                                 {"Command", "Some command"},
                                                 {"UserDirectory", "LAB"},
                                                 {"UserId", "goran"},
                                                 {"Origin", "AppAccess"},
                                                 {"Context", "/app/x"},
                                                 {"Result", "500"},
                                                 {"User", "LAB\\goran"},
                                                 {"TaskName", "A task"},
                                                 {"AppName", "An app"},
                                                 {"TaskId", id},
                                                 {"AppId", app},
                                                 {"ExecutionId", id},
                                                 {"ProxySessionId", id},
                                                 {"ActiveUserDirectory", "LAB"},
                                                 {"ActiveUserId", "goran"},
                                                 {"EngineTimestamp", "2021-11-09T15:37:26.028+01:00"},
                                                 {"ProcessId", id},
                                                 {"Exe Version", "12.1306.0.0"},
                                                 {"Server Started", "2021-11-09T10:00:00.000+01:00"},
                                                 {"Entry Type", "Kind"},
                                                 {"SessionId", id},
                                                 {"DocId", app},
                                                 {"RequestId", "7"},
                                                 {"Method", "Doc::GetLayout"},
                                                 {"ProcessTime", "1.5"},
                                                 {"WorkTime", "2.5"},
                                                 {"LockTime", "3.5"},
                                                 {"ValidateTime", "4.5"},
                                                 {"TraverseTime", "5.5"},
                                                 {"Handle", "9"},
                                                 {"ObjectId", "obj"},
                                                 {"NetRAM", "100"},
                                                 {"PeakRAM", "200"},
                                                 {"ObjectType", "barchart"}};

/// Name of each field of a log event, and what it holds.
std::map<std::string, std::string> fields(const messages::log_event& x) {
  std::map<std::string, std::string> result;
  std::visit(
      [&](const auto& body) {
        for (const auto& f : messages::fields_of(body))
          std::visit(
              [&](auto member) {
                if constexpr (std::is_same_v<std::decay_t<decltype(body.*member)>, std::string>)
                  result[std::string{f.name}] = body.*member;
                else
                  result[std::string{f.name}] = nlohmann::json(body.*member).dump();
              },
              f.member);
      },
      x.body);
  return result;
}

void check(const std::vector<service>& all, const std::string& service, const std::string& name,
           messages::log_source source, const std::map<std::string, std::string>& expected) {
  auto event = messages::parse_log_event(rendered(find(all, service, name), samples));
  CAF_REQUIRE(event);
  CAF_CHECK(event->source == source);
  auto found = fields(*event);
  for (const auto& [field, value] : expected)
    if (found[field] != value)
      CAF_ERROR(service << ": " << field << " is " << found[field] << ", not " << value);
  // Whatever the tables of the parser know comes from somewhere.
  for (const auto& [field, value] : found)
    if (value.empty() && !field.empty()) CAF_ERROR(service << ": nothing in " << field);
}

} // namespace

CAF_TEST(every field of user events lands where it belongs) {
  const auto all = services_for(everything());
  for (const auto& [name, type] : std::map<std::string, std::string>{
           {"SenseflowSession", "qseow-proxy-session"}, {"SenseflowConnection", "qseow-proxy-connection"}}) {
    const auto& a = find(all, "Proxy", name);
    CAF_CHECK_EQUAL(a.port, 19997);
    auto x = messages::parse_user_event(rendered(a, samples));
    CAF_REQUIRE(x);
    CAF_CHECK_EQUAL(x->type, type);
    CAF_CHECK_EQUAL(x->host, "pro2-win1");
    CAF_CHECK_EQUAL(x->command, "Some command");
    CAF_CHECK_EQUAL(x->user_directory, "LAB");
    CAF_CHECK_EQUAL(x->user_id, "goran");
    CAF_CHECK_EQUAL(x->origin, "AppAccess");
    CAF_CHECK_EQUAL(x->context, "/app/x");
    CAF_CHECK_EQUAL(x->message, "said; with a semicolon");
  }
}

CAF_TEST(every field of log events lands where it belongs) {
  using source = messages::log_source;
  const auto all = services_for(everything());
  const std::map<std::string, std::string> common{{"ts_iso", "20211109T153726.028+0200"},
                                                  {"ts_local", "2021-11-09 15:37:26,028"},
                                                  {"level", "WARN"},
                                                  {"host", "pro2-win1"},
                                                  {"subsystem", "System.Some.Thing"},
                                                  {"windows_user", "LAB\\qlikservice"},
                                                  {"user_directory", "LAB"},
                                                  {"user_id", "goran"}};
  const auto with = [&](std::map<std::string, std::string> more) {
    more.insert(common.begin(), common.end());
    return more;
  };
  for (const auto& [service, kind] :
       std::map<std::string, source>{{"Proxy", source::proxy}, {"Repository", source::repository}})
    check(all, service, "SenseflowLog", kind,
          with({{"message", "a message"},
                {"exception_message", "an exception"},
                {"command", "Some command"},
                {"result_code", "500"},
                {"origin", "AppAccess"},
                {"context", "/app/x"}}));
  check(all, "Scheduler", "SenseflowLog", source::scheduler,
        with({{"message", "a message"},
              {"exception_message", "an exception"},
              {"user_full", "LAB\\goran"},
              {"task_name", "A task"},
              {"app_name", "An app"},
              {"task_id", id},
              {"app_id", app},
              {"execution_id", id}}));
  check(all, "Engine", "SenseflowLog", source::engine,
        with({{"message", "a message"},
              {"proxy_session_id", id},
              {"engine_ts", "2021-11-09T15:37:26.028+01:00"},
              {"process_id", id},
              {"engine_exe_version", "12.1306.0.0"},
              {"server_started", "2021-11-09T10:00:00.000+01:00"},
              {"entry_type", "Kind"},
              {"session_id", id},
              {"app_id", app}}));
  check(all, "Engine", "SenseflowPerformance", source::qix_perf,
        with({{"proxy_session_id", id},
              {"session_id", id},
              {"app_id", app},
              {"request_id", "7.0"},
              {"method", "Doc::GetLayout"},
              {"process_time", "1.5"},
              {"work_time", "2.5"},
              {"lock_time", "3.5"},
              {"validate_time", "4.5"},
              {"traverse_time", "5.5"},
              {"handle", "9.0"},
              {"object_id", "obj"},
              {"net_ram", "100.0"},
              {"peak_ram", "200.0"},
              {"object_type", "barchart"}}));
}

CAF_TEST(converters are declared for what the pattern needs of Qlik and for nothing else) {
  const std::set<std::string> known{"rownum", "longIso8601date", "hostname",
                                    "user",   "encodedmessage",  "encodedexception"};
  for (const auto& x : services_for(everything()))
    for (const auto& a : x.all) {
      std::set<std::string> used;
      const std::regex placeholder{"%([a-zA-Z0-9]+)"};
      for (std::sregex_iterator i{a.pattern.begin(), a.pattern.end(), placeholder}, end; i != end; ++i)
        if (known.count((*i)[1]) > 0) used.insert((*i)[1]);
      CAF_CHECK(used == std::set<std::string>(a.converters.begin(), a.converters.end()));
    }
}

CAF_TEST(only what is switched on is sent) {
  config::settings s;
  CAF_CHECK(services_for(s).empty());
  s.log_events.source.scheduler = true;
  auto all = services_for(s);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK_EQUAL(all.front().name, "Scheduler");
  CAF_CHECK_EQUAL(all.front().all.front().port, 9996);
  s.log_events.source.qix_perf = s.user_events.enable = true;
  all = services_for(s);
  CAF_CHECK_EQUAL(all.size(), 3u);
  CAF_CHECK_EQUAL(find(all, "Engine", "SenseflowPerformance").threshold, "info");
  CAF_CHECK(instructions(all, s, "h").find("QIX performance log level") != std::string::npos);
  s.log_events.source.qix_perf = false;
  CAF_CHECK(instructions(services_for(s), s, "h").find("QIX performance log level") == std::string::npos);
}

CAF_TEST(files are XML of the form that Qlik takes whatever the host is called) {
  test::temp_dir directory;
  std::ofstream{directory / "schema.xsd"} << schema;
  const auto xmllint = [&](const std::string& file) {
    test::child_process p{{"xmllint", "--noout", "--nonet", "--schema", directory / "schema.xsd", file}};
    const auto code = p.wait().value_or(-1);
    if (code != 0) CAF_MESSAGE(p.output());
    return code;
  };
  for (const std::string host : {"sense-monitor.example.com", "2001:db8::1", "<\"&'>"})
    for (const auto& x : services_for(everything())) {
      const auto text = to_xml(x, host);
      CAF_CHECK(text.size() < (1u << 20));
      std::ofstream{directory / "a.xml"} << text;
      CAF_CHECK_EQUAL(xmllint(directory / "a.xml"), 0);
    }
  std::ofstream{directory / "b.xml"} << "<configuration><logger/></configuration>";
  CAF_CHECK(xmllint(directory / "b.xml") != 0);
}

CAF_TEST(a configuration in which nothing can arrive is doubted) {
  auto s = everything();
  CAF_CHECK(doubts(s, "monitor.example.com").empty());
  CAF_CHECK(doubts(s, "127.0.0.1").find("each Sense server itself") != std::string::npos);
  s.user_events.udp.server_host = "localhost";
  CAF_CHECK(doubts(s, "monitor.example.com").find("userEvents.udpServerConfig.serverHost") !=
            std::string::npos);
  s.log_events.udp.enable_source_validation = true;
  s.log_events.udp.allowed_sources = {"192.0.2.1"};
  CAF_CHECK(doubts(s, "monitor.example.com").find("logEvents.udpServerConfig.allowedSources") !=
            std::string::npos);
}
