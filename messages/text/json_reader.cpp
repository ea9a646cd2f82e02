#include "messages/text/json_reader.hpp"

#include "messages/text/text.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <vector>

namespace senseflow::messages {

namespace {

/// Marks are the eleven bytes that no UTF-8 has, so contents need no length and the tape is at most one byte
/// longer than the document.
constexpr unsigned char first_mark = 0xf5;
static_assert(first_mark + static_cast<int>(json_token::error) == 0xff);

char mark_of(json_token x) { return static_cast<char>(first_mark + static_cast<int>(x)); }
bool is_mark(char c) { return static_cast<unsigned char>(c) >= first_mark; }

/// Numbers beyond 1.8e308 are JSON too, but nlohmann/json refuses what strtod makes infinite. Only the text
/// counts here, so this takes any result and reads back as 0.
struct any_float {
  any_float() = default;
  any_float(double x) : converted(x) {}
  operator double&() { return converted; }
  operator double() const { return 0; }

  double converted;
};

using parser = nlohmann::basic_json<std::map, std::vector, std::string, bool, int64_t, uint64_t, any_float>;

/// What the parser calls; false ends it.
class tape_writer {
public:
  explicit tape_writer(std::string& tape) : tape_(tape) {}

  bool start_object(size_t) { return begin(json_token::begin_object); }
  bool end_object() { return end(json_token::end_object); }
  bool start_array(size_t) { return begin(json_token::begin_array); }
  bool end_array() { return end(json_token::end_array); }
  bool key(const std::string& x) { return put(json_token::key, x); }
  bool string(const std::string& x) { return put(json_token::text, x); }
  bool boolean(bool x) { return put(json_token::boolean, x ? "true" : "false"); }
  bool null() { return put(json_token::null, "null"); }

  bool number_unsigned(uint64_t x) { return put(json_token::number, std::to_string(x)); }
  /// Only comes for a number with a minus.
  bool number_integer(int64_t x) { return put(json_token::number, x == 0 ? "-0" : std::to_string(x)); }
  /// Integers of more than 64 bits come here as well.
  bool number_float(any_float, const std::string& text) { return put(json_token::number, text); }

  bool binary(const parser::binary_t&) { return false; }
  bool parse_error(size_t, const std::string&, const parser::exception&) { return false; }

private:
  bool put(json_token x, std::string_view content) {
    tape_ += mark_of(x);
    tape_ += content;
    return true;
  }
  bool begin(json_token x) { return ++depth_ <= json_reader::max_depth && put(x, ""); }
  bool end(json_token x) {
    --depth_;
    return put(x, "");
  }

  std::string& tape_;
  size_t depth_ = 0;
};

/// The document with plain spaces between its tokens: in the parser's messages about an error, which nobody
/// reads, each line end or tab since the last text or number takes 30 bytes and a third of a microsecond.
std::string plainly_spaced(std::string_view document) {
  std::string out{document};
  bool quoted = false;
  for (size_t at = 0; at < out.size(); ++at) {
    auto& c = out[at];
    if (c == '"') quoted = !quoted;
    if (quoted && c == '\\') ++at;
    if (!quoted && (c == '\n' || c == '\r' || c == '\t')) c = ' ';
  }
  return out;
}

/// The tape of the document; "" if it is no JSON.
std::string parse(std::string_view document) {
  const auto has = [&document](char c) { return document.find(c) != std::string_view::npos; };
  std::string tape;
  if (has('\0')) return tape; // the parser takes it for the end
  std::string spaced;
  if (has('\n') || has('\r') || has('\t')) {
    spaced = plainly_spaced(document);
    document = spaced;
  }
  tape.reserve(document.size() + 1);
  tape_writer out{tape};
  if (!parser::sax_parse(document, &out)) tape.clear();
  return tape;
}

} // namespace

json_reader::json_reader(std::string_view document) : tape_(parse(document)) {
  if (tape_.empty() && !is_utf8(document)) tape_ = parse(repaired_utf8(document));
  tape_ += mark_of(tape_.empty() ? json_token::error : json_token::end);
}

json_token json_reader::next() {
  const auto token = static_cast<json_token>(static_cast<unsigned char>(tape_[at_]) - first_mark);
  if (token >= json_token::end) return token;
  const auto from = ++at_;
  while (!is_mark(tape_[at_])) ++at_;
  content_.assign(tape_, from, at_ - from);
  return token;
}

void json_reader::skip(json_token first) {
  size_t depth = 0;
  for (auto token = first;; token = next()) {
    if (token == json_token::begin_object || token == json_token::begin_array) ++depth;
    if (depth > 0 && (token == json_token::end_object || token == json_token::end_array)) --depth;
    if (depth == 0 || token >= json_token::end) return;
  }
}

} // namespace senseflow::messages
