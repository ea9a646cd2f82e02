#include "messages/text/json_writer.hpp"

#include "messages/text/text.hpp"

#include <charconv>
#include <cmath>

namespace senseflow::messages {

namespace {

void append_escaped(std::string& out, unsigned char c) {
  constexpr char hex[] = "0123456789abcdef";
  switch (c) {
  case '"':
    out += "\\\"";
    break;
  case '\\':
    out += "\\\\";
    break;
  case '\b':
    out += "\\b";
    break;
  case '\f':
    out += "\\f";
    break;
  case '\n':
    out += "\\n";
    break;
  case '\r':
    out += "\\r";
    break;
  case '\t':
    out += "\\t";
    break;
  default:
    out += "\\u00";
    out += hex[c >> 4];
    out += hex[c & 0xf];
  }
}

} // namespace

// Runs of plain bytes are copied at once; `from` is where the current run began.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  size_t from = 0;
  for (size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++at;
      continue;
    }
    const auto begin = at;
    bool valid = true;
    const auto code_point = next_code_point(text, at, valid);
    if (valid && code_point >= 0x80) continue;
    out.append(text, from, begin - from);
    if (valid) {
      append_escaped(out, c);
    } else {
      append_utf8(out, code_point);
    }
    from = at;
  }
  out.append(text, from, text.size() - from);
  out += '"';
}

void json_writer::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

json_writer& json_writer::open(char bracket) {
  separate();
  out_ += bracket;
  first_ = true;
  return *this;
}

json_writer& json_writer::close(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

json_writer& json_writer::key(std::string_view name) {
  separate();
  append_quoted(out_, name);
  out_ += ':';
  first_ = true;
  return *this;
}

json_writer& json_writer::text(std::string_view x) {
  separate();
  append_quoted(out_, x);
  return *this;
}

json_writer& json_writer::number(double x) {
  if (!std::isfinite(x)) return null();
  separate();
  append_number(out_, x);
  return *this;
}

json_writer& json_writer::integer(int64_t x) {
  separate();
  char buffer[24];
  out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, x).ptr);
  return *this;
}

json_writer& json_writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

std::string indented_json(std::string_view compact) {
  std::string out;
  out.reserve(compact.size() + compact.size() / 2);
  size_t level = 0;
  const auto new_line = [&] {
    out += '\n';
    out.append(2 * level, ' ');
  };
  bool quoted = false;
  for (size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[i];
    if (quoted) {
      out += c;
      if (c == '\\' && i + 1 < compact.size()) {
        out += compact[++i];
      } else if (c == '"') {
        quoted = false;
      }
      continue;
    }
    if (c == '{' || c == '[') {
      out += c;
      const bool empty = i + 1 < compact.size() && (compact[i + 1] == '}' || compact[i + 1] == ']');
      if (empty) {
        out += compact[++i];
      } else {
        ++level;
        new_line();
      }
    } else if (c == '}' || c == ']') {
      if (level > 0) --level;
      new_line();
      out += c;
    } else if (c == ',') {
      out += c;
      new_line();
    } else if (c == ':') {
      out += ": ";
    } else {
      out += c;
      quoted = c == '"';
    }
  }
  return out;
}

} // namespace senseflow::messages
