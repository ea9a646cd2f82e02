#include "runtime/etcd/json_fields.hpp"

#include "runtime/etcd/base64.hpp"

#include <charconv>

namespace senseflow::runtime::json_fields {

bool text(json_reader& in, json_token first, std::string& out) {
  if (first == json_token::text) out = in.content();
  return first == json_token::text;
}

bool boolean(json_reader& in, json_token first, bool& out) {
  if (first == json_token::boolean) out = in.content() == "true";
  return first == json_token::boolean;
}

bool integer(json_reader& in, json_token first, int64_t& out) {
  if (first != json_token::text && first != json_token::number) return false;
  const auto& x = in.content();
  const auto* end = x.data() + x.size();
  const auto [at, error] = std::from_chars(x.data(), end, out);
  return error == std::errc{} && at == end;
}

bool bytes(json_reader& in, json_token first, std::string& out) {
  if (first != json_token::text) return false;
  auto x = from_base64(in.content());
  if (x) out = std::move(*x);
  return x.has_value();
}

} // namespace senseflow::runtime::json_fields
