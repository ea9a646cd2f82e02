#define CAF_SUITE messages.items.health_sample

#include "test/support/unit_test.hpp"

#include "messages/items/health_sample.hpp"
#include "messages/text/text.hpp"

#include <algorithm>
#include <random>
#include <string>

using namespace senseflow::messages;

namespace {

using value = health_value;

health_sample parsed_sample(const std::string& body) {
  auto sample = parse_health(body);
  if (!sample) CAF_FAIL("rejected: " << body);
  return *sample;
}

/// What `text` becomes where a number is usual.
json_scalar scalar(const std::string& text) {
  return parsed_sample("{\"mem\":{\"free\":" + text + "}}")[value::mem_free];
}

} // namespace

CAF_TEST(values are found wherever they stand) {
  const auto x = parsed_sample(R"({"saturated":false,"cache":{"hits":1},"new":{"a":[{}]},"version":"12.1",
      "apps":{"calls":3,"active_docs":["a","b"]},"mem":{"free":2.50}})");
  CAF_CHECK_EQUAL(x[value::version].text, "12.1");
  CAF_CHECK_EQUAL(x[value::mem_free].text, "2.5");
  CAF_CHECK_EQUAL(x[value::apps_calls].text, "3");
  CAF_CHECK_EQUAL(x[value::cache_hits].text, "1");
  CAF_CHECK_EQUAL(x[value::saturated].text, "false");
  CAF_CHECK_EQUAL(x[health_list::active_docs].items.size(), 2u);
  CAF_CHECK(!x[health_list::loaded_docs].present);
  CAF_CHECK(x[value::cpu_total].kind == scalar_kind::absent);
}

CAF_TEST(scalars print as JavaScript prints them but integers keep their digits) {
  const std::pair<const char*, const char*> cases[] = {
      {"0", "0"},
      {"-0", "0"},
      {"1.0", "1"},
      {"1E+2", "100"},
      {"-1e400", "-Infinity"},
      {"9007199254740993", "9007199254740993"},
      {"-123456789012345678901234567890", "-123456789012345678901234567890"},
      {"true", "true"},
      {"\"12\"", "12"},
      {"\"\"", ""}};
  for (const auto& [in, out] : cases) CAF_CHECK_EQUAL(scalar(in).text, out);
  CAF_CHECK(scalar("true").kind == scalar_kind::boolean);
  CAF_CHECK(scalar("\"\"").kind == scalar_kind::text);
  for (const auto* in : {"null", "{}", "[]", "[1]"}) CAF_CHECK(scalar(in).kind == scalar_kind::absent);
}

CAF_TEST(version and start must be texts) {
  CAF_CHECK(parsed_sample("{}")[value::version].kind == scalar_kind::text);
  for (const auto* x : {"5", "null", "true", "[]", "{\"a\":1}"})
    CAF_CHECK(parsed_sample(std::string{"{\"version\":"} + x + "}")[value::version].kind ==
              scalar_kind::absent);
}

CAF_TEST(lists hold scalars only) {
  const auto list = [](const std::string& text) {
    return parsed_sample("{\"apps\":{\"active_docs\":" + text + "}}")[health_list::active_docs];
  };
  CAF_CHECK_EQUAL(list("[1,null,\"x\"]").items.size(), 3u);
  CAF_CHECK(list("[]").present);
  CAF_CHECK_EQUAL(list("\"x\"").items.size(), 1u);
  for (const auto* x : {"null", "{}", "[[{}]]", "[1,{\"a\":2}]"}) CAF_CHECK(!list(x).present);
}

CAF_TEST(lists within lists are flattened as JavaScript prints them) {
  const auto printed = [](const std::string& text) {
    const auto list = parsed_sample("{\"apps\":{\"active_docs\":" + text + "}}")[health_list::active_docs];
    std::string result;
    for (size_t i = 0; i < list.items.size(); ++i) result += (i > 0 ? "," : "") + list.items[i].text;
    return list.present ? result : "none";
  };
  CAF_CHECK_EQUAL(printed(R"([["a","b"],["c"]])"), "a,b,c");
  CAF_CHECK_EQUAL(printed(R"([1,[2,[3,null]],[],"x"])"), "1,2,3,,,x");
  CAF_CHECK_EQUAL(printed(R"([[],["a"]])"), ",a");
  CAF_CHECK_EQUAL(printed(R"([["a",{"b":1}]])"), "none");
}

CAF_TEST(of a key that comes twice the last one counts) {
  const auto x = parsed_sample(R"({"mem":{"free":1,"allocated":2},"mem":{"free":3,"free":4}})");
  CAF_CHECK_EQUAL(x[value::mem_free].text, "4");
  CAF_CHECK(x[value::mem_allocated].kind == scalar_kind::absent);
}

CAF_TEST(names of the top level mean nothing further down) {
  const auto x = parsed_sample(R"({"":{"version":"x"},"mem":{"version":"y","mem":{"free":1}}})");
  CAF_CHECK_EQUAL(x[value::version].text, "");
  CAF_CHECK(x[value::mem_free].kind == scalar_kind::absent);
}

CAF_TEST(bodies that are no object are rejected) {
  for (const auto* x : {"null", "true", "5", "\"str\"", "[]", "[{}]"})
    CAF_CHECK_EQUAL(std::string{parse_health(x).reason}, "not_an_object");
  for (const auto* x : {"", "not json", "{'a':1}", "{\"version\":\"1\"", "{} x", "{\"a\":NaN}", "[1"})
    CAF_CHECK_EQUAL(std::string{parse_health(x).reason}, "invalid_json");
}

CAF_TEST(of damaged bodies nothing comes but values in utf 8 or a reason that is known) {
  const std::string body =
      R"({"version":"1","mem":{"free":1.5},"apps":{"active_docs":["a",null]},"saturated":true})";
  std::mt19937 random{3};
  const auto sound = [](const json_scalar& x) { return is_utf8(x.text); };
  int read = 0;
  for (int round = 0; round < 20000; ++round) {
    auto damaged = body;
    for (auto hits = 1 + random() % 4; hits > 0; --hits)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    auto x = parse_health(damaged);
    if (!x) {
      if (x.reason != "invalid_json" && x.reason != "not_an_object") CAF_ERROR(x.reason << ": " << damaged);
      continue;
    }
    ++read;
    bool all_sound = std::all_of(x->values.begin(), x->values.end(), sound);
    for (const auto& list : x->lists) all_sound &= std::all_of(list.items.begin(), list.items.end(), sound);
    if (!all_sound) CAF_ERROR("no UTF-8 comes of " << damaged);
  }
  CAF_CHECK(read > 0 && read < 20000);
}
