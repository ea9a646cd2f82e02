#include "runtime/probe/reach.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <system_error>

namespace senseflow::runtime::probe {

namespace {

constexpr std::time_t day = 86400;
constexpr std::time_t soon = 30 * day;

std::string port_check(const destination& x) { return fmt::format("port {}", x.port); }
std::string tls_check(const destination& x) { return fmt::format("TLS at port {}", x.port); }

/// The server's certificate, in a line.
std::string certificate_text(const tls_handshake& h) {
  if (h.subject.empty()) return "it has shown no certificate";
  auto result = fmt::format("{}, certificate {} for {}, issued by {}, valid {} to {}", h.version, h.subject,
                            h.names.empty() ? "no host name" : fmt::format("{}", fmt::join(h.names, ", ")),
                            h.issuer, date_of(h.begin), date_of(h.expiry));
  return result;
}

struct words {
  std::string code, cause, next;
};

/// What OpenSSL objects to in the server's certificate.
words objection(const destination& x, const tls_handshake& h) {
  const auto whose = h.depth == 0 ? "the server's certificate" : "the certificate of its authority";
  const auto& ca = x.tls->ca_file.empty() ? std::string{"the authorities of this system"} : x.tls->ca_file;
  switch (h.verdict) {
  case X509_V_ERR_CERT_HAS_EXPIRED:
    return {"certificate_expired",
            h.depth == 0 ? fmt::format("{} has expired on {}", whose, date_of(h.expiry))
                         : fmt::format("{} has expired", whose),
            fmt::format("Have a new certificate issued for {}; if it is a new one, check the clock of this "
                        "machine.",
                        x.host)};
  case X509_V_ERR_CERT_NOT_YET_VALID:
    return {"certificate_not_yet_valid", fmt::format("{} is not valid yet", whose),
            "Check the clocks of this machine and of the server."};
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH:
    return {"wrong_name",
            fmt::format("the server's certificate is not for {}, but for {}", x.tls->server_name,
                        h.names.empty() ? h.subject : fmt::format("{}", fmt::join(h.names, ", "))),
            fmt::format("Use the name that the certificate is for in {}, or set {}.", x.setting,
                        x.verify_setting)};
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    return {"unknown_authority",
            fmt::format("the server's certificate is not signed by {}, but by {}", ca, h.issuer),
            fmt::format("{} Name the file with its authority's certificate in {}.", x.certificate_advice,
                        x.ca_setting)};
  default:
    return {"certificate_not_trusted", fmt::format("{} is not trusted ({})", whose, h.verdict_words),
            x.certificate_advice};
  }
}

/// Of a handshake that did not succeed.
words failure(const destination& x, const tls_handshake& h) {
  switch (h.end) {
  case tls_end::unusable_files:
    return {"unusable_files", fmt::format("our own certificate files can't be used ({})", h.words),
            fmt::format("Check {} and {}.", x.ca_setting, x.certificate_setting)};
  case tls_end::silent:
    return {"tls_silent", "the port takes connections, but does not answer the TLS handshake",
            fmt::format("See the health of {}: it hangs, or is very busy.", x.service)};
  case tls_end::closed:
    return {"tls_closed", "the connection was ended during the TLS handshake",
            fmt::format("Check that {} speaks TLS at this port, and see its log.", x.service)};
  case tls_end::no_tls:
    return {"not_tls", "what answers at this port does not speak TLS",
            fmt::format("Check the port in {}, and that {} speaks TLS there.", x.setting, x.service)};
  case tls_end::certificate_refused:
    return x.tls->certificate_file.empty()
               ? words{"client_certificate_missing", "it wants a client certificate, and none is configured",
                       fmt::format("Name one in {}.", x.certificate_setting)}
               : words{"client_certificate_refused",
                       fmt::format("the server does not accept our client certificate {}{}",
                                   x.tls->certificate_file, h.words.empty() ? "" : " (" + h.words + ")"),
                       fmt::format("{} Name certificate and key in {}.", x.certificate_advice,
                                   x.certificate_setting)};
  case tls_end::certificate_wanted:
    return {"client_certificate_missing", "the server wants a client certificate, and none was shown",
            fmt::format("{} Name certificate and key in {}.", x.certificate_advice, x.certificate_setting)};
  case tls_end::done:
  case tls_end::failed:
    break;
  }
  return {
      "tls_failed", fmt::format("the TLS handshake failed ({})", h.words),
      fmt::format("Check the port in {}; which TLS versions and ciphers {} takes.", x.setting, x.service)};
}

} // namespace

std::string duration_text(std::chrono::microseconds x) {
  const auto ms = std::chrono::duration<double, std::milli>(x).count();
  if (ms < 10) return fmt::format("{:.1f} ms", ms);
  return ms < 1000 ? fmt::format("{:.0f} ms", ms) : fmt::format("{:.1f} s", ms / 1000);
}

std::string place_text(const std::string& host, uint16_t port) {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

lookup_result look_up(resolver& names, const std::string& name, std::chrono::milliseconds limit) {
  const auto answered = std::make_shared<std::promise<lookup_result>>();
  auto result = answered->get_future();
  names.resolve(name, limit, [answered](const lookup_result& x) { answered->set_value(x); });
  return result.get(); // it always answers
}

bool path_finder::reach(const destination& x) {
  const auto [i, fresh] = reached_.emplace(std::pair{x.host, x.port}, false);
  if (fresh) i->second = try_to_reach(x);
  return i->second;
}

bool path_finder::find_address(const destination& x) {
  const auto [i, fresh] = addresses_.emplace(x.host, std::vector<ip_address>{});
  if (!fresh) return !i->second.empty();
  if (const auto figures = parse_address(x.host)) {
    i->second = {*figures};
    return true;
  }
  const auto start = std::chrono::steady_clock::now();
  const auto answer = look_up(*names_, x.host, limits_.name);
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
  i->second = answer.addresses;
  const auto check = "name " + x.host;
  if (!answer.addresses.empty()) {
    std::vector<std::string> texts;
    for (const auto& a : answer.addresses) texts.push_back(to_string(a));
    to_.add(good(check, fmt::format("{} ({})", fmt::join(texts, ", "), duration_text(took))));
    return true;
  }
  if (answer.status == lookup_status::unknown_name)
    to_.add(
        failed(check, "name_unknown", fmt::format("answered after {}", duration_text(took)),
               fmt::format("there is no host of the name {}, says the name server", x.host),
               fmt::format("Correct the name in {}, or make it known: in DNS or in /etc/hosts.", x.setting)));
  else
    to_.add(failed(check, "name_server_silent", fmt::format("no answer for {}", duration_text(took)),
                   fmt::format("no name server answers for {}", x.host),
                   "Check the name servers in /etc/resolv.conf, and that this machine may ask them (UDP "
                   "port 53)."));
  return false;
}

void path_finder::note_connection(const destination& x, const tcp_connection& c) {
  const auto where = place_text(to_string(c.address), x.port);
  if (c.fd)
    return to_.add(
        good(port_check(x), fmt::format("{} takes connections ({})", where, duration_text(c.took))));
  switch (c.error) {
  case ECONNREFUSED:
    return to_.add(failed(port_check(x), "refused", where + " answers that nothing listens at this port",
                          fmt::format("{} does not run there, or listens at another port", x.service),
                          fmt::format("Start {}, or correct host and port in {}.", x.service, x.setting)));
  case ETIMEDOUT:
    return to_.add(failed(port_check(x), "port_silent",
                          fmt::format("no answer from {} within {}", where, duration_text(c.took)),
                          "a firewall drops what is sent there, or the host is down",
                          fmt::format("Let TCP port {} from this machine through all firewalls, that of {} "
                                      "too; see that the host is up.",
                                      x.port, x.host)));
  case ENETUNREACH:
  case EHOSTUNREACH:
    return to_.add(failed(port_check(x), "unreachable",
                          fmt::format("{}: {}", where, std::system_category().message(c.error)),
                          "this machine knows no way to that network, or the host is down",
                          "Check the routes of this machine (ip route), and that the host is up."));
  default:
    return to_.add(failed(port_check(x), "no_connection", where,
                          fmt::format("no connection ({})", std::system_category().message(c.error)),
                          fmt::format("Check {}, and the limits of this machine.", x.setting)));
  }
}

bool path_finder::note_handshake(const destination& x, const tls_handshake& h) {
  const auto add = [&](words w, bool is_failure) {
    auto f =
        failed(tls_check(x), std::move(w.code), certificate_text(h), std::move(w.cause), std::move(w.next));
    if (!is_failure) f.result = outcome::warning;
    if (h.subject.empty()) f.fact.clear();
    to_.add(std::move(f));
  };
  // What is wrong with its certificate is the cause, also where it then ends the connection itself.
  if (h.verdict != X509_V_OK && x.verify) {
    add(objection(x, h), true);
    return false;
  }
  if (h.end != tls_end::done) {
    add(failure(x, h), true);
    return false;
  }
  if (h.verdict != X509_V_OK) {
    to_.add(good(tls_check(x), fmt::format("{}; not checked ({})", certificate_text(h), x.verify_setting)));
  } else if (const auto left = h.expiry - std::time(nullptr); left < soon) {
    add({"certificate_expires", fmt::format("the server's certificate expires in {} days", left / day),
         fmt::format("Have a new certificate issued for {}.", x.host)},
        false);
  } else {
    to_.add(good(tls_check(x), certificate_text(h)));
  }
  return true;
}

bool path_finder::try_to_reach(const destination& x) {
  if (!find_address(x)) return false;
  const auto c = connect_to(addresses_.at(x.host), x.port, limits_.connection);
  note_connection(x, c);
  if (!c.fd) return false;
  return !x.tls || note_handshake(x, shake_hands(c.fd.get(), *x.tls, limits_.handshake));
}

} // namespace senseflow::runtime::probe
