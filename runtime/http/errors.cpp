#include "runtime/http/errors.hpp"

#include "config/files/tls_files.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

namespace senseflow::runtime {
namespace {

// Servers that do not like our certificate say so in a TLS alert; with TLS 1.3 it comes after the handshake.
bool certificate_alert(const std::string& words) {
  return words.find("alert") != std::string::npos &&
         (words.find("certificate") != std::string::npos || words.find("unknown ca") != std::string::npos);
}

// Certificate files are opened for each connection.
bool out_of_descriptors(const curl_outcome& o) {
  return o.no_descriptors || o.words.find(std::system_category().message(EMFILE)) != std::string::npos ||
         o.words.find(std::system_category().message(ENFILE)) != std::string::npos;
}

std::string status_advice(int32_t status) {
  switch (status) {
  case 401:
  case 403:
    return "check the client certificate, the user header and the server's access rules";
  case 404:
    return "check the host, the port and the virtual proxy's prefix";
  case 400:
    return "check the Xrfkey and the headers";
  default:
    return status >= 500 ? "see the Sense server's own logs" : "check the server's settings";
  }
}

std::string certificate_detail(const std::string& where, const std::string& words, const http_tls& tls) {
  const config::files::tls_files files{tls.ca_file, tls.certificate_file, tls.key_file, tls.key_passphrase};
  for (const auto& x : config::files::look_into(files))
    if (!x.usable) return fmt::format("{}: {}", where, to_string(x, files));
  if (certificate_alert(words))
    return fmt::format(
        "{}: the server rejected our client certificate ({}). Export it again from this Sense site, and "
        "check that it has not expired.",
        where, words);
  return fmt::format(
      "{}: the server's certificate can't be trusted ({}). Check the CA certificate and the host name, "
      "or accept any certificate (serversToMonitor.rejectUnauthorized: false).",
      where, words);
}

std::string words_for(http_error e, const curl_outcome& o, const http_request& r, const http_tls& tls) {
  const auto where = loggable_url(r.url);
  switch (e) {
  case http_error::none:
    return {};
  case http_error::dns:
    if (o.name_server_silent)
      return fmt::format("{}: no name server answers for {}. Check the name servers.", where, o.unresolved);
    return fmt::format("{}: the host {} was not found. Check the host name and the name servers.", where,
                       o.unresolved);
  case http_error::no_descriptors:
    return fmt::format(
        "{}: not polled, this process has run out of file descriptors. Raise the limit of open "
        "files (LimitNOFILE= of the service, ulimit -n).",
        where);
  case http_error::not_permitted:
    return fmt::format("{}: not polled, this node's lease did not last long enough.", where);
  case http_error::refused:
    return fmt::format(
        "{}: could not connect ({}). Check host and port, that the service is running, and firewalls.", where,
        o.words);
  case http_error::timeout:
    if (o.shaking_hands)
      return fmt::format("{}: the TLS handshake was not completed within {} ms. Check the server's health, "
                         "and that this port speaks HTTPS.",
                         where, o.used.count());
    return fmt::format("{}: no complete response within {} ms. Check the server's health, and firewalls.",
                       where, r.timeout.count());
  case http_error::tls:
    return fmt::format("{}: the TLS handshake failed ({}). Check that this port speaks HTTPS.", where,
                       o.words);
  case http_error::certificate:
    return certificate_detail(where, o.words, tls);
  case http_error::status:
    return fmt::format("{}: the server answered with status {}: {}.", where, o.status,
                       status_advice(o.status));
  case http_error::too_large:
    return fmt::format(
        "{}: the response is larger than {} bytes (actors.pollers.maxBodyBytes) and was discarded.", where,
        r.max_body_bytes);
  case http_error::redirects:
    return o.code == CURLE_TOO_MANY_REDIRECTS
               ? fmt::format(
                     "{}: redirected more than {} times. Check the host and the virtual proxy's prefix.",
                     where, r.max_redirects)
               : fmt::format("{}: redirected to something other than HTTPS. Check the host and the virtual "
                             "proxy's prefix.",
                             where);
  case http_error::other:
    break;
  }
  return fmt::format("{}: the request failed ({}). Check host, port and path.", where, o.words);
}

} // namespace

std::string_view to_string_view(http_error e) {
  switch (e) {
  case http_error::none:
    return "none";
  case http_error::dns:
    return "dns";
  case http_error::refused:
    return "refused";
  case http_error::no_descriptors:
    return "no_descriptors";
  case http_error::not_permitted:
    return "not_permitted";
  case http_error::timeout:
    return "timeout";
  case http_error::tls:
    return "tls";
  case http_error::certificate:
    return "certificate";
  case http_error::status:
    return "http_status";
  case http_error::too_large:
    return "too_large";
  case http_error::redirects:
    return "redirects";
  case http_error::other:
    return "other";
  }
  return "other";
}

http_error classify(const curl_outcome& o) {
  if (o.not_permitted) return http_error::not_permitted;
  if (o.code != CURLE_OK && out_of_descriptors(o)) return http_error::no_descriptors;
  switch (o.code) {
  case CURLE_OK:
    return o.status == 200 ? http_error::none : http_error::status;
  case CURLE_COULDNT_RESOLVE_HOST:
    return http_error::dns;
  case CURLE_COULDNT_CONNECT:
    return http_error::refused;
  case CURLE_OPERATION_TIMEDOUT:
    return http_error::timeout;
  case CURLE_TOO_MANY_REDIRECTS:
    return http_error::redirects;
  case CURLE_UNSUPPORTED_PROTOCOL:
    return o.redirects > 0 ? http_error::redirects : http_error::other;
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_ISSUER_ERROR:
    return http_error::certificate;
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_SSL_CIPHER:
  case CURLE_SEND_ERROR:
  case CURLE_RECV_ERROR:
    if (certificate_alert(o.words)) return http_error::certificate;
    return o.code == CURLE_SEND_ERROR || o.code == CURLE_RECV_ERROR ? http_error::other : http_error::tls;
  default:
    return o.too_large ? http_error::too_large : http_error::other;
  }
}

http_failure explain(const curl_outcome& o, const http_request& request, const http_tls& tls) {
  auto known = o;
  if (known.words.empty()) known.words = curl_easy_strerror(static_cast<CURLcode>(o.code));
  while (!known.words.empty() && known.words.back() == '\n') known.words.pop_back();
  const auto error = classify(known);
  return {error, words_for(error, known, request, tls)};
}

std::string loggable_url(const std::string& url) {
  auto result = url.substr(0, url.find_first_of("?#"));
  const auto scheme = result.find("://");
  const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
  const auto host_end = result.find('/', begin);
  const auto at = result.rfind('@', host_end);
  if (at != std::string::npos && at >= begin) result.erase(begin, at + 1 - begin);
  return result;
}

} // namespace senseflow::runtime
