#include "runtime/admin/exposition.hpp"

#include "messages/text/text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace senseflow::runtime {

namespace {

constexpr std::string_view total = "_total";

void append_escaped(std::string& to, std::string_view text) {
  for (const char c : text) {
    if (c == '\\')
      to += "\\\\";
    else if (c == '"')
      to += "\\\"";
    else if (c == '\n')
      to += "\\n";
    else
      to += c;
  }
}

std::string number(double x) {
  if (std::isinf(x)) return x > 0 ? "+Inf" : "-Inf";
  if (std::isnan(x)) return "NaN";
  return fmt::format("{}", x); // the shortest that reads as the same
}

} // namespace

void exposition::family(std::string_view name, metric_type type, std::string_view help) {
  constexpr const char* types[] = {"counter", "gauge", "histogram"};
  name_ = name;
  auto title = name;
  if (format_ == format::open_metrics && type == metric_type::counter) title.remove_suffix(total.size());
  out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", title, help, title, types[static_cast<size_t>(type)]);
}

void exposition::line(std::string_view suffix, const labels& l, double value) {
  out_ += name_;
  out_ += suffix;
  const char* between = "{";
  for (const auto& [name, text] : l) {
    out_ += between;
    out_ += name;
    out_ += "=\"";
    append_escaped(out_, messages::repaired_utf8(text));
    out_ += '"';
    between = ",";
  }
  if (!l.empty()) out_ += '}';
  out_ += ' ';
  out_ += number(value);
  out_ += '\n';
}

void exposition::sample(const labels& l, double value) { line("", l, value); }

void exposition::sample(const labels& l, const histogram_counts& value) {
  uint64_t below = 0;
  auto with_bound = l;
  with_bound.emplace_back("le", "");
  for (size_t i = 0; i < value.parts.size(); ++i) {
    below += value.parts[i];
    // OpenMetrics wants floating-point numbers here.
    auto bound = i < histogram_counts::bounds.size() ? number(histogram_counts::bounds[i]) : "+Inf";
    if (bound.find_first_of(".+") == bound.npos) bound += ".0";
    with_bound.back().second = bound;
    line("_bucket", with_bound, static_cast<double>(below));
  }
  line("_sum", l, value.sum);
  line("_count", l, static_cast<double>(below));
}

std::string exposition::text() && {
  if (format_ == format::open_metrics) out_ += "# EOF\n";
  return std::move(out_);
}

const char* exposition::content_type(format f) {
  return f == format::text ? "text/plain; version=0.0.4; charset=utf-8"
                           : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

exposition::format format_for(std::string_view accept) {
  const auto asked = accept.find("application/openmetrics-text") != accept.npos;
  return asked ? exposition::format::open_metrics : exposition::format::text;
}

} // namespace senseflow::runtime
