// What analyses find out, compared with what they were shown.
#pragma once

#include "messages/insights/analysis.hpp"
#include "messages/insights/noted.hpp"
#include "messages/items/session_sample.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace senseflow::fuzz {

struct finding_limits {
  size_t max_bytes = 0, max_sessions = 0; ///< of a server's sessions
  std::chrono::milliseconds interval{};   ///< between two publications of them
};

class finding_model {
public:
  using moment = messages::insights::moment;

  explicit finding_model(const finding_limits& limits) : limits_(limits) {}

  void listed(const messages::session_sample& x);
  void certificates(std::vector<messages::insights::seen_certificate> x) { certificates_ = std::move(x); }
  /// What was published may come again.
  void began_anew() { published_.clear(); }

  void check(const messages::insights::findings& x, const moment& now);

private:
  void check_document(const messages::insight& x, const messages::insights::findings& in, const moment& now);
  void check_live(const messages::insight& x, const nlohmann::json& json, const moment& now);
  void check_end(const messages::insight& x, const nlohmann::json& json) const;
  void check_certificates(const nlohmann::json& json, const moment& now) const;

  finding_limits limits_;
  std::map<std::string, std::set<std::string>> ids_; ///< that were listed, by server
  std::map<std::string, messages::polled_by> owners_;
  bool odd_users_ = false; ///< whose names are cleaned before they are shown
  std::map<std::string, std::chrono::steady_clock::time_point> published_; ///< live sessions, by server
  std::vector<messages::insights::seen_certificate> certificates_;
};

} // namespace senseflow::fuzz
