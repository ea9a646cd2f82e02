// A password or passphrase. It has no printing, comparing or converting of its own: whoever needs the text
// says `reveal()`, and that is easy to search for.
#pragma once

#include <string>
#include <utility>

namespace senseflow::config {

class secret {
public:
  secret() = default;
  explicit secret(std::string text) : text_(std::move(text)) {}

  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

private:
  std::string text_;
};

} // namespace senseflow::config
