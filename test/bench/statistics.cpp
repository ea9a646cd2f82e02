#define CAF_SUITE bench.statistics

#include "test/support/unit_test.hpp"

#include "bench/sense_site/statistics.hpp"

#include <nlohmann/json.hpp>

#include <chrono>

using namespace senseflow::bench;
using std::chrono::microseconds;
using namespace std::chrono_literals;

CAF_TEST(an empty histogram says zero) {
  histogram x;
  CAF_CHECK_EQUAL(x.count(), 0u);
  CAF_CHECK(x.quantile(0.5) == 0us && x.quantile(1) == 0us && x.max() == 0us);
}

CAF_TEST(quantiles are off by less than a thirtieth and never below the truth) {
  histogram x;
  for (int64_t i = 1; i <= 100'000; ++i) x.add(microseconds{i});
  for (double part : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999}) {
    const double truth = part * 100'000, found = double(x.quantile(part).count());
    CAF_CHECK_GREATER_OR_EQUAL(found, truth - 1);
    CAF_CHECK_LESS(found, truth * (1 + 1.0 / 30));
  }
  CAF_CHECK(x.quantile(1) == 100'000us && x.max() == 100'000us);
}

CAF_TEST(small values are exact) {
  histogram x;
  for (auto value : {0us, 1us, 31us, 32us, 63us}) x.add(value);
  CAF_CHECK(x.quantile(0.2) == 0us);
  CAF_CHECK(x.quantile(0.4) == 1us);
  CAF_CHECK(x.quantile(0.6) == 31us);
  CAF_CHECK(x.quantile(0.8) == 32us);
  CAF_CHECK(x.quantile(1) == 63us);
}

CAF_TEST(one outlier among a hundred is beyond p99) {
  histogram x;
  for (int i = 0; i < 99; ++i) x.add(10us);
  x.add(5s);
  CAF_CHECK(x.quantile(0.99) == 10us);
  CAF_CHECK(x.max() == 5s);
}

CAF_TEST(absurd values are bounded) {
  histogram x;
  x.add(microseconds::max());
  x.add(microseconds{-5});
  CAF_CHECK_EQUAL(x.count(), 2u);
  CAF_CHECK(x.quantile(0.5) == 0us);
  CAF_CHECK(x.max() > 12 * 24h && x.max() < 13 * 24h);
}

CAF_TEST(adding a histogram is adding its values) {
  histogram a, b, both;
  for (int64_t i = 0; i < 1000; ++i) {
    (i % 3 == 0 ? a : b).add(microseconds{i * i});
    both.add(microseconds{i * i});
  }
  a.add(b);
  CAF_CHECK_EQUAL(a.count(), both.count());
  for (double part : {0.1, 0.5, 0.99, 1.0}) CAF_CHECK(a.quantile(part) == both.quantile(part));
}

CAF_TEST(intervals know the shortest and the longest and the deviation both ways) {
  arrival_intervals x;
  x.add(900us, 1000us);
  x.add(1050us, 1000us);
  CAF_CHECK_EQUAL(x.count, 2u);
  CAF_CHECK(x.shortest == 900us && x.longest == 1050us);
  CAF_CHECK(x.deviations.max() == 100us);
  arrival_intervals sum;
  sum.add(arrival_intervals{}); // a server without arrivals does not make the shortest 0
  sum.add(x);
  sum.add(arrival_intervals{});
  CAF_CHECK(sum.shortest == 900us && sum.longest == 1050us && sum.count == 2);
}

CAF_TEST(JSON sums up the servers and has deviations only if expected) {
  site_statistics site;
  site.servers.resize(2);
  site.servers[0].name = "sense1";
  site.servers[0].counts.health = 3;
  site.servers[0].most_health_at_once = 2;
  site.servers[0].intervals.add(1500us, 1000us);
  site.servers[1].counts.health = 4;
  site.servers[1].counts.apps = 1;
  site.servers[1].intervals.add(800us, std::nullopt);
  const auto x = nlohmann::json::parse(to_json(site));
  CAF_CHECK_EQUAL(x.at("overall").at("requests").at("health").get<int>(), 7);
  CAF_CHECK_EQUAL(x.at("overall").at("requests").at("apps").get<int>(), 1);
  CAF_CHECK_EQUAL(x.at("overall").at("most_health_at_once").get<int>(), 2);
  CAF_CHECK_EQUAL(x.at("overall").at("intervals").at("shortest_ms").get<double>(), 0.8);
  CAF_CHECK_EQUAL(x.at("servers").at(0).at("name").get<std::string>(), "sense1");
  CAF_CHECK_EQUAL(x.at("servers").at(0).at("deviation_ms").at("max").get<double>(), 0.5);
  CAF_CHECK(!x.at("servers").at(1).contains("deviation_ms"));
}
