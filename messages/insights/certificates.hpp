// How long the certificates are valid that this program has seen.
#pragma once

#include "messages/insights/analysis.hpp"
#include "messages/insights/noted.hpp"

#include <caf/timestamp.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::messages::insights {

struct certificate_options {
  std::string node; ///< as in topics
  std::function<std::vector<seen_certificate>()> look;
};

/// Published when one of them has changed, and when a day has passed; those that end first, if there are many.
class certificates : public analysis {
public:
  explicit certificates(certificate_options options) : options_(std::move(options)) {}

  void observe(const item_list&, const moment&) override {}
  void tick(const moment& now, findings& to) override;

private:
  certificate_options options_;
  std::vector<seen_certificate> seen_;
  std::optional<int64_t> day_; ///< of the last publication
  caf::timestamp next_look_{};
};

/// Whole days that are left; negative when it has expired.
int64_t days_left(caf::timestamp not_after, caf::timestamp now);

} // namespace senseflow::messages::insights
