#include "runtime/http/peer_certificate.hpp"

#include "config/files/pem.hpp"

#include <openssl/ssl.h>

namespace senseflow::runtime {

peer_certificate certificate_of_peer(CURL* easy) {
  curl_tlssessioninfo* session = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || !session ||
      session->backend != CURLSSLBACKEND_OPENSSL || !session->internals)
    return {};
  const auto* x = SSL_get0_peer_certificate(static_cast<SSL*>(session->internals));
  if (!x) return {};
  return {config::files::text_of(X509_get_subject_name(x)), config::files::text_of(X509_get_issuer_name(x)),
          static_cast<int64_t>(config::files::end_of(x))};
}

} // namespace senseflow::runtime
