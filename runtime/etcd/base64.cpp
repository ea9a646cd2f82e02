#include "runtime/etcd/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

namespace senseflow::runtime {
namespace {

constexpr size_t most = 1u << 30; // OpenSSL counts in int

bool is_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

const unsigned char* bytes_of(std::string_view x) { return reinterpret_cast<const unsigned char*>(x.data()); }
unsigned char* bytes_of(std::string& x) { return reinterpret_cast<unsigned char*>(x.data()); }

} // namespace

std::string to_base64(std::string_view bytes) {
  if (bytes.size() > most / 2) throw std::length_error("too long for base64");
  std::string result((bytes.size() + 2) / 3 * 4, '\0'); // the zero that OpenSSL adds is the string's own
  EVP_EncodeBlock(bytes_of(result), bytes_of(bytes), static_cast<int>(bytes.size()));
  return result;
}

// EVP_DecodeBlock skips white space at both ends, and takes padding for zeros.
std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > most) return {};
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  if (!std::all_of(text.begin(), text.end() - static_cast<std::ptrdiff_t>(padding), is_digit)) return {};
  std::string result(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(bytes_of(result), bytes_of(text), static_cast<int>(text.size())) < 0) return {};
  result.resize(result.size() - padding);
  return result;
}

} // namespace senseflow::runtime
