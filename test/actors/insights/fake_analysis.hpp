// An analysis that does what a test says.
#pragma once

#include "messages/insights/analysis.hpp"

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace senseflow::test {

/// What all of them have seen, and what they are to do.
struct analysis_script {
  size_t made = 0, seen = 0, ticks = 0, inherited = 0;
  bool throws_when_made = false, throws_when_shown = false, throws_when_asked = false;
  messages::insights::findings finds; ///< with the next tick
};

class fake_analysis : public messages::insights::analysis {
public:
  explicit fake_analysis(std::shared_ptr<analysis_script> x) : script_(std::move(x)) {
    if (script_->throws_when_made) throw std::runtime_error("made");
    ++script_->made;
  }
  void observe(const messages::item_list& items, const messages::insights::moment&) override {
    if (script_->throws_when_shown) throw std::runtime_error("shown");
    script_->seen += items.size();
  }
  void tick(const messages::insights::moment&, messages::insights::findings& to) override {
    ++script_->ticks;
    to = std::exchange(script_->finds, {});
    if (script_->throws_when_asked) throw std::runtime_error("asked");
  }
  void inherit(messages::insights::analysis&) override { ++script_->inherited; }

private:
  std::shared_ptr<analysis_script> script_;
};

} // namespace senseflow::test
