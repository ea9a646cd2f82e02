// The main flow against a broker of any kind: what a site does arrives, once, with the right QoS, and state
// is kept for those who come later.
#pragma once

#include "test/system/system_fixture.hpp"

#include <algorithm>

namespace senseflow::test {

struct broker_flow_options {
  uint16_t port = 0;
  std::string mqtt;              ///< further lines of mqttConfig, as in system_config
  subscriber_options sub;        ///< its port and filter are those of the flow if they are not set
  bool dots_are_slashes = false; ///< the broker makes levels of the dots in topics
  bool retains = true;           ///< the broker keeps retained messages
  int event_qos = 1;             ///< with which events arrive
  size_t events = 60;            ///< one of six is a user event
};

class broker_flow {
public:
  explicit broker_flow(broker_flow_options options) : options_(std::move(options)) {
    if (options_.sub.port == 0) options_.sub.port = options_.port;
    bench::make_certificates(certificates());
    bench::site_options o;
    o.certificates = certificates();
    site_ = std::make_unique<bench::site>(o);
    config.broker_port = options_.port;
    config.mqtt = options_.mqtt;
    config.user_port = free_udp_port();
    config.log_port = free_udp_port();
    config.site = site_.get();
    config.certificates = certificates();
    config.sessions = true;
  }

  std::string certificates() const { return directory_ / "certs"; }

  /// Checks everything.
  void run() {
    subscriber sub{options_.sub};
    senseflow_process aut{directory_, config.text(), {"-l", "verbose"}};
    CAF_REQUIRE(aut.says("connected to ", 30s));
    CAF_REQUIRE(aut.says("receiving user events"));
    CAF_REQUIRE(aut.says("receiving log events"));
    for (auto topic : {"butler-sos/health/sense1", "butler-sos/health/sense1/status",
                       "butler-sos/sessions/sense1/hdr", "butler-sos/127.0.0.1/mem/free"})
      CAF_CHECK(sub.wait_for_topic(named(topic), 30s));
    send();
    const auto users = options_.events / 6, logs = options_.events - users;
    auto arrived = [&](const std::string& topic, size_t n) {
      CAF_CHECK(sub.wait_for(
          [&](const auto& all) {
            return std::count_if(all.begin(), all.end(), [&](const auto& m) { return m.topic == topic; }) ==
                   static_cast<long>(n);
          },
          30s));
    };
    arrived("butler-sos/userevent", users);
    arrived("butler-sos/logevent", logs);
    if (options_.retains) check_retained("butler-sos/health/sense1/status");
    CAF_CHECK_EQUAL(aut.stop(), 0);
    for (const auto& m : sub.messages())
      if (m.topic.find("event") != std::string::npos) CAF_CHECK_EQUAL(m.qos, options_.event_qos);
    CAF_CHECK_EQUAL(sub.count("butler-sos/userevent"), users);
    CAF_CHECK_EQUAL(sub.count("butler-sos/logevent"), logs);
    auto book = aut.ledger();
    CAF_CHECK_EQUAL(book["userevent"]["acknowledged"], users);
    CAF_CHECK_EQUAL(book["logevent"]["acknowledged"], logs);
    for (const auto& line : book) CAF_CHECK_EQUAL(line["inFlight"], 0);
  }

  system_config config;

private:
  std::string named(std::string topic) const {
    if (options_.dots_are_slashes) std::replace(topic.begin(), topic.end(), '.', '/');
    return topic;
  }

  void send() const {
    bench::generator_options g;
    g.user_port = config.user_port;
    g.log_port = config.log_port;
    CAF_CHECK_EQUAL(bench::send_burst(g, options_.events).total, options_.events);
  }

  void check_retained(const std::string& topic) const {
    auto o = options_.sub;
    o.filter = topic;
    subscriber late{o};
    CAF_CHECK(late.wait_for([](const auto& all) { return !all.empty() && all[0].retain; }));
  }

  broker_flow_options options_;
  temp_dir directory_;
  std::unique_ptr<bench::site> site_;
};

} // namespace senseflow::test
