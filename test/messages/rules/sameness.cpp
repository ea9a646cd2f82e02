#define CAF_SUITE messages.rules.sameness

#include "test/support/unit_test.hpp"

#include "messages/encode/health.hpp"
#include "messages/encode/sessions.hpp"
#include "messages/rules/sameness.hpp"

#include <string>

using namespace senseflow::messages;

namespace {

mqtt_message value(const std::string& payload, measure kind) {
  return {"t", payload, 0, false, 0, false, kind};
}

bool same_value(const std::string& before, const std::string& now, measure kind,
                const deadbands& bands = {}) {
  return same(value(before, kind), value(now, kind), bands);
}

/// A document of health as it is published, nested or flat, at another time each.
mqtt_message document(const std::string& body, bool flat) {
  static int64_t seconds = 1'700'000'000;
  auto x = *parse_health(body);
  x.server = R"(a "timestamp":" b)"; // a name that looks like the key
  x.timestamp = caf::timestamp{caf::timespan{++seconds * 1'000'000'000}};
  x.tags = {{"cpu", "3"}, {"memory_free", "1"}};
  return std::get<publication>(encode_health(x, {"", false, !flat, {}, flat})).messages.at(0);
}

bool same_documents(const std::string& before, const std::string& now, const deadbands& bands = {}) {
  const auto nested = same(document(before, false), document(now, false), bands);
  CAF_CHECK_EQUAL(same(document(before, true), document(now, true), bands), nested);
  return nested;
}

} // namespace

CAF_TEST(without deadbands only what is the same to the letter is the same) {
  for (auto kind : {measure::text, measure::cpu, measure::memory, measure::counter}) {
    CAF_CHECK(same_value("12.5", "12.5", kind));
    CAF_CHECK(!same_value("12.5", "12.50001", kind));
    CAF_CHECK(!same_value("1", "1.0", kind));
    CAF_CHECK(!same_value("a", "", kind));
  }
  CAF_CHECK(!same_value("1", "1", measure::none));
}

CAF_TEST(a number that moved by less than its deadband is the same) {
  const deadbands bands{2, 100, 5};
  CAF_CHECK(same_value("10", "11.9", measure::cpu, bands));
  CAF_CHECK(same_value("10", "8.1", measure::cpu, bands));
  CAF_CHECK(!same_value("10", "12", measure::cpu, bands));
  CAF_CHECK(same_value("50", "149", measure::memory, bands));
  CAF_CHECK(!same_value("50", "150", measure::memory, bands));
  CAF_CHECK(same_value("10000", "10499", measure::memory, bands));
  CAF_CHECK(!same_value("10000", "10500", measure::memory, bands));
  CAF_CHECK(same_value("-1000", "-951", measure::counter, bands));
  CAF_CHECK(!same_value("1000", "1050", measure::counter, bands));
  CAF_CHECK(!same_value("0", "1", measure::counter, bands));
  CAF_CHECK(!same_value("10", "11", measure::text, bands));
}

CAF_TEST(what is no number has no deadband) {
  const deadbands bands{100, 100, 100};
  for (auto kind : {measure::cpu, measure::memory, measure::counter}) {
    CAF_CHECK(!same_value("x", "y", kind, bands));
    CAF_CHECK(!same_value("1", "", kind, bands));
    CAF_CHECK(!same_value("1e999", "2e999", kind, bands));
  }
}

CAF_TEST(documents are compared without their timestamp) {
  const std::string body =
      R"({"version":"1","cpu":{"total":3},"mem":{"free":10},"apps":{"active_docs":["a"]}})";
  CAF_CHECK(same_documents(body, body));
  for (const auto* other :
       {R"({"version":"2","cpu":{"total":3},"mem":{"free":10},"apps":{"active_docs":["a"]}})",
        R"({"version":"1","cpu":{"total":4},"mem":{"free":10},"apps":{"active_docs":["a"]}})",
        R"({"version":"1","cpu":{"total":3},"mem":{"free":10},"apps":{"active_docs":["a","b"]}})",
        R"({"version":"1","cpu":{"total":3},"mem":{},"apps":{"active_docs":["a"]}})"})
    CAF_CHECK(!same_documents(body, other));
}

CAF_TEST(in documents deadbands hold as for single values) {
  const deadbands bands{2, 100, 5};
  CAF_CHECK(same_documents(R"({"cpu":{"total":3}})", R"({"cpu":{"total":4}})", bands));
  CAF_CHECK(!same_documents(R"({"cpu":{"total":3}})", R"({"cpu":{"total":5}})", bands));
  CAF_CHECK(same_documents(R"({"mem":{"free":50}})", R"({"mem":{"free":149}})", bands));
  CAF_CHECK(!same_documents(R"({"mem":{"free":50}})", R"({"mem":{"free":150}})", bands));
  CAF_CHECK(same_documents(R"({"cache":{"hits":1000}})", R"({"cache":{"hits":1049}})", bands));
  CAF_CHECK(!same_documents(R"({"cache":{"hits":1000}})", R"({"cache":{"hits":1050}})", bands));
  CAF_CHECK(same_documents(R"({"apps":{"calls":1000}})", R"({"apps":{"calls":1049}})", bands));
  CAF_CHECK(!same_documents(R"({"users":{"active":1000}})", R"({"users":{"active":1001}})", bands));
  CAF_CHECK(!same_documents(R"({"session":{"total":1000}})", R"({"session":{"total":1001}})", bands));
  CAF_CHECK(!same_documents(R"({"cpu":{"total":3},"saturated":true})",
                            R"({"cpu":{"total":4},"saturated":false})", bands));
  CAF_CHECK(!same_documents(R"({"cpu":{"total":3}})", R"({"cpu":{"total":4},"mem":{"free":1}})", bands));
  const auto docs = [](const char* list) { return R"({"apps":{"active_docs":)" + std::string{list} + "}}"; };
  CAF_CHECK(!same(document(docs(R"(["a","b"])"), false), document(docs(R"(["b","a"])"), false), bands));
}

CAF_TEST(lists of sessions are compared without their timestamp and to the letter) {
  const auto sessions = [](const std::string& body, int64_t seconds) {
    auto x = *parse_sessions(body);
    x.server = "s";
    x.virtual_proxy = "/";
    x.timestamp = caf::timestamp{caf::timespan{seconds * 1'000'000'000}};
    return std::get<publication>(encode_sessions(x, {})).messages;
  };
  const auto one = sessions(R"([{"UserId":"u","memory":1}])", 1),
             later = sessions(R"([{"UserId":"u","memory":1}])", 2),
             other = sessions(R"([{"UserId":"u","memory":2}])", 3);
  for (size_t i : {0u, 1u}) {
    CAF_CHECK(same(one[i], later[i], {}));
    CAF_CHECK(!same(one[i], other[i], {100, 100, 100}));
  }
}

CAF_TEST(damaged documents are never the same but to the letter) {
  const auto of = [](const char* text) { return value(text, measure::health); };
  const deadbands bands{100, 100, 100};
  for (const auto* text : {"", "{", R"({"timestamp":")", R"({"timestamp":"x)"}) {
    CAF_CHECK(same(of(text), of(text), bands));
    CAF_CHECK(!same(of(text), of(R"({"cpu":1})"), bands));
    CAF_CHECK(!same(of(R"({"cpu":1})"), of(text), bands));
  }
  CAF_CHECK(!same(of(R"({"cpu":1})"), value(R"({"cpu":1})", measure::dated), bands));
}
