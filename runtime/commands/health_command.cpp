#include "runtime/commands/health_command.hpp"

#include "runtime/http/ask_once.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace senseflow::runtime {

namespace {

constexpr int healthy = 0, unhealthy = 1;
constexpr size_t most_conditions = 5;

std::string origin(const health_address& at) {
  auto host = at.host;
  if (host.empty() || host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != host.npos) host = '[' + host + ']';
  return fmt::format("{}://{}:{}", at.certificate.empty() ? "http" : "https", host, at.port);
}

single_answer ask(const health_address& at, const char* path) {
  single_request r;
  r.url = origin(at) + path;
  r.trusted_certificate = at.certificate;
  if (!at.token.empty()) r.headers.push_back("Authorization: Bearer " + at.token);
  return ask_once(r);
}

/// Whatever an answer holds.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char x) { return x < 0x20 || x == 0x7f; }, ' ');
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string text_of(const nlohmann::json& x, const char* key) {
  const auto i = x.find(key);
  return i != x.end() && i->is_string() ? i->get<std::string>() : std::string{};
}

/// "critical: 1 critical problem. No broker is connected."
std::string summary(const nlohmann::json& x) {
  auto result = text_of(x, "status") + ": " + text_of(x, "text");
  const auto conditions = x.value("conditions", nlohmann::json::array());
  size_t told = 0;
  for (const auto& c : conditions) {
    if (!c.is_object()) continue;
    if (told++ == most_conditions) {
      result += fmt::format(" And {} more.", conditions.size() - most_conditions);
      break;
    }
    result += ' ' + text_of(c, "text");
  }
  return one_line(std::move(result));
}

} // namespace

int ask_health(const health_address& at, std::ostream& out, std::ostream& err) {
  const auto unusable = [&](const std::string& why) {
    err << fmt::format("{}: {}\n", origin(at), one_line(why));
    return exit_not_asked;
  };
  const auto answer = ask(at, "/health");
  if (answer.status == 0)
    return unusable(answer.problem + ". Does senseflow run, and with this configuration?");
  if (answer.status == 401)
    return unusable("the token is not the one of the instance that runs (admin.tokenFile)");
  const auto parsed = nlohmann::json::parse(answer.body, nullptr, false);
  if ((answer.status != 200 && answer.status != 503) || !parsed.is_object() ||
      text_of(parsed, "status").empty())
    return unusable(fmt::format("what answers there is not senseflow (status {})", answer.status));
  const auto ready = ask(at, "/ready");
  if (ready.status != 200) {
    out << one_line("not ready: " + (ready.status == 0 ? ready.problem : ready.body)) << "; "
        << summary(parsed) << '\n';
    return unhealthy;
  }
  out << summary(parsed) << '\n';
  return answer.status == 200 ? healthy : unhealthy;
}

} // namespace senseflow::runtime
