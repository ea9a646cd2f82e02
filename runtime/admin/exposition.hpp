// The text formats in which Prometheus reads metrics: its own, version 0.0.4, and OpenMetrics 1.0.
#pragma once

#include "runtime/accounting/histogram.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace senseflow::runtime {

enum class metric_type { counter, gauge, histogram };

/// Families one after the other, each with all of its samples.
class exposition {
public:
  enum class format { text, open_metrics };
  using labels = std::vector<std::pair<std::string_view, std::string_view>>;

  explicit exposition(format f) : format_(f) {}

  /// `name` with its prefix; that of a counter ends in `_total`. `help` is one sentence.
  void family(std::string_view name, metric_type type, std::string_view help);
  /// Of the family that was begun last, which is no histogram.
  void sample(const labels& l, double value);
  void sample(const labels& l, const histogram_counts& value);

  /// The whole; nothing is to be added after that.
  std::string text() &&;
  static const char* content_type(format f);

private:
  void line(std::string_view suffix, const labels& l, double value);

  format format_;
  std::string name_; ///< of the family
  std::string out_;
};

/// What a client asks for with its header `Accept`: OpenMetrics if it is named, else text.
exposition::format format_for(std::string_view accept);

} // namespace senseflow::runtime
