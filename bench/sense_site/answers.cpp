#include "bench/sense_site/answers.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>

namespace senseflow::bench {

namespace {

constexpr std::string_view health_path = "/engine/healthcheck", apps_path = "/qrs/app";
constexpr std::string_view sessions_start = "/qps", sessions_end = "/session";
constexpr size_t key_length = 16;
constexpr size_t huge_size = size_t{20} << 20;

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

/// Value of the query's parameter of that name, in any case; empty if there is none. By hand, because Boost
/// 1.74 has no URL library yet.
std::string_view parameter(std::string_view target, std::string_view name) {
  auto rest = target.substr(std::min(target.find('?'), target.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1); // the ? or &
    const auto one = rest.substr(0, rest.find('&'));
    const auto equals = std::min(one.find('='), one.size());
    if (boost::iequals(one.substr(0, equals), name)) return one.substr(std::min(equals + 1, one.size()));
    rest.remove_prefix(one.size());
  }
  return {};
}

answer text(unsigned status, std::string body) {
  return {status, "text/plain; charset=utf-8", false, false,
          std::make_shared<const std::string>(std::move(body))};
}

answer refuse(unsigned status, std::string why) {
  auto result = text(status, std::move(why));
  result.refused = true;
  return result;
}

answer json(std::string body) {
  return {200, "application/json", false, false, std::make_shared<const std::string>(std::move(body))};
}

/// Made once: copies for hundreds of servers would fill the memory.
answer huge_body(bool gzip, gzip_encoder& encoder) {
  static const auto plain =
      std::make_shared<const std::string>("{\"padding\":\"" + std::string(huge_size, 'x') + "\"}");
  if (!gzip) return {200, "application/json", false, false, plain};
  static const auto packed = std::make_shared<const std::string>(encoder.encode(*plain));
  return {200, "application/json", true, false, packed};
}

answer special_body(body_kind kind) {
  if (kind == body_kind::html) {
    auto page =
        text(200, "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>");
    page.content_type = "text/html; charset=utf-8";
    return page;
  }
  std::string bytes = "{\"version\":";
  for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i * 37 % 256);
  return json(std::move(bytes));
}

/// As a healthy server would, but for bytes_added.
answer normal_body(const question& asked, bool negative, sense_metrics& metrics) {
  const auto path = path_of(asked.target);
  const auto api = api_of(asked.target);
  if (!asked.is_get) return refuse(405, "only GET is known here");
  if (api == sense_api::health) return json(metrics.health(negative));
  if (api == sense_api::other) return refuse(404, "no such path: " + std::string{path});

  std::string sessions;
  if (api == sense_api::sessions) {
    const auto prefix =
        path.substr(sessions_start.size(), path.size() - sessions_start.size() - sessions_end.size());
    sessions = metrics.sessions(prefix);
    if (sessions.empty()) return refuse(404, "no such virtual proxy: " + std::string{prefix});
  }
  const auto key = parameter(asked.target, "xrfkey");
  if (key.size() != key_length || key != asked.xrfkey)
    return refuse(400, "xrfkey must have 16 characters and be equal to the header X-Qlik-Xrfkey");
  if (api == sense_api::sessions) return json(std::move(sessions));
  if (asked.user.find("UserDirectory=") == std::string::npos ||
      asked.user.find("UserId=") == std::string::npos)
    return refuse(403, "header X-Qlik-User must name UserDirectory and UserId");
  return json(sense_metrics::app_list());
}

} // namespace

sense_api api_of(std::string_view target) {
  const auto path = path_of(target);
  if (path == health_path) return sense_api::health;
  if (path == apps_path) return sense_api::apps;
  if (boost::starts_with(path, sessions_start) && boost::ends_with(path, sessions_end) &&
      path.size() >= sessions_start.size() + sessions_end.size())
    return sense_api::sessions;
  return sense_api::other;
}

answer make_answer(const question& asked, const behaviour& how, sense_metrics& metrics, gzip_encoder& gzip) {
  if (how.status != 200) return text(how.status, "simulated failure\n");
  auto result = normal_body(asked, how.body == body_kind::negative, metrics);
  if (!result.refused && how.body == body_kind::huge) return huge_body(asked.accepts_gzip, gzip);
  if (!result.refused && (how.body == body_kind::garbage || how.body == body_kind::html))
    result = special_body(how.body);
  if (asked.accepts_gzip) {
    result.body = std::make_shared<const std::string>(gzip.encode(*result.body));
    result.gzip = true;
  }
  return result;
}

} // namespace senseflow::bench
