#define CAF_SUITE bench.generator

#include "test/support/unit_test.hpp"

#include "bench/event_generator/generator.hpp"
#include "bench/event_generator/sender.hpp"

#include "test/bench/udp_port.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace senseflow::bench;

namespace {

struct fixture {
  udp_port user, log;
  generator_options options;
  std::atomic<bool> stop{false};

  fixture() {
    options.user_port = user.number();
    options.log_port = log.number();
  }

  uint64_t sent(const generator_summary& summary, event_source source) const {
    return summary.sent[static_cast<size_t>(source)];
  }

  bool refused(const generator_options& bad) {
    try {
      run_generator(bad, stop);
      return false;
    } catch (const std::invalid_argument& e) {
      return e.what() == validate(bad) && *e.what() != '\0';
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(generator_tests, fixture)

CAF_TEST(a burst arrives completely at the right ports and is counted by source) {
  const auto summary = send_burst(options, 90);
  CAF_CHECK_EQUAL(summary.total, 90u);
  CAF_CHECK_EQUAL(summary.refused, 0u);
  for (auto source : all_event_sources) CAF_CHECK_EQUAL(sent(summary, source), 15u);
  const auto users = user.arrived(), logs = log.arrived();
  CAF_CHECK_EQUAL(users.size(), 15u);
  CAF_CHECK_EQUAL(logs.size(), 75u);
  for (const auto& event : users) CAF_CHECK_EQUAL(event.find("/qseow-proxy-"), 0u);
  for (auto source : all_event_sources) {
    if (source == event_source::user) continue;
    const auto type = "/qseow-" + std::string{to_string(source)} + "/;";
    CAF_CHECK_EQUAL(std::count_if(logs.begin(), logs.end(), [&](auto& x) { return x.find(type) == 0; }), 15);
  }
}

CAF_TEST(numbers run without gaps from the first number on) {
  options.sources = {event_source::engine};
  options.first_number = 500;
  send_burst(options, 50);
  const auto events = log.arrived();
  CAF_REQUIRE_EQUAL(events.size(), 50u);
  for (size_t i = 0; i < events.size(); ++i)
    CAF_CHECK(events[i].find(";event 000" + std::to_string(500 + i) + " at ") != std::string::npos);
}

CAF_TEST(every source comes from every host) {
  options.sources = {event_source::user, event_source::engine};
  options.hosts = 4;
  send_burst(options, 40);
  std::set<std::string> hosts;
  for (const auto& event : user.arrived()) hosts.insert(event.substr(event.find(';') + 1, 6));
  CAF_CHECK(hosts == (std::set<std::string>{"sense1", "sense2", "sense3", "sense4"}));
}

CAF_TEST(a rate is not exceeded and a count is exact) {
  options.rate = 1000;
  options.count = 60;
  const auto summary = run_generator(options, stop);
  CAF_CHECK_EQUAL(summary.total, 60u);
  CAF_CHECK_EQUAL(user.arrived().size() + log.arrived().size(), 60u);
  CAF_CHECK_GREATER_OR_EQUAL(summary.seconds, 0.059);
}

CAF_TEST(bursts at a rate leave together) {
  options.sources = {event_source::user};
  options.rate = 100;
  options.burst = 10;
  options.count = 20;
  const auto summary = run_generator(options, stop);
  CAF_CHECK_EQUAL(summary.total, 20u);
  CAF_CHECK_GREATER_OR_EQUAL(summary.seconds, 0.1); // the pause between two bursts of ten
  CAF_CHECK_EQUAL(user.arrived().size(), 20u);
}

CAF_TEST(time ends a run without a count) {
  options.sources = {event_source::user};
  options.rate = 1;
  options.duration = std::chrono::milliseconds{50};
  CAF_CHECK_EQUAL(run_generator(options, stop).total, 1u);
}

CAF_TEST(no more leave than is allowed at the moment) {
  options.sources = {event_source::user};
  options.count = 40;
  std::atomic<uint64_t> asked{0};
  options.allowed = [&] { return ++asked; }; // one more each time
  const auto summary = run_generator(options, stop);
  CAF_CHECK_EQUAL(summary.total, 40u);
  CAF_CHECK_EQUAL(asked, 40u);
  CAF_CHECK_EQUAL(user.arrived().size(), 40u);
}

CAF_TEST(a run that may send no more ends with its time) {
  options.sources = {event_source::user};
  options.allowed = [] { return uint64_t{3}; };
  options.duration = std::chrono::milliseconds{50};
  CAF_CHECK_EQUAL(run_generator(options, stop).total, 3u);
}

CAF_TEST(a run that is told to stop ends) {
  options.duration = std::chrono::hours{1};
  options.rate = 1;
  stop = true;
  CAF_CHECK_EQUAL(run_generator(options, stop).total, 0u);
}

CAF_TEST(unusable options are refused with a reason) {
  const auto with = [this](auto change) {
    auto bad = options;
    change(bad);
    return refused(bad);
  };
  CAF_CHECK(with([](auto& o) { o.sources.clear(); }));
  CAF_CHECK(with([](auto& o) { o.user_port = 0; }));
  CAF_CHECK(with([](auto& o) { o.log_port = 0; }));
  CAF_CHECK(with([](auto& o) { o.rate = -1; }));
  CAF_CHECK(with([](auto& o) { o.rate = std::nan(""); }));
  CAF_CHECK(with([](auto& o) { o.burst = 0; }));
  CAF_CHECK(with([](auto& o) { o.hosts = 0; }));
  CAF_CHECK(with([](auto& o) { o.size = 100'000; }));
  CAF_CHECK(with([](auto& o) { o.duration = std::chrono::hours{2}; }));
}

CAF_TEST(hosts that are not this machine are refused) {
  for (auto host : {"192.0.2.1", "0.0.0.0", "2001:db8::1"}) {
    options.host = host;
    std::string error;
    try {
      send_burst(options, 1);
    } catch (const std::runtime_error& e) {
      error = e.what();
    }
    CAF_CHECK(error.find(host) != std::string::npos);
  }
}

CAF_TEST(datagrams the kernel refuses are named and the others sent) {
  datagram_sender sender{"127.0.0.1"};
  const auto port = user.number();
  const auto refused = sender.send({{port, "a"}, {port, std::string(70'000, 'x')}, {port, "b"}});
  CAF_CHECK(refused == std::vector<size_t>{1});
  CAF_CHECK(user.arrived() == (std::vector<std::string>{"a", "b"}));
}

CAF_TEST(the summary is one line of JSON) {
  const auto text = to_json(send_burst(options, 6));
  const auto json = nlohmann::json::parse(text);
  CAF_CHECK_EQUAL(text.find('\n'), std::string::npos);
  CAF_CHECK_EQUAL(json.at("total").get<int>(), 6);
  CAF_CHECK_EQUAL(json.at("sent").at("qix-perf").get<int>(), 1);
  CAF_CHECK(json.at("seconds").is_number() && json.at("rate").is_number());
}

CAF_TEST_FIXTURE_SCOPE_END()
