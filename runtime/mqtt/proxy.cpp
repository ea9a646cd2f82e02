#include "runtime/mqtt/proxy.hpp"

#include "runtime/mqtt/reasons.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>

namespace senseflow::runtime {
namespace {

constexpr size_t most_of_answer = 8192;

bool wait_for(int fd, std::chrono::steady_clock::time_point deadline, int stop) {
  pollfd polled[] = {{fd, POLLIN, 0}, {stop, POLLIN, 0}};
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return ::poll(polled, 2, static_cast<int>(std::max<int64_t>(left, 0))) > 0 && polled[1].revents == 0;
}

// 0: not known, or no HTTP.
int status_of(const std::string& answer) {
  int result = 0;
  const auto line = std::string_view(answer).substr(0, answer.find('\n'));
  if (line.size() >= 12 && line.substr(0, 7) == "HTTP/1.") std::from_chars(&line[9], &line[9] + 3, result);
  return result;
}

bool is_success(int status) { return status >= 200 && status < 300; }

std::string words(int status) {
  switch (status) {
  case 401:
  case 407:
    return "it wants a user name and a password, which is not supported";
  case 403:
  case 405:
    return "it does not allow that; many proxies allow port 443 only";
  case 502:
  case 503:
  case 504:
    return "it can't reach the broker";
  default:
    return "see its log";
  }
}

} // namespace

std::string mqtt_proxy::name() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

mqtt_proxy parse_proxy(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (url.substr(0, scheme.size()) != scheme) return {};
  url.remove_prefix(scheme.size());
  if (!url.empty() && url.back() == '/') url.remove_suffix(1);
  mqtt_proxy result;
  std::string_view port;
  if (!url.empty() && url.front() == '[') {
    const auto end = url.find(']');
    if (end == url.npos) return {};
    result.host = url.substr(1, end - 1);
    port = url.substr(end + 1);
  } else {
    const auto end = std::min(url.find(':'), url.size());
    result.host = url.substr(0, end);
    port = url.substr(end);
  }
  if (port.empty()) return result;
  const auto parsed = std::from_chars(port.data() + 1, port.data() + port.size(), result.port);
  if (port.front() != ':' || parsed.ec != std::errc{} || parsed.ptr != port.data() + port.size()) return {};
  return result;
}

std::string open_tunnel(int connection, const mqtt_proxy& proxy, const std::string& target,
                        std::chrono::steady_clock::time_point deadline, int stop) {
  const auto request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", target);
  ::send(connection, request.data(), request.size(), MSG_NOSIGNAL); // a fresh connection takes so little
  std::string answer;
  int status = 0;
  // Of a refusal the first line is enough. What follows the answer would be the target's, which waits for us.
  for (size_t end = answer.npos; end == answer.npos && answer.size() < most_of_answer;) {
    char part[256];
    if (!wait_for(connection, deadline, stop))
      return fmt::format("the proxy {} {}.", proxy.name(),
                         answer.empty() ? "does not answer" : "has not finished its answer in time");
    const auto n = ::recv(connection, part, sizeof part, 0);
    if (n > 0)
      answer.append(part, static_cast<size_t>(n));
    else if (n == 0 || errno != EAGAIN)
      break;
    status = status_of(answer);
    end = is_success(status) ? answer.find("\r\n\r\n") : answer.find('\n');
    if (is_success(status) && end == answer.size() - 4) return {};
  }
  if (status == 0 || is_success(status))
    return fmt::format("what {} answers is not what an HTTP proxy would. Check mqttConfig.proxy.",
                       proxy.name());
  const auto line = answer.substr(0, answer.find('\n'));
  return fmt::format("the proxy {} refuses a connection to {}: {} (\"{}\").", proxy.name(), target,
                     words(status), cleaned(line.data(), line.find_last_not_of("\r ") + 1));
}

void forget_proxy_variables() {
  for (const auto* name : {"http_proxy", "https_proxy"})
    if (std::getenv(name) != nullptr) ::unsetenv(name);
}

} // namespace senseflow::runtime
