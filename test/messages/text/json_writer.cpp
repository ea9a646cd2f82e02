#define CAF_SUITE messages.text.json_writer

#include "test/support/unit_test.hpp"

#include "messages/text/json_writer.hpp"

#include <cmath>
#include <string>

using namespace senseflow::messages;

namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

} // namespace

CAF_TEST(commas stand where they belong) {
  json_writer out;
  out.begin_object().key("a").integer(-1).key("b").begin_array().null().boolean(true).text("x").end_array();
  out.key("c").begin_object().end_object().key("d").raw("[1,2]").key("e").begin_array();
  out.begin_array().end_array().begin_object().key("f").number(0.5).end_object().end_array().end_object();
  CAF_CHECK_EQUAL(out.take(), R"({"a":-1,"b":[null,true,"x"],"c":{},"d":[1,2],"e":[[],{"f":0.5}]})");
}

CAF_TEST(a number that is not finite is null) {
  json_writer out;
  out.begin_array().number(std::nan("")).number(HUGE_VAL).number(-0.0).end_array();
  CAF_CHECK_EQUAL(out.take(), "[null,null,0]");
}

CAF_TEST(texts are escaped and always valid) {
  CAF_CHECK_EQUAL(quoted("plain \xc3\xa5\xf0\x9f\x98\x80"), "\"plain \xc3\xa5\xf0\x9f\x98\x80\"");
  CAF_CHECK_EQUAL(quoted("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
  CAF_CHECK_EQUAL(quoted(std::string_view{"\0\x1f\x7f", 3}), "\"\\u0000\\u001f\x7f\"");
  CAF_CHECK_EQUAL(quoted("a\xff"
                         "b\xe2\x82"),
                  "\"a\xef\xbf\xbd"
                  "b\xef\xbf\xbd\"");
}

CAF_TEST(indentation has two spaces a level and leaves texts alone) {
  CAF_CHECK_EQUAL(indented_json("[]"), "[]");
  CAF_CHECK_EQUAL(indented_json("{}"), "{}");
  CAF_CHECK_EQUAL(indented_json(R"([{"a":"{,:\"]","b":[]},1])"),
                  "[\n  {\n    \"a\": \"{,:\\\"]\",\n    \"b\": []\n  },\n  1\n]");
}
