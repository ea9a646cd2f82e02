// How long the certificates are valid that this program has seen.
#pragma once

#include "messages/insights/analysis.hpp"

#include <caf/timestamp.hpp>

#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace senseflow::messages::insights {

struct seen_certificate {
  std::string of;      ///< whose: `Sense server sense1`, `broker mqtt.example.com:8883`, `file client.pem`
  std::string use;     ///< in words, of files; else ""
  std::string subject; ///< "" where only the end is known
  std::string issuer;
  caf::timestamp not_after{};
};
inline bool operator==(const seen_certificate& a, const seen_certificate& b) {
  return std::tie(a.of, a.use, a.subject, a.issuer, a.not_after) ==
         std::tie(b.of, b.use, b.subject, b.issuer, b.not_after);
}

struct certificate_options {
  std::string node; ///< as in topics
  std::function<std::vector<seen_certificate>()> look;
};

/// Published when one of them has changed, and when a day has passed.
class certificates : public analysis {
public:
  explicit certificates(certificate_options options) : options_(std::move(options)) {}

  void observe(const item_list&, const moment&) override {}
  void tick(const moment& now, findings& to) override;

private:
  certificate_options options_;
  std::vector<seen_certificate> seen_;
  std::optional<int64_t> day_; ///< of the last publication
};

/// Whole days that are left; negative when it has expired.
int64_t days_left(caf::timestamp not_after, caf::timestamp now);

} // namespace senseflow::messages::insights
