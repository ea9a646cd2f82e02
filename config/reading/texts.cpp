#include "config/reading/texts.hpp"

#include "config/reading/placeholder.hpp"
#include "config/reading/wording.hpp"

namespace senseflow::config::reading {

namespace {

using kind = node::kind;

constexpr size_t max_text = 65535;

bool begins_with_typographic_quote(std::string_view text) {
  for (std::string_view quote : {"\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e", "\xe2\x80\x98",
                                 "\xe2\x80\x99", "\xe2\x80\x9a", "\xc2\xab", "\xc2\xbb"})
    if (text.substr(0, quote.size()) == quote) return true;
  return false;
}

} // namespace

void doubt(const scope& s, const node& n, const std::string& path, secrecy kept) {
  if (n.joined)
    s.warning(n.at, path, "goes on over several lines, which are joined with spaces",
              "Check the indentation; if it is meant, put the value in quotes.");
  if (n.bare && begins_with_typographic_quote(n.text))
    s.warning(n.at, path, "begins with a typographic quote, which is part of the value", "Write ' or \".");
  if (kept == secrecy::none && looks_like_placeholder(n.text))
    s.warning(n.at, path, "is " + shown(n) + ", which looks like a placeholder and is taken literally",
              "Write the value itself.");
}

bool read_text(const scope& s, const node& n, const std::string& path, std::string& out, secrecy kept) {
  auto is_secret = kept == secrecy::secret;
  auto what = is_secret && n.what == kind::scalar ? std::string("a number, true or false") : shown(n);
  if (n.what != kind::scalar) {
    s.fault(n.at, path, "is " + what + ", not a text", "Write one text.");
  } else if (n.bare && (schema::reads_as_number(n.text) || schema::reads_as_bool(n.text))) {
    s.fault(n.at, path, "is " + what + ", not a text",
            is_secret ? "Put it in quotes." : "Put it in quotes: '" + n.text + "'.");
  } else if (n.text.size() > max_text) {
    s.fault(n.at, path, "is longer than 65535 bytes", "Shorten it.");
  } else if (n.text.find('\0') != std::string::npos) {
    s.fault(n.at, path, "holds a character of code 0", "Remove it.");
  } else {
    doubt(s, n, path, kept);
    out = n.text;
    return true;
  }
  return false;
}

bool check_format(const scope& s, const node& n, const std::string& path, const std::string& x,
                  schema::format f) {
  auto remedy = schema::why_not(f, x);
  if (!remedy.empty()) s.fault(n.at, path, "is " + shown(n), remedy);
  return remedy.empty();
}

void doubt_comment(const scope& s, const node::member* m, const std::string& path) {
  if (m && m->value->hash_follows)
    s.warning(m->value->at, path,
              m->value->what == kind::null ? "is empty: '#' begins a comment"
                                           : "ends before the '#', which begins a comment",
              "Put the value in quotes if the '#' belongs to it, else a space after the '#'.");
}

} // namespace senseflow::config::reading
