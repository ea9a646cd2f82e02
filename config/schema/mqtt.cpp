#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

namespace {

void describe_tls(visitor& v, mqtt_tls_settings& s) {
  v.flag({"enable", "Talk TLS to the broker. Absent: on if brokerPort is 8883, or 443 with a websocket."},
         s.enable);
  v.active(s.enable);
  v.text({"ca", "PEM file with the authorities that the broker's certificate is checked against; '' = the "
                "system's."},
         s.ca_file, format::file);
  v.text({"cert", "PEM file with the certificate shown to the broker; '' = none."}, s.cert_file,
         format::file);
  v.text({"key", "PEM file with its key."}, s.key_file, format::file);
  v.hidden({"passphrase", "Passphrase of the key. SENSEFLOW_MQTT_TLS_PASSPHRASE in the environment wins."},
           s.passphrase);
  v.flag({"verify", "Check the broker's certificate and its name."}, s.verify);
  v.texts({"alpn", "Protocols offered to the broker (ALPN), for brokers behind port 443."}, s.alpn,
          format::alpn);
}

} // namespace

void describe(visitor& v, mqtt_settings& s) {
  v.flag({"enable", "Publish to the broker."}, s.enable);
  v.active(s.enable);
  v.text({"brokerHost", "Name or address of the broker.", presence::required}, s.broker_host, format::host);
  v.number({"brokerPort", "Port of the broker; 8883 means TLS."}, s.broker_port, {1, 65535}, "");
  v.list({"brokers", "Further brokers, tried in this order when one can't be reached. (new)"}, s.brokers,
         [&](mqtt_broker_settings& x) {
           v.text({"host", "Name or address.", presence::required}, x.host, format::host);
           v.number({"port", "Port."}, x.port, {1, 65535}, "");
         });
  v.choice(
      {"protocolVersion", "Version of MQTT; auto is 5, and 3.1.1 for brokers that don't speak it. (new)"},
      s.protocol_version, {"auto", "5", "3.1.1"});
  v.choice({"transport", "What MQTT goes over. (new)"}, s.transport, {"tcp", "websocket"});
  v.text({"path", "Path of the websocket. (new)"}, s.path, format::url_path);
  v.text({"proxy",
          "HTTP proxy that connections to the broker go through, as in http://proxy.example.com:3128; "
          "'' = none. The environment's proxies are never used. (new)"},
         s.proxy, format::proxy);
  v.text(
      {"baseTopic", "What the topics of health and sessions, and the default topics of events, start with."},
      s.base_topic, format::topic);
  v.text(
      {"username", "Name to log in with; '' = none. SENSEFLOW_MQTT_USERNAME in the environment wins. (new)"},
      s.username);
  v.hidden({"password", "Password to log in with; better in passwordFile, or SENSEFLOW_MQTT_PASSWORD in the "
                        "environment, which wins. (new)"},
           s.password);
  v.text({"passwordFile", "File that holds the password; wins over `password`. (new)"}, s.password_file,
         format::file);
  v.text({"clientId", "MQTT client id; '' = senseflow-<node>-<four digits>-<number>, the digits telling the "
                      "spool's directory. Two programs with one id end each other's connections. (new)"},
         s.client_id);
  v.duration({"keepAlive", "Longest silence on the connection. (new)"}, s.keep_alive, {1, 65535});
  v.duration({"sessionExpiry",
              "How long the broker keeps what is on its way when the connection is lost, so that "
              "QoS 2 arrives exactly once; 0 = not at all. (new)"},
             s.session_expiry, {0, 4294967295});
  v.flag({"presence",
          "Publish `online` and `offline` to <baseTopic>senseflow/<node>/status, the latter as the "
          "will, too. (new)"},
         s.presence);
  v.section({"qos", "MQTT quality of service. (new)"}, [&] {
    v.number({"events", "Of user and log events."}, s.qos.events, {0, 2}, "");
    v.number({"state", "Of health and sessions."}, s.qos.state, {0, 2}, "");
  });
  v.section(
      {"retain", "Whether the broker keeps the newest message of a topic; documented layout only. (new)"},
      [&] {
        v.flag({"events", "Of user and log events."}, s.retain.events);
        v.flag({"state", "Of health and sessions."}, s.retain.state);
      });
  v.section(
      {"expiry", "After what time the broker drops an undelivered message; 0 = never. Needs MQTT 5. (new)"},
      [&] {
        v.duration({"events", "Of user and log events."}, s.expiry.events, {0, 4294967295});
        v.duration({"state", "Of health and sessions."}, s.expiry.state, {0, 4294967295});
      });
  v.section({"tls", "TLS to the broker. (new)"}, [&] { describe_tls(v, s.tls); });
}

} // namespace senseflow::config::schema
