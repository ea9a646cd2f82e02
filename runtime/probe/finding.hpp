// What a check has found. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::runtime::probe {

enum class outcome : uint8_t {
  good,
  warning, ///< it works, but not as well as it should
  failed,
  skipped ///< not made: `fact` says why
};

struct finding {
  std::string subject = {}; ///< what was looked at: "Sense server sense1"
  std::string check = {};   ///< "port 4747"
  outcome result = outcome::good;
  std::string code = {};  ///< of a warning or failure: one fixed word, for programs
  std::string fact = {};  ///< what was measured
  std::string cause = {}; ///< a warning's or failure's: one sentence
  std::string next = {};  ///< what to do about it
};

inline finding good(std::string check, std::string fact) {
  return {{}, std::move(check), outcome::good, {}, std::move(fact), {}, {}};
}
inline finding skipped(std::string check, std::string why) {
  return {{}, std::move(check), outcome::skipped, {}, std::move(why), {}, {}};
}
inline finding failed(std::string check, std::string code, std::string fact, std::string cause,
                      std::string next) {
  return {{},
          std::move(check),
          outcome::failed,
          std::move(code),
          std::move(fact),
          std::move(cause),
          std::move(next)};
}
inline finding warning(std::string check, std::string code, std::string fact, std::string cause,
                       std::string next) {
  auto result = failed(std::move(check), std::move(code), std::move(fact), std::move(cause), std::move(next));
  result.result = outcome::warning;
  return result;
}

using findings = std::vector<finding>;

} // namespace senseflow::runtime::probe
