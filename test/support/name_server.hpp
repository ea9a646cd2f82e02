// A DNS server on loopback that knows the names it is told, and can be silent.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace senseflow::test {

class name_server {
public:
  /// Port 0: any free one. Throws when it can't be bound.
  explicit name_server(const std::string& address = "127.0.0.1", uint16_t port = 0);
  ~name_server();

  name_server(const name_server&) = delete;
  name_server& operator=(const name_server&) = delete;

  /// `127.0.0.1:5353`
  std::string place() const;

  /// A name in lower case, and addresses of both families; none: the name is there, but has none. Other
  /// names don't exist.
  void tell(const std::string& name, std::vector<std::string> addresses);
  void forget(const std::string& name);

  /// Questions about this name are not answered any more; "" = about all.
  void silent(const std::string& name, bool yes = true);

  /// How often the name was asked for, both families counted.
  size_t questions(const std::string& name) const;

private:
  void run();
  std::string answer_to(const std::string& question);

  std::string address_;
  uint16_t port_ = 0;
  int socket_ = -1;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_; // guards the next three
  std::map<std::string, std::vector<std::string>> names_;
  std::set<std::string> silent_;
  std::map<std::string, size_t> asked_;
  std::thread thread_;
};

} // namespace senseflow::test
