#include "runtime/http/ask_once.hpp"

#include <curl/curl.h>

#include <array>
#include <memory>

namespace senseflow::runtime {

namespace {

struct body {
  std::string bytes;
  size_t most = 0;
};

size_t take(char* bytes, size_t, size_t n, void* to) {
  auto& b = *static_cast<body*>(to);
  if (b.bytes.size() + n > b.most) return 0; // curl gives up
  b.bytes.append(bytes, n);
  return n;
}

} // namespace

single_answer ask_once(const single_request& r) {
  single_answer result;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy{curl_easy_init(), curl_easy_cleanup};
  if (!easy) {
    result.problem = "no memory";
    return result;
  }
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers{nullptr, curl_slist_free_all};
  for (const auto& x : r.headers)
    if (auto* longer = curl_slist_append(headers.get(), x.c_str())) {
      (void)headers.release();
      headers.reset(longer);
    }
  const auto option = [&](CURLoption name, auto value) { curl_easy_setopt(easy.get(), name, value); };
  std::array<char, CURL_ERROR_SIZE> words{};
  body got{{}, r.max_body_bytes};
  option(CURLOPT_URL, r.url.c_str());
  option(CURLOPT_HTTPHEADER, headers.get());
  option(CURLOPT_PROXY, "");
  option(CURLOPT_PROTOCOLS_STR, "http,https");
  option(CURLOPT_NOSIGNAL, 1L);
  option(CURLOPT_TIMEOUT_MS, static_cast<long>(r.timeout.count()));
  option(CURLOPT_ERRORBUFFER, words.data());
  option(CURLOPT_WRITEFUNCTION, take);
  option(CURLOPT_WRITEDATA, &got);
  if (!r.trusted_certificate.empty()) {
    // A const_cast that curl's C interface asks for: it copies.
    curl_blob pem{const_cast<char*>(r.trusted_certificate.data()), r.trusted_certificate.size(),
                  CURL_BLOB_COPY};
    option(CURLOPT_CAINFO_BLOB, &pem);
    option(CURLOPT_SSL_VERIFYHOST, 0L); // it is the right one, whatever name it was asked by
  }
  const auto code = curl_easy_perform(easy.get());
  if (code == CURLE_OK) {
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &result.status);
    result.body = std::move(got.bytes);
  } else {
    result.problem = code == CURLE_WRITE_ERROR ? "the answer is too large"
                     : words[0] != 0           ? words.data()
                                               : curl_easy_strerror(code);
  }
  return result;
}

} // namespace senseflow::runtime
