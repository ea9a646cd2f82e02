#define CAF_SUITE runtime.sha256
#include "test/support/unit_test.hpp"

#include "runtime/sha256.hpp"

#include <string>
#include <thread>

using senseflow::runtime::sha256_prefix;

CAF_TEST(the hash is the beginning of sha 256 as published) { // FIPS 180-2, appendix B
  CAF_CHECK_EQUAL(sha256_prefix("abc"), 0xba7816bf8f01cfeau);
  CAF_CHECK_EQUAL(sha256_prefix(""), 0xe3b0c44298fc1c14u);
  CAF_CHECK_EQUAL(sha256_prefix(std::string(1'000'000, 'a')), 0xcdc76e5c9914fb92u);
}

CAF_TEST(each thread hashes for itself) {
  std::thread other{[] {
    for (int i = 0; i < 10'000; ++i)
      if (sha256_prefix("abc") != 0xba7816bf8f01cfeau) CAF_ERROR("wrong");
  }};
  for (int i = 0; i < 10'000; ++i)
    if (sha256_prefix("") != 0xe3b0c44298fc1c14u) CAF_ERROR("wrong");
  other.join();
}
