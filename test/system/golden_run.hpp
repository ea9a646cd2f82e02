// One recorded variant through the built program: a broker, a site and a process of its own. What is
// published is told apart by markers that follow each vector (an event, or an answer of the site) and come
// out behind it; where a marker can't come out, the program's orderly end proves that nothing more comes.
#pragma once

#include "test/messages/golden_options.hpp"
#include "test/system/golden_site.hpp"
#include "test/system/system_fixture.hpp"

#include <set>

namespace golden {

using senseflow::test::received_message;
using namespace std::chrono_literals;

struct outcome {
  std::string variant;
  std::vector<json> vectors;
  std::vector<publications> published; ///< by vector
  std::vector<std::vector<std::string>> targets;
  std::vector<senseflow::test::https_request> requests;
  uint16_t sense_port = 0;
  std::vector<received_message> messages; ///< all, those of markers too
  std::string output;                     ///< of the program
  int exit_code = 0;
  size_t repeated = 0; ///< vectors that were run once more
  std::string trouble; ///< not empty: it could not be run to its end
};

inline void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

inline bool begins_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

inline bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Ports of this process are not given twice, however short the time between asking and opening.
inline uint16_t own_udp_port() {
  static std::mutex mutex;
  static std::set<uint16_t> given;
  std::lock_guard lock(mutex);
  for (;;)
    if (const auto port = senseflow::test::free_udp_port(); given.insert(port).second) return port;
}

inline void send_datagram(const std::string& from, uint16_t port, const std::string& bytes) {
  const auto fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in own{}, to{};
  own.sin_family = to.sin_family = AF_INET;
  ::inet_pton(AF_INET, from.c_str(), &own.sin_addr);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(port);
  const auto sent =
      ::bind(fd, reinterpret_cast<sockaddr*>(&own), sizeof own) == 0 &&
      ::sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to) >= 0;
  ::close(fd);
  if (!sent) throw std::runtime_error("a datagram can't be sent from " + from);
}

class variant_run {
public:
  variant_run(const std::string& variant, std::vector<json> vectors, const std::string& certificates)
      : root_(read_settings(variant)), base_(base_topic_of(root_)), api_(api_of(variant)),
        site_(certificates, certificates + "/root.pem", api_, vectors), sub_(broker_.port()) {
    sub_.knows(sentinel);
    result_.variant = variant;
    result_.vectors = std::move(vectors);
    result_.published.resize(result_.vectors.size() + 1);
    result_.sense_port = site_.port();
    auto text = read_file("configs/" + variant + ".yaml");
    replace_all(text, "{{BROKER_PORT}}", std::to_string(broker_.port()));
    replace_all(text, "{{SENSE_PORT}}", std::to_string(site_.port()));
    replace_all(text, "{{USER_PORT}}", std::to_string(user_port_));
    replace_all(text, "{{LOG_PORT}}", std::to_string(log_port_));
    replace_all(text, "{{CERT_DIR}}", certificates);
    replace_all(text, "{{QRS_HOST}}", "127.0.0.1:" + std::to_string(site_.port()));
    program_ = std::make_unique<senseflow::test::senseflow_process>(
        directory_, text, std::vector<std::string>{"-l", "verbose"});
  }

  outcome run() {
    if (refused()) {
      if (!program_->says("nothing was started")) result_.trouble = "starts";
      result_.exit_code = program_->process().wait(15s).value_or(-1);
    } else if (!ready()) {
      result_.trouble = "does not start";
    } else if (api_ != recorded_api::none) {
      run_polls();
    } else {
      run_events();
    }
    result_.messages = sub_.messages();
    result_.requests = site_.requests();
    result_.targets = site_.targets();
    result_.output = program_->output();
    return std::move(result_);
  }

private:
  static recorded_api api_of(const std::string& variant) {
    if (begins_with(variant, "h-")) return recorded_api::health;
    return begins_with(variant, "s-") ? recorded_api::sessions : recorded_api::none;
  }

  /// The reference starts with these; here they are faults of the configuration.
  bool refused() const { return result_.variant == "h-missing-cert" || result_.variant == "ue-src-empty"; }

  bool has_log_events() const {
    const auto sources = root_["logEvents"]["source"];
    return std::any_of(sources.begin(), sources.end(), [](const auto& x) { return is_on(x.second); });
  }

  bool ready() const {
    return program_->says("connected to the MQTT broker") &&
           (!is_on(root_["userEvents"]) || program_->says("receiving user events")) &&
           (!has_log_events() || program_->says("receiving log events")) &&
           (!root_["appNames"]["enableAppNameExtract"].as<bool>() || program_->says("app names known"));
  }

  // --- polls ----------------------------------------------------------------------------------------

  size_t polled_topics() const {
    size_t n = 0;
    for (const auto& server : root_["serversToMonitor"]["servers"])
      n += api_ == recorded_api::health    ? 1
           : is_on(server["userSessions"]) ? server["userSessions"]["virtualProxies"].size()
                                           : 0;
    return n;
  }

  void run_polls() {
    if (result_.variant == "h-headers-host" || result_.variant == "h-wrong-ca") {
      // The server does not prove to be the one that is asked for: nothing comes back.
      if (!program_->says("sense1 health API: "))
        result_.trouble = "a server that is not trusted was not named";
      return end();
    }
    if (polled_topics() == 0) return end();
    const auto last = marker(result_.vectors.empty() ? 0 : result_.vectors.size() - 1);
    const auto done = sub_.wait_for(
        [&](const auto& all) {
          std::set<std::string> topics;
          for (const auto& m : all)
            if (!is_ours(m.topic) && m.payload.find(last) != std::string::npos) topics.insert(m.topic);
          return topics.size() == polled_topics();
        },
        60s);
    if (!done) result_.trouble = "the last marker did not come";
    if (api_ == recorded_api::health)
      split_health(sub_.messages());
    else
      split_sessions(sub_.messages());
  }

  /// A marker has a version, that is its first message, and ends with the document.
  void split_health(const std::vector<received_message>& all) {
    size_t index = 0;
    bool in_marker = false;
    for (const auto& m : all) {
      if (is_ours(m.topic)) {
        // The document's topic ends with the server's name; its status and events go on.
        if (m.topic.find('/', base_.size() + 7) == std::string::npos) in_marker = false;
      } else if (ends_with(m.topic, "/version") && begins_with(m.payload, "golden-marker-")) {
        in_marker = true;
        if (m.payload == marker(index)) ++index;
      } else if (!in_marker) {
        add(index, m);
      }
    }
  }

  void split_sessions(const std::vector<received_message>& all) {
    std::map<std::string, size_t> index; // each virtual proxy has its own topic and its own markers
    for (const auto& m : all) {
      auto& i = index[m.topic];
      if (m.payload.find("golden-marker-") == std::string::npos)
        add(i, m);
      else if (m.payload.find('"' + marker(i) + '"') != std::string::npos)
        ++i;
    }
  }

  // --- events ---------------------------------------------------------------------------------------

  uint16_t port_of(const json& vector) const { return vector["listener"] == "user" ? user_port_ : log_port_; }

  /// An event that passes all filters of the variant; empty if there is none.
  std::string marker_event(const json& vector, size_t index) const {
    if (result_.variant.find("ratelimit") != std::string::npos || result_.variant == "ue-src-unresolvable")
      return {};
    if (vector["listener"] == "user") {
      const auto mqtt = root_["userEvents"]["sendToMQTT"];
      const auto published =
          is_on(root_["userEvents"]) && is_on(mqtt) &&
          (is_on(mqtt["postTo"]["everythingTopic"]) || is_on(mqtt["postTo"]["sessionStartTopic"]));
      return published ? "/qseow-proxy-session/;golden;Start session;A;b;c;d;" + marker(index) + ";" : "";
    }
    const auto mqtt = root_["logEvents"]["sendToMQTT"];
    const auto post = mqtt["postTo"];
    if (!is_on(mqtt) || mqtt["baseTopic"].as<std::string>().empty() ||
        !(post["baseTopic"].as<bool>() || post["subsystemTopics"].as<bool>()))
      return {};
    for (const auto& [setting, name] :
         {std::make_pair("repository", "repository"), std::make_pair("proxy", "proxy"),
          std::make_pair("scheduler", "scheduler"), std::make_pair("engine", "engine"),
          std::make_pair("qixPerf", "qix-perf")})
      if (is_on(root_["logEvents"]["source"][setting]))
        return std::string{"/qseow-"} + name + "/;1;;;INFO;golden;Golden.Marker;" + marker(index) + ";;";
    return {};
  }

  void run_events() {
    for (size_t i = 0; i < result_.vectors.size(); ++i) {
      const auto& vector = result_.vectors[i];
      const auto seen = sub_.count();
      send_datagram(vector.value("from", "127.0.0.1"), port_of(vector), bytes_of(vector, "input"));
      const auto event = marker_event(vector, i);
      if (event.empty()) continue;
      markers_ = true;
      send_datagram("127.0.0.1", port_of(vector), event);
      const auto arrived = sub_.wait_for([&, name = marker(i)](const auto& all) {
        return std::any_of(all.begin() + static_cast<std::ptrdiff_t>(seen), all.end(),
                           [&](const auto& m) { return m.payload.find(name) != std::string::npos; });
      });
      if (!arrived) {
        result_.trouble = marker(i) + " did not come";
        return;
      }
    }
    if (!markers_) end();
    split_events(sub_.messages());
  }

  void split_events(const std::vector<received_message>& all) {
    if (!markers_) return split_sequence(all);
    size_t index = 0;
    for (const auto& m : all) {
      if (m.payload.find("golden-marker-") == std::string::npos) {
        add(index, m);
      } else if (index < result_.vectors.size() && is_marker(m, index)) {
        ++index;
      }
    }
  }

  static bool is_marker(const received_message& m, size_t index) {
    const auto value = json::parse(m.payload, nullptr, false);
    return value.value("windows_user", "") == marker(index) ||
           value.value("message", "") == marker(index) + ";";
  }

  /// Without markers: each vector takes what it expects next, the rest is the last one's.
  void split_sequence(const std::vector<received_message>& all) {
    publications waiting;
    for (const auto& m : all)
      if (!is_ours(m.topic)) waiting[m.topic].push_back(m.payload);
    for (size_t i = 0; i < result_.vectors.size(); ++i)
      for (const auto& [topic, payloads] : expected_of(result_.vectors[i]))
        for (const auto& payload : payloads) {
          auto& next = waiting[topic];
          if (next.empty() || !same_payload(next.front(), payload)) continue;
          result_.published[i][topic].push_back(next.front());
          next.erase(next.begin());
        }
    for (const auto& [topic, payloads] : waiting)
      for (const auto& payload : payloads)
        result_.published[result_.vectors.size() - 1][topic].push_back(payload);
  }

  // --- both -----------------------------------------------------------------------------------------

  /// Topics that senseflow adds.
  bool is_ours(const std::string& topic) const {
    return begins_with(topic, base_ + "health/") || begins_with(topic, base_ + "sessions/") ||
           begins_with(topic, base_ + "senseflow/") || topic == sentinel;
  }

  void add(size_t index, const received_message& m) {
    if (!is_ours(m.topic))
      result_.published[std::min(index, result_.vectors.size())][m.topic].push_back(m.payload);
  }

  /// Lets the program end in order, with all that it still has, and waits for the broker to pass it on.
  void end() {
    result_.exit_code = program_->stop();
    senseflow::test::child_process last{
        {"mosquitto_pub", "-p", std::to_string(broker_.port()), "-t", sentinel, "-m", "end", "-q", "1"}};
    if (result_.exit_code != 0 || !sub_.wait_for_topic(sentinel)) result_.trouble = "does not end in order";
  }

  static constexpr const char* sentinel = "golden/end";

  outcome result_;
  const YAML::Node root_;
  const std::string base_;
  const recorded_api api_;
  const uint16_t user_port_ = own_udp_port(), log_port_ = own_udp_port();
  bool markers_ = false;
  senseflow::test::temp_dir directory_;
  senseflow::test::mosquitto_broker broker_;
  site site_;
  senseflow::test::subscriber sub_;
  std::unique_ptr<senseflow::test::senseflow_process> program_;
};

} // namespace golden
