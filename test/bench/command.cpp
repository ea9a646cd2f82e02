#define CAF_SUITE bench.command

#include "test/support/unit_test.hpp"

#include "bench/sense_site/command.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <utility>

using namespace senseflow::bench;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

/// Ten servers that note what they are told.
struct fixture {
  std::optional<std::pair<server_set, behaviour_change>> changed;
  std::optional<bool> asked; ///< statistics, with its `reset`
  command_target target;

  fixture() {
    target.servers = 10;
    target.change = [this](const auto& servers, const auto& what) { changed.emplace(servers, what); };
    target.statistics = [this](bool reset) {
      asked = reset;
      return site_statistics{};
    };
  }

  json run(const std::string& line) { return json::parse(run_command(line, target)); }

  /// The servers chosen by the text.
  server_set chosen(const std::string& servers) {
    changed.reset();
    run("{\"servers\":" + servers + ",\"hang\":true}");
    return changed ? changed->first : server_set{};
  }

  bool refused(const std::string& line) {
    changed.reset();
    asked.reset();
    const auto answer = run(line);
    return answer.at("ok") == false && !answer.at("error").get<std::string>().empty() && !changed && !asked;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(command_tests, fixture)

CAF_TEST(servers are chosen by ranges and lists and all) {
  CAF_CHECK(chosen("\"3\"") == server_set{3});
  CAF_CHECK(chosen("\"2-4\"") == (server_set{2, 3, 4}));
  CAF_CHECK(chosen("\"1,8-10\"") == (server_set{1, 8, 9, 10}));
  CAF_CHECK(chosen("[7,1]") == (server_set{7, 1}));
  CAF_CHECK(chosen("[]").empty());
  CAF_CHECK(chosen("\"all\"") == (server_set{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

CAF_TEST(every change reaches the servers and the others stay unset) {
  const auto answer = run(
      R"({"servers":[1,2],"hang":false,"close":true,"latency":50,"jitter":5,"handshake":9,"clock":-30,"status":503,"body":"huge"})");
  CAF_CHECK(answer == (json{{"ok", true}, {"servers", 2}}));
  CAF_REQUIRE(changed.has_value());
  const auto& what = changed->second;
  CAF_CHECK(what.hang == false);
  CAF_CHECK(what.close == true);
  CAF_CHECK(what.latency == 50ms);
  CAF_CHECK(what.handshake == 9ms);
  CAF_CHECK(what.clock == -30s);
  CAF_CHECK(what.jitter == 5ms);
  CAF_CHECK(what.status == 503u);
  CAF_CHECK(what.body == body_kind::huge);
  run(R"({"servers":"1","latency":1})");
  CAF_CHECK(!changed->second.hang && !changed->second.status && !changed->second.body);
}

CAF_TEST(changes are applied to what they name only) {
  behaviour x;
  x.latency = 7ms;
  behaviour_change what;
  what.hang = true;
  apply(what, x);
  CAF_CHECK(x.hang && !x.close && x.latency == 7ms && x.status == 200);
}

CAF_TEST(statistics come with and without reset) {
  CAF_CHECK(run(R"({"stats":true})").at("overall").is_object());
  CAF_CHECK(asked == false);
  CAF_CHECK(run(R"({"stats":true,"reset":true})").at("ok") == true);
  CAF_CHECK(asked == true);
}

CAF_TEST(wrong servers change nothing) {
  for (auto servers : {"\"0\"",
                       "\"11\"",
                       "\"1-11\"",
                       "\"4-2\"",
                       "\"\"",
                       "\"1,\"",
                       "\"-1\"",
                       "\"a\"",
                       "\"1 \"",
                       "[0]",
                       "[11]",
                       "[-1]",
                       "[1.5]",
                       "[\"1\"]",
                       "true",
                       "1",
                       "{}",
                       "null",
                       "\"99999999999999999999999\"",
                       "[99999999999999999999999]"})
    CAF_CHECK(refused(std::string{"{\"servers\":"} + servers + ",\"hang\":true}"));
}

CAF_TEST(wrong values change nothing) {
  for (auto change :
       {"\"hang\":1", "\"close\":\"true\"", "\"latency\":-1", "\"latency\":1.5", "\"latency\":\"5\"",
        "\"latency\":600001", "\"latency\":18446744073709551615", "\"status\":199", "\"status\":600",
        "\"status\":204", "\"status\":304", "\"body\":\"bad\"", "\"body\":3", "\"colour\":\"red\"",
        "\"hang\":true,\"colour\":\"red\""})
    CAF_CHECK(refused(std::string{"{\"servers\":\"all\","} + change + "}"));
}

CAF_TEST(lines that are no command change nothing) {
  for (auto line : {"", " ", "x", "[]", "\"all\"", "1", "{", "{}", "{\"servers\":\"all\"}", "{\"hang\":true}",
                    "{\"stats\":false}", "{\"stats\":1}", "{\"stats\":true,\"hang\":true}",
                    "{\"stats\":true,\"reset\":1}", "\xff\xfe", "{\"servers\":\"\xff\",\"hang\":true}"})
    CAF_CHECK(refused(line));
}

CAF_TEST_FIXTURE_SCOPE_END()
