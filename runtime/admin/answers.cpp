#include "runtime/admin/answers.hpp"

#include "messages/text/text.hpp"
#include "runtime/admin/metrics_text.hpp"
#include "runtime/net/address.hpp"
#include "runtime/sha256.hpp"
#include "runtime/status/status_json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <openssl/crypto.h>

#include <algorithm>
#include <chrono>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;

constexpr auto json_type = "application/json";

http_answer plain(unsigned status, std::string text) {
  http_answer result;
  result.status = status;
  text += '\n';
  result.body = std::make_shared<const std::string>(std::move(text));
  result.headers.emplace_back("Cache-Control", "no-store");
  return result;
}

http_answer typed(std::string type, std::string body) {
  http_answer result;
  result.type = std::move(type);
  result.body = std::make_shared<const std::string>(std::move(body));
  result.headers.emplace_back("Cache-Control", "no-store");
  return result;
}

http_answer not_modified(const http_answer& x) {
  auto result = x;
  result.status = 304;
  result.body = std::make_shared<const std::string>();
  return result;
}

std::string etag_of(std::string_view content) { return fmt::format("\"{:016x}\"", sha256_prefix(content)); }

/// Without its port.
std::string_view name_in(std::string_view host) {
  if (!host.empty() && host.front() == '[') {
    const auto end = host.find(']');
    return end == host.npos ? host : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

} // namespace

admin_answers::admin_answers(admin_answers_options options) : options_(std::move(options)) {
  for (const auto& file : page_files()) {
    auto& x = page_[file.path] = typed(std::string{file.type}, std::string{file.content});
    x.headers = {{"Cache-Control", "no-cache"}, {"ETag", etag_of(file.content)}};
  }
}

bool admin_answers::known_host(std::string_view host) const {
  if (host.empty()) return true; // no browser
  const auto name = messages::ascii_lower(name_in(host));
  return name == "localhost" || ends_with(name, ".localhost") ||
         name == messages::ascii_lower(options_.host) || parse_address(name).has_value();
}

bool admin_answers::has_token(std::string_view authorization) const {
  constexpr std::string_view scheme = "bearer ";
  if (!messages::equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return false;
  const auto token = authorization.substr(scheme.size());
  return token.size() == options_.token.size() &&
         CRYPTO_memcmp(token.data(), options_.token.data(), token.size()) == 0;
}

/// Who makes the status is watched by its supervisor: when nothing comes for so long, nobody restarts anybody.
http_answer admin_answers::live(const node_status& x) const {
  const auto patience = std::max<std::chrono::milliseconds>(60s, 2 * x.facts.settings.hang_timeout);
  const auto age = std::chrono::steady_clock::now() - x.facts.when;
  if (x.number > 0 && age > patience)
    return plain(503, fmt::format("not live: no progress for {} s",
                                  std::chrono::duration_cast<std::chrono::seconds>(age).count()));
  return plain(200, "live");
}

http_answer admin_answers::ready(const node_status& x) const {
  const auto reasons =
      x.number == 0 ? std::vector<std::string>{"The service is starting."} : x.facts.not_ready();
  if (reasons.empty()) return plain(200, "ready");
  return plain(503, fmt::format("not ready: {}", fmt::join(reasons, " ")));
}

/// The JSON of one status is made once, whoever asks for it.
http_answer admin_answers::status(const node_status& x, std::string_view known) {
  if (made_.number != x.number) {
    made_.answer = typed(json_type, status_json(x));
    made_.answer.headers.emplace_back("ETag", etag_of(*made_.answer.body));
    made_.number = x.number;
  }
  return known == made_.answer.headers.back().second ? not_modified(made_.answer) : made_.answer;
}

/// Likewise: however many ask and read slowly, there are few bodies of megabytes.
http_answer admin_answers::metrics(const node_status& x, exposition::format format) {
  auto& last = made_metrics_.at(format == exposition::format::text ? 0 : 1);
  if (last.number != x.number)
    last = {x.number, typed(exposition::content_type(format), metrics_text(x, options_.counters(), format))};
  return last.answer;
}

http_answer admin_answers::answer(const http_question& q) {
  if (q.method != "GET" && q.method != "HEAD") {
    auto result = plain(405, "only GET and HEAD are answered");
    result.headers.emplace_back("Allow", "GET, HEAD");
    return result;
  }
  const auto path = q.target.substr(0, q.target.find('?'));
  const auto x = options_.status->load();
  if (path == "/live") return live(*x);
  if (path == "/ready") return ready(*x);
  if (options_.check_host && !known_host(q.host)) return plain(403, "this is not the name of this server");
  if (const auto file = page_.find(path); file != page_.end())
    return q.if_none_match == file->second.headers.back().second ? not_modified(file->second) : file->second;
  const bool is_known = path == "/health" || path == "/metrics" || path == "/api/status";
  if (!options_.token.empty() && !has_token(q.authorization)) {
    auto result = plain(401, "a token is needed: Authorization: Bearer ...");
    result.headers.emplace_back("WWW-Authenticate", "Bearer");
    return result;
  }
  if (!is_known) return plain(404, "there is nothing here; /, /live, /ready, /health, /metrics, /api/status");
  if (x->number == 0) return plain(503, "the service is starting");
  if (path == "/api/status") return status(*x, q.if_none_match);
  if (path == "/health") {
    auto result = typed(json_type, health_json(*x));
    result.status = x->verdict.how == severity::critical ? 503 : 200;
    return result;
  }
  return metrics(*x, format_for(q.accept));
}

} // namespace senseflow::runtime
