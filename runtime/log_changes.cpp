#include "runtime/log_changes.hpp"

#include <utility>

namespace senseflow::runtime::log {

bool changes::is_news(std::string_view trouble, std::chrono::steady_clock::time_point now) {
  if (trouble != latest_) {
    latest_ = trouble;
    ++untold_;
  }
  if (trouble == told_ || !limits_.pass(trouble.empty() ? "well" : trouble, now)) return false;
  told_ = trouble;
  reported_ = std::exchange(untold_, 0);
  return true;
}

std::string changes::suffix() const {
  return reported_ > 1 ? fmt::format(" (changed {} times since the last line)", reported_) : std::string{};
}

} // namespace senseflow::runtime::log
