#include "bench/sense_site/gzip.hpp"

#include <stdexcept>

namespace senseflow::bench {

gzip_encoder::gzip_encoder() {
  constexpr int gzip_format = 16; // added to the window's size
  constexpr int default_memory = 8;
  if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + gzip_format, default_memory,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("cannot start zlib");
}

gzip_encoder::~gzip_encoder() { deflateEnd(&stream_); }

std::string gzip_encoder::encode(std::string_view text) {
  deflateReset(&stream_);
  std::string result(deflateBound(&stream_, text.size()), '\0');
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream_.avail_in = static_cast<uInt>(text.size());
  stream_.next_out = reinterpret_cast<Bytef*>(result.data());
  stream_.avail_out = static_cast<uInt>(result.size());
  if (deflate(&stream_, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("zlib cannot compress");
  result.resize(stream_.total_out);
  return result;
}

} // namespace senseflow::bench
