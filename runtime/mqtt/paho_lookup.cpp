#include "runtime/mqtt/paho_lookup.hpp"

#include "runtime/mqtt/paho_library.hpp"
#include "runtime/mqtt/paho_poll.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace senseflow::runtime {
namespace {

using clock = std::chrono::steady_clock;

constexpr size_t most_names = 100; // brokers of all configurations so far
constexpr size_t most_handed = 100;
constexpr auto handed_for = std::chrono::minutes(10);

struct handed {
  std::string host;
  std::shared_ptr<descriptor> connection;
  clock::time_point when;
};

struct table {
  std::mutex mutex;
  std::map<std::string, ip_address> addresses; // by host
  std::vector<handed> connections;             // the newest last
};

// For Paho's next `connect` on this thread: it looks up, then connects.
thread_local std::shared_ptr<descriptor> for_paho;

table& known() {
  static auto* const result = new table; // Paho's threads may outlive all else
  return *result;
}

std::optional<ip_address> address_of_host(const std::string& host) {
  if (const auto figures = parse_address(host)) return figures;
  auto& t = known();
  std::lock_guard lock(t.mutex);
  const auto i = t.addresses.find(host);
  return i == t.addresses.end() ? std::nullopt : std::optional(i->second);
}

std::shared_ptr<descriptor> take_connection(const std::string& host) {
  auto& t = known();
  std::lock_guard lock(t.mutex);
  const auto i = std::find_if(t.connections.rbegin(), t.connections.rend(),
                              [&](const auto& x) { return x.host == host; });
  if (i == t.connections.rend()) return {};
  auto result = std::move(i->connection);
  t.connections.erase(std::next(i).base());
  return result;
}

} // namespace

void tell_paho(const std::string& host, const ip_address& address) {
  auto& t = known();
  std::lock_guard lock(t.mutex);
  if (t.addresses.size() >= most_names && t.addresses.count(host) == 0) t.addresses.clear();
  t.addresses[host] = address;
}

void hand_to_paho(const std::string& host, std::shared_ptr<descriptor> connection) {
  auto& t = known();
  std::lock_guard lock(t.mutex);
  const auto now = clock::now();
  auto& all = t.connections;
  all.erase(std::remove_if(all.begin(), all.end(), [&](const auto& x) { return now - x.when > handed_for; }),
            all.end());
  if (all.size() >= most_handed) all.erase(all.begin());
  all.push_back({host, std::move(connection), now});
}

} // namespace senseflow::runtime

// The program's own symbols come before the C library's, for all libraries.
extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* name, const char* service,
                                                                  const addrinfo* hints, addrinfo** result) {
  using namespace senseflow::runtime;
  static const auto real = reinterpret_cast<decltype(&::getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (name == nullptr || !is_in_paho(__builtin_return_address(0))) return real(name, service, hints, result);
  for_paho = take_connection(name);
  const auto address = for_paho ? parse_address("127.0.0.1") : address_of_host(name);
  if (!address) return EAI_NONAME;
  auto figures_only = hints == nullptr ? addrinfo{} : *hints;
  figures_only.ai_flags |= AI_NUMERICHOST;
  return real(to_string(*address).c_str(), service, &figures_only, result);
}

extern "C" __attribute__((visibility("default"))) int connect(int fd, const sockaddr* to, socklen_t size) {
  using senseflow::runtime::for_paho;
  static const auto real = reinterpret_cast<decltype(&::connect)>(::dlsym(RTLD_NEXT, "connect"));
  const bool by_paho = senseflow::runtime::is_in_paho(__builtin_return_address(0));
  auto connection = std::exchange(for_paho, {});
  if (!connection) {
    const auto result = real(fd, to, size);
    if (by_paho && result != 0 && errno == EINPROGRESS) senseflow::runtime::watch_for_paho(fd);
    return result;
  }
  if (::dup3(connection->get(), fd, O_CLOEXEC) < 0) return -1;
  connection.reset(); // now it is Paho's alone
  senseflow::runtime::watch_for_paho(fd);
  errno = EINPROGRESS; // Paho goes the right way only with connections that take a while
  return -1;
}
