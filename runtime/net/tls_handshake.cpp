#include "runtime/net/tls_handshake.hpp"

#include "config/files/pem.hpp"
#include "runtime/net/address.hpp"
#include "runtime/net/tcp_connection.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <poll.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace senseflow::runtime {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using config::files::freed_by;
using context_ptr = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>>;
using ssl_ptr = std::unique_ptr<SSL, freed_by<SSL_free>>;
using names_ptr = std::unique_ptr<GENERAL_NAMES, freed_by<GENERAL_NAMES_free>>;

constexpr auto moment = 500ms; // for an alert that comes after the handshake, as with TLS 1.3
constexpr size_t most_names = 5;

/// What callbacks of OpenSSL note.
struct notes {
  tls_handshake* to;
  bool wants_certificate = false;
  bool accepted = false; ///< the server goes on, so it has nothing against our certificate
};

std::string reason(unsigned long code) {
  const auto* text = ERR_reason_error_string(code);
  return text ? text : "no reason given";
}

std::string text_of(const GENERAL_NAME* x) {
  if (x->type == GEN_DNS)
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(x->d.dNSName)),
            static_cast<size_t>(ASN1_STRING_length(x->d.dNSName))};
  if (x->type != GEN_IPADD) return {};
  const auto* bytes = ASN1_STRING_get0_data(x->d.iPAddress);
  const auto size = ASN1_STRING_length(x->d.iPAddress);
  ip_address a;
  if (size == 16) {
    std::copy_n(bytes, 16, a.bytes.begin());
  } else if (size == 4) {
    a.bytes[10] = a.bytes[11] = 0xff;
    std::copy_n(bytes, 4, a.bytes.begin() + 12);
  } else {
    return {};
  }
  return to_string(a);
}

void describe(X509* x, tls_handshake& to) {
  to.subject = config::files::text_of(X509_get_subject_name(x));
  to.issuer = config::files::text_of(X509_get_issuer_name(x));
  to.begin = config::files::begin_of(x);
  to.expiry = config::files::end_of(x);
  names_ptr names{static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x, NID_subject_alt_name, nullptr, nullptr))};
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()) && to.names.size() < most_names; ++i)
    if (auto text = text_of(sk_GENERAL_NAME_value(names.get(), i)); !text.empty())
      to.names.push_back(std::move(text));
}

notes& notes_of(SSL* ssl) { return *static_cast<notes*>(SSL_get_app_data(ssl)); }

/// Objections are noted, the handshake goes on.
int on_verify(int good, X509_STORE_CTX* store) {
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& to = *notes_of(ssl).to;
  if (!good && to.verdict == X509_V_OK) {
    to.verdict = X509_STORE_CTX_get_error(store);
    to.verdict_words = X509_verify_cert_error_string(to.verdict);
    to.depth = X509_STORE_CTX_get_error_depth(store);
  }
  return 1;
}

int on_certificate_wanted(SSL* ssl, void*) {
  notes_of(ssl).wants_certificate = true;
  return 1;
}

int on_session(SSL* ssl, SSL_SESSION*) {
  notes_of(ssl).accepted = true;
  return 0;
}

int give_passphrase(char* to, int size, int, void* passphrase) {
  return static_cast<int>(static_cast<const std::string*>(passphrase)->copy(to, static_cast<size_t>(size)));
}

/// Why not; empty: done.
std::string load_files(SSL_CTX* context, const tls_question& x) {
  const auto loaded = x.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context)
                                        : SSL_CTX_load_verify_file(context, x.ca_file.c_str());
  if (loaded != 1) return x.ca_file + ": " + reason(ERR_peek_last_error());
  if (x.certificate_file.empty()) return {};
  SSL_CTX_set_default_passwd_cb(context, &give_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context, const_cast<std::string*>(&x.key_passphrase));
  const auto& key = x.key_file.empty() ? x.certificate_file : x.key_file;
  if (SSL_CTX_use_certificate_chain_file(context, x.certificate_file.c_str()) != 1)
    return x.certificate_file + ": " + reason(ERR_peek_last_error());
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return key + ": " + reason(ERR_peek_last_error());
  return {};
}

void ask_for_name(SSL* ssl, const std::string& name) {
  auto* parameters = SSL_get0_param(ssl);
  if (parse_address(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, name.c_str());
    X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
  }
}

void offer(SSL* ssl, const std::vector<std::string>& protocols) {
  std::string list;
  for (const auto& x : protocols) (list += static_cast<char>(x.size())) += x;
  if (!list.empty())
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(list.data()),
                        static_cast<unsigned>(list.size()));
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Of a call that has failed for good.
tls_end end_of(int error, tls_handshake& to) {
  const auto code = ERR_peek_last_error();
  if (error == SSL_ERROR_ZERO_RETURN || code == 0) return tls_end::closed;
  to.words = reason(code);
  if (has(to.words, "unexpected eof")) return tls_end::closed;
  if (has(to.words, "wrong version number") || has(to.words, "http request") ||
      has(to.words, "packet length too long") || has(to.words, "unexpected message"))
    return tls_end::no_tls;
  if (has(to.words, "certificate required")) return tls_end::certificate_wanted;
  if (has(to.words, "alert") && (has(to.words, "certificate") || has(to.words, "unknown ca")))
    return tls_end::certificate_refused;
  return tls_end::failed;
}

/// Calls until it succeeds, fails for good (`to.end` says how), or time is up.
template <class Call>
bool complete(SSL* ssl, int fd, clock::time_point until, tls_handshake& to, Call call) {
  for (;;) {
    ERR_clear_error();
    const auto result = call();
    if (result > 0) return true;
    const auto error = SSL_get_error(ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
      if (ready(fd, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until)) continue;
      to.end = tls_end::silent;
      return false;
    }
    to.end = end_of(error, to);
    return false;
  }
}

/// Its answer to our certificate comes with what it sends first.
void hear_objection(SSL* ssl, int fd, const notes& known, tls_handshake& to) {
  const auto until = clock::now() + moment;
  char byte = 0;
  tls_handshake later = to;
  while (!known.accepted) {
    if (complete(ssl, fd, std::min(until, clock::now() + 20ms), later,
                 [&] { return SSL_peek(ssl, &byte, 1); }))
      return; // it speaks
    if (later.end != tls_end::silent) break;
    if (clock::now() >= until) return; // it waits for us
  }
  if (known.accepted) return;
  to.end = later.end;
  to.words = later.words;
}

} // namespace

tls_handshake shake_hands(int fd, const tls_question& x, std::chrono::milliseconds limit) {
  tls_handshake result;
  ERR_clear_error();
  context_ptr context{SSL_CTX_new(TLS_client_method())};
  if (!context) return result;
  result.words = load_files(context.get(), x);
  if (!result.words.empty()) {
    result.end = tls_end::unusable_files;
    return result;
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, &on_verify);
  SSL_CTX_set_cert_cb(context.get(), &on_certificate_wanted, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(context.get(), &on_session);
  ssl_ptr ssl{SSL_new(context.get())};
  notes known{&result};
  if (!ssl || SSL_set_fd(ssl.get(), fd) != 1) return result;
  SSL_set_app_data(ssl.get(), &known);
  ask_for_name(ssl.get(), x.server_name);
  offer(ssl.get(), x.alpn);
  const auto until = clock::now() + limit;
  const auto up = complete(ssl.get(), fd, until, result, [&] { return SSL_connect(ssl.get()); });
  if (auto* shown = SSL_get0_peer_certificate(ssl.get())) describe(shown, result);
  result.version = SSL_get_version(ssl.get());
  if (up) {
    result.end = tls_end::done;
    if (known.wants_certificate && SSL_version(ssl.get()) == TLS1_3_VERSION)
      hear_objection(ssl.get(), fd, known, result);
    if (result.end == tls_end::done) SSL_shutdown(ssl.get());
  }
  // Some end the connection without a word.
  const auto objects = result.end == tls_end::closed || result.end == tls_end::failed;
  if (objects && known.wants_certificate)
    result.end = x.certificate_file.empty() ? tls_end::certificate_wanted : tls_end::certificate_refused;
  ERR_clear_error();
  return result;
}

std::string date_of(std::time_t x) {
  std::tm t{};
  std::array<char, 32> text{};
  gmtime_r(&x, &t);
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &t);
  return text.data();
}

} // namespace senseflow::runtime
