#include "runtime/wiring/admin.hpp"

#include "actors/admin/admin.hpp"
#include "actors/measured.hpp"
#include "runtime/sha256.hpp"
#include "runtime/wiring/options.hpp"

#include <fmt/format.h>

namespace senseflow::runtime {

namespace {

actors::admin_options admin_options(const config::settings& s) {
  actors::admin_options result;
  result.server.host = s.admin.host;
  result.server.port = s.admin.port;
  result.server.certificate = s.admin.tls.certificate;
  result.server.key = s.admin.tls.key.reveal();
  result.answers.token = s.admin.token.reveal();
  result.answers.check_host = !s.admin.authenticated() && !s.admin.allow_unauthenticated;
  result.answers.host = s.admin.host;
  result.reopen = backoff_of(s.actors.reconnect);
  return result;
}

} // namespace

std::string admin_version(const config::settings& s) {
  const auto& x = s.admin;
  const auto content = x.token.reveal() + '\n' + x.tls.certificate + '\n' + x.tls.key.reveal();
  return fmt::format("{:016x}\n", sha256_prefix(content));
}

std::vector<actors::child_spec> admin_children(const config::settings& s, const service_estates& own) {
  if (!s.admin.enable) return {};
  auto o = admin_options(s);
  o.look = [status = own.status] { return status->look(); };
  return {{"server",
           actors::measured_start("admin/server", actors::admin, own.env, o),
           s.actors.supervision.stop_timeout,
           {}}};
}

} // namespace senseflow::runtime
