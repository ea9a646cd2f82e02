#include "runtime/http/handshake_pace.hpp"

#include <algorithm>

namespace senseflow::runtime {

bool handshake_pace::free(time_point now) const {
  const auto recent = std::clamp<std::chrono::steady_clock::duration>(usual_, counts_for, slow);
  size_t counting = 0;
  for (auto i = under_way_.rbegin(); i != under_way_.rend() && now - i->second < recent; ++i)
    if (++counting >= at_a_time()) return false;
  return true;
}

uint64_t handshake_pace::began(time_point now) {
  under_way_.emplace(++last_, now);
  return last_;
}

void handshake_pace::established(uint64_t number, time_point now) {
  const auto i = under_way_.find(number);
  if (i == under_way_.end()) return;
  const auto began = i->second;
  under_way_.erase(i);
  const auto took = now - began;
  usual_ = usual_ == usual_.zero() ? took : (usual_ * 7 + took) / 8;
  if (took <= slow) {
    window_ = std::min<double>(window_ + (growing_ ? 1 : 1 / window_), most);
  } else if (began >= halved_) { // those that were under way by then suffered from the same
    growing_ = false;
    halved_ = now;
    window_ = std::max<double>(window_ / 2, least);
  }
}

} // namespace senseflow::runtime
