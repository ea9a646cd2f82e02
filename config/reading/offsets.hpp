// Where in a text the marks of libyaml are: these count characters.
#pragma once

#include <yaml.h>

#include <cstddef>
#include <string_view>

namespace senseflow::config::reading {

/// Asked for in the order of the text it takes one pass in all.
class offsets {
public:
  /// `text` is UTF-8 and lives on.
  explicit offsets(std::string_view text) : text_(text) {}

  std::string_view text() const { return text_; }

  /// In bytes; at most the size of the text.
  size_t of(const yaml_mark_t& x) {
    if (x.index < characters_) characters_ = bytes_ = 0;
    for (; characters_ < x.index && bytes_ < text_.size(); ++characters_) {
      ++bytes_;
      while (bytes_ < text_.size() && (static_cast<unsigned char>(text_[bytes_]) & 0xc0) == 0x80) ++bytes_;
    }
    return bytes_;
  }

private:
  std::string_view text_;
  size_t characters_ = 0;
  size_t bytes_ = 0;
};

} // namespace senseflow::config::reading
