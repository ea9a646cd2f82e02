#include "messages/items/log_reading.hpp"

#include "messages/text/fields.hpp"
#include "messages/text/text.hpp"

#include <algorithm>

namespace senseflow::messages {

namespace {

constexpr size_t most_added = 4; // fields at the end

std::string_view without_end(std::string_view text) {
  constexpr std::string_view ends{" \t\r\n\0", 5};
  return text.substr(0, text.find_last_not_of(ends) + 1);
}

bool is_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
}

bool fits(std::string_view text, field_form form) {
  switch (form) {
  case field_form::level:
    return is_word(text);
  case field_form::number:
    return text.find_first_not_of("0123456789") == std::string_view::npos;
  case field_form::timestamp:
    return is_timestamp(text);
  case field_form::uuid:
    return is_lower_uuid(text) || is_real_uuid(text);
  case field_form::account:
    return text.find('\\') != std::string_view::npos;
  case field_form::any:
  case field_form::free_text:
    return true;
  }
  return true;
}

struct plausibility {
  int score = 0;
  bool certain = false; ///< something speaks for it, nothing against it
};

/// Fields that are left out, as log4net writes them, say nothing.
plausibility judge(const raw_fields& fields, const field_forms& shape) {
  constexpr int weight = 4;
  plausibility result;
  bool fit = false, misfit = false;
  for (size_t i = 1; i < shape.count; ++i) {
    const auto text = fields[i];
    const auto form = shape.forms[i];
    if (form == field_form::any || text.empty() || text == "(null)" || text == "0") continue;
    if (form == field_form::free_text) {
      if (text.front() != ' ') continue; // else it goes on behind a separator: "daily; weekly"
      misfit = true;
      --result.score;
      continue;
    }
    const bool ok = fits(text, form);
    (ok ? fit : misfit) = true;
    result.score += ok ? weight : -weight;
  }
  result.certain = fit && !misfit;
  return result;
}

} // namespace

raw_fields read_positions(std::string_view datagram, const field_forms& shape) {
  const auto text = without_end(datagram);
  const auto end_of_forms = shape.forms.begin() + static_cast<std::ptrdiff_t>(shape.count);
  const auto message = static_cast<size_t>(
      std::find(shape.forms.begin(), end_of_forms, field_form::free_text) - shape.forms.begin());
  const auto split = split_fields<max_fields>(text, shape.count, message);
  auto best = split.fields;
  if (!split.surplus) return best;
  auto best_judged = judge(best, shape);
  if (best_judged.certain) return best;
  auto left = text;
  for (size_t added = 0; added <= most_added; ++added) {
    bool surplus = false;
    for (size_t i = message; i < shape.count; ++i) {
      if (shape.forms[i] != field_form::free_text) continue;
      const auto other = split_fields<max_fields>(left, shape.count, i);
      surplus = other.surplus;
      const auto judged = judge(other.fields, shape);
      if (judged.score <= best_judged.score) continue;
      best = other.fields;
      best_judged = judged;
    }
    if (!surplus) break;
    left = left.substr(0, left.rfind(';')); // as if somebody had added this field
  }
  return best;
}

} // namespace senseflow::messages
