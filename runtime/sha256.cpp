#include "runtime/sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <new>

namespace senseflow::runtime {
namespace {

struct hasher {
  // Looked up once: that costs more than to hash a datagram.
  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                            &EVP_MD_free};
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> state{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

} // namespace

uint64_t sha256_prefix(std::string_view bytes) {
  thread_local hasher h;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  if (!h.algorithm || !h.state || EVP_DigestInit_ex(h.state.get(), h.algorithm.get(), nullptr) != 1 ||
      EVP_DigestUpdate(h.state.get(), bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(h.state.get(), hash.data(), nullptr) != 1)
    throw std::bad_alloc();
  uint64_t result = 0;
  for (size_t i = 0; i < 8; ++i) result = result << 8 | hash[i];
  return result;
}

} // namespace senseflow::runtime
