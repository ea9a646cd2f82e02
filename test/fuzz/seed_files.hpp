// Where seeds come from and go to: recordings, and a folder with one file per input.
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace senseflow::fuzz {

/// Throws std::runtime_error if that is not possible.
std::string read_text(const std::filesystem::path& file);

/// What came in, of each line of a file of test/golden: datagrams or bodies; "" for answers without one.
std::vector<std::string> recorded(const std::filesystem::path& recordings);

class seed_folder {
public:
  /// The fuzzer would cut what is longer, see max_len in test/fuzz/run; half a document is a poor start.
  static constexpr size_t max_bytes = 16384;

  /// Empty.
  explicit seed_folder(const std::filesystem::path& path);

  void add(const std::string& seed);

private:
  std::filesystem::path path_;
  std::set<std::string> written_;
};

/// libFuzzer's format: one quoted word a line.
void write_dictionary(const std::filesystem::path& file, const std::set<std::string>& words);

/// Each place of the one becomes the other.
void replace_all(std::string& text, const std::string& from, const std::string& to);

} // namespace senseflow::fuzz
