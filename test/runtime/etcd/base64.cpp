#define CAF_SUITE runtime.etcd.base64
#include "test/support/unit_test.hpp"

#include "runtime/etcd/base64.hpp"

using namespace senseflow;
using runtime::from_base64;
using runtime::to_base64;

CAF_TEST(the examples of RFC 4648 and all bytes come back) {
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : examples) {
    CAF_CHECK_EQUAL(to_base64(plain), coded);
    CAF_CHECK_EQUAL(from_base64(coded).value_or("?"), plain);
  }
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (size_t n = 0; n <= all.size(); ++n)
    CAF_CHECK(from_base64(to_base64(all.substr(0, n))) == all.substr(0, n));
}

CAF_TEST(what is no standard base64 is nothing) {
  for (const auto* text : {"Zg", "Zg=", "Z", "Zg== ", " Zg==", "Zg==\n", "Zm8_", "Zm-v",
                           "Z===", "====", "=Zg=", "Zg==Zg==", "Zm9vY\nFy", "Zm9\x80"})
    CAF_CHECK(!from_base64(text));
  CAF_CHECK(!from_base64(std::string_view("Zm9\0", 4)));
}
