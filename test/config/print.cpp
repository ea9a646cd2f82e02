#define CAF_SUITE config.print
#include "test/support/unit_test.hpp"

#include "config/print.hpp"
#include "config/printing/scalar.hpp"
#include "faults.hpp"

using namespace senseflow;
using senseflow::test::contains;

CAF_TEST(secrets are never printed) {
  auto r = test::load_members("mqttConfig: {enable: true, brokerHost: b, username: u, password: hunter2,\n"
                              "  tls: {enable: true, passphrase: hunter3}}\n"
                              "cert: {clientCertPassphrase: hunter4}\n");
  CAF_CHECK_EQUAL(r.value.mqtt.tls.passphrase.reveal(), "hunter3");
  for (auto& text : {config::print(r.value), config::print_explained(r.value)}) {
    CAF_CHECK(!contains(text, "hunter"));
    CAF_CHECK(contains(text, "password: '***'"));
    CAF_CHECK(contains(text, "passphrase: '***'"));
    CAF_CHECK(contains(text, "clientCertPassphrase: '***'"));
  }
}

CAF_TEST(long lists are printed completely) {
  config::settings s;
  s.user_events.enable = true;
  for (int i = 0; i < 500; ++i) s.user_events.exclude_user.push_back({"D", "user" + std::to_string(i)});
  auto again = test::load_text(config::print(s));
  CAF_CHECK(again.value.user_events.exclude_user == s.user_events.exclude_user);
}

CAF_TEST(topics that follow from other settings are printed as comments) {
  auto text =
      config::print(test::load_members("mqttConfig: {enable: true, brokerHost: b, baseTopic: x/}").value);
  CAF_CHECK(contains(text, "\n          # topic: x/userevent\n"));
  auto again = test::load_text(text);
  CAF_CHECK(again.value.user_events.send_to_mqtt.post_to.everything.documented);
  CAF_CHECK(again.value.log_events.send_to_mqtt.documented);
}

CAF_TEST(every text comes back as the same text) {
  for (std::string text : {"",
                           " ",
                           "a",
                           "a b",
                           "a: b",
                           "a:",
                           ":a",
                           "a #b",
                           "#a",
                           "- a",
                           "-",
                           "'",
                           "''",
                           "\"",
                           "\\",
                           "1",
                           "1.5",
                           "-1",
                           "0x1f",
                           "true",
                           "True",
                           "null",
                           "NULL",
                           "~",
                           "<<",
                           "*a",
                           "&a",
                           "!a",
                           "%a",
                           "@a",
                           "`a",
                           "{}",
                           "[]",
                           "a\nb",
                           "a\tb\r",
                           "\x01",
                           "\x7f",
                           "åäö 😀",
                           " a ",
                           "yes",
                           "no",
                           ".5",
                           ".inf",
                           "a,b",
                           "?",
                           "? a",
                           "|",
                           ">",
                           "---",
                           "...",
                           "=",
                           "a\\nb",
                           "'\n'",
                           "\xc2\x85",
                           "\xe2\x80\xa8x",
                           "\xef\xbb\xbf",
                           "\xef\xbf\xbf",
                           "\xf0\x9f\xbf\xbe",
                           "a\xc2\xa0\"\xc2\x9f\\"}) {
    auto r = test::load_text("Butler-SOS:\n  userEvents: {enable: true, tags: [{name: " +
                             config::printing::scalar(text) + ", value: x}]}\n");
    CAF_REQUIRE_EQUAL(test::listed(r.faults), "");
    CAF_CHECK_EQUAL(r.value.user_events.tags[0].name, text);
  }
}
