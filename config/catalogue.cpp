#include "config/catalogue.hpp"

#include "config/printing/text_visitor.hpp"
#include "config/schema/describe.hpp"

namespace senseflow::config {

namespace {

class collector : public printing::text_visitor {
public:
  std::vector<setting_info> result;

private:
  void setting(const entry& e, const std::string& value, const std::string& limits) override {
    add(e, limits, e.needed == schema::presence::required ? "" : value);
  }
  void settings_below(const entry& e, const std::vector<std::string>&, bool is_map) override {
    add(e, "", e.needed == schema::presence::required ? "" : is_map ? "{}" : "[]");
  }
  void begin_section(const entry& e) override {
    add(e, "", "");
    enter("." + std::string(e.key));
  }
  void end_section() override { leave(); }
  size_t begin_list(const entry& e, const void*, size_t) override {
    add(e, "", e.needed == schema::presence::required ? "" : "[]");
    enter("." + std::string(e.key));
    return 1;
  }
  void begin_item(size_t) override { enter("[]"); }
  void end_item() override { leave(); }
  void end_list() override { leave(); }

  void add(const entry& e, const std::string& limits, const std::string& value) {
    result.push_back({path_ + "." + std::string(e.key), std::string(e.help), limits, value});
  }
  void enter(const std::string& step) {
    path_lengths_.push_back(path_.size());
    path_ += step;
  }
  void leave() {
    path_.resize(path_lengths_.back());
    path_lengths_.pop_back();
  }

  std::string path_ = "Butler-SOS";
  std::vector<size_t> path_lengths_;
};

} // namespace

std::vector<setting_info> catalogue() {
  collector c;
  settings defaults;
  schema::describe(c, defaults);
  return std::move(c.result);
}

} // namespace senseflow::config
