#include "actors/admin/admin.hpp"

#include "actors/supervised.hpp"
#include "runtime/log.hpp"

#include <utility>

namespace senseflow::actors {

namespace {

namespace log = runtime::log;
using self_pointer = admin_actor::stateful_pointer<admin_state>;

std::string address(const admin_options& o, uint16_t port) {
  const auto v6 = o.server.host.find(':') != std::string::npos;
  return fmt::format("http{}://{}{}{}:{}", o.server.certificate.empty() ? "" : "s", v6 ? "[" : "",
                     o.server.host, v6 ? "]" : "", port);
}

void look(self_pointer self) {
  auto& st = self->state;
  self->delayed_send(self, st.options.interval, caf::tick_atom_v);
  st.status->store(st.options.look());
}

void open(self_pointer self) {
  auto& st = self->state;
  auto answers = std::make_shared<runtime::admin_answers>(st.options.answers);
  auto opened = runtime::admin_server::open(
      st.options.server, [answers](const runtime::http_question& q) { return answers->answer(q); });
  st.server = std::move(opened.value);
  if (st.server) {
    log::info("status page, probes and metrics at {}", address(st.options, st.server->port()));
    return;
  }
  if (!std::exchange(st.told, true))
    log::error(
        "status page, probes and metrics are unavailable at {} ({}). Everything else continues; retrying.",
        address(st.options, st.options.server.port), opened.error);
  self->delayed_send(self, st.delay.next(), retry_atom_v);
}

} // namespace

admin_actor::behavior_type admin(self_pointer self, context_ptr env, admin_options options) {
  auto& st = self->state;
  tell_crashes(self);
  st.env = std::move(env);
  st.options = std::move(options);
  st.status = std::make_shared<runtime::snapshot<runtime::node_status>>();
  st.delay = runtime::backoff{st.options.reopen};
  st.options.answers.status = st.status;
  st.options.answers.counters = [env = st.env] { return env->counters.families(); };
  look(self);
  open(self);
  return {
      answer_ping(),
      crash_on_request(),
      [self](caf::tick_atom) { look(self); },
      [self](retry_atom) { open(self); },
  };
}

} // namespace senseflow::actors
