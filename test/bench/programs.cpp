#define CAF_SUITE bench.programs

#include "test/support/unit_test.hpp"

#include "test/bench/https_client.hpp"
#include "test/bench/udp_port.hpp"
#include "test/support/child_process.hpp"
#include "test/support/paths.hpp"
#include "test/support/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace senseflow::bench;
using nlohmann::json;
using senseflow::test::child_process;

namespace {

std::string program(const std::string& name) { return senseflow::test::binary_path(name); }

struct fixture {
  senseflow::test::temp_dir directory;
  const std::string certificates = directory / "certs";

  /// The line of JSON in which this appears.
  static json line(const child_process& process, const std::string& text) {
    return json::parse(process.wait_for_line(text));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(programs_tests, fixture)

CAF_TEST(a site makes its certificates and serves and reports at a signal) {
  for (int signal : {SIGTERM, SIGINT}) {
    child_process site{{program("sense_site"), "--servers", "2", "--certs", certificates,
                        "--expected-interval", "10", "--control", directory / "control", "--polls",
                        directory / "polls"}};
    const auto start = line(site, "\"servers\"");
    CAF_CHECK_EQUAL(start.at("servers").size(), 2u);
    CAF_CHECK_EQUAL(start.at("certs").get<std::string>(), certificates);
    CAF_CHECK(std::filesystem::exists(directory / "control"));
    const auto port = start.at("servers").at(1).at("port").get<uint16_t>();
    https_client client{certificates};
    for (int i = 0; i < 3; ++i) CAF_CHECK_EQUAL(client.get(port, "/engine/healthcheck").status, 200);
    site.signal(signal);
    CAF_CHECK(site.wait() == 0);
    const auto end = line(site, "\"overall\"");
    CAF_CHECK_EQUAL(end.at("overall").at("requests").at("health").get<int>(), 3);
    CAF_CHECK_EQUAL(end.at("servers").at(1).at("intervals").at("count").get<int>(), 2);
    CAF_CHECK(end.at("servers").at(1).at("deviation_ms").at("p99").is_number());
    CAF_CHECK(!std::filesystem::exists(directory / "control"));
    std::ifstream polls{directory / "polls"};
    size_t count = 0;
    uint64_t begin = 0, end_of_poll = 0;
    for (std::string server, witness; polls >> server >> witness >> begin >> end_of_poll; ++count) {
      CAF_CHECK_EQUAL(server + " " + witness, "sense2 -");
      CAF_CHECK_LESS_OR_EQUAL(begin, end_of_poll);
    }
    CAF_CHECK(count == 3 || count == 2); // the answer to the last one may be under way at the signal
  }
}

CAF_TEST(a site that cannot start says so and fails) {
  std::filesystem::create_directory(certificates);
  std::ofstream{certificates + "/root.pem"} << "mine";
  child_process site{{program("sense_site"), "--certs", certificates}};
  CAF_CHECK(site.wait() == 1);
  CAF_CHECK(!site.wait_for_line("sense_site: ").empty());
}

CAF_TEST(the generator sends its count and reports it) {
  // Nobody listens at the discard port; datagrams to it are sent all the same.
  child_process generator{{program("event_generator"), "--user-port", "9", "--burst", "500"}};
  CAF_CHECK(generator.wait() == 0);
  const auto summary = line(generator, "\"sent\"");
  CAF_CHECK_EQUAL(summary.at("sent").at("user").get<int>(), 500);
  CAF_CHECK_EQUAL(summary.at("total").get<int>(), 500);
}

CAF_TEST(the generator reports what it sent when a signal ends it) {
  udp_port port;
  child_process generator{{program("event_generator"), "--log-port", std::to_string(port.number()), "--rate",
                           "1000", "--duration", "600"}};
  CAF_REQUIRE(!port.next().empty());
  generator.signal(SIGTERM);
  CAF_CHECK(generator.wait() == 0);
  CAF_CHECK_GREATER(line(generator, "\"sent\"").at("total").get<int>(), 0);
}

CAF_TEST(faulty flags of the generator are refused) {
  const std::vector<std::vector<std::string>> faulty{{},
                                                     {"--user-port", "9", "--sources", "user,nobody"},
                                                     {"--user-port", "9", "--sources", "engine"},
                                                     {"--user-port", "9", "--host", "192.0.2.1"},
                                                     {"--user-port", "9", "--duration", "0"},
                                                     {"--user-port", "x"}};
  for (auto flags : faulty) {
    flags.insert(flags.begin(), program("event_generator"));
    child_process generator{flags};
    const auto code = generator.wait();
    CAF_CHECK(code && *code != 0);
    CAF_CHECK(!generator.wait_for_line(": ").empty());
  }
}

CAF_TEST(poll load measures a site) {
  child_process site{{program("sense_site"), "--servers", "5", "--certs", certificates}};
  std::ofstream{directory / "site.json"} << site.wait_for_line("\"servers\"") << '\n';
  child_process load{
      {program("poll_load"), directory / "site.json", "--interval", "50", "--duration", "0.5"}};
  CAF_CHECK(load.wait() == 0);
  const auto measured = line(load, "\"answered\"");
  CAF_CHECK_EQUAL(measured.at("failed").get<int>(), 0);
  CAF_CHECK_EQUAL(measured.at("reconnects").get<int>(), 0);
  CAF_CHECK_GREATER(measured.at("answered").get<int>(), 4);
}

CAF_TEST(make certificates writes what is asked for) {
  child_process maker{{program("make_certificates"), certificates, "--expired-client", "--wrong-ca"}};
  CAF_CHECK(maker.wait() == 0);
  for (std::string name : {"root", "client", "client_key", "server", "client_expired", "wrong_root"})
    CAF_CHECK(std::filesystem::exists(certificates + "/" + name + ".pem"));
}

CAF_TEST_FIXTURE_SCOPE_END()
