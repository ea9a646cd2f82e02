#include "runtime/mqtt/paho_handle.hpp"

namespace senseflow::runtime {
namespace {

// Members are private, and nobody is a friend. Explicit instantiations may name private members, though.
MQTTAsync handle_of(const mqtt::async_client& x);
template <MQTTAsync mqtt::async_client::*Member>
struct handle_opener {
  friend MQTTAsync handle_of(const mqtt::async_client& x) { return x.*Member; }
};
template struct handle_opener<&mqtt::async_client::cli_>;

MQTTClient_persistence& persistence_of(const mqtt::async_client& x);
template <std::unique_ptr<MQTTClient_persistence> mqtt::async_client::*Member>
struct persistence_opener {
  friend MQTTClient_persistence& persistence_of(const mqtt::async_client& x) { return *(x.*Member); }
};
template struct persistence_opener<&mqtt::async_client::persist_>;

} // namespace

MQTTAsync paho_handle(const mqtt::async_client& client) { return handle_of(client); }

MQTTClient_persistence& paho_persistence(const mqtt::async_client& client) { return persistence_of(client); }

} // namespace senseflow::runtime
