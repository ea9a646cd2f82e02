#define CAF_SUITE messages.insights.machine_name

#include "test/support/unit_test.hpp"

#include "messages/insights/machine_name.hpp"

#include <yaml-cpp/yaml.h>

using namespace senseflow::messages::insights;

namespace {

/// What the configuration would hold if somebody took the advice.
std::string told(const std::string& host) {
  const auto advice = how_to_tell(host);
  const auto hosts = YAML::Load(advice.substr(advice.find('{')));
  CAF_REQUIRE_EQUAL(hosts.size(), 1u);
  CAF_CHECK_EQUAL(hosts.begin()->second.as<std::string>(), "<serverName>");
  return hosts.begin()->first.as<std::string>();
}

} // namespace

CAF_TEST(whoever takes the advice names the machine) {
  CAF_CHECK_EQUAL(how_to_tell("QLIK1"), "say so in insights.hosts, as in hosts: {'QLIK1': <serverName>}");
  for (const std::string host : {"QLIK1",      "qlik1.example.com",
                                 "fake: line", "\"",
                                 "'",          "it's",
                                 "{{7*7}}",    "#",
                                 "a #b",       "- a",
                                 "[a, b]",     "true",
                                 "14",         "~",
                                 "*a",         "!b",
                                 "%c",         "@",
                                 "a\\n",       "M\xc3\xbcller",
                                 " a "})
    CAF_CHECK_EQUAL(told(host), host);
}

CAF_TEST(what no name of a machine holds is not shown) {
  CAF_CHECK_EQUAL(quoted_machine("a\nb\x1b[31m\x7f"), "'a_b_[31m_'");
  CAF_CHECK_EQUAL(quoted_machine("\xc2\x85\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6\xef\xbb\xbf\xef\xbf\xbe"),
                  "'______'");
  CAF_CHECK_EQUAL(quoted_machine("\xff"), "'\xef\xbf\xbd'");
  const std::string longest(63, 'x');
  CAF_CHECK_EQUAL(quoted_machine(longest), '\'' + longest + '\'');
  CAF_CHECK_EQUAL(quoted_machine(longest + "y"), '\'' + longest + "...'");
}
