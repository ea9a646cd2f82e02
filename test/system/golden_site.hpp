// A Sense server that gives the answers of recorded vectors, one after the other, each once. Every answer of
// a vector is followed by a marker: what is published before a marker comes from the vector before it.
#pragma once

#include "bench/sense_site/gzip.hpp"
#include "test/messages/golden_vectors.hpp"
#include "test/support/https_server.hpp"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace golden {

inline std::string marker(size_t index) { return "golden-marker-" + std::to_string(index); }

enum class recorded_api { none, health, sessions };

class site {
public:
  /// Of the other API than `api` every request fails, so that it publishes nothing.
  site(const std::string& certificates, const std::string& client_ca, recorded_api api,
       std::vector<json> vectors)
      : api_(api), vectors_(std::move(vectors)), apps_(read_file("apps.json")),
        health_(read_file("health-default.json")),
        server_({certificates + "/server.pem", certificates + "/server_key.pem", client_ca},
                [this](const auto& request) { return answer(request); }) {}

  uint16_t port() const { return server_.port(); }

  std::vector<senseflow::test::https_request> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }

  /// The targets asked for between the markers, by vector.
  std::vector<std::vector<std::string>> targets() const {
    std::lock_guard lock(mutex_);
    return targets_;
  }

private:
  static bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

  recorded_api api_of(const std::string& target) const {
    if (has(target, "/engine/healthcheck")) return recorded_api::health;
    return has(target, "/session?") ? recorded_api::sessions : recorded_api::none;
  }

  std::string answer(const senseflow::test::https_request& request) {
    const auto& target = request.target;
    std::lock_guard lock(mutex_);
    requests_.push_back(request);
    if (has(target, "/qrs/app")) return ok(apps_);
    if (has(target, "/redirected/")) {
      targets_.back().push_back(request.method + " " + target);
      if (has(target, "/health")) return ok(health_);
      if (has(target, "/session")) return ok(R"([{"UserId":"redirected"}])");
      return senseflow::test::http_answer(302, "", "Location: /redirected/loop\r\n");
    }
    if (api_of(target) != api_ || api_ == recorded_api::none) return senseflow::test::http_answer(503, "");
    const auto turn = turns_[target]++;
    const auto index = std::min(turn / 2, vectors_.empty() ? 0 : vectors_.size() - 1);
    if (vectors_.empty() || turn % 2 == 1 || turn / 2 > index) return ok(marker_body(index));
    if (targets_.size() <= index) targets_.resize(index + 1);
    targets_[index].push_back(request.method + " " + target);
    return recorded(vectors_[index]["response"]);
  }

  std::string marker_body(size_t index) const {
    return api_ == recorded_api::health ? json{{"version", marker(index)}}.dump()
                                        : json::array({{{"UserId", marker(index)}}}).dump();
  }

  static std::string ok(const std::string& body) {
    return senseflow::test::http_answer(200, body, "Content-Type: application/json\r\n");
  }

  std::string recorded(const json& response) {
    const auto special = response.value("special", "");
    if (special == "hang") return {};
    if (special == "destroy") throw senseflow::test::hang_up{};
    const auto status = response.value("status", 200);
    auto body = status == 204 ? std::string{} : bytes_of(response, "body");
    std::string headers;
    const auto more = response.value("headers", json::object());
    for (const auto& [name, value] : more.items()) headers += name + ": " + value.get<std::string>() + "\r\n";
    if (response.value("gzip", false)) {
      body = gzip_.encode(body);
      headers += "Content-Encoding: gzip\r\n";
    }
    return senseflow::test::http_answer(status, body, headers);
  }

  const recorded_api api_;
  const std::vector<json> vectors_;
  const std::string apps_, health_;
  mutable std::mutex mutex_; // guards all below
  senseflow::bench::gzip_encoder gzip_;
  std::map<std::string, size_t> turns_; ///< requests so far, by target
  std::vector<senseflow::test::https_request> requests_;
  std::vector<std::vector<std::string>> targets_;
  senseflow::test::https_server server_; // last: its threads use all above
};

} // namespace golden
