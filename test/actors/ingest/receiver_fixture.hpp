// A receiver with a socket, a name server and an encoder that do what the test says.
#pragma once

#include "actors/ingest/udp_receiver.hpp"
#include "test/support/fake_actors.hpp"
#include "test/support/fake_datagram_source.hpp"
#include "test/support/fake_resolver.hpp"

#include "test/support/actor_fixture.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace senseflow::test {

using namespace std::chrono_literals;

struct receiver_fixture : actor_fixture {
  actors::udp_receiver_options options;
  std::shared_ptr<fake_datagram_source> source = std::make_shared<fake_datagram_source>();
  std::shared_ptr<fake_encoder> encoder = std::make_shared<fake_encoder>();
  std::shared_ptr<fake_resolver> names_of_hosts = std::make_shared<fake_resolver>();
  std::vector<runtime::ip_address> bound_to;
  std::shared_ptr<actors::udp_receiver_estate> own = std::make_shared<actors::udp_receiver_estate>(
      std::make_shared<runtime::estate<actors::outlet>>(1u, 100u));
  actors::udp_receiver_actor aut;
  bool can_open = true;
  int opens = 0;

  receiver_fixture() {
    encoder->window = 1000;
    options.reopen = {100ms, 1000ms, 0};
    options.names = names_of_hosts;
    options.open = [this](std::vector<runtime::ip_address> of_host) {
      bound_to = std::move(of_host);
      ++opens;
      runtime::udp_opened result;
      if (can_open)
        result.source = source;
      else
        result.error = "port in use";
      return result;
    };
  }
  void spawn_encoder() {
    if (!env->names.find(actors::names::outbox))
      named(actors::names::outbox, sys.spawn(fake_outbox_actor, std::make_shared<fake_outbox>()));
    named(actors::names::encoder, sys.spawn(fake_encoder_actor, encoder));
  }
  void start() {
    aut = named("ingest/user-events", sys.spawn(actors::udp_receiver, env, options, own));
    consume_messages();
  }
  void arrive(const std::string& text, const std::string& from = "127.0.0.1") {
    source->arrive("/qseow-proxy-session/;host;Start session;LAB;goran;Proxy;/app;" + text, from);
    consume_messages();
  }
  /// The name server's, of one of the names.
  void answer(const std::string& name, runtime::lookup_status status,
              std::vector<std::string> addresses = {}) {
    names_of_hosts->answer(name, status, addresses);
    consume_messages();
  }
  std::vector<std::string> texts() {
    std::vector<std::string> result;
    for (const auto& b : encoder->batches)
      for (const auto& e : b.items->user_events) result.push_back(e.message);
    return result;
  }
};

using strings = std::vector<std::string>;

} // namespace senseflow::test
