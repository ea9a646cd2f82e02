#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

namespace {

void describe_tls(visitor& v, mqtt_tls_settings& s) {
  v.flag({"enable", "Use TLS. If absent: on when brokerPort is 8883, or 443 with a websocket."}, s.enable);
  v.active(s.enable);
  v.text({"ca", "PEM file with the CA certificates that the broker's certificate is checked against; '' = "
                "those of the system."},
         s.ca_file, format::file);
  v.text({"cert", "PEM file with the client certificate; '' = none."}, s.cert_file, format::file);
  v.text({"key", "PEM file with its private key."}, s.key_file, format::file);
  v.hidden({"passphrase",
            "Passphrase of the key. SENSEFLOW_MQTT_TLS_PASSPHRASE in the environment takes precedence."},
           s.passphrase);
  v.flag({"verify", "Check the broker's certificate and host name."}, s.verify);
  v.texts({"alpn", "Protocols offered by ALPN, for brokers behind port 443."}, s.alpn, format::alpn);
}

void describe_on_change(visitor& v, decltype(mqtt_settings::on_change)& s) {
  v.flag({"values", "Leave out unchanged values of the Butler SOS layout."}, s.values);
  v.flag({"documented",
          "Leave out unchanged JSON objects of the other layouts; their timestamp does not count."},
         s.documented);
  v.section({"deadband",
             "Numbers that have moved by less since they were published count as unchanged; 0 = no "
             "such limit. Sessions and users are always exact."},
            [&] {
              v.number({"cpu", "CPU load."}, s.deadband.cpu, {0, 100}, "percentage points");
              v.number({"memory", "Memory of engine and machine."}, s.deadband.memory, {0, 1048576}, "MB");
              v.number({"percent", "Memory, and counters such as cache lookups and calls."},
                       s.deadband.percent, {0, 100}, "%");
            });
  v.duration({"refreshEvery", "Unchanged state is published again after this time, for subscribers that came "
                              "later."},
             s.refresh_every, {1000, 86'400'000});
}

} // namespace

void describe(visitor& v, mqtt_settings& s) {
  v.renamed("enableMQTT", "enable");
  v.flag({"enable", "Publish to the broker."}, s.enable);
  v.active(s.enable);
  v.text({"brokerHost", "Host name or address of the broker.", presence::required}, s.broker_host,
         format::host);
  v.number({"brokerPort", "Port of the broker; 8883 means TLS."}, s.broker_port, {1, 65535}, "");
  v.list({"brokers", "More brokers, tried in this order when one can't be reached. (new)"}, s.brokers,
         [&](mqtt_broker_settings& x) {
           v.text({"host", "Host name or address.", presence::required}, x.host, format::host);
           v.number({"port", "Port."}, x.port, {1, 65535}, "");
         });
  v.choice({"protocolVersion", "MQTT version; auto is 5, or 3.1.1 for brokers that don't support it. (new)"},
           s.protocol_version, {"auto", "5", "3.1.1"});
  v.choice({"transport", "Transport of the MQTT connection. (new)"}, s.transport, {"tcp", "websocket"});
  v.text({"path", "Path of the websocket. (new)"}, s.path, format::url_path);
  v.text({"proxy",
          "HTTP proxy that connections to the broker go through, as in http://proxy.example.com:3128; "
          "'' = none. The environment's proxies are never used. (new)"},
         s.proxy, format::proxy);
  v.text(
      {"baseTopic", "Beginning of the topics of health and sessions, and of the default topics of events."},
      s.base_topic, format::topic);
  v.text({"username",
          "User name; '' = none. SENSEFLOW_MQTT_USERNAME in the environment takes precedence. (new)",
          presence::optional, false, "SENSEFLOW_MQTT_USERNAME"},
         s.username);
  v.hidden({"password", "Password; better kept in passwordFile, or in SENSEFLOW_MQTT_PASSWORD in the "
                        "environment, which takes precedence. (new)"},
           s.password);
  v.text({"passwordFile", "File that holds the password; takes precedence over `password`. (new)"},
         s.password_file, format::file);
  v.text({"clientId", "MQTT client id; '' = senseflow-<node>-<four digits>-<number>, the digits telling the "
                      "spool's directory. Two programs with one id end each other's connections. (new)"},
         s.client_id);
  v.duration({"keepAlive", "Longest idle time before the connection is checked. (new)"}, s.keep_alive,
             {1, 65535});
  v.duration({"sessionExpiry", "How long the broker keeps the session after a lost connection, so that QoS 2 "
                               "arrives exactly once; 0 = not at all. (new)"},
             s.session_expiry, {0, 4294967295});
  v.flag({"presence",
          "Publish `online` and `offline` to <baseTopic>senseflow/<node>/status, the latter as the "
          "will, too. (new)"},
         s.presence);
  v.section({"qos", "MQTT quality of service. (new)"}, [&] {
    v.number({"events", "Of user and log events."}, s.qos.events, {0, 2}, "");
    v.number({"state", "Of health and sessions."}, s.qos.state, {0, 2}, "");
  });
  v.section({"retain", "Retained messages; documented layout only. (new)"}, [&] {
    v.flag({"events", "Of user and log events."}, s.retain.events);
    v.flag({"state", "Of health and sessions."}, s.retain.state);
  });
  v.section({"expiry", "When the broker drops undelivered messages; 0 = never. Needs MQTT 5. (new)"}, [&] {
    v.duration({"events", "Of user and log events."}, s.expiry.events, {0, 4294967295});
    v.duration({"state", "Of health and sessions."}, s.expiry.state, {0, 4294967295});
  });
  v.section({"onChange",
             "Polled state that has not changed is not published again, but after each connect and "
             "SIGHUP. (new)"},
            [&] { describe_on_change(v, s.on_change); });
  v.section(
      {"lookAround", "What is looked for at the broker; with either, state carries the user property "
                     "`instance`. Needs MQTT 5 "
                     "and the right to read there. (new)"},
      [&] {
        v.flag({"leftovers",
                "At the start, clear what this installation has left retained below "
                "<baseTopic>health, <baseTopic>sessions and <baseTopic>senseflow/<node>, and does "
                "not publish any more."},
               s.look_around.leftovers);
        v.flag({"namesake", "Tell when another program publishes as this `node`."}, s.look_around.namesake);
      });
  v.section({"tls", "TLS to the broker. (new)"}, [&] { describe_tls(v, s.tls); });
}

} // namespace senseflow::config::schema
