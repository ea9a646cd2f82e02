#define CAF_SUITE messages.topics
#include "test/support/unit_test.hpp"

#include "test/support/paths.hpp"
#include "test/support/schema_check.hpp"
#include "test/support/temp_dir.hpp"
#include "test/support/topic_table.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

using namespace senseflow::test;

namespace {

std::string text_of(const std::string& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// The page of a document with one parameter, `base`, and what a test says.
std::string page_of(const std::string& channels, const std::string& rest = "") {
  temp_dir directory;
  std::ofstream{directory / "asyncapi.yaml"}
      << "channels:\n" + channels + "components:\n  parameters:\n    base: {default: b/, x-setting: s.base}\n"
      << "    own: {description: A topic., default: b/own, x-setting: s.own}\n" + rest;
  return topic_page(directory / "asyncapi.yaml");
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

} // namespace

CAF_TEST(the page of all topics is what the AsyncAPI document says) {
  const auto expected = topic_page(source_path("config/asyncapi.yaml"));
  if (text_of(source_path("config/TOPICS.md")) != expected) {
    const auto written = binary_path("TOPICS.md");
    std::ofstream{written} << expected;
    CAF_ERROR("TOPICS.md is out of date: copy " << written << " to config/");
  }
  const auto rows = message_contract{}.channels().size();
  size_t topics = 0;
  for (size_t at = 0; (at = expected.find("\n| `<", at)) != expected.npos; ++at) ++topics;
  CAF_CHECK(topics > rows); // the others are names
}

CAF_TEST(a row says where what goes how) {
  const auto page = page_of(R"(
  a:
    address: "{base}a/{own}"
    description: "With `s.a` | {base}a."
    messages: {m: {$ref: "#/components/messages/m"}}
operations:
  a: {action: send, channel: {$ref: "#/channels/a"}, traits: [{$ref: "#/components/operationTraits/t"}]}
)",
                            R"(
  messages: {m: {summary: What it is, payload: {$ref: schemas/m.json}}}
  operationTraits: {t: {bindings: {mqtt: {qos: 1, retain: true}}}}
)");
  CAF_CHECK(contains(page,
                     "\n| `<base>a/<base>own` | [m](schemas/m.json) | 1 | yes | What it is. With `s.a` \\| "
                     "`<base>`a. |\n"));
  CAF_CHECK(contains(page, "\n| `<base>` |  | `b/` | `s.base` |\n"));
  CAF_CHECK(contains(page, "\n| `<base>own` | `s.own` |\n"));
  CAF_CHECK(!contains(page, "Listened to"));
}

CAF_TEST(what the document spells out in place is taken too) {
  const auto page = page_of(R"(
  ask:
    address: "{base}ask"
    messages: {m: {summary: Ask., payload: {type: "null"}}, n: {summary: Beg, payload: {type: object}}}
  none: {address: null}
  said:
    address: "{base}said"
    messages: {m: {summary: Said., payload: {type: string, enum: [one, two]}}}
operations:
  ask: {action: receive, channel: {$ref: "#/channels/ask"}, bindings: {mqtt: {qos: 1}}}
)");
  CAF_CHECK(contains(page, "## Listened to\n"));
  CAF_CHECK(contains(page, "\n| `<base>ask` | empty, JSON | 1 | – | Ask. Beg. |\n"));
  CAF_CHECK(contains(page, "\n| `<base>said` | `one`, `two` | – | – | Said. |\n"));
}

CAF_TEST(a document that does not say enough is refused) {
  const auto refused = [](const std::string& channels) {
    try {
      page_of(channels);
    } catch (const std::runtime_error& e) {
      return std::string{e.what()};
    }
    return std::string{};
  };
  CAF_CHECK(contains(refused("  a: {address: a}\n"), "what the channel a is"));
  CAF_CHECK(contains(refused("  a: {address: '{x}', description: A.}\n"), "no parameter x"));
  CAF_CHECK(contains(refused("  a: {address: a, messages: {m: {$ref: '#/components/messages/m'}}}\n"),
                     "nothing at components/messages/m"));
}
