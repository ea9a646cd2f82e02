// What the log is to say of machines whose events belong to no server.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace senseflow::messages::insights {

/// A line for each machine that has a name, once, for the first of them; one more for all others.
class machine_hints {
public:
  static constexpr size_t most = 20;

  /// `events` come from a machine that matches no `server`, and are left out of `what`.
  machine_hints(std::string_view events, std::string_view server, std::string_view what)
      : events_(events), server_(server), what_(what) {}

  void note(const std::string& host);
  /// Those that are new.
  std::vector<std::string> take() { return std::exchange(lines_, {}); }

private:
  std::string events_, server_, what_;
  std::set<std::string> said_;
  bool full_ = false;
  std::vector<std::string> lines_;
};

} // namespace senseflow::messages::insights
