// A poller, an encoder and an HTTP client whose answers the test gives.
#pragma once

#include "actors/polling/sense_poller.hpp"
#include "test/support/fake_actors.hpp"
#include "test/support/fake_http_client.hpp"

#include "test/support/actor_fixture.hpp"

namespace senseflow::test {

using namespace std::chrono_literals;
using namespace actors;
using messages::item_class;
using runtime::http_error;

struct poller_fixture : actor_fixture {
  sense_poller_options options;
  std::shared_ptr<fake_http_client> http = std::make_shared<fake_http_client>();
  std::shared_ptr<fake_encoder> encoder = std::make_shared<fake_encoder>();
  std::shared_ptr<sense_poller_estate> own =
      std::make_shared<sense_poller_estate>(std::make_shared<runtime::estate<outlet>>(1u, 100u));
  sense_poller_actor aut;

  poller_fixture() {
    options.server = "sense1";
    options.host = "192.0.2.1";
    options.tags = {{"site", "north"}};
    options.http = http;
    options.epoch = self->clock().now();
    polled_api health;
    health.request.url = "https://192.0.2.1:4747/engine/healthcheck";
    health.interval = 1s;
    health.phase = 300ms;
    options.apis = {health};
  }
  void add_sessions(std::chrono::milliseconds interval = 1s) {
    polled_api x;
    x.cls = item_class::sessions;
    x.request.url = "https://192.0.2.1:4243/qps/hdr/session";
    x.virtual_proxy = "/hdr";
    x.interval = interval;
    x.phase = 300ms;
    options.apis.push_back(x);
  }
  void spawn_encoder() {
    if (!env->names.find(names::outbox))
      named(names::outbox, sys.spawn(fake_outbox_actor, std::make_shared<fake_outbox>()));
    named(names::encoder, sys.spawn(fake_encoder_actor, encoder));
  }
  void start() {
    aut = named("polling/sense1", sys.spawn(sense_poller, env, options, own));
    consume_messages();
  }
  void answer(const std::string& body, const std::string& url_part = {}) {
    http->answer(body, url_part);
    consume_messages();
  }
  void fail(http_error why, const std::string& url_part = {}, int32_t status = 0) {
    runtime::http_response r;
    r.error = why;
    r.status = status;
    http->complete(std::move(r), url_part);
    consume_messages();
  }
  static runtime::http_response failed(int32_t status) {
    runtime::http_response r;
    r.error = http_error::status;
    r.status = status;
    r.detail = "HTTP status " + std::to_string(status);
    return r;
  }
  /// All that was published of the server's availability, such as `degraded sessions/hdr http_status 503`.
  std::vector<std::string> states() const {
    std::vector<std::string> result;
    for (const auto& b : encoder->batches)
      for (const auto& x : b.items->availability) {
        auto text = std::string{to_string_view(x.state)};
        if (!x.api.empty()) text += " " + x.api + " " + x.error;
        if (x.http_status != 0) text += " " + std::to_string(x.http_status);
        result.push_back(std::move(text));
      }
    return result;
  }
  /// All events of its engine, such as `version_changed 1 2`.
  std::vector<std::string> events() const {
    std::vector<std::string> result;
    for (const auto& b : encoder->batches)
      for (const auto& x : b.items->server_events)
        result.push_back(std::string{to_string_view(x.kind)} + " " + x.old_value + " " + x.new_value);
    return result;
  }
  double changes(const std::string& state) {
    return env->counters.value("server_state_changes_total", {{"server", "sense1"}, {"state", state}});
  }
  double skipped(const std::string& reason, const std::string& api = "health") {
    return env->counters.value("poll_skipped_total",
                               {{"server", "sense1"}, {"api", api}, {"reason", reason}});
  }
};

} // namespace senseflow::test
