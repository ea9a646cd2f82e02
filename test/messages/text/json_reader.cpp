#define CAF_SUITE messages.text.json_reader

#include "test/support/unit_test.hpp"

#include "messages/text/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <sys/resource.h>

#include <random>
#include <string>

using namespace senseflow::messages;

namespace {

/// One letter a token, contents behind those that have one.
std::string trace(std::string_view document) {
  json_reader in{document};
  std::string out;
  for (;;) {
    switch (in.next()) {
    case json_token::begin_object:
      out += "{ ";
      break;
    case json_token::end_object:
      out += "} ";
      break;
    case json_token::begin_array:
      out += "[ ";
      break;
    case json_token::end_array:
      out += "] ";
      break;
    case json_token::key:
      out += "k:" + in.content() + " ";
      break;
    case json_token::text:
      out += "t:" + in.content() + " ";
      break;
    case json_token::number:
      out += "n:" + in.content() + " ";
      break;
    case json_token::boolean:
    case json_token::null:
      out += in.content() + " ";
      break;
    case json_token::end:
      return out + "end";
    case json_token::error:
      return "error";
    }
  }
}

bool is_valid(std::string_view document) { return trace(document) != "error"; }

} // namespace

CAF_TEST(tokens come in order with their content) {
  CAF_CHECK_EQUAL(trace(R"( {"a" : [1, -2.50e+3, true ,null], "b":{} , "a":"x\ny"} )"),
                  "{ k:a [ n:1 n:-2.50e+3 true null ] k:b { } k:a t:x\ny } end");
  CAF_CHECK_EQUAL(trace("\xef\xbb\xbf[]"), "[ ] end");
  CAF_CHECK_EQUAL(trace(R"(["\u00e5\ud83d\ude00\/"])"), "[ t:\xc3\xa5\xf0\x9f\x98\x80/ ] end");
  CAF_CHECK_EQUAL(trace("[123456789012345678901234567890]"), "[ n:123456789012345678901234567890 ] end");
}

CAF_TEST(numbers keep every digit) {
  for (const std::string x :
       {"0", "-0", "7", "-7", "-0.0", "0e0", "1.50", "1E+05", "1e400", "-1e400", "1e-400",
        "18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809"})
    CAF_CHECK_EQUAL(trace(x), "n:" + x + " end");
  const auto long_one = "-1" + std::string(5000, '0');
  CAF_CHECK_EQUAL(trace(long_one), "n:" + long_one + " end");
}

CAF_TEST(any white space may stand between tokens) {
  CAF_CHECK_EQUAL(trace("\r\n{\t\"a\\\"\\\\\"\n:\t[ ]\r,\"b\":\n1\t}\n"), "{ k:a\"\\ [ ] k:b n:1 } end");
  for (const auto* x : {"[\"\t\"]", "[\"\\\n\"]", "[\"\\\\\r\"]", "{\"\n\":1}", "[1\v]"})
    CAF_CHECK(!is_valid(x));
  CAF_CHECK(!is_valid(std::string{"[]\0", 3}));
}

CAF_TEST(a document of line ends is refused within its size) {
  const auto peak = [] {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss / 1024;
  };
  const auto before = peak();
  CAF_CHECK(!is_valid(std::string(8u << 20, '\n') + "x"));
  CAF_CHECK_LESS(peak() - before, 160); // MiB; the parser's messages alone would take 240
}

CAF_TEST(bytes that are not UTF8 are repaired) {
  CAF_CHECK_EQUAL(trace("[\"\xff\"]"), "[ t:\xef\xbf\xbd ] end");
}

CAF_TEST(what is not strict JSON is an error) {
  for (const auto* x : {"",
                        " ",
                        "[",
                        "]",
                        "{",
                        "}",
                        "[1,]",
                        "[,1]",
                        "{\"a\"}",
                        "{\"a\":}",
                        "{\"a\":1,}",
                        "{a:1}",
                        "{'a':1}",
                        "[1 2]",
                        "[1]]",
                        "{}{}",
                        "nul",
                        "True",
                        "NaN",
                        "[NaN]",
                        "Infinity",
                        "01",
                        "-",
                        "1.",
                        ".5",
                        "1e",
                        "+1",
                        "0x1",
                        "\"",
                        "\"\\x\"",
                        "\"\\u12\"",
                        "\"\\ud800\"",
                        "\"\\udc00\"",
                        "\"\\ud800\\u0041\"",
                        "\"\n\"",
                        "[1,2",
                        "{\"a\":[}",
                        "[}",
                        "// x\n1",
                        "\xef\xbb\xbf\xef\xbb\xbf[]"})
    if (is_valid(x)) CAF_ERROR("accepted: " << x);
}

CAF_TEST(deep nesting is an error and not a crash) {
  CAF_CHECK(is_valid(std::string(512, '[') + std::string(512, ']')));
  CAF_CHECK(!is_valid(std::string(513, '[') + std::string(513, ']')));
  CAF_CHECK(!is_valid(std::string(1000000, '[')));
}

CAF_TEST(a skipped value is read to its end and no further) {
  json_reader in{R"([{"a":[1,{"b":2}]},[[]],3])"};
  CAF_CHECK(in.next() == json_token::begin_array);
  in.skip(in.next());
  in.skip(in.next());
  CAF_CHECK(in.next() == json_token::number);
  CAF_CHECK_EQUAL(in.content(), "3");
  CAF_CHECK(in.next() == json_token::end_array);
  CAF_CHECK(in.next() == json_token::end);
}

CAF_TEST(damaged documents are judged as by another strict reader) {
  const std::string document = R"({"a":[1,-2.5e3,true,null,"x\u00e5\n"],"b":{"c":{}},"d":""})";
  std::mt19937 random{20240229};
  const std::string alphabet = R"({}[]",:\u019eE+-.tfn x)";
  for (int round = 0; round < 20000; ++round) {
    auto damaged = document;
    for (auto hits = 1 + random() % 3; hits > 0; --hits) {
      const auto at = random() % damaged.size();
      if (random() % 3 == 0) {
        damaged.erase(at, 1 + random() % 4);
      } else {
        damaged[at] = alphabet[random() % alphabet.size()];
      }
    }
    if (is_valid(damaged) != nlohmann::json::accept(damaged)) CAF_ERROR("judged differently: " << damaged);
  }
}
