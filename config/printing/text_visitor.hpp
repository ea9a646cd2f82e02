// A visitor that sees each setting as text: common ground of the printer and the catalogue. Changes nothing.
#pragma once

#include "config/schema/visitor.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace senseflow::config::printing {

class text_visitor : public schema::visitor {
public:
  void flag(const schema::entry& e, bool& x) final;
  void text(const schema::entry& e, std::string& x, schema::format f) final;
  void text(const schema::entry& e, std::optional<std::string>& x) final;
  void hidden(const schema::entry& e, secret& x) override;
  void texts(const schema::entry& e, std::vector<std::string>& xs, schema::format f,
             std::string_view item_key) final;

protected:
  using entry = schema::entry;

  /// `value` as YAML; `limits` in words, may be empty.
  virtual void setting(const entry& e, const std::string& value, const std::string& limits) = 0;
  /// A list of values, or (`is_map`) "name: value" texts.
  virtual void settings_below(const entry& e, const std::vector<std::string>& values, bool is_map) = 0;

private:
  void whole_number(const entry& e, const void* id, uint64_t& x, schema::bounds b,
                    std::string_view unit) final;
  void one_of(const entry& e, const void* id, size_t& index, const schema::choices& names) final;
  void pairs(const entry& e, const void* id, std::vector<schema::named_value>& xs, schema::format f,
             bool nullable) final;
};

} // namespace senseflow::config::printing
