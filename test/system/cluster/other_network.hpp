// A network namespace for one program, joined to the test's own by a pair of devices: 127.0.0.1 in it is the
// test's. Packets between the two can be made to vanish, so that not even a connection can be opened.
#pragma once

#include "test/support/child_process.hpp"
#include "test/support/eventually.hpp"

#include <sched.h>
#include <sys/stat.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace senseflow::test {

/// Takes this process, and all that it starts from then on, into a namespace of its own: no other test is
/// concerned, nothing listens on a real network. Once per process, while it has one thread.
class other_network {
public:
  other_network() {
    if (::unshare(CLONE_NEWNET) != 0) {
      problem_ = "no network namespaces here";
      return;
    }
    place_ = std::make_unique<child_process>(std::vector<std::string>{"unshare", "-n", "sleep", "infinity"});
    const auto own = identity("/proc/self/ns/net");
    const auto theirs = "/proc/" + pid() + "/ns/net";
    if (!eventually([&] { return identity(theirs) != own; })) {
      problem_ = "no second network namespace";
      return;
    }
    in_it_ = {"nsenter", "--net=" + theirs};
    const std::string here = "192.0.2.1", there = "192.0.2.9";
    run({"ip", "link", "set", "lo", "up"});
    run({"ip", "link", "add", "sf0", "type", "veth", "peer", "name", "sf1", "netns", pid()});
    run({"ip", "addr", "add", here + "/24", "dev", "sf0"});
    run({"ip", "link", "set", "sf0", "up"});
    run_in_it({"ip", "addr", "add", there + "/24", "dev", "sf1"});
    run_in_it({"ip", "link", "set", "sf1", "up"});
    const auto route_loopback = [](const std::string& device) {
      return std::vector<std::string>{"sh", "-c",
                                      "echo 1 > /proc/sys/net/ipv4/conf/" + device + "/route_localnet"};
    };
    run(route_loopback("sf0"));
    run_in_it(route_loopback("sf1"));
    run_in_it({"ip", "route", "add", "127.0.0.0/8", "via", here, "dev", "sf1", "src", there});
    run({"ip", "route", "add", "blackhole", "default", "table", table});
  }

  /// Why there is none; "" = it is there.
  const std::string& problem() const { return problem_; }
  /// The wrapper of a program.
  const std::vector<std::string>& in_it() const { return in_it_; }

  /// What this TCP port answers does not arrive in there any more: the way back is a black hole, since the kernel
  /// tells a sender of its own at once when the way there is one.
  void cut(uint16_t port) {
    run({"ip", "rule", "add", "pref", "10", "ipproto", "tcp", "sport", std::to_string(port), "to",
         "192.0.2.9", "lookup", table});
  }
  void heal() { run({"ip", "rule", "del", "pref", "10"}); }

private:
  static constexpr auto table = "100";

  static uint64_t identity(const std::string& path) {
    struct stat x {};
    return ::stat(path.c_str(), &x) == 0 ? x.st_ino : 0;
  }

  std::string pid() const { return std::to_string(place_->pid()); }

  void run(const std::vector<std::string>& command) {
    child_process p{command};
    if (p.wait().value_or(-1) == 0 || !problem_.empty()) return;
    problem_ = command.front() + " " + command.at(1) + ": " + p.output();
  }
  void run_in_it(const std::vector<std::string>& command) {
    auto all = in_it_;
    all.insert(all.end(), command.begin(), command.end());
    run(all);
  }

  std::unique_ptr<child_process> place_; ///< holds the namespace
  std::vector<std::string> in_it_;
  std::string problem_;
};

} // namespace senseflow::test
