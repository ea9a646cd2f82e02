#define CAF_SUITE bench.metrics

#include "test/support/unit_test.hpp"

#include "bench/apps.hpp"
#include "bench/sense_site/metrics.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <regex>
#include <set>
#include <string>

using namespace senseflow::bench;
using nlohmann::json;

CAF_TEST(a health body has every field with its type) {
  sense_metrics metrics{7};
  for (int i = 0; i < 200; ++i) {
    const auto x = json::parse(metrics.health());
    CAF_REQUIRE(x.at("version").is_string());
    CAF_REQUIRE(std::regex_match(x.at("started").get<std::string>(), std::regex{"\\d{8}T\\d{6}\\.000Z"}));
    for (auto name : {"committed", "allocated", "free"}) CAF_REQUIRE(x.at("mem").at(name).get<double>() > 0);
    const auto cpu = x.at("cpu").at("total").get<int>();
    CAF_REQUIRE(cpu >= 0 && cpu <= 100);
    CAF_REQUIRE(x.at("session").at("active") <= x.at("session").at("total"));
    CAF_REQUIRE(x.at("users").at("active") <= x.at("users").at("total"));
    CAF_REQUIRE(x.at("cache").at("hits") <= x.at("cache").at("lookups"));
    for (auto name : {"hits", "lookups", "added", "replaced", "bytes_added"})
      CAF_REQUIRE(x.at("cache").at(name).is_number_unsigned());
    CAF_REQUIRE(x.at("saturated").is_boolean());
  }
}

CAF_TEST(active apps are loaded and loaded ones in memory and all are known) {
  std::set<std::string> known;
  for (const auto& app : apps) known.insert(app.id);
  const auto ids = [](const json& x) { return x.get<std::set<std::string>>(); };
  const auto within = [](const auto& a, const auto& b) {
    return std::includes(b.begin(), b.end(), a.begin(), a.end());
  };
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const auto x = json::parse(sense_metrics{seed}.health()).at("apps");
    CAF_CHECK(within(ids(x.at("active_docs")), ids(x.at("loaded_docs"))));
    CAF_CHECK(within(ids(x.at("loaded_docs")), ids(x.at("in_memory_docs"))));
    CAF_CHECK(within(ids(x.at("in_memory_docs")), known));
    CAF_CHECK(!x.at("in_memory_docs").empty());
  }
}

CAF_TEST(counters never fall and gauges move) {
  sense_metrics metrics{3};
  auto before = json::parse(metrics.health());
  std::set<double> committed;
  for (int i = 0; i < 100; ++i) {
    const auto now = json::parse(metrics.health());
    for (auto name : {"hits", "lookups", "added", "replaced", "bytes_added"})
      CAF_REQUIRE(now.at("cache").at(name) >= before.at("cache").at(name));
    CAF_REQUIRE(now.at("apps").at("calls") >= before.at("apps").at("calls"));
    committed.insert(now.at("mem").at("committed").get<double>());
    before = now;
  }
  CAF_CHECK_GREATER(committed.size(), 50u);
}

CAF_TEST(bytes added are negative on request only) {
  sense_metrics metrics{3};
  const auto bytes = [&](bool negative) {
    return json::parse(metrics.health(negative)).at("cache").at("bytes_added").get<int64_t>();
  };
  CAF_CHECK_LESS(bytes(true), 0);
  CAF_CHECK_GREATER(bytes(false), 0);
}

CAF_TEST(sessions come and go per virtual proxy) {
  sense_metrics metrics{5};
  for (auto prefix : {"", "/hdr"}) {
    std::set<std::string> seen;
    size_t at_once = 0;
    for (int i = 0; i < 100; ++i) {
      const auto list = json::parse(metrics.sessions(prefix));
      at_once = std::max(at_once, list.size());
      for (const auto& x : list) {
        CAF_REQUIRE(x.at("UserDirectory").is_string() && x.at("UserId").is_string());
        CAF_REQUIRE(x.at("Attributes").is_array() && x.at("Attributes").at(0).at("group").is_string());
        CAF_REQUIRE(x.at("NewUser").is_boolean());
        seen.insert(x.at("SessionId").get<std::string>());
      }
    }
    CAF_CHECK_LESS_OR_EQUAL(at_once, 30u);
    CAF_CHECK_GREATER(seen.size(), at_once);
  }
  CAF_CHECK(metrics.sessions("/none").empty());
}

CAF_TEST(equal seeds give equal lives and others do not ) {
  sense_metrics a{1}, b{1}, c{2};
  for (int i = 0; i < 5; ++i) CAF_CHECK_EQUAL(a.sessions(""), b.sessions(""));
  CAF_CHECK_NOT_EQUAL(a.sessions(""), c.sessions(""));
}

CAF_TEST(the app list has all apps with id and name and description) {
  const auto list = json::parse(sense_metrics::app_list());
  CAF_REQUIRE_EQUAL(list.size(), apps.size());
  for (size_t i = 0; i < apps.size(); ++i) {
    CAF_CHECK_EQUAL(list[i].at("id").get<std::string>(), apps[i].id);
    CAF_CHECK_EQUAL(list[i].at("name").get<std::string>(), apps[i].name);
    CAF_CHECK(list[i].at("description").is_string());
  }
}
