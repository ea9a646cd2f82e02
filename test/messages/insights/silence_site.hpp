// A site of two servers, what arrives from it as the test says, and what is found of its silences.
#pragma once

#include "messages/insights/silence.hpp"
#include "messages/text/iso_time.hpp"

#include "test/support/schema_check.hpp"
#include "test/support/unit_test.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

using namespace std::chrono_literals;
namespace insights = messages::insights;

using sent_by = std::vector<std::pair<std::string, insights::service>>;
inline constexpr auto day = 24h;

/// A site with two servers; seconds pass as the test says.
struct silence_site {
  insights::silence_options options;
  insights::arrivals_view seen;
  insights::moment now;
  std::unique_ptr<insights::silence> aut;
  std::vector<messages::insight> told;
  std::vector<insights::alarm> alarms;
  double counted = 0;
  std::map<std::string, uint64_t> sessions{{"sense1", 5}, {"sense2", 5}};
  std::string version = "1", started = "a";

  silence_site() {
    now.wall = *messages::parse_iso_time("2026-11-23T08:00:00Z"); // a Monday
    now.steady = std::chrono::steady_clock::time_point{1000h};
    seen.hosts = std::make_shared<insights::server_of_host>(
        std::vector<insights::named_server>{{"sense1", {"qlik1.example.com"}},
                                            {"sense2", {"qlik2.example.com"}}},
        std::vector<std::pair<std::string, std::string>>{});
    options.expect = {"sense1/user-events", "sense1/engine", "sense2/user-events"}; // no caution
    make();
  }
  void make() {
    aut = std::make_unique<insights::silence>(options, [this] { return seen; });
  }
  void arrive(const std::string& host, insights::service from) {
    for (auto& x : seen.all)
      if (x.host == host && x.from == from) {
        ++x.datagrams;
        x.last = now.steady;
        return;
      }
    insights::arrival x;
    x.host = host;
    x.from = from;
    x.datagrams = 1;
    x.last = now.steady;
    seen.all.push_back(x);
  }
  void poll() {
    messages::item_list items;
    for (const auto& [server, n] : sessions) {
      messages::health_sample x;
      x.server = server;
      x[messages::health_value::session_total] = {messages::scalar_kind::number, std::to_string(n)};
      x[messages::health_value::version].text = version;
      x[messages::health_value::started].text = started;
      items.health.push_back(x);
    }
    aut->observe(items, now);
  }
  void second() {
    now.steady += 1s;
    now.wall += 1s;
    if (std::chrono::duration_cast<std::chrono::seconds>(now.steady.time_since_epoch()).count() % 30 == 0)
      poll();
  }
  void look() {
    insights::findings found;
    aut->tick(now, found);
    told.insert(told.end(), found.insights.begin(), found.insights.end());
    for (const auto& x : found.insights)
      CAF_CHECK_EQUAL(check_message("butler-sos/" + x.topic, x.payload, 1), "");
    alarms = found.alarms;
    for (const auto& x : found.counts) counted += x.n;
  }
  /// Meanwhile something comes that often from these.
  void pass(std::chrono::seconds t, std::chrono::seconds every = 0s, const sent_by& from = {}) {
    for (auto i = 1s; i <= t; ++i) {
      second();
      if (every > 0s && i % every == 0s)
        for (const auto& [host, what] : from) arrive(host, what);
      look();
    }
  }
  /// The newest of a server.
  nlohmann::json document(const std::string& server) {
    for (auto i = told.rbegin(); i != told.rend(); ++i)
      if (i->origin == server) return nlohmann::json::parse(i->payload);
    return {};
  }
  std::string silent(const std::string& server) {
    std::string result;
    const auto all = document(server).value("silent", nlohmann::json::array());
    for (const auto& x : all)
      result += x["service"].get<std::string>() + ':' + x["cause"].get<std::string>() + ' ';
    return result;
  }
};

inline const sent_by everybody{{"QLIK1", insights::service::user_events},
                               {"QLIK1", insights::service::engine},
                               {"QLIK2", insights::service::user_events}};
inline const sent_by without_user_events_of_1{{"QLIK1", insights::service::engine},
                                              {"QLIK2", insights::service::user_events}};

} // namespace senseflow::test
