#include "runtime/etcd/failures.hpp"

#include "config/files/tls_files.hpp"
#include "messages/text/text.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

namespace senseflow::runtime {
namespace {

constexpr size_t longest_words = 200;

std::string words_of_curl(const curl_outcome& o) {
  const auto text = o.words.empty() ? curl_easy_strerror(static_cast<CURLcode>(o.code)) : o.words.c_str();
  return messages::cleaned(messages::repaired_utf8(text), longest_words);
}

std::string certificate_words(const std::string& words, const etcd_options& o) {
  const config::files::tls_files files{o.ca_file, o.certificate_file, o.key_file, {}};
  for (const auto& x : config::files::look_into(files))
    if (!x.usable) return to_string(x, files);
  if (words.find("alert") != std::string::npos)
    return o.certificate_file.empty()
               ? fmt::format("etcd wants a client certificate ({})", words)
               : fmt::format("etcd does not take the client certificate {} ({})", o.certificate_file, words);
  return fmt::format("etcd's certificate can't be trusted ({}). Check the CA and the host name", words);
}

} // namespace

etcd_failure failure_of(const curl_outcome& o, const etcd_options& options) {
  if (o.too_large) return {etcd_error::unusable, "the answer is too large"};
  const auto words = words_of_curl(o);
  switch (classify(o)) {
  case http_error::certificate:
    return {etcd_error::denied, certificate_words(words, options)};
  case http_error::dns:
    return {etcd_error::unavailable, o.name_server_silent ? "no name server answers for " + o.unresolved
                                                          : "the host " + o.unresolved + " was not found"};
  case http_error::no_descriptors:
    return {etcd_error::unavailable, "this process has run out of file descriptors"};
  case http_error::timeout:
    return {etcd_error::unavailable, fmt::format("no answer within {} ms", options.timeout.count())};
  default:
    break;
  }
  if (o.code == CURLE_URL_MALFORMAT)
    return {etcd_error::unavailable, "the endpoint is no http(s)://host:port"};
  return {etcd_error::unavailable, words};
}

} // namespace senseflow::runtime
