#include "config/effective.hpp"

#include "config/printing/text_visitor.hpp"
#include "config/schema/describe.hpp"

#include <functional>

namespace senseflow::config {

namespace {

class collector : public printing::text_visitor {
public:
  std::vector<effective_setting> result;

  void hidden(const entry& e, secret& x) override {
    setting(e, std::to_string(std::hash<std::string>{}(x.reveal())), "");
    result.back().hidden = true;
  }

private:
  void setting(const entry& e, const std::string& value, const std::string&) override {
    result.push_back({path_of(e), value, false});
  }
  void settings_below(const entry& e, const std::vector<std::string>& values, bool) override {
    std::string all;
    for (const auto& x : values) all += (all.empty() ? "" : ", ") + x;
    setting(e, all, "");
  }
  void begin_section(const entry& e) override { enter(path_of(e)); }
  void end_section() override { leave(); }
  size_t begin_list(const entry& e, const void*, size_t size) override {
    enter(path_of(e));
    return size;
  }
  void begin_item(size_t index) override { enter(outer_.back() + "[" + std::to_string(index) + "]"); }
  void end_item() override { leave(); }
  void end_list() override { leave(); }

  std::string path_of(const entry& e) const {
    return (outer_.empty() ? "" : outer_.back() + ".") + std::string(e.key);
  }
  void enter(std::string path) { outer_.push_back(std::move(path)); }
  void leave() { outer_.pop_back(); }

  std::vector<std::string> outer_; ///< paths of the sections around
};

} // namespace

std::vector<effective_setting> effective(const settings& x) {
  collector c;
  auto copy = x; // visitors may write, this one does not
  schema::describe(c, copy);
  return std::move(c.result);
}

} // namespace senseflow::config
