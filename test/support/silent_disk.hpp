// A directory on a disk that stops to answer when the test says so, for a program that the test runs.
#pragma once

#include "test/support/paths.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

/// Only that program feels it: its calls wait (test/silent_disk), nobody else's do.
class silent_disk {
public:
  explicit silent_disk(std::string directory)
      : directory_(std::move(directory)), switch_(directory_ + ".silent") {
    std::filesystem::create_directories(directory_);
  }

  /// The command that runs the program that follows it; `further` libraries are loaded, too.
  std::vector<std::string> wrapper(const std::string& further = {}) const {
    return {"env", "LD_PRELOAD=" + binary_path("libsilent_disk.so") + " " + further,
            "ASAN_OPTIONS=verify_asan_link_order=0", "SILENT_DISK=" + directory_ + "/",
            "SILENT_DISK_SWITCH=" + switch_};
  }
  const std::string& directory() const { return directory_; }

  void hang() const { std::ofstream{switch_}; }
  void answer() const { std::filesystem::remove(switch_); }

private:
  const std::string directory_;
  const std::string switch_;
};

} // namespace senseflow::test
