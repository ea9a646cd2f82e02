// A program run by a test. What it writes to standard output and standard error is kept, line by line.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace senseflow::test {

/// All functions but the constructor and the destructor are thread-safe.
class child_process {
public:
  struct setting {
    std::string name, value;
  };

  /// `command[0]` is looked up in PATH; `environment` is added to the test's own. `descriptors` become its own
  /// from 3 on, all others are closed. Throws if it can't be started.
  explicit child_process(const std::vector<std::string>& command,
                         const std::vector<setting>& environment = {},
                         const std::vector<int>& descriptors = {});

  /// Kills it if it still runs.
  ~child_process();

  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  pid_t pid() const { return pid_; }

  /// Everything written so far.
  std::string output() const;

  /// The first line with this text in it, from anywhere in the output; empty if it has not come when time is
  /// up or the program has ended.
  std::string wait_for_line(const std::string& text,
                            std::chrono::milliseconds within = std::chrono::seconds(10)) const;

  void signal(int number) const;

  /// The exit code, 128 + N when signal N ended it; nothing if it still runs when time is up.
  std::optional<int> wait(std::chrono::milliseconds within = std::chrono::seconds(10));

  bool running() { return !wait(std::chrono::milliseconds(0)).has_value(); }

private:
  void read(int fd);

  pid_t pid_ = -1;
  mutable std::mutex mutex_; // guards all below
  mutable std::condition_variable changed_;
  std::string output_;
  bool ended_ = false; // no more output comes
  std::optional<int> exit_code_;
  std::thread reader_;
};

} // namespace senseflow::test
