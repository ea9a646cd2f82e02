#include "runtime/service/inbound.hpp"

#include "actors/measured.hpp"
#include "runtime/service/home_assistant.hpp"
#include "runtime/service/options.hpp"

namespace senseflow::runtime {

std::vector<actors::heard_filter> heard_filters(const config::settings& s) {
  std::vector<actors::heard_filter> result;
  for (auto& x : home_assistant_filters(s)) result.push_back(std::move(x));
  return result;
}

actors::listener_options listener_options_of(const config::settings& s) {
  actors::listener_options result;
  result.filters = heard_filters(s);
  result.reconnect = backoff_of(s.actors.reconnect);
  result.ack_timeout = s.actors.publishers.ack_timeout;
  return result;
}

mqtt_options listener_broker_options(const config::settings& s) {
  auto result = broker_options(s, 0, node_name(s));
  result.client_id += "-listener";
  actors::subscribe_to(result, heard_filters(s));
  return result;
}

std::string listener_version(const config::settings& s) {
  std::string result;
  for (const auto& x : heard_filters(s)) result += x.filter + ' ' + x.receiver + '\n';
  return result;
}

std::vector<actors::child_spec> inbound_children(const config::settings& s, const service_estates& own,
                                                 const std::shared_ptr<resolver>& names,
                                                 const std::map<std::string, std::string>& versions) {
  std::vector<actors::child_spec> result;
  for (auto& x : home_assistant_children(s, own, versions)) result.push_back(std::move(x));
  if (heard_filters(s).empty()) return result;
  auto o = listener_options_of(s);
  o.make_client = [options = listener_broker_options(s), names] { return make_mqtt_client(options, names); };
  result.push_back({"listener",
                    actors::measured_start(actors::names::listener, actors::listener, own.env, o),
                    s.actors.supervision.stop_timeout, versions.at(actors::names::listener)});
  return result;
}

} // namespace senseflow::runtime
