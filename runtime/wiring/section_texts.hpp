// What sections of the configuration say, as text: what is made from them is another when that is another.
#pragma once

#include "config/effective.hpp"
#include "config/settings.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::runtime {

/// All settings as text, which takes its time where there are many servers: made once for all who ask.
class section_texts {
public:
  using sections = std::vector<std::string_view>;

  explicit section_texts(const config::settings& s) : all_(config::effective(s)) {}

  /// Whole sections rather than single settings: a setting that is new there is not forgotten here.
  std::string of(const sections& some, const sections& but = {}) const;

  /// Of each server, without its index: others may come and go before it.
  std::vector<std::string> of_servers(size_t count) const;

private:
  std::vector<config::effective_setting> all_;
};

} // namespace senseflow::runtime
