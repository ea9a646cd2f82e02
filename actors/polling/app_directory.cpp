#include "actors/polling/app_directory.hpp"

#include "actors/supervised.hpp"
#include "messages/insights/noted.hpp"
#include "runtime/log.hpp"

#include <caf/send.hpp>

namespace senseflow::actors {

namespace {

namespace log = runtime::log;
using self_pointer = app_directory_actor::stateful_pointer<app_directory_state>;

void ask(self_pointer self) {
  auto& st = self->state;
  if (st.in_flight) return st.env->counters.count("app_list_skipped_total", {{"reason", "in_flight"}});
  st.in_flight = true;
  st.options.http->get(1, st.options.request, [address = self->address()](runtime::http_response x) {
    if (auto strong = caf::actor_cast<caf::actor>(address)) caf::anon_send(strong, std::move(x));
  });
}

void fail(self_pointer self, std::string_view reason, const std::string& trouble) {
  auto& st = self->state;
  st.env->counters.count("app_list_failures_total", {{"reason", std::string{reason}}});
  if (st.trouble.is_news(trouble, self->clock().now()))
    log::warn("app names: {} Known names stay in use.{}", trouble, st.trouble.suffix());
}

void answered(self_pointer self, const runtime::http_response& x) {
  auto& st = self->state;
  st.in_flight = false;
  if (const auto& c = x.certificate; c.not_after != 0)
    st.env->notices.certificates.update(repository, [&](auto& to) {
      to = {"", "", c.subject, c.issuer, messages::insights::end_of_validity(c.not_after)};
    });
  if (x.error != runtime::http_error::none) return fail(self, to_string_view(x.error), x.detail);
  auto names = messages::parse_app_list(x.body);
  if (!names)
    return fail(self, names.reason,
                fmt::format("unusable response from {} ({}).", st.options.request.url, names.reason));
  if (st.trouble.is_news({}, self->clock().now())) log::info("app names: recovered{}", st.trouble.suffix());
  const auto count = names->size();
  st.table->store(std::move(*names));
  log::verbose("{} app names known", count); // from here on
}

} // namespace

app_directory_actor::behavior_type app_directory(self_pointer self, context_ptr env,
                                                 app_directory_options options,
                                                 std::shared_ptr<app_table> table) {
  auto& st = self->state;
  st.env = std::move(env);
  st.options = std::move(options);
  st.table = std::move(table);
  tell_crashes(self);
  self->send(self, caf::tick_atom_v);
  return {
      answer_ping(),
      crash_on_request(),
      [self](caf::tick_atom) {
        ask(self);
        self->delayed_send(self, self->state.options.interval, caf::tick_atom_v);
      },
      [self](const runtime::http_response& x) { answered(self, x); },
  };
}

} // namespace senseflow::actors
