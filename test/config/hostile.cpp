#define CAF_SUITE config.hostile
#include "test/support/unit_test.hpp"

#include "config/load.hpp"
#include "faults.hpp"
#include "golden_configs.hpp"

#include <ctime>
#include <functional>
#include <random>

using namespace senseflow;
using senseflow::test::contains;
using senseflow::test::load_members;
using senseflow::test::load_text;

namespace {

constexpr size_t largest = 4u << 20;

/// Enough to tell what takes time that grows faster than the text.
std::string repeated(const std::string& text, size_t bytes = 1u << 20) {
  std::string result;
  while (result.size() + text.size() <= bytes) result += text;
  return result;
}

std::string different_keys(const std::string& start, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += "  " + start + std::to_string(i) + ": 1\n";
  return result;
}

} // namespace

CAF_TEST(texts that are built to take long end in faults soon) {
  const std::string start = "Butler-SOS:\n";
  const std::pair<const char*, std::string> texts[] = {
      {"lists in lists", repeated("[", largest)},
      {"maps in maps", repeated("{")},
      {"maps in maps with keys", repeated("{a: ")},
      {"block lists in block lists", repeated("- ")},
      {"complex keys", repeated("? ")},
      {"keys without end", start + " " + repeated("a:\n ")},
      {"different keys", start + different_keys("", 90000)},
      {"different long keys", start + different_keys(std::string(55, 'k'), 40000)},
      {"different keys twice", start + different_keys("", 45000) + different_keys("", 45000)},
      {"one text", start + "  logLevel: " + repeated("x")},
      {"one quoted text without end", start + "  logLevel: '" + repeated("x ")},
      {"one key", start + "  " + repeated("x") + ": 1\n"},
      {"many list items", start + "  userEvents: {enable: true, tags: [" + repeated("1,")},
      {"colons", repeated(":")},
      {"anchors", repeated("&a ")},
      {"aliases", start + repeated("  *a\n")},
      {"tags", repeated("!")},
      {"comments", repeated("#\n")},
      {"line ends", repeated("\n")},
      {"spaces", repeated(" ")},
      {"documents", repeated("---\n")},
      {"directives", repeated("%YAML 1.2\n")},
      {"single quotes", repeated("'")},
      {"escapes", "\"" + repeated("\\u0041")},
      {"flow ends", repeated("]")},
      {"commas", "[" + repeated(",")},
      {"block scalar", start + "  logLevel: |\n" + repeated("   x\n")},
  };
  for (auto& [what, text] : texts) {
    const auto begin = std::clock(); // of this program: others may be at work
    auto r = load_text(text);
    const auto took = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    CAF_MESSAGE(what << ": " << took << " s, " << r.faults.size() << " faults, " << r.warnings.size()
                     << " warnings");
    CAF_CHECK(!r.faults.empty() || !r.warnings.empty());
    CAF_CHECK(r.faults.size() <= 1001u && r.warnings.size() <= 1001u);
    CAF_CHECK_LESS(took, 20); // with sanitizers
  }
}

CAF_TEST(a text beyond the cap is refused unread) {
  auto r = load_text(std::string(largest + 1, ' '));
  CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
  CAF_CHECK(contains(r.faults[0].problem, "larger than 4194304 bytes"));
}

CAF_TEST(aliases of aliases are refused before they grow) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 14; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += "*a" + std::to_string(i - 1) + ", ";
    text += "]\n";
  }
  auto r = load_text(text + "Butler-SOS: {}\n");
  CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
  CAF_CHECK(contains(r.faults[0].problem, "more than 1000000 values"));
}

CAF_TEST(merge keys of merge keys are refused before they grow) {
  std::string text = "a0: &a0 {";
  for (int i = 0; i < 1000; ++i) text += "k" + std::to_string(i) + ": 1, ";
  text += "}\nmany:\n";
  for (int i = 0; i < 2000; ++i) text += "  - {<<: *a0}\n";
  auto r = load_text(text + "Butler-SOS: {}\n");
  CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
  CAF_CHECK(contains(r.faults[0].problem, "more than 1000000 values"));
}

CAF_TEST(an alias of what holds it is refused) {
  auto r = load_text("Butler-SOS: &a\n  userEvents: *a\n");
  CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
  CAF_CHECK_EQUAL(r.faults[0].line, 2);
  CAF_CHECK(contains(r.faults[0].problem, "value that holds it"));
}

CAF_TEST(bytes that are no text are refused where they are) {
  auto check = [](const std::string& bytes, const std::string& problem) {
    auto r = load_text("Butler-SOS:\n  å: " + bytes + "\n");
    CAF_REQUIRE_EQUAL(r.faults.size(), 1u);
    CAF_CHECK_EQUAL(r.faults[0].line, 2);
    CAF_CHECK_EQUAL(r.faults[0].column, 6);
    CAF_CHECK(contains(r.faults[0].problem, problem));
  };
  check(std::string(1, '\0'), "U+0000");
  check("\x04", "U+0004");
  check("\x1b[31m", "U+001B");
  check("\x7f", "U+007F");
  check("\xc2\x85", "U+0085");
  check("\xe2\x80\xa8", "line separator");
  check("\xef\xbb\xbf", "byte order mark");
  check("\xef\xbf\xbe", "U+FFFE");
  check("\rx", "carriage return");
  for (auto bytes : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x80\x80",
                     "\xf8\x88\x80\x80\x80"})
    check(bytes, "not UTF-8");
}

CAF_TEST(a byte order mark and windows line ends are fine) {
  auto r = load_text("\xef\xbb\xbf"
                     "Butler-SOS:\r\n  logJson: true\r\n");
  CAF_CHECK_EQUAL(test::listed(r.faults), "");
  CAF_CHECK(r.value.log_json);
}

CAF_TEST(a fault never holds a line break from the file) {
  auto r = load_members("logLevel: \"a\\nb\\e[31m\"\n\"x\\ny\": 1\nuserEvents: {\"p\\nq\": 1}");
  CAF_CHECK_EQUAL(r.faults.size(), 2u);
  for (auto* xs : {&r.faults, &r.warnings})
    for (auto& x : *xs) {
      auto text = to_string(x);
      CAF_CHECK(std::none_of(text.begin(), text.end(),
                             [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
    }
}

CAF_TEST(a code 0 written as an escape is refused) {
  auto r = load_members("mqttConfig: {enable: true, brokerHost: b, clientId: \"a\\0b\"}");
  CHECK_ONLY_FAULT(r, 2, 55, "mqttConfig.clientId", "code 0", "Remove it");
}

CAF_TEST(damaged configurations end in faults or settings) {
  test::golden_configs golden;
  std::mt19937 random(20240611); // NOLINT: the same texts each time
  const std::string marks = "{}[]:,-&*!|>'\"%@`#\n \t~?<\\0a\xc3\xff";
  for (auto variant : {"le-qix-spec-full", "le-cat-default", "h-tags-headers", "s-two-servers"}) {
    auto original = golden.text(variant);
    for (int i = 0; i < 250; ++i) {
      auto text = original;
      for (int n = 0; n < 3; ++n) {
        auto at = random() % text.size();
        switch (random() % 4) {
        case 0:
          text[at] = marks[random() % marks.size()];
          break;
        case 1:
          text.erase(at, 1 + random() % 40);
          break;
        case 2:
          text.insert(at, 1, marks[random() % marks.size()]);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), 1 + random() % 200));
          break;
        }
      }
      auto r = load_text(text);
      for (auto& x : r.faults) {
        if (x.problem.empty() || (x.remedy.empty() && x.line == 0))
          CAF_ERROR("a fault without words: " << to_string(x));
      }
    }
  }
  CAF_CHECK(true);
}
