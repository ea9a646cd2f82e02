#include "runtime/probe/report.hpp"

#include "messages/text/json_writer.hpp"
#include "messages/text/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace senseflow::runtime::probe {

namespace {

constexpr size_t longest_text = 2000;
constexpr size_t widest_check = 30;

struct look {
  const char* word;   ///< in JSON
  const char* mark;   ///< in the table
  const char* colour; ///< of a terminal
};

look look_of(outcome x) {
  switch (x) {
  case outcome::good:
    return {"good", "ok  ", "\033[32m"};
  case outcome::warning:
    return {"warning", "WARN", "\033[33m"};
  case outcome::failed:
    return {"failed", "FAIL", "\033[31m"};
  case outcome::skipped:
    break;
  }
  return {"skipped", "-   ", "\033[2m"};
}

/// Texts may hold what a server has said.
std::string clean(const std::string& x) {
  return messages::cleaned(messages::is_utf8(x) ? x : messages::repaired_utf8(x), longest_text);
}

size_t count(const report& x, outcome what) {
  return static_cast<size_t>(
      std::count_if(x.found.begin(), x.found.end(), [&](const finding& f) { return f.result == what; }));
}

outcome worst(const report& x) {
  if (count(x, outcome::failed) > 0) return outcome::failed;
  return count(x, outcome::warning) > 0 ? outcome::warning : outcome::good;
}

/// Columns that it takes, roughly: one for each character.
size_t columns(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80; // not the further bytes of a character
  }));
}

/// Breaks lines at blanks; all but the first begin with `indent` blanks, where `used` columns were taken.
std::string wrapped(std::string_view text, size_t used, size_t indent, size_t width) {
  std::string result;
  size_t column = used;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    if (width > 0 && column > indent && column + 1 + columns(word) > width) {
      result += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (!result.empty()) {
      result += ' ';
      ++column;
    }
    result += word;
    column += columns(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

struct group {
  std::string subject;
  std::vector<const finding*> found;

  bool troubled() const {
    return std::any_of(found.begin(), found.end(), [](const finding* x) {
      return x->result == outcome::failed || x->result == outcome::warning;
    });
  }
};

std::vector<group> groups_of(const report& x) {
  std::vector<group> result;
  std::map<std::string, size_t> at;
  for (const auto& f : x.found) {
    const auto [i, fresh] = at.emplace(f.subject, result.size());
    if (fresh) result.push_back({f.subject, {}});
    result[i->second].found.push_back(&f);
  }
  return result;
}

class table {
public:
  table(const report& x, const table_style& style) : report_(x), style_(style) {
    for (const auto& f : x.found) check_ = std::max(check_, std::min(columns(f.check), widest_check));
  }

  std::string text() {
    const auto groups = groups_of(report_);
    const auto shorten = groups.size() > style_.most_subjects;
    size_t unsaid = 0;
    for (const auto& g : groups) {
      if (shorten && !g.troubled())
        ++unsaid;
      else
        write(g);
    }
    if (unsaid > 0) out_ += fmt::format("{} more without trouble; --json names them\n", unsaid);
    write_sum();
    write_steps();
    return std::move(out_);
  }

private:
  std::string coloured(const std::string& text, const char* colour) const {
    return style_.colours ? colour + text + "\033[0m" : text;
  }

  void write(const group& g) {
    out_ += coloured(clean(g.subject), "\033[1m") + '\n';
    for (const auto* x : g.found) write(*x);
  }

  void write(const finding& x) {
    const auto mark = look_of(x.result);
    const auto check = clean(x.check);
    out_ += "  " + coloured(mark.mark, mark.colour) + "  " + check;
    const auto width = columns(check);
    out_ += std::string(width < check_ ? check_ - width : 0, ' ') + "  ";
    const auto begin = 2 + 4 + 2 + std::max(check_, width) + 2;
    const auto indent = 2 + 4 + 2 + check_ + 2;
    auto fact = clean(x.fact);
    if (fact.empty()) fact = clean(x.cause);
    out_ += wrapped(fact, begin, indent, style_.width) + '\n';
    const auto further = [&](const char* what, const std::string& text) {
      if (text.empty()) return;
      out_ += std::string(indent, ' ') + wrapped(what + clean(text), indent, indent + 2, style_.width) + '\n';
    };
    if (!x.fact.empty()) further("cause: ", x.cause);
    further("next: ", x.next);
  }

  void write_sum() {
    const auto part = [&](outcome what, const char* one, const char* several) {
      const auto n = count(report_, what);
      return n == 0 ? std::string{} : fmt::format(", {} {}", n, n == 1 ? one : several);
    };
    const auto n = report_.found.size();
    out_ +=
        fmt::format("\n{} {} in {:.1f} s: {} good{}{}{}\n", n, n == 1 ? "check" : "checks",
                    std::chrono::duration<double>(report_.took).count(), count(report_, outcome::good),
                    part(outcome::warning, "warning", "warnings"), part(outcome::failed, "failed", "failed"),
                    part(outcome::skipped, "not made", "not made"));
  }

  /// Failures first; the same step once, with all that it is for.
  void write_steps() {
    std::vector<std::pair<std::string, std::vector<const finding*>>> steps;
    for (const auto what : {outcome::failed, outcome::warning})
      for (const auto& f : report_.found) {
        if (f.result != what || f.next.empty()) continue;
        auto i = std::find_if(steps.begin(), steps.end(), [&](const auto& s) { return s.first == f.next; });
        if (i == steps.end()) i = steps.insert(steps.end(), {f.next, {}});
        i->second.push_back(&f);
      }
    if (steps.empty()) return;
    out_ += "\nWhat to do, the first thing first:\n";
    size_t n = 0;
    for (const auto& [next, of] : steps) {
      const auto number = fmt::format("{:>2}. ", ++n);
      auto whom = fmt::format("{}, {}", of.front()->subject, of.front()->check);
      if (of.size() > 1) whom += fmt::format(", and {} more", of.size() - 1);
      out_ += number +
              wrapped(clean(fmt::format("{} ({})", next, whom)), number.size(), number.size(), style_.width) +
              '\n';
    }
  }

  const report& report_;
  const table_style& style_;
  size_t check_ = 0; ///< columns of the checks' names
  std::string out_;
};

} // namespace

verdict verdict_of(const report& x) { return worst(x) == outcome::failed ? exit_found : exit_well; }

std::string to_table(const report& x, const table_style& style) { return table{x, style}.text(); }

std::string to_json(const report& x) {
  messages::json_writer out{4096};
  out.begin_object();
  out.key("file").text(x.file);
  out.key("version").text(x.version);
  out.key("result").text(look_of(worst(x)).word);
  out.key("tookMs").integer(x.took.count());
  out.key("counts").begin_object();
  for (const auto what : {outcome::good, outcome::warning, outcome::failed, outcome::skipped})
    out.key(look_of(what).word).integer(static_cast<int64_t>(count(x, what)));
  out.end_object();
  out.key("checks").begin_array();
  for (const auto& f : x.found) {
    out.begin_object();
    const std::array<std::pair<const char*, const std::string*>, 7> all{{{"subject", &f.subject},
                                                                         {"check", &f.check},
                                                                         {"result", nullptr},
                                                                         {"code", &f.code},
                                                                         {"fact", &f.fact},
                                                                         {"cause", &f.cause},
                                                                         {"next", &f.next}}};
    for (const auto& [name, text] : all) out.key(name).text(text ? clean(*text) : look_of(f.result).word);
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return messages::indented_json(out.take());
}

} // namespace senseflow::runtime::probe
