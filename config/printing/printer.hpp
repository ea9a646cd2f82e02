// Writes settings as YAML, on request with what is known about each in comments above it.
#pragma once

#include "config/catalogue.hpp"
#include "config/printing/text_visitor.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::config::printing {

class printer : public text_visitor {
public:
  /// With `comments`, each setting is explained where it comes up for the first time.
  printer(std::string root, bool comments);

  std::string take() { return std::move(out_); }

private:
  void setting(const entry& e, const std::string& value, const std::string& limits) override;
  void settings_below(const entry& e, const std::vector<std::string>& values, bool is_map) override;
  void begin_section(const entry& e) override;
  void end_section() override;
  size_t begin_list(const entry& e, const void* id, size_t size) override;
  void begin_item(size_t index) override;
  void end_item() override;
  void end_list() override;

  void comment(std::string_view key);
  void line(const std::string& text);
  std::string path_of(std::string_view key) const { return path_ + "." + std::string(key); }
  void enter(const std::string& step);
  void leave();

  std::string out_;
  std::string path_; ///< as in the catalogue
  std::vector<size_t> path_lengths_;
  size_t indent_ = 2;
  bool item_starts_ = false;
  bool comments_;
  std::map<std::string, setting_info> unexplained_;
};

} // namespace senseflow::config::printing
