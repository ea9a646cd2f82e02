#define CAF_SUITE messages.insights.unmatched_machines

#include "test/support/unit_test.hpp"

#include "messages/insights/unmatched_machines.hpp"

using namespace senseflow::messages::insights;

namespace {

using said = std::vector<std::pair<std::string, std::string>>;

struct fixture {
  arrival_list seen;
  std::unique_ptr<unmatched_machines> aut = make({});
  double counted = 0;

  std::unique_ptr<unmatched_machines> make(const said& hosts) {
    return std::make_unique<unmatched_machines>(
        [this] { return seen; }, std::make_shared<server_of_host>(
                                     std::vector<named_server>{{"sense1", {"qlik1.example.com"}}}, hosts));
  }
  void arrive(const std::string& host, service from, uint64_t n) {
    for (auto& x : seen)
      if (x.host == host && x.from == from) {
        x.datagrams += n;
        return;
      }
    arrival x;
    x.host = host;
    x.from = from;
    x.datagrams = n;
    seen.push_back(x);
  }
  /// How many lines there are; the last of them is kept.
  size_t look() {
    findings found;
    aut->tick({}, found);
    for (const auto& c : found.counts)
      if (c.name == "datagrams_unmatched_total" && c.labels.at("reason") == "unknown_host") counted += c.n;
    if (!found.lines.empty()) line = found.lines.back();
    return found.lines.size();
  }
  std::string line;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(unmatched_machines_tests, fixture)

CAF_TEST(datagrams of machines that match no server are counted and each of these is told once) {
  arrive("QLIK1", service::engine, 5);
  CAF_CHECK_EQUAL(look(), 0u);
  CAF_CHECK_EQUAL(counted, 0.0);
  arrive("WIN-7", service::engine, 2);
  arrive("WIN-7", service::user_events, 3);
  CAF_CHECK_EQUAL(look(), 1u);
  CAF_CHECK(line.find("hosts: {'WIN-7': <serverName>}") != std::string::npos);
  CAF_CHECK_EQUAL(counted, 5.0);
  arrive("WIN-7", service::engine, 1);
  CAF_CHECK_EQUAL(look() + look(), 0u);
  CAF_CHECK_EQUAL(counted, 6.0);
  CAF_MESSAGE("one without a name is counted only");
  arrive("", service::engine, 1);
  CAF_CHECK_EQUAL(look(), 0u);
  CAF_CHECK_EQUAL(counted, 7.0);
  CAF_MESSAGE("one that was forgotten and comes again begins at 0");
  seen.clear();
  look();
  arrive("WIN-7", service::engine, 1);
  look();
  CAF_CHECK_EQUAL(counted, 8.0);
}

CAF_TEST(with other settings only what comes from then on counts) {
  arrive("WIN-7", service::engine, 2);
  arrive("WIN-8", service::engine, 2);
  auto next = make({{"WIN-7", "sense1"}});
  look();
  CAF_CHECK_EQUAL(counted, 4.0);
  next->inherit(*aut);
  aut = std::move(next);
  arrive("WIN-7", service::engine, 10);
  arrive("WIN-8", service::engine, 1);
  look();
  CAF_CHECK_EQUAL(counted, 5.0);
}

CAF_TEST_FIXTURE_SCOPE_END()
