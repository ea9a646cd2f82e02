#define CAF_SUITE config.secrets
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "config/print.hpp"
#include "config/reading/placeholder.hpp"
#include "faults.hpp"

#include <fstream>

using namespace senseflow;
using senseflow::test::contains;
using senseflow::test::has_warning;
using senseflow::test::load_members;

namespace {

config::load_result with_broker(const std::string& more, const config::environment& env = {}) {
  return load_members("mqttConfig: {enable: true, brokerHost: b, username: u, " + more + "}\n", env);
}

struct fixture {
  test::temp_dir dir;

  config::load_result with_password_file(const std::string& text, const config::environment& env = {}) {
    std::ofstream(dir / "password") << text;
    return with_broker("password: plain, passwordFile: " + (dir / "password"), env);
  }
};

const std::string& password(const config::load_result& r) { return r.value.mqtt.password.reveal(); }

} // namespace

CAF_TEST_FIXTURE_SCOPE(secret_tests, fixture)

CAF_TEST(a line end is not part of a variable) {
  for (const auto* end : {"", "\n", "\r\n", "\r"}) {
    config::environment env;
    env.mqtt_username = std::string("me") + end;
    env.mqtt_password = std::string(" secret ") + end;
    env.cert_passphrase = std::string("one") + end;
    env.mqtt_tls_passphrase = std::string("two") + end;
    auto r = with_broker("password: plain", env);
    CAF_CHECK_EQUAL(test::listed(r.faults), "");
    CAF_CHECK_EQUAL(r.value.mqtt.username, "me");
    CAF_CHECK_EQUAL(password(r), " secret ");
    CAF_CHECK_EQUAL(r.value.cert.passphrase.reveal(), "one");
    CAF_CHECK_EQUAL(r.value.mqtt.tls.passphrase.reveal(), "two");
  }
}

CAF_TEST(an empty variable leaves the value of the file) {
  for (const auto* empty : {"", "\n", "\r\n"}) {
    config::environment env;
    env.mqtt_username = env.mqtt_password = env.cert_passphrase = env.mqtt_tls_passphrase = empty;
    auto r = load_members(
        "mqttConfig: {enable: true, brokerHost: b, username: u, password: p, tls: {enable: true, "
        "passphrase: t}}\ncert: {clientCertPassphrase: c}\n",
        env);
    CAF_CHECK_EQUAL(r.value.mqtt.username, "u");
    CAF_CHECK_EQUAL(password(r), "p");
    CAF_CHECK_EQUAL(r.value.mqtt.tls.passphrase.reveal(), "t");
    CAF_CHECK_EQUAL(r.value.cert.passphrase.reveal(), "c");
    CAF_CHECK_EQUAL(password(with_password_file("filed\n", env)), "filed");
  }
}

CAF_TEST(a password file holds one line) {
  CAF_CHECK_EQUAL(password(with_password_file("secret")), "secret");
  CAF_CHECK_EQUAL(password(with_password_file("secret\r\n")), "secret");
  CAF_CHECK_EQUAL(password(with_password_file("\xef\xbb\xbfsecret\n")), "secret");
  auto r = with_password_file("secret\nmore\n");
  CAF_CHECK_EQUAL(password(r), "secret\nmore");
  CAF_CHECK(has_warning(r, "mqttConfig.passwordFile", "more than one line"));
  CAF_CHECK(!contains(test::listed(r.warnings), "secret"));
}

CAF_TEST(a password file without a password is a fault) {
  auto fault = [](const config::load_result& r) {
    CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
    CAF_CHECK_EQUAL(r.faults[0].key, "Butler-SOS.mqttConfig.passwordFile");
    return r.faults[0].problem;
  };
  CAF_CHECK(contains(fault(with_password_file("")), "is empty"));
  CAF_CHECK(contains(fault(with_password_file("\n")), "is empty"));
  CAF_CHECK(contains(fault(with_password_file("\xff\xfes")), "is UTF-16 text"));
  CAF_CHECK(contains(fault(with_broker("passwordFile: " + dir.path().string())), "is a directory"));
}

CAF_TEST(quotes around a value from outside the file are doubted) {
  config::environment env;
  env.mqtt_password = "\"secret\"";
  env.mqtt_username = "'me'";
  auto r = with_broker("password: p", env);
  CAF_CHECK(has_warning(r, "mqttConfig.password", "with quotes around it"));
  CAF_CHECK(has_warning(r, "mqttConfig.username", "with quotes around it"));
  CAF_CHECK(!contains(test::listed(r.warnings), "secret"));
  CAF_CHECK(
      has_warning(with_password_file("'secret'\n"), "mqttConfig.passwordFile", "with quotes around it"));
}

CAF_TEST(a secret that looks like a placeholder is doubted without showing it) {
  for (const auto* text : {"${SECRET}", "${SECRET:-x}", "{SECRET}", "%SECRET%", "{{ SECRET }}", "x${SECRET}y",
                           "$SECRET", "$(cat SECRET)", "<SECRET>"}) {
    auto quoted = "'" + std::string(text) + "'";
    auto r = load_members("mqttConfig: {enable: true, brokerHost: b, username: " + quoted +
                          ", password: " + quoted + ", tls: {enable: true, passphrase: " + quoted +
                          "}}\ncert: {clientCertPassphrase: " + quoted + "}\n");
    CAF_CHECK_EQUAL(test::listed(r.faults), "");
    CAF_CHECK_EQUAL(password(r), text);
    auto words = test::listed(r.warnings);
    CAF_MESSAGE(words);
    CAF_CHECK_EQUAL(r.warnings.size(), 4u);
    CAF_CHECK(!contains(words, text));
    for (const auto* way : {"SENSEFLOW_MQTT_USERNAME", "SENSEFLOW_MQTT_PASSWORD or passwordFile",
                            "SENSEFLOW_MQTT_TLS_PASSPHRASE", "SENSEFLOW_CERT_PASSPHRASE"})
      CAF_CHECK(contains(words, way));
  }
}

CAF_TEST(the mask of a printed secret is doubted unless the secret comes from elsewhere) {
  const auto text =
      config::print(load_members("mqttConfig: {enable: true, brokerHost: b, username: u, password: a,\n"
                                 "  tls: {enable: true, passphrase: b}}\n"
                                 "cert: {clientCertPassphrase: c}\n")
                        .value);
  auto r = test::load_text(text);
  CAF_CHECK_EQUAL(r.warnings.size(), 3u);
  for (const auto* key : {"mqttConfig.password", "mqttConfig.tls.passphrase", "cert.clientCertPassphrase"})
    CAF_CHECK(has_warning(r, key, "--print-config writes instead of a secret"));
  config::environment env;
  env.mqtt_password = env.mqtt_tls_passphrase = env.cert_passphrase = "x";
  CAF_CHECK_EQUAL(test::listed(test::load_text(text, env).warnings), "");
}

CAF_TEST(what is not used is not doubted) {
  config::environment env;
  env.mqtt_password = "secret";
  CAF_CHECK_EQUAL(test::listed(with_broker("password: '${SECRET}'", env).warnings), "");
}

CAF_TEST(other texts that look like placeholders are doubted) {
  auto r = load_members("mqttConfig: {enable: true, brokerHost: b, baseTopic: '{site}/', clientId: '${ID}'}\n"
                        "userEvents: {enable: true, tags: [{name: a, value: '%COMPUTERNAME%'}]}\n"
                        "logDirectory: /var/{{ x }}\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  for (const auto* key :
       {"mqttConfig.baseTopic", "mqttConfig.clientId", "userEvents.tags[0].value", "logDirectory"})
    CAF_CHECK(has_warning(r, key, "looks like a placeholder and is taken literally"));
  CAF_CHECK_EQUAL(r.warnings.size(), 4u);
}

CAF_TEST(ordinary texts are no placeholders) {
  using config::reading::looks_like_placeholder;
  using config::reading::looks_like_secret_placeholder;
  for (const auto* text : {"",
                           "{",
                           "}",
                           "{}",
                           "${}",
                           "%",
                           "%%",
                           "100%",
                           "50% of 80%",
                           "{0}",
                           "{1a}",
                           "a{b c}d",
                           "{{",
                           "$",
                           "$$",
                           "$a}",
                           "{3f2504e0-4f89}",
                           "a%20b%20c",
                           "<Unknown>",
                           "$x"})
    if (looks_like_placeholder(text)) CAF_ERROR(text << " is none");
  for (const auto* text : {"", "$", "a$b", "<", "<>", "a<b>", "$1", "$a b"})
    if (looks_like_secret_placeholder(text)) CAF_ERROR(text << " is none");
  CAF_CHECK(looks_like_placeholder("p{a}ss"));
}

CAF_TEST_FIXTURE_SCOPE_END()
