#include "config/printing/text_visitor.hpp"

#include "config/print.hpp"
#include "config/printing/scalar.hpp"

namespace senseflow::config::printing {

void text_visitor::flag(const entry& e, bool& x) { setting(e, x ? "true" : "false", ""); }

void text_visitor::text(const entry& e, std::string& x, schema::format) { setting(e, scalar(x), ""); }

void text_visitor::text(const entry& e, std::optional<std::string>& x) {
  setting(e, x ? scalar(*x) : "null", "");
}

void text_visitor::hidden(const entry& e, secret& x) {
  setting(e, scalar(x.empty() ? std::string{} : std::string{printed_secret}), "");
}

void text_visitor::texts(const entry& e, std::vector<std::string>& xs, schema::format, std::string_view) {
  std::vector<std::string> values;
  for (auto& x : xs) values.push_back(scalar(x));
  settings_below(e, values, false);
}

void text_visitor::whole_number(const entry& e, const void*, uint64_t& x, schema::bounds b,
                                std::string_view unit) {
  auto limits = std::to_string(b.min) + " to " + std::to_string(b.max);
  if (!unit.empty()) limits += " " + std::string(unit);
  setting(e, std::to_string(x), limits);
}

void text_visitor::one_of(const entry& e, const void*, size_t& index, const schema::choices& names) {
  std::string limits;
  for (auto name : names) limits += (limits.empty() ? "" : ", ") + std::string(name);
  setting(e, scalar(names[index]), limits);
}

void text_visitor::pairs(const entry& e, const void*, std::vector<schema::named_value>& xs, schema::format,
                         bool) {
  std::vector<std::string> values;
  for (auto& [name, value] : xs) values.push_back(scalar(name) + ": " + (value ? scalar(*value) : "null"));
  settings_below(e, values, true);
}

} // namespace senseflow::config::printing
