#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

namespace {

void describe_topic(visitor& v, const entry& e, topic_settings& s) {
  v.section(e, [&] {
    v.flag({"enable", "Publish to this topic."}, s.enable);
    v.active(s.enable);
    v.text({"topic", "Topic; if absent: as shown, beginning with mqttConfig.baseTopic.", presence::optional,
            s.documented},
           s.topic, format::topic);
  });
}

} // namespace

void describe_udp(visitor& v, udp_settings& s, const entry& port) {
  v.not_served({"queueMetrics"});
  v.text({"serverHost", "Host name or address to listen on."}, s.server_host, format::host);
  v.number(port, s.port, {1, 65535}, "");
  v.section({"messageQueue", "Datagrams waiting to be processed."}, [&] {
    v.number({"maxConcurrent", "Accepted, no effect."}, s.message_queue.max_concurrent, {1, 2147483647}, "");
    v.number({"maxSize", "Most that may wait."}, s.message_queue.max_size, {1, 10000000}, "datagrams");
    v.number({"backpressureThreshold", "Level at which a warning is logged."},
             s.message_queue.backpressure_threshold_percent, {1, 100}, "%");
  });
  v.section({"rateLimit", "Limit beyond which datagrams are dropped and counted."}, [&] {
    v.flag({"enable", "Apply the limit."}, s.rate_limit.enable);
    v.active(s.rate_limit.enable);
    v.number({"maxMessagesPerMinute", "Datagrams allowed per minute."}, s.rate_limit.max_messages_per_minute,
             {1, 2147483647}, "datagrams");
  });
  v.number({"maxMessageSize", "Largest datagram accepted; larger ones are dropped and counted."},
           s.max_message_size_bytes, {1, 2147483647}, "bytes");
  v.flag({"enableSourceValidation", "Accept datagrams only from allowedSources."},
         s.enable_source_validation);
  v.texts({"allowedSources", "Addresses, networks (10.0.0.0/8) and host names."}, s.allowed_sources,
          format::source);
  v.number({"receiveBuffer", "Socket buffer requested from the kernel, for bursts. (new)"},
           s.receive_buffer_bytes, {4096, 1073741824}, "bytes");
}

void describe(visitor& v, user_event_settings& s) {
  v.not_served({"sendToInfluxdb", "sendToNewRelic"});
  v.flag({"enable", "Receive user events."}, s.enable);
  v.active(s.enable);
  describe_users(v, {"excludeUser", "Users whose events are dropped."}, s.exclude_user);
  v.section({"udpServerConfig", "UDP port that receives the events."}, [&] {
    describe_udp(v, s.udp, {"portUserActivityEvents", "UDP port of user events."});
  });
  describe_tags(v, {"tags", "Tags added to each event."}, s.tags);
  v.section({"sendToMQTT", "Publication by MQTT."}, [&] {
    auto& mqtt = s.send_to_mqtt;
    v.flag({"enable", "Publish user events."}, mqtt.enable);
    v.active(mqtt.enable);
    v.moved("topic", "userEvents.sendToMQTT.postTo.everythingTopic.topic");
    v.section({"postTo", "Topics by type of event."}, [&] {
      describe_topic(v, {"everythingTopic", "All user events."}, mqtt.post_to.everything);
      describe_topic(v, {"sessionStartTopic", "Session starts."}, mqtt.post_to.session_start);
      describe_topic(v, {"sessionStopTopic", "Session stops."}, mqtt.post_to.session_stop);
      describe_topic(v, {"connectionOpenTopic", "Opened connections."}, mqtt.post_to.connection_open);
      describe_topic(v, {"connectionCloseTopic", "Closed connections."}, mqtt.post_to.connection_close);
    });
  });
}

} // namespace senseflow::config::schema
