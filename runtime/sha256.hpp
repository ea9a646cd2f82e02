// Hashes that are the same in every build, and that nobody can find an equal for.
#pragma once

#include <cstdint>
#include <string_view>

namespace senseflow::runtime {

/// The first 8 bytes of SHA-256, read big-endian. Throws std::bad_alloc if OpenSSL has no memory.
uint64_t sha256_prefix(std::string_view bytes);

} // namespace senseflow::runtime
