#define CAF_SUITE messages.insights.machine_hints

#include "test/support/unit_test.hpp"

#include "messages/insights/machine_hints.hpp"

using namespace senseflow::messages::insights;

CAF_TEST(each machine has a line once that names it and the setting) {
  machine_hints aut{"events", "server", "insights"};
  CAF_CHECK(aut.take().empty());
  for (const auto* host : {"QLIK1", "", "QLIK2", "QLIK1"}) aut.note(host);
  const auto lines = aut.take();
  CAF_REQUIRE_EQUAL(lines.size(), 2u);
  CAF_CHECK_EQUAL(
      lines[0],
      "events come from the machine 'QLIK1', which matches no server: they are left out of insights. If "
      "it is one, say so in insights.hosts, as in hosts: {'QLIK1': <serverName>}.");
  CAF_CHECK(lines[1].find("QLIK2") != std::string::npos);
  aut.note("QLIK2");
  CAF_CHECK(aut.take().empty());
}

CAF_TEST(of more than some machines one line tells) {
  machine_hints aut{"events", "server", "insights"};
  for (int i = 0; i < 1000; ++i) aut.note("M" + std::to_string(i));
  const auto lines = aut.take();
  CAF_REQUIRE_EQUAL(lines.size(), machine_hints::most + 1);
  CAF_CHECK_EQUAL(lines.back(),
                  "events come from further machines that match no server; they are only counted.");
  for (int i = 0; i < 1000; ++i) aut.note("M" + std::to_string(i));
  CAF_CHECK(aut.take().empty());
}
