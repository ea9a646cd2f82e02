// The visitor that reads settings from a YAML tree: type, bounds and format of each, unknown and duplicate
// keys. What can't be read becomes a fault and keeps its default, but for switches: they count as on.
#pragma once

#include "config/reading/findings.hpp"
#include "config/reading/scope.hpp"
#include "config/reading/tree.hpp"
#include "config/schema/visitor.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::config::reading {

class reader : public schema::visitor {
public:
  /// Reads the members of `root` (a map, or null for none), whose key path is `path`.
  reader(const node* root, mark at, std::string path, findings& found, std::vector<std::string>& not_served);

  /// After the last setting: reports what nobody asked for; at this level that is only worth a warning.
  void finish() { top().check_keys(true); }

  void flag(const schema::entry& e, bool& x) override;
  void text(const schema::entry& e, std::string& x, schema::format f) override;
  void text(const schema::entry& e, std::optional<std::string>& x) override;
  void hidden(const schema::entry& e, secret& x) override;
  void texts(const schema::entry& e, std::vector<std::string>& xs, schema::format f,
             std::string_view item_key) override;
  void active(bool on) override;
  void not_served(std::initializer_list<std::string_view> keys) override;
  void dropped(std::initializer_list<std::string_view> keys) override;
  void renamed(std::string_view key, std::string_view now) override { top().renamed(key, now); }
  void moved(std::string_view key, std::string_view now) override { top().moved(key, now); }

private:
  using entry = schema::entry;

  void whole_number(const entry& e, const void* id, uint64_t& x, schema::bounds b,
                    std::string_view unit) override;
  void one_of(const entry& e, const void* id, size_t& index, const schema::choices& names) override;
  void pairs(const entry& e, const void* id, std::vector<schema::named_value>& xs, schema::format f,
             bool nullable) override;
  void begin_section(const entry& e) override;
  void end_section() override;
  size_t begin_list(const entry& e, const void* id, size_t size) override;
  void begin_item(size_t index) override;
  void end_item() override;
  void end_list() override;

  /// The value of `e` in the current section, its place noted; null if it is absent (a fault if needed).
  const node* find(const entry& e, const void* id);
  /// The same for a text: with a warning if a comment may belong to it.
  const node* find_text(const entry& e, const void* id);

  scope& top() { return scopes_.back(); }

  std::vector<scope> scopes_;
  findings& found_;
  std::vector<std::string>& not_served_;
};

} // namespace senseflow::config::reading
