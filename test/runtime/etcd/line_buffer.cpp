#define CAF_SUITE runtime.etcd.line_buffer
#include "test/support/unit_test.hpp"

#include "runtime/etcd/line_buffer.hpp"

#include <chrono>

using namespace senseflow;

CAF_TEST(lines come out whole however they come in) {
  const std::string text = "one\n\nthree is longer\nfour\n";
  for (size_t size = 1; size <= text.size(); ++size) {
    runtime::line_buffer x(100);
    std::string out;
    for (size_t at = 0; at < text.size(); at += size) {
      CAF_CHECK(x.append(std::string_view(text).substr(at, size)));
      while (const auto line = x.next()) out += *line + "\n";
    }
    CAF_CHECK_EQUAL(out, text);
    CAF_CHECK(!x.begun());
  }
}

CAF_TEST(a line beyond the cap is refused and what has come is forgotten) {
  runtime::line_buffer x(10);
  CAF_CHECK(x.append("12345"));
  CAF_CHECK(x.begun());
  CAF_CHECK(!x.append("678901"));
  CAF_CHECK(!x.begun());
  CAF_CHECK(x.append("short\n"));
  CAF_CHECK_EQUAL(x.next().value_or("?"), "short");
}

CAF_TEST(a line of megabytes in small pieces takes no longer for its length) {
  runtime::line_buffer x(64u << 20);
  const std::string piece(16384, 'x');
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 2000; ++i) { // 32 MB; looking at all of it each time would be 32 GB
    CAF_REQUIRE(x.append(piece));
    CAF_REQUIRE(!x.next());
  }
  CAF_REQUIRE(x.append("\n"));
  CAF_CHECK_EQUAL(x.next()->size(), 2000 * piece.size());
  CAF_CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(5));
}
