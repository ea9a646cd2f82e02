// Small files, read with care: no directories, devices or pipes, nothing endless.
#pragma once

#include <cstddef>
#include <string>

namespace senseflow::config::files {

struct file_content {
  std::string text;
  std::string problem; ///< empty if it was read; else goes after "which"
  std::string remedy;
};

file_content read_file(const std::string& path, size_t max_bytes);

} // namespace senseflow::config::files
