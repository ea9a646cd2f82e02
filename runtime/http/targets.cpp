#include "runtime/http/targets.hpp"

#include "runtime/http/url.hpp"

#include <strings.h>

#include <algorithm>
#include <utility>

namespace senseflow::runtime {

http_targets::http_targets(const std::string& url) : place_(url) {
  const http_url parsed{url};
  if (!parsed) return;
  host_ = parsed.part(CURLUPART_HOST);
  place_ = host_ + ":" + parsed.part(CURLUPART_PORT);
  want(url);
}

// Of what can't be read as a URL nothing is wanted: curl will refuse it.
void http_targets::want(const std::string& url) {
  const http_url parsed{url};
  if (!parsed) return;
  target x{parsed.part(CURLUPART_HOST), parsed.part(CURLUPART_PORT), {}};
  if (!alias_.empty() && ::strcasecmp(x.host.c_str(), alias_.c_str()) == 0) x.host = host_;
  if (x.host.empty() || x.host.front() == '[' || parse_address(x.host)) return; // figures
  const auto same = [&](const target& t) { return t.host == x.host && t.port == x.port; };
  const auto i = std::find_if(targets_.begin(), targets_.end(), same);
  if (i == targets_.end())
    targets_.push_back(std::move(x));
  else
    i->addresses.clear();
}

std::string http_targets::wanted() const {
  for (const auto& t : targets_)
    if (t.addresses.empty()) return t.host;
  return {};
}

void http_targets::learn(const lookup_result& x) {
  for (auto& t : targets_)
    if (t.host == x.name) t.addresses = x.addresses;
}

std::vector<std::string> http_targets::names() const {
  std::vector<std::string> result;
  for (const auto& t : targets_) result.push_back(t.host);
  return result;
}

// "+": curl may forget them after a while.
std::vector<std::string> http_targets::lines() const {
  std::vector<std::string> result;
  for (const auto& t : targets_) {
    std::string all;
    for (const auto& a : t.addresses)
      all += (all.empty() ? "" : ",") + (a.is_v4() ? to_string(a) : "[" + to_string(a) + "]");
    result.push_back("+" + t.host + ":" + t.port + ":" + all);
  }
  return result;
}

} // namespace senseflow::runtime
