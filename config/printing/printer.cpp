#include "config/printing/printer.hpp"

namespace senseflow::config::printing {

namespace {

constexpr size_t max_width = 100;

std::string explanation(const setting_info& x) {
  auto facts = x.limits;
  if (!x.default_value.empty()) facts += (facts.empty() ? "default " : "; default ") + x.default_value;
  return facts.empty() ? x.help : x.help + " [" + facts + "]";
}

} // namespace

printer::printer(std::string root, bool comments) : path_(std::move(root)), comments_(comments) {
  out_ = path_ + ":\n";
  if (comments)
    for (auto& x : catalogue()) unexplained_.emplace(x.path, x);
}

void printer::setting(const entry& e, const std::string& value, const std::string&) {
  comment(e.key);
  // Written as a setting it would be one of the file when read again.
  line((e.derived ? "# " : "") + std::string(e.key) + ": " + value);
}

void printer::settings_below(const entry& e, const std::vector<std::string>& values, bool is_map) {
  comment(e.key);
  line(std::string(e.key) + (values.empty() ? is_map ? ": {}" : ": []" : ":"));
  indent_ += 2;
  for (auto& x : values) line((is_map ? "" : "- ") + x);
  indent_ -= 2;
}

void printer::begin_section(const entry& e) {
  if (comments_ && indent_ == 2) out_ += '\n';
  comment(e.key);
  line(std::string(e.key) + ":");
  enter("." + std::string(e.key));
  indent_ += 2;
}

void printer::end_section() {
  leave();
  indent_ -= 2;
}

size_t printer::begin_list(const entry& e, const void*, size_t size) {
  comment(e.key);
  line(std::string(e.key) + (size == 0 ? ": []" : ":"));
  enter("." + std::string(e.key));
  return size;
}

void printer::begin_item(size_t) {
  enter("[]");
  indent_ += 4;
  item_starts_ = true;
}

void printer::end_item() {
  leave();
  indent_ -= 4;
}

void printer::end_list() { leave(); }

void printer::comment(std::string_view key) {
  auto it = unexplained_.find(path_of(key));
  if (it == unexplained_.end()) return;
  auto text = explanation(it->second);
  unexplained_.erase(it);
  std::string start = std::string(indent_, ' ') + "#", row = start;
  for (size_t at = 0; at < text.size();) {
    auto end = std::min(text.find(' ', at), text.size());
    if (row.size() + 1 + end - at > max_width && row != start) {
      out_ += row + '\n';
      row = start;
    }
    row += ' ' + text.substr(at, end - at);
    at = end + 1;
  }
  out_ += row + '\n';
}

void printer::line(const std::string& text) {
  out_ += item_starts_ ? std::string(indent_ - 2, ' ') + "- " : std::string(indent_, ' ');
  item_starts_ = false;
  out_ += text + '\n';
}

void printer::enter(const std::string& step) {
  path_lengths_.push_back(path_.size());
  path_ += step;
}

void printer::leave() {
  path_.resize(path_lengths_.back());
  path_lengths_.pop_back();
}

} // namespace senseflow::config::printing
