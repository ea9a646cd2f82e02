// What all analyses have in common: they are shown everything that is encoded, and say once a second what they
// make of it. State machines without actors and I/O, with bounded memory; the time is the caller's.
#pragma once

#include "messages/flow.hpp"
#include "messages/insights/alarm.hpp"
#include "messages/moment.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::messages::insights {

using messages::moment;

struct findings {
  std::vector<insight> insights; ///< to be published
  std::vector<alarm> alarms;     ///< all that hold now, those of before included

  struct count {
    std::string name; ///< of a counter, ends in `_total`
    std::map<std::string, std::string> labels;
    double n = 1;
  };
  std::vector<count> counts; ///< since the last time

  std::vector<std::string> lines; ///< for the log: what an operator should know; each is written once

  void add(std::string name, std::map<std::string, std::string> labels = {}, double n = 1) {
    counts.push_back({std::move(name), std::move(labels), n});
  }
};

/// One that throws begins anew; the others do not notice.
class analysis {
public:
  analysis() = default;
  virtual ~analysis() = default;
  analysis(const analysis&) = delete;
  analysis& operator=(const analysis&) = delete;

  /// Items in the order in which they were encoded, each once; some may be left out where there were too many.
  virtual void observe(const item_list& items, const moment& now) = 0;

  /// Once a second. It is left out while nobody takes insights: what waits in here is bounded, too.
  virtual void tick(const moment& now, findings& to) = 0;

  /// Other settings: it takes the place of this one, and what that knew as far as it is still of use.
  virtual void inherit(analysis& /*former*/) {}
};

} // namespace senseflow::messages::insights
