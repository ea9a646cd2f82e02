#include "runtime/etcd/endpoints.hpp"

#include "runtime/http/url.hpp"

namespace senseflow::runtime {
namespace {

// A user part would go out as a header of its own, and into logs.
std::string place_of(const std::string& text) {
  const http_url url{text};
  const auto scheme = url ? url.part(CURLUPART_SCHEME) : std::string{};
  if (scheme != "http" && scheme != "https") return {};
  return scheme + "://" + url.part(CURLUPART_HOST) + ":" + url.part(CURLUPART_PORT);
}

} // namespace

etcd_endpoints::etcd_endpoints(const std::vector<std::string>& urls) {
  for (const auto& text : urls) {
    auto url = place_of(text);
    http_targets names{url};
    all_.push_back({std::move(url), std::move(names)});
  }
}

std::optional<size_t> etcd_endpoints::next(const std::vector<bool>& tried) const {
  for (size_t n = 0; n < all_.size(); ++n) {
    const auto i = (first_ + n) % all_.size();
    if (!tried[i]) return i;
  }
  return {};
}

} // namespace senseflow::runtime
